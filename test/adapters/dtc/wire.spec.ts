import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticks } from '#shared/units.ts';
import { decodeFrame, encodeFrame, type Encoding, type Frame, readFrame } from '#desk/adapters/dtc/codec.ts';
import { encodingRequest, readEncodingAnswer } from '#desk/adapters/dtc/encoding.ts';
import type { MessageDef } from '#desk/adapters/dtc/fields.ts';
import { createFrameReader } from '#desk/adapters/dtc/frames.ts';
import * as marketData from '#desk/adapters/dtc/messages/market-data.ts';
import * as history from '#desk/adapters/dtc/messages/history.ts';
import * as depth from '#desk/adapters/dtc/messages/market-depth.ts';
import { ORDER_UPDATE, SUBMIT_NEW_SINGLE_ORDER } from '#desk/adapters/dtc/messages/orders.ts';
import { HEARTBEAT, LOGON_REQUEST, LOGON_RESPONSE } from '#desk/adapters/dtc/messages/session.ts';
import { createPriceScale } from '#desk/adapters/dtc/price-scale.ts';
import { timeOf } from '#desk/adapters/dtc/times.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const mustRead = (bytes: Uint8Array): Frame => {
  const frame = decodeFrame(bytes);
  if (!frame.ok || frame.value === null) throw new Error('not a frame');
  return frame.value;
};
const roundTrip = (def: MessageDef, values: object, encoding: Encoding) =>
  readFrame(def, mustRead(encodeFrame(def, values, encoding).subarray(0, -1)));

describe('framing', () => {
  const messages = ['{"Type":3}', '{"Type":301,"InfoText":"ä"}', '', '\n {"Type":5}'];
  const stream = Buffer.from(`${messages.join('\0')}\0`, 'utf8');

  it('reads the same messages wherever the stream is cut', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const reader = createFrameReader();
      const parts = [stream.subarray(0, cut), stream.subarray(cut)];
      const frames = parts.flatMap((part) => reader.push(part).frames.map((frame) => frame.toString('utf8')));
      expect(frames).toEqual(messages);
    }
    const reader = createFrameReader();
    const bytes = Array.from(stream, (byte) => reader.push(Uint8Array.of(byte)).frames).flat();
    expect(bytes.map((frame) => frame.toString('utf8'))).toEqual(messages);
  });

  it('does not hold a message that has no end', () => {
    const reader = createFrameReader(64);
    expect(reader.push(Buffer.alloc(60, 0x61)).isTooLong).toBe(false);
    expect(reader.push(Buffer.alloc(60, 0x61)).isTooLong).toBe(true);
    expect(createFrameReader(4).push(Buffer.from('12345\0')).isTooLong).toBe(true);
  });

  it('refuses what is no message, and passes over what is empty', () => {
    expect(decodeFrame(Buffer.from('GET / HTTP/1.1')).ok).toBe(false);
    expect(decodeFrame(Buffer.from('{"Size":3}')).ok).toBe(false);
    expect(decodeFrame(Buffer.from('[1]')).ok).toBe(false);
    expect(decodeFrame(Buffer.from(' \n'))).toEqual({ ok: true, value: null });
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeFrame(bytes)));
  });
});

describe('the encoding exchange', () => {
  it('asks with the bytes of the protocol', () => {
    expect(hex(encodingRequest('json'))).toBe('10000600080000000200000044544300');
    expect(hex(encodingRequest('json-compact'))).toBe('10000600080000000300000044544300');
  });

  it('goes by the answer, binary or JSON, wherever it is cut, and leaves what follows', () => {
    const rest = Buffer.from('{"Type":2}\0');
    const binary = Buffer.concat([Buffer.from('10000700080000000200000044544300', 'hex'), rest]);
    const json = Buffer.from(`{"Type":7,"ProtocolVersion":8,"Encoding":2,"ProtocolType":"DTC"}\0{"Type":2}\0`);
    for (const [answer, size] of [
      [binary, 16],
      [json, json.length - rest.length],
    ] as const) {
      for (let cut = 0; cut < size; cut += 1)
        expect(readEncodingAnswer(answer.subarray(0, cut), 'json-compact')).toBeNull();
      // Asked for compact, answered plain: plain it is.
      expect(readEncodingAnswer(answer, 'json-compact')).toEqual({ kind: 'agreed', encoding: 'json', rest });
    }
  });

  it('takes a server that goes on without an answer', () => {
    const bytes = Buffer.from('{"Type":3}\0');
    expect(readEncodingAnswer(bytes, 'json')).toEqual({ kind: 'agreed', encoding: 'json', rest: bytes });
  });

  it('says why when the server speaks no JSON, or no DTC', () => {
    const binary = Buffer.from('10000700080000000000000044544300', 'hex');
    expect(readEncodingAnswer(binary, 'json')).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('binary') as unknown,
    });
    for (const other of ['HTTP/1.1 400 Bad Request\r\n', 'SSH-2.0-OpenSSH_9.6\r\n', 'x'])
      expect(readEncodingAnswer(Buffer.from(other), 'json')?.kind).toBe('refused');
  });
});

