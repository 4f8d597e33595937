import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { alpacaMarketSchema } from '#desk/adapters/alpaca/config.ts';
import { createAlpacaMarketData } from '#desk/adapters/alpaca/market-data.ts';
import type { FeedEvent } from '#desk/ports/market-data.ts';
import { bitcoin, brokerParts, share } from '#test/support/alpaca/desk-side.ts';
import { startAlpaca } from '#test/support/alpaca-server/server.ts';
import { until } from '#test/support/broker-contract.ts';

async function rig(instruments = [share('QQQ')], over: Record<string, unknown> = {}) {
  const server = await startAlpaca();
  onTestFinished(() => server.stop());
  const config = alpacaMarketSchema.parse({
    ...{ kind: 'alpaca', dataUrl: server.rest, streamUrl: server.stream.replace('/stream', '') },
  });
  const parts = brokerParts(over, instruments);
  const market = createAlpacaMarketData(config, parts);
  onTestFinished(() => market.close());
  const events: FeedEvent[] = [];
  market.onEvent((event) => events.push(event));
  return { server, market, events };
}
const at = (second: number): string => `2026-01-15T15:00:0${second}.123456789Z`;
const trade = (p: number, second = 1, S = 'QQQ', s = 100) => ({ T: 't', S, i: 1, x: 'D', p, s, t: at(second), z: 'C' });
const quote = (bp: number, ap: number, second = 1, S = 'QQQ') => ({ T: 'q', S, bp, bs: 1, ap, as: 4, t: at(second) });

describe('prices of Alpaca', () => {
  it('tells a quote once a trade is known, as of the time it was made', async () => {
    const { server, market, events } = await rig();
    await market.start();
    expect(market.connection().state).toBe('live');
    server.market.send([quote(480.09, 480.11), trade(480.1), quote(480.09, 480.11)]);
    await until(() => events.length === 2);
    const asOf = Date.parse('2026-01-15T15:00:01.123Z');
    expect(events).toMatchObject([
      { kind: 'trade', trade: { symbol: 'QQQ', price: 48_010, quantity: 100, asOf } },
      { kind: 'quote', quote: { symbol: 'QQQ', bid: 48_009, ask: 48_011, last: 48_010, asOf } },
    ]);
  });

  it('leaves out what is old, crossed, one-sided or of nobody', async () => {
    const { server, market, events } = await rig();
    await market.start();
    server.market.send([trade(480.1, 2), trade(481, 1), quote(480.2, 480.1), quote(0, 480.1), trade(1, 3, 'SPY')]);
    server.market.send([{ T: 'later', what: 1 }, quote(480, 480.015, 4)]);
    await until(() => events.length === 2);
    // An ask between two ticks counts as the one above.
    expect(events[1]).toMatchObject({ kind: 'quote', quote: { bid: 48_000, ask: 48_002, last: 48_010 } });
  });

  it('are as of the moment they came at the latest', async () => {
    const { server, market, events } = await rig();
    await market.start();
    const t = new Date(Date.now() + 300_000).toISOString();
    server.market.send([
      { ...trade(480.1), t },
      { ...quote(480, 480.01), t },
    ]);
    await until(() => events.length === 2);
    const told = events.flatMap<{ readonly asOf: number; readonly receivedAt: number }>((event) =>
      event.kind === 'quote' ? [event.quote] : event.kind === 'trade' ? [event.trade] : [],
    );
    expect(told.map(({ asOf, receivedAt }) => receivedAt - asOf)).toEqual([0, 0]);
  });

  it('takes shares and crypto by two streams, split into single bytes', async () => {
    const { server, market, events } = await rig([share('QQQ'), bitcoin()]);
    server.faults.split = true;
    await market.start();
    expect([...server.market.subscribed()].sort()).toEqual(['BTC/USD', 'QQQ']);
    server.market.send([trade(60_000, 1, 'BTC/USD', 0.25), quote(60_000, 60_001, 1, 'BTC/USD')]);
    await until(() => events.some(({ kind }) => kind === 'quote'));
    // A quarter of a bitcoin is two lots of a tenth, and a part of one.
    expect(events).toContainEqual(
      expect.objectContaining({ trade: expect.objectContaining({ quantity: 2, price: 60_000 }) as unknown }),
    );
  });

  it.each([
    [405, 'allows fewer symbols'],
    [406, 'another program'],
    [409, 'does not include this feed'],
  ])('says what a refused subscription (%i) means', async (code, words) => {
    const { server, market } = await rig();
    server.market.refuse = { code, msg: 'no' };
    await expect(market.start()).rejects.toThrow(words);
    expect(market.connection()).toMatchObject({
      ...{ state: 'disconnected', detail: expect.stringContaining(words) as unknown },
    });
  });

  it('says that keys are wrong, and comes back after a loss', async () => {
    const wrong = await rig([share('QQQ')], { secrets: { get: () => Promise.resolve('wrong') } });
    await expect(wrong.market.start()).rejects.toThrow('does not know these keys');
    const { server, market } = await rig();
    await market.start();
    server.drop();
    await until(() => market.connection().state === 'disconnected');
    await market.start();
    expect(market.connection().state).toBe('live');
    expect(server.market.subscribed()).toEqual(['QQQ']);
  });

  it('has no futures', async () => {
    const { market } = await rig([share('NQZ26-CME', { lastTradeDate: '2026-12-18' })]);
    await expect(market.start()).rejects.toThrow('is a future');
  });
});

describe('bars of the past', () => {
  const from = Date.UTC(2026, 0, 15, 15);
  it('come page by page, and only those of the request', async () => {
    const { server, market } = await rig();
    await market.start();
    const bars = Array.from({ length: 10_020 }, (_, n) => {
      const price = { o: 480, h: 481.005, l: 479, c: 480.5 };
      return { ...price, t: new Date(from - 10_000 * 60_000 + n * 60_000).toISOString(), v: 7 };
    });
    server.market.bars.set('QQQ 1Min', bars);
    const start = epochMs(from - 10_000 * 60_000);
    const request = { symbol: 'QQQ', timeframe: '1m', from: start, to: epochMs(from + 5 * 60_000) } as const;
    const read = await market.history?.(request, new AbortController().signal);
    expect(read).toHaveLength(10_005);
    expect(read?.at(-1)).toMatchObject({ openAt: from + 240_000, closeAt: from + 300_000, close: 48_050, volume: 7 });
  });
  it('are refused whole when a page cannot be had', async () => {
    const { server, market } = await rig();
    await market.start();
    server.faults.brokenPath = '/bars';
    const request = { symbol: 'QQQ', timeframe: '1d', from: epochMs(0), to: epochMs(from) } as const;
    await expect(market.history?.(request, new AbortController().signal)).rejects.toThrow('500');
  });
});
