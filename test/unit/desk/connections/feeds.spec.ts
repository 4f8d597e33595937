import { describe, expect, test } from 'vitest';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Connection, ConnectionState } from '#shared/domain/status.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { createConnectionBudget } from '#desk/connections/connection-budget.ts';
import { createConflation } from '#desk/connections/conflate.ts';
import { createFeeds, staleSymbols } from '#desk/connections/feeds.ts';
import type { FeedEvent, MarketData, MarketEvent } from '#desk/ports/market-data.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';
import { createNotices } from '#desk/records/notices.ts';

/** A Thursday, 14:00 UTC: eight in the morning in Chicago. */
const START = epochMs(Date.UTC(2026, 0, 15, 14));
const MINUTE = 60_000;
const nq = (calendar: Instrument['calendar']): Instrument => {
  const found = continuousInstrument('NQ');
  if (found === null) throw new Error('no NQ');
  return { ...found, calendar };
};
const quoteAt = (at: number, last = 100) => ({
  ...{
    symbol: 'NQ',
    bid: ticks(last),
    ask: ticks(last + 1),
    last: ticks(last),
    asOf: epochMs(at),
    receivedAt: epochMs(at),
  },
});

/** A source that does what the test says. */
function source(clock: { now(): number }, history: readonly Bar[] = []) {
  const listeners = new Set<(event: FeedEvent) => void>();
  const links = new Set<(connection: Connection) => void>();
  let state: ConnectionState = 'disconnected';
  const connection = (): Connection => ({
    ...{
      id: 'market:test',
      kind: 'market',
      name: 'Test',
      state,
      lastAt: null,
      latencyMs: null,
      uptime: null,
      detail: null,
    },
  });
  const to = (next: ConnectionState): void => {
    state = next;
    for (const listener of links) listener(connection());
  };
  const asked: { from: number; to: number; timeframe: string }[] = [];
  let starts = 0;
  let fails = 0;
  const data: MarketData = {
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: () => {
      starts += 1;
      if (fails > 0) {
        fails -= 1;
        return Promise.reject(new Error('no route'));
      }
      to('live');
      return Promise.resolve();
    },
    history: (request) => {
      asked.push(request);
      return Promise.resolve(history.filter((bar) => bar.timeframe === request.timeframe));
    },
    connection,
    onConnection: (listener) => {
      links.add(listener);
      return () => void links.delete(listener);
    },
    close: () => Promise.resolve(),
  };
  return {
    data,
    asked,
    starts: () => starts,
    failNext: (times: number) => {
      fails = times;
    },
    drop: () => to('disconnected'),
    tell: (last: number) => {
      for (const listener of listeners) listener({ kind: 'quote', quote: quoteAt(clock.now(), last) });
    },
  };
}

function rig(calendar: Instrument['calendar'] = 'always', history: readonly Bar[] = []) {
  const clock = createClock(START);
  const fake = source(clock, history);
  const events: MarketEvent[] = [];
  const past: Bar[] = [];
  const notices = createNotices(clock, () => undefined);
  let minuteUntil: number | null = null;
  const feeds = createFeeds({
    feeds: [{ source: fake.data, name: 'Test', instruments: [nq(calendar)] }],
    ...{ clock, ids: createIds(clock, () => 0.5), notices, admit: createConnectionBudget(clock).admit },
    known: () => ({ minuteUntil: minuteUntil === null ? null : epochMs(minuteUntil), dayUntil: null }),
    onHistory: (bars) => past.push(...bars),
    onEvent: (event) => {
      events.push(event);
      if (event.kind === 'bar') minuteUntil = event.bar.closeAt;
    },
    onConnection: () => undefined,
  });
  const advance = async (ms: number): Promise<void> => {
    // In steps, since a connection is made between two moments of the clock.
    for (const end = clock.now() + ms; clock.now() < end;) {
      clock.advanceTo(epochMs(Math.min(end, clock.now() + 500)));
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
    }
  };
  const start = (): Promise<void> => feeds.start(new AbortController().signal, () => undefined);
  const bars = () => events.flatMap((event) => (event.kind === 'bar' ? [event.bar] : []));
  return { clock, fake, feeds, events, bars, past, notices, advance, start };
}

