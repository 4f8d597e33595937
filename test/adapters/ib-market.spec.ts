import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { ibMarketDataSchema } from '#desk/adapters/ib/config.ts';
import { createHistoryPacer } from '#desk/adapters/ib/history.ts';
import { createIbMarketData } from '#desk/adapters/ib/market-data.ts';
import { createPriceBoard } from '#desk/adapters/ib/prices.ts';
import type { FeedEvent } from '#desk/ports/market-data.ts';
import { createVirtualClock } from './virtual-clock.ts';
import { brokerParts, future, machineClock, until } from '#test/support/ib/desk-side.ts';
import { startTws, type TwsOptions } from '#test/support/tws-server/server.ts';

const SYMBOL = 'NQZ26-CME';
const QUOTE = { bid: 20_000, ask: 20_000.25, last: 20_000.25 };
const signal = new AbortController().signal;

async function marketSide(options: TwsOptions = {}, prices: 'live' | 'delayed' = 'live') {
  const tws = await startTws(options);
  onTestFinished(() => tws.stop());
  const clock = machineClock();
  const config = ibMarketDataSchema.parse({ kind: 'ib', port: tws.port, prices });
  const { instruments, secrets } = brokerParts(clock, ['NQ']);
  const market = createIbMarketData(config, { id: 'market:ib', name: 'IB', clock, instruments, secrets });
  onTestFinished(() => market.close());
  const events: FeedEvent[] = [];
  market.onEvent((event) => events.push(event));
  const quotes = () => events.flatMap((event) => (event.kind === 'quote' ? [event.quote] : []));
  return { tws, market, events, quotes, clock };
}

describe('prices of TWS', () => {
  it('come as quotes in ticks once bid, ask and last are known, and trades by the growth of the volume', async () => {
    const { tws, market, quotes, events } = await marketSide();
    await market.start();
    expect(market.connection()).toMatchObject({ state: 'live', detail: null });
    const before = Date.now();
    tws.move(tws.contract('NQZ6'), QUOTE);
    await until(() => quotes().length > 0);
    const [quote] = quotes();
    expect(quote).toMatchObject({ symbol: SYMBOL, bid: 80_000, ask: 80_001, last: 80_001 });
    expect(quote?.asOf).toBe(quote?.receivedAt);
    expect(quote?.asOf).toBeGreaterThanOrEqual(before);
    await until(() => tws.subscriptions().length > 0);
    const [reqId] = tws.subscriptions();
    tws.send([2, 6, reqId, 8, 1_000]);
    tws.send([2, 6, reqId, 8, 1_003]);
    await until(() => events.some(({ kind }) => kind === 'trade'));
    expect(events.flatMap((event) => (event.kind === 'trade' ? [event.trade] : []))).toMatchObject([
      { symbol: SYMBOL, price: 80_001, quantity: 3 },
    ]);
  });

  it.each([
    [354, 'no market data subscription'],
    [10_197, 'logged on elsewhere'],
    [10_167, '15 minutes old'],
  ])('%i is a state that says so, and a price of its own ends it', async (code, text) => {
    const { tws, market, quotes } = await marketSide();
    await market.start();
    await until(() => tws.subscriptions().length > 0);
    const [reqId] = tws.subscriptions();
    tws.say(code, 'Requested market data is not subscribed.', reqId);
    await until(() => market.connection().state === 'degraded');
    expect(market.connection().detail).toContain(text);
    if (code === 10_167) return;
    tws.move(tws.contract('NQZ6'), QUOTE);
    await until(() => market.connection().state === 'live');
    expect(quotes().length).toBeGreaterThan(0);
  });

  it('delayed prices are as old as they are, and the connection is not called live', async () => {
    const { tws, market, quotes } = await marketSide({}, 'delayed');
    await market.start();
    await until(() => tws.subscriptions().length > 0);
    const [reqId] = tws.subscriptions();
    expect(tws.received.some((f) => f[0] === '59' && f[2] === '3')).toBe(true);
    for (const [field, price] of [
      [66, 20_000],
      [67, 20_000.25],
      [68, 20_000],
    ])
      tws.send([1, 6, reqId, field, price, 5, 0]);
    await until(() => quotes().length > 0);
    const [quote] = quotes();
    expect((quote?.receivedAt ?? 0) - (quote?.asOf ?? 0)).toBe(15 * 60_000);
    expect(market.connection().state).toBe('degraded');
  });

  it('a TWS cut off from IB is told; without its subscriptions they are made again', async () => {
    const { tws, market } = await marketSide();
    await market.start();
    tws.say(1100, 'Connectivity has been lost.');
    await until(() => market.connection().state === 'degraded');
    const asked = tws.received.filter((f) => f[0] === '1').length;
    tws.say(1101, 'Connectivity has been restored - data lost.');
    await until(() => market.connection().state === 'live');
    await until(() => tws.received.filter((f) => f[0] === '1').length === asked + 1);
    tws.say(2103, 'Market data farm connection is broken:usfuture');
    await until(() => market.connection().state === 'degraded');
    tws.say(2104, 'Market data farm connection is OK:usfuture');
    await until(() => market.connection().state === 'live');
  });

  it('a lost connection is told, and can be started again on a fresh one', async () => {
    const { tws, market, quotes } = await marketSide();
    await market.start();
    tws.drop();
    await until(() => market.connection().state === 'disconnected');
    await expect(
      market.history?.({ symbol: SYMBOL, timeframe: '1m', from: epochMs(0), to: epochMs(60_000) }, signal),
    ).rejects.toThrow('not connected');
    await market.start();
    tws.move(tws.contract('NQZ6'), QUOTE);
    await until(() => quotes().length > 0);
  });

  it('bars of the past are whole ones, oldest first, within what was asked', async () => {
    const { tws, market, clock } = await marketSide();
    tws.exchange.quotes.set(tws.contract('NQZ6').conId, QUOTE);
    await market.start();
    // An end that is past: what TWS gives follows from it, and not from the minute in which it is asked.
    const to = epochMs(Math.floor(clock.now() / 60_000 - 5) * 60_000);
    const from = epochMs(to - 60 * 60_000);
    const bars = (await market.history?.({ symbol: SYMBOL, timeframe: '1m', from, to }, signal)) ?? [];
    expect(bars).toHaveLength(60);
    expect(bars[0]).toMatchObject({ openAt: from, open: 80_001, high: 80_005, low: 79_997, close: 80_003 });
    expect(bars.at(-1)?.closeAt).toBe(to);
    expect(bars.every((bar, n) => n === 0 || bar.openAt > (bars[n - 1]?.openAt ?? 0))).toBe(true);
    expect(await market.history?.({ symbol: 'XX', timeframe: '1m', from, to }, signal)).toBeNull();
  });
});