describe('messages', () => {
  const compact = Object.values({ ...marketData, ...history, ...depth, HEARTBEAT }).filter((def) => def.isCompact);

  it('are seventeen that have a compact form', () => {
    expect(compact.map(({ type }) => type).sort((a, b) => a - b)).toEqual([
      ...[3, 104, 106, 107, 108, 112, 113, 114, 115, 117, 119, 120, 122, 124, 134, 803, 804],
    ]);
  });

  it('read the same, compact or plain', () => {
    for (const def of compact as readonly MessageDef[]) {
      const numbers = fc.record(
        Object.fromEntries(
          Object.keys(def.fields).map((name) => [
            name,
            fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
          ]),
        ),
      );
      fc.assert(
        fc.property(numbers, (values) => {
          expect(roundTrip(def, values, 'json-compact')).toEqual(roundTrip(def, values, 'json'));
        }),
        { numRuns: 20 },
      );
    }
  });

  it('are written as the protocol shows them', () => {
    const values = { SymbolID: 1, AtBidOrAsk: 0, Price: 2058.75, Volume: 12, DateTime: 1456736458 };
    const def = marketData.MARKET_DATA_UPDATE_TRADE;
    const plain = '{"Type":107,"SymbolID":1,"AtBidOrAsk":0,"Price":2058.75,"Volume":12,"DateTime":1456736458}\0';
    expect(encodeFrame(def, values, 'json').toString()).toBe(plain);
    expect(encodeFrame(def, values, 'json-compact').toString()).toBe('{"Type":107,"F":[1,0,2058.75,12,1456736458]}\0');
    // A message that has no compact form stays as it is.
    const logon = { ProtocolVersion: 8, ClientName: 'Desk', HeartbeatIntervalInSeconds: 10 };
    expect(encodeFrame(LOGON_REQUEST, logon, 'json-compact').toString()).toBe(
      '{"Type":1,"ProtocolVersion":8,"HeartbeatIntervalInSeconds":10,"ClientName":"Desk"}\0',
    );
  });

  it('are read from arrays that are shorter or longer than known', () => {
    const short = mustRead(Buffer.from('{"Type":107,"F":[1,0,2058.75]}'));
    expect(readFrame(marketData.MARKET_DATA_UPDATE_TRADE, short)).toMatchObject({ Price: 2058.75, Volume: undefined });
    const long = mustRead(Buffer.from('{"Type":3,"F":[0,1700000000,1,2,3]}'));
    expect(readFrame(HEARTBEAT, long)).toEqual({ NumDroppedMessages: 0, CurrentDateTime: 1_700_000_000 });
  });

  it('read what is absent, null or filled with the largest number as absent, never as zero', () => {
    const text =
      '{"Type":301,"Price1":1.7976931348623157e308,"Price2":3.4028234663852886e38,"LastFillPrice":null,"OrderQuantity":"2","Unknown":[1],"ServerOrderID":77}';
    const update = readFrame(ORDER_UPDATE, mustRead(Buffer.from(text)));
    expect(update).toMatchObject({ Price1: undefined, Price2: undefined, LastFillPrice: undefined, OrderQuantity: 2 });
    expect(update.FilledQuantity).toBeUndefined();
    expect(update).toMatchObject({ ServerOrderID: '77', InfoText: '' });
  });

  it('give what the header gives where nothing is sent', () => {
    const logon = readFrame(LOGON_RESPONSE, mustRead(Buffer.from('{"Type":2,"Result":1}')));
    expect(logon).toMatchObject({ OrderCancelReplaceSupported: 1, MarketDataSupported: 1, ProtocolVersion: 8 });
    expect(logon.TradingIsSupported).toBeUndefined();
  });

  it('do not leave when a text does not fit its place', () => {
    const write = (values: object) => () => encodeFrame(SUBMIT_NEW_SINGLE_ORDER, values, 'json');
    expect(write({ ClientOrderID: 'x'.repeat(31) })).not.toThrow();
    expect(write({ ClientOrderID: 'x'.repeat(32) })).toThrow(RangeError);
    expect(write({ TradeAccount: 'Sim\u00001' })).toThrow(RangeError);
    expect(write({ Price1: NaN })).toThrow(RangeError);
  });
});

describe('prices and times', () => {
  it('go to the wire and back as the same ticks, for every tick size', () => {
    for (const tickSize of [0.25, 0.1, 0.01, 1, 0.015625, 0.0078125, 0.00005, 0.0000005, 0.005]) {
      for (const multiplier of [1, 0.01, 100]) {
        const scale = createPriceScale(tickSize, multiplier);
        fc.assert(
          fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (n) => {
            expect(scale.toTicks(scale.fromTicks(ticks(n)))).toBe(n === 0 ? 0 : n);
          }),
          { numRuns: 50 },
        );
      }
    }
    // The nearest double to the decimal, not to a product.
    expect(createPriceScale(0.1, 1).fromTicks(ticks(20_001))).toBe(2000.1);
    expect(createPriceScale(0.00005, 1).fromTicks(ticks(23_457))).toBe(1.17285);
    expect(createPriceScale(0.1, 1).toTicks(Math.fround(2000.1))).toBe(20_001);
  });

  it('are seconds, milliseconds or microseconds by their size', () => {
    const at = Date.UTC(2025, 7, 1, 9, 31);
    for (const value of [at / 1_000, at, at * 1_000]) expect(timeOf(value)).toBe(at);
    expect(timeOf(0)).toBeNull();
    expect(timeOf(undefined)).toBeNull();
  });
});
