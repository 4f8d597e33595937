import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { accountFault, ibConnectionSchema, portWarning } from '#desk/adapters/ib/config.ts';
import { chooseContract, contractQuery, priceOf, ticksOf, tickSizeOf } from '#desk/adapters/ib/contracts.ts';
import { classOf, newPortOf, sentenceOf } from '#desk/adapters/ib/error.ts';
import { splitExecId } from '#desk/adapters/ib/executions.ts';
import { createFrameGuard } from '#desk/adapters/ib/frame-guard.ts';
import { createFileOrderIds, createOrderIds } from '#desk/adapters/ib/order-ids.ts';
import { timeOf, utcTime, zoneOfServerTime } from '#desk/adapters/ib/time.ts';
import { wireDetailsSchema } from '#desk/adapters/ib/wire.ts';
import { ticks } from '#shared/units.ts';
import { future } from '#test/support/ib/desk-side.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

describe('codes of TWS', () => {
  it.each([
    [1100, 'connection-lost'],
    [1101, 'connection-restored'],
    [1102, 'connection-restored'],
    [2110, 'connection-lost'],
    [1300, 'port-reset'],
    [326, 'client-id-in-use'],
    [201, 'order-rejected'],
    [203, 'order-rejected'],
    [321, 'order-rejected'],
    [460, 'order-rejected'],
    [110, 'order-doubtful'],
    [434, 'order-doubtful'],
    [202, 'order-canceled'],
    [103, 'duplicate-id'],
    [104, 'change-refused'],
    [105, 'change-refused'],
    [161, 'change-refused'],
    [10147, 'change-refused'],
    [10148, 'change-refused'],
    [354, 'data-refused'],
    [10167, 'data-delayed'],
    [10197, 'data-competing'],
    [2103, 'farm-lost'],
    [2104, 'farm-restored'],
    [399, 'information'],
    [2109, 'information'],
    [9999, 'unlisted'],
  ] as const)('%i is %s', (code, kind) => {
    expect(classOf(code, 'some text')).toBe(kind);
  });

  it('a text that begins with "Warning:" is no refusal, whatever its code', () => {
    expect(classOf(12_345, 'Warning: your order will be held')).toBe('information');
  });

  it('a code is a sentence that says what it means, with the words of TWS', () => {
    expect(sentenceOf(201, 'Order rejected - reason:<br>no  margin')).toBe(
      'IB refused the order. TWS 201: Order rejected - reason: no margin',
    );
    expect(sentenceOf(777, '')).toBe('TWS reports code 777.');
    expect(newPortOf('Socket port has been reset. Please reconnect on the new port - 7499')).toBe(7499);
    expect(newPortOf('no port')).toBeNull();
  });
});

describe('accounts', () => {
  it('a profile takes its own account only, and of its own kind', () => {
    expect(accountFault('DU1', 'paper', ['DU1', 'DU2'])).toBeNull();
    expect(accountFault('U1', 'live', ['U1'])).toBeNull();
    expect(accountFault('U1', 'paper', ['U1'])).toContain('U1 is a live account');
    expect(accountFault('DU1', 'live', ['DU1'])).toContain('DU1 is a paper account');
    expect(accountFault('DU9', 'paper', ['DU1', 'DU2'])).toContain('it manages DU1, DU2');
    expect(accountFault('DU9', 'paper', [])).toContain('it manages none');
  });
  it('a port that is usually of the other kind is told', () => {
    expect(portWarning(7496, 'paper')).toContain('7497');
    expect(portWarning(4002, 'live')).toContain('4001');
    expect(portWarning(7497, 'paper')).toBeNull();
  });
  it('nothing but what is known is taken', () => {
    expect(ibConnectionSchema.safeParse({ kind: 'ib', port: 7497, password: 'x' }).success).toBe(false);
    expect(ibConnectionSchema.parse({ kind: 'ib', port: 7497 })).toMatchObject({ clientId: 11, whatIfMargin: false });
  });
});