describe('a board of prices', () => {
  const now = epochMs(1_700_000_000_000);
  it('tells nothing while a side is missing or the book is crossed for a moment', () => {
    const board = createPriceBoard(future('NQ'));
    expect(board.price(1, 20_000, now).quote).toBeNull();
    expect(board.price(2, 20_000.25, now).quote).toBeNull();
    expect(board.price(4, 20_000, now).quote).toMatchObject({ bid: 80_000, ask: 80_001, last: 80_000 });
    expect(board.price(1, 20_000.5, now).quote).toBeNull();
    expect(board.price(2, 20_000.75, now).quote).toMatchObject({ bid: 80_002, ask: 80_003 });
    expect(board.price(1, -1, now).quote).toBeNull();
    expect(board.price(4, 20_000, now).quote).toBeNull();
  });
  it('takes frozen prices as of the trade they are of, and not at all without one', () => {
    const board = createPriceBoard(future('NQ'));
    board.setKind('frozen');
    for (const [field, price] of [
      [1, 20_000],
      [2, 20_001],
    ] as const)
      board.price(field, price, now);
    expect(board.price(4, 20_000, now).quote).toBeNull();
    board.text(45, String(now / 1_000 - 3_600));
    expect(board.price(4, 20_000, now).quote).toMatchObject({ asOf: now - 3_600_000, receivedAt: now });
  });
});

describe('historical questions', () => {
  it('are never asked faster than IB takes them', async () => {
    const clock = createVirtualClock(0);
    const pacer = createHistoryPacer(clock);
    const asked: { at: number; contract: number; key: string }[] = [];
    const all = Array.from({ length: 130 }, (_, n) => {
      const [contract, key] = [n % 3, `${n % 40}`];
      return pacer.turn(contract, key, signal).then(() => void asked.push({ at: clock.monotonic(), contract, key }));
    });
    const done = Promise.all(all);
    while (asked.length < all.length) {
      clock.advanceTo(clock.now() + 100);
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
    const most = (windowMs: number, of: (one: (typeof asked)[number]) => unknown): number =>
      Math.max(
        ...asked.map(
          (one) => asked.filter((o) => of(o) === of(one) && o.at >= one.at && o.at < one.at + windowMs).length,
        ),
      );
    expect(most(600_000, () => 0)).toBeLessThanOrEqual(60);
    expect(most(2_000, ({ contract }) => contract)).toBeLessThan(6);
    expect(most(15_000, ({ key }) => key)).toBe(1);
  });
});
