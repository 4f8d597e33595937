import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { createScidFile } from '#desk/adapters/scid/scid-file.ts';
import { readScidHeader, readScidRecords } from '#desk/adapters/scid/scid-format.ts';
import { createScidMarketData, scidMarketSchema } from '#desk/adapters/scid/scid-market.ts';
import type { FeedEvent } from '#desk/ports/market-data.ts';
import { SCID_HEADER, scidTrade } from '#test/support/scid/records.ts';
import { SIX } from './planned-trades.ts';
import { createVirtualClock, START } from './virtual-clock.ts';

const [NQ] = SIX;

function folder(): { readonly path: string; readonly file: string } {
  const path = mkdtempSync(join(tmpdir(), 'scid-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return { path, file: join(path, `${NQ!.symbol}.scid`) };
}
const write = (file: string, ...records: readonly Buffer[]): void =>
  writeFileSync(file, Buffer.concat([SCID_HEADER, ...records]));
const closes = (records: readonly { readonly close: number }[]): readonly number[] => records.map(({ close }) => close);

describe('the records of a Sierra Chart file', () => {
  it('have their times in UTC, as integers or, in older files, as days', () => {
    // 2025-01-01 is 45,658 days after 1899-12-30.
    const at = Date.UTC(2025, 0, 1, 12);
    const older = scidTrade(at, 100);
    older.writeDoubleLE(45_658.5, 0);
    const records = readScidRecords(Buffer.concat([scidTrade(at, 100), older]));
    expect(records.map(({ atUs }) => atUs / 1_000)).toEqual([at, at]);
    expect(records[0]).toMatchObject({ close: 100, low: 100, high: 100.25, isTrade: true, volume: 1 });
  });

  it('are read whole, and only those of a file that is one', () => {
    const bytes = Buffer.concat([scidTrade(START, 1), scidTrade(START, 2)]);
    for (let cut = 0; cut <= bytes.length; cut += 1)
      expect(readScidRecords(bytes.subarray(0, cut))).toHaveLength(Math.floor(cut / 40));
    expect(readScidHeader(SCID_HEADER)).toEqual({ ok: true, value: { headerSize: 56, recordSize: 40 } });
    expect(readScidHeader(SCID_HEADER.subarray(0, 55)).ok).toBe(false);
    expect(readScidHeader(Buffer.alloc(56)).ok).toBe(false);
    const other = Buffer.from(SCID_HEADER);
    other.writeUInt32LE(48, 8);
    expect(readScidHeader(other)).toMatchObject({ ok: false, error: 'its records have 48 bytes, 40 are known' });
  });
});

describe('the tail of a file', () => {
  it('tells what is written, wherever a record is cut while it is', async () => {
    const { file } = folder();
    write(file, scidTrade(START, 1));
    const scid = createScidFile(file);
    expect((await scid.seekEnd())?.close).toBe(1);
    const next = Buffer.concat([scidTrade(START + 1, 2), scidTrade(START + 2, 3)]);
    const told: number[] = [];
    for (let at = 0; at < next.length; at += 7) {
      appendFileSync(file, next.subarray(at, at + 7));
      told.push(...closes(await scid.tail()));
    }
    expect(told).toEqual([2, 3]);
  });

  it('goes on in a file that was cut, or put in its place, and tells nothing twice', async () => {
    const { file, path } = folder();
    write(file, scidTrade(START, 1), scidTrade(START + 1, 2), scidTrade(START + 2, 3));
    const scid = createScidFile(file);
    expect(closes(await scid.tail())).toEqual([1, 2, 3]);
    truncateSync(file, 56 + 40);
    expect(await scid.tail()).toEqual([]);
    appendFileSync(file, scidTrade(START + 3, 4));
    expect(closes(await scid.tail())).toEqual([4]);
    const rotated = join(path, 'next');
    write(rotated, scidTrade(START + 1, 2), scidTrade(START + 2, 3), scidTrade(START + 3, 4), scidTrade(START + 4, 5));
    renameSync(rotated, file);
    expect(closes(await scid.tail())).toEqual([5]);
  });
});

describe('prices of Sierra Chart files', () => {
  const setUp = (given: object = {}) => {
    const { path, file } = folder();
    const clock = createVirtualClock(START);
    const config = scidMarketSchema.parse({ kind: 'scid', folder: path, ...given });
    const market = createScidMarketData(config, {
      ...{ id: 'market:scid', name: 'Sierra Chart files', clock, secrets: { get: () => Promise.resolve(null) } },
      instruments: [{ instrument: NQ!, venueSymbol: null }],
    });
    onTestFinished(() => market.close());
    const events: FeedEvent[] = [];
    market.onEvent((event) => void events.push(event));
    const look = async (count: number): Promise<void> => {
      while (events.length < count) {
        clock.advanceTo(clock.now() + 250);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    return { file, clock, market, events, look };
  };

  it('come as quotes and trades, with the time they were made at', async () => {
    const { file, clock, market, events, look } = setUp();
    write(file, scidTrade(START - 5_000, 25_000));
    await market.start();
    expect(market.connection().state).toBe('live');
    const first = { symbol: NQ!.symbol, bid: 100_000, ask: 100_001, last: 100_000, asOf: START - 5_000 };
    expect(events).toMatchObject([{ kind: 'quote', quote: { ...first, receivedAt: START } }]);
    appendFileSync(file, scidTrade(START + 100, 25_000.25, 4));
    clock.advanceTo(START + 200);
    await look(3);
    expect(events.slice(1)).toMatchObject([
      { kind: 'trade', trade: { price: 100_001, quantity: 4, asOf: START + 100 } },
      { kind: 'quote', quote: { last: 100_001, asOf: START + 100 } },
    ]);
  });

  it('are multiplied where they are stored hundredfold', async () => {
    const { file, market, events } = setUp({ priceMultipliers: { [NQ!.root]: 0.01 } });
    const hundredfold = scidTrade(START, 2_500_000);
    hundredfold.writeFloatLE(2_500_025, 12);
    write(file, hundredfold);
    await market.start();
    expect(events).toMatchObject([{ quote: { bid: 100_000, ask: 100_001 } }]);
  });

  it('say so when the file is not there, and when it goes', async () => {
    const { file, market, clock } = setUp();
    await expect(market.start()).rejects.toThrow('cannot be read');
    expect(market.connection().state).toBe('disconnected');
    write(file, scidTrade(START, 1));
    await market.start();
    rmSync(file);
    while (market.connection().state === 'live') {
      clock.advanceTo(clock.now() + 250);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(market.connection()).toMatchObject({ state: 'disconnected' });
  });

  it('give bars of the past, gaps left out, and only whole ones', async () => {
    const { file, market } = setUp();
    const minute = Math.floor(START / 60_000) * 60_000;
    write(
      file,
      ...[scidTrade(minute + 1_000, 100, 2), scidTrade(minute + 2_000, 102), scidTrade(minute + 59_999, 99)],
      ...[scidTrade(minute + 180_000, 101), scidTrade(minute + 200_000, 103)],
    );
    const ask = (to: number) =>
      market.history!(
        { symbol: NQ!.symbol, timeframe: '1m', from: epochMs(minute), to: epochMs(to) },
        new AbortController().signal,
      );
    expect(await ask(minute + 240_000)).toEqual([
      {
        ...{ symbol: NQ!.symbol, timeframe: '1m', openAt: minute, closeAt: minute + 60_000 },
        ...{ open: 400, high: 408, low: 396, close: 396, volume: 4 },
      },
      {
        ...{ symbol: NQ!.symbol, timeframe: '1m', openAt: minute + 180_000, closeAt: minute + 240_000 },
        ...{ open: 404, high: 412, low: 404, close: 412, volume: 2 },
      },
    ]);
    expect(await ask(minute + 230_000)).toHaveLength(1);
  });
});