describe('contracts', () => {
  const details = (over: object, contract: object = {}) =>
    wireDetailsSchema.parse({
      minTick: 0.25,
      contract: { conId: 1, secType: 'FUT', multiplier: 20, ...contract },
      ...over,
    });

  it('the desk asks for its contract by the names IB has', () => {
    expect(contractQuery({ instrument: future('NQ'), venueSymbol: null })).toEqual({
      ok: true,
      value: {
        ...{ secType: 'FUT', exchange: 'CME', currency: 'USD', symbol: 'NQ', tradingClass: 'NQ' },
        lastTradeDateOrContractMonth: '202612',
      },
    });
    expect(contractQuery({ instrument: future('6E'), venueSymbol: null })).toMatchObject({
      value: { symbol: 'EUR', tradingClass: '6E' },
    });
    expect(contractQuery({ instrument: future('ZN'), venueSymbol: 'ZN   DEC 26' })).toMatchObject({
      value: { localSymbol: 'ZN   DEC 26', exchange: 'CBOT' },
    });
    expect(contractQuery({ instrument: future('NQ'), venueSymbol: '711280067' })).toMatchObject({
      value: { conId: 711_280_067 },
    });
    expect(contractQuery({ instrument: { ...future('NQ'), symbol: 'NQ' }, venueSymbol: null })).toMatchObject({
      ok: false,
    });
  });
  it('of several, the one that is worth what the desk says is meant; else they are named', () => {
    const big = details({}, { conId: 7, localSymbol: 'NQZ6' });
    const small = details({}, { conId: 8, localSymbol: 'MNQZ6', multiplier: 2 });
    expect(chooseContract(future('NQ'), [small, big])).toEqual({ ok: true, value: big });
    const twins = chooseContract(future('NQ'), [big, details({}, { conId: 9, localSymbol: 'NQZ6 OLD' })]);
    expect(twins.ok).toBe(false);
    expect(JSON.stringify(twins)).toMatch(/NQZ6 on .*conId 7.*NQZ6 OLD.*conId 9/);
    expect(chooseContract(future('NQ'), [])).toMatchObject({ ok: false });
  });
  it('one that is worth something else is taken, and its figures stand beside the desk’s', () => {
    const odd = details({}, { multiplier: 2 });
    expect(chooseContract(future('NQ'), [odd])).toEqual({ ok: true, value: odd });
  });
  it('the step is the one of the price rule where there is only one', () => {
    expect(tickSizeOf(details({ minTick: 0.05 }), [{ lowEdge: 0, increment: 0.25 }])).toBe(0.25);
    expect(tickSizeOf(details({ minTick: 0.05 }), null)).toBe(0.05);
  });
  it('prices are exact both ways for every tick', () => {
    for (const root of ['NQ', '6E', 'ZN', 'ZC', '6J', 'CL', 'YM'])
      for (const count of [1, 7, 21_691, 80_001]) {
        const instrument = future(root);
        expect(ticksOf(instrument, priceOf(instrument, ticks(count)))).toBe(count);
      }
    expect(priceOf(future('6E'), ticks(21_691))).toBe(1.08455);
    expect(ticksOf(future('NQ'), 20_000.1)).toBeNull();
  });
});