describe('the prices of a desk', () => {
  test('quotes go on conflated, and whole minutes become bars', async () => {
    const { fake, events, bars, advance, start } = rig();
    await start();
    for (let second = 0; second < 125; second += 1) {
      for (const last of [100, 101, 102 + second]) fake.tell(last);
      await advance(1_000);
    }
    const quotes = events.filter(({ kind }) => kind === 'quote');
    expect(quotes).toHaveLength(125);
    expect(bars().map(({ openAt, open, high }) => [openAt - START, open, high])).toEqual([
      [0, 100, 161],
      [MINUTE, 100, 221],
    ]);
  });

  test('a lost source is tried again, what it missed is asked of its history, and the minutes of the gap are no bars', async () => {
    const { fake, bars, advance, start, notices } = rig();
    await start();
    fake.tell(100);
    await advance(61_500);
    fake.failNext(10);
    fake.drop();
    await advance(130_000);
    expect(fake.starts()).toBe(12);
    expect(notices.all()).toEqual([]);
    fake.tell(105);
    await advance(60_000);
    expect(bars().map(({ openAt }) => openAt - START)).toEqual([0, 3 * MINUTE]);
    const minutes = fake.asked.filter(({ timeframe }) => timeframe === '1m');
    expect(minutes.at(-1)).toMatchObject({ from: START + MINUTE });
  });

  test('a source without a fresh price of an open session is degraded, and live again with one', async () => {
    const { fake, feeds, advance, start } = rig();
    await start();
    fake.tell(100);
    await advance(10_000);
    expect(feeds.connections()[0]?.state).toBe('live');
    await advance(20_000);
    expect(feeds.connections()[0]).toMatchObject({ state: 'degraded', detail: 'NQ: no price for 30 s' });
    fake.tell(101);
    expect(feeds.connections()[0]?.state).toBe('live');
  });

  test('while its exchange is closed a source owes no price, nor in its first seconds after the opening', () => {
    const instruments = [nq('cme')];
    const heardAt = () => null;
    const since = epochMs(0);
    const stale = (iso: string) => staleSymbols(instruments, { now: epochMs(Date.parse(iso)), heardAt, since }).length;
    expect(stale('2026-01-17T15:00:00Z')).toBe(0);
    expect(stale('2026-01-15T22:30:00Z')).toBe(0);
    expect(stale('2026-01-15T23:00:10Z')).toBe(0);
    expect(stale('2026-01-15T23:00:20Z')).toBe(1);
    expect(stale('2026-12-25T15:00:00Z')).toBe(0);
  });

  test('bars of the past that contradict themselves or lie outside what was asked are left out', async () => {
    const bar = (minutesAgo: number, changes: Partial<Bar> = {}): Bar => ({
      ...{ symbol: 'NQ', timeframe: '1m', openAt: epochMs(START - minutesAgo * MINUTE) },
      ...{ closeAt: epochMs(START - (minutesAgo - 1) * MINUTE), volume: 1 },
      ...{ open: ticks(10), high: ticks(12), low: ticks(9), close: ticks(11) },
      ...changes,
    });
    const { past, start } = rig('always', [
      bar(1),
      bar(3),
      bar(2, { high: ticks(1) }),
      bar(0),
      bar(4, { symbol: 'ES' }),
    ]);
    await start();
    expect(past.map(({ openAt }) => (START - openAt) / MINUTE)).toEqual([3, 1]);
  });
});

test('conflation keeps the newest of each symbol, never more than one waits, and older ones never overtake', () => {
  const clock = createClock(START);
  const out: number[] = [];
  const conflation = createConflation(clock, ({ last }) => out.push(last));
  for (let i = 0; i < 1_000; i += 1) conflation.push(quoteAt(START + i, i));
  conflation.push(quoteAt(START + 5, 7_777));
  expect(conflation.waiting()).toBe(1);
  clock.advanceTo(epochMs(START + 100));
  expect(out).toEqual([999]);
  expect(conflation.overtaken()).toBe(1_000);
});

test('no more than five new connections are let through in any second', async () => {
  const clock = createClock(START);
  const budget = createConnectionBudget(clock);
  const times: number[] = [];
  const all = Array.from({ length: 23 }, () =>
    budget.admit(new AbortController().signal).then(() => times.push(clock.now() - START)),
  );
  for (let i = 0; i < 60; i += 1) {
    for (let n = 0; n < 10; n += 1) await Promise.resolve();
    clock.advanceTo(epochMs(clock.now() + 100));
  }
  await Promise.all(all);
  const most = Math.max(...times.map((t) => times.filter((other) => other >= t && other < t + 1_000).length));
  expect(times).toHaveLength(23);
  expect(most).toBeLessThanOrEqual(5);
});