describe('executions and times', () => {
  it('a correction has the id of what it corrects, and a higher version', () => {
    expect(splitExecId('0000e0d5.64f.01.01')).toEqual({ key: '0000e0d5.64f.01', version: 1 });
    expect(splitExecId('0000e0d5.64f.01.02')).toEqual({ key: '0000e0d5.64f.01', version: 2 });
    expect(splitExecId('abc')).toEqual({ key: 'abc', version: 1 });
  });
  it('times are read in their zone, in that of TWS, or in UTC', () => {
    const at = epochMs(Date.UTC(2026, 10, 29, 15, 30, 12));
    expect(timeOf('20261129 09:30:12 US/Central', null)).toBe(at);
    expect(timeOf('20261129  10:30:12', 'America/New_York')).toBe(at);
    expect(timeOf('20261129-15:30:12', 'America/New_York')).toBe(at);
    // The hour that comes twice on the day the clocks go back is one of the two.
    expect(timeOf('20260701 09:30:12 US/Central', null)).toBe(Date.UTC(2026, 6, 1, 14, 30, 12));
    expect(timeOf('nonsense', null)).toBeNull();
    expect(zoneOfServerTime('20261129 11:21:14 CET')).toBe('Europe/Berlin');
    expect(zoneOfServerTime('20261129 11:21:14 Central Standard Time')).toBe('America/Chicago');
    expect(zoneOfServerTime('20260701 11:21:14 Central European Summer Time')).toBe('Europe/Berlin');
    expect(zoneOfServerTime('20261129 11:21:14 Somewhere')).toBeNull();
    expect(utcTime(at)).toBe('20261129-15:30:12');
  });
});

describe('order ids', () => {
  it('are on disk before they are given, and never given twice, whatever crashes', () => {
    let disk = 1;
    const start = () => createOrderIds({ load: () => disk, save: (next) => void (disk = next) });
    const given = new Set<number>();
    for (let run = 0; run < 20; run += 1) {
      const ids = start();
      for (let n = 0; n < 3; n += 1) {
        const first = ids.take(3);
        expect(disk).toBeGreaterThanOrEqual(first + 3);
        for (const id of [first, first + 1, first + 2]) {
          expect(given.has(id)).toBe(false);
          given.add(id);
        }
      }
    }
  });
  it('live in a file for each TWS and client; one that cannot be read is not guessed', () => {
    const folder = temporaryFolder();
    const client = { host: '127.0.0.1', port: 7497, clientId: 11 };
    expect(createFileOrderIds(folder, client).take(3)).toBe(1);
    // Another run of the desk, after a crash: nothing it gives can have been given.
    expect(createFileOrderIds(folder, client).take(1)).toBeGreaterThan(3);
    expect(createFileOrderIds(folder, { ...client, clientId: 12 }).take(1)).toBe(1);
    const [file] = readdirSync(folder).filter((name) => name.endsWith('-11.json'));
    writeFileSync(join(folder, file ?? ''), '{"next": "many"}');
    expect(() => createFileOrderIds(folder, client)).toThrow('look at the file before trading');
  });
  it('are never below what TWS says is free', () => {
    const ids = createOrderIds({ load: () => 5, save: () => undefined });
    ids.atLeast(100);
    expect(ids.take(1)).toBe(100);
    ids.atLeast(50);
    expect(ids.take(1)).toBe(101);
  });
});

describe('frames', () => {
  const frame = (text: string): Buffer => {
    const body = Buffer.from(`${text}\0`);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(body.length);
    return Buffer.concat([header, body]);
  };
  it('come out whole, wherever they were cut', () => {
    const whole = Buffer.concat([frame('9\x001\x0042'), frame('4'), frame('a'.repeat(300))]);
    for (let at = 0; at <= whole.length; at += 1) {
      const guard = createFrameGuard();
      const out = [whole.subarray(0, at), whole.subarray(at)].map((piece) => guard.take(piece));
      expect(Buffer.concat(out.map(({ frames }) => frames ?? Buffer.alloc(0))).equals(whole)).toBe(true);
      expect(out.every(({ fault }) => fault === null)).toBe(true);
    }
  });
  it.each([
    ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xfc, 0])],
    ['an endless one', Buffer.from([0x7f, 0xff, 0xff, 0xff, 0])],
    ['none', Buffer.from([0, 0, 0, 0, 65])],
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('%s is a fault, and what came before it is kept', (_name, bytes) => {
    const { frames, fault } = createFrameGuard().take(Buffer.concat([frame('ok'), bytes]));
    expect(frames?.equals(frame('ok'))).toBe(true);
    expect(fault).toContain('does not speak');
  });
});
