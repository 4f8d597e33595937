import { describe, expect, it } from 'vitest';
import { type Bar, type Quote, barSchema, quoteSchema } from '#shared/domain/market.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { type SimulatedMarketOptions, createSimulatedMarket } from '#desk/adapters/market/simulated.ts';
import { SIX } from './planned-trades.ts';
import { START, createVirtualClock } from './virtual-clock.ts';

const MINUTE = 60_000;

function open(over: Partial<SimulatedMarketOptions> = {}) {
  const clock = createVirtualClock();
  const market = createSimulatedMarket({ instruments: SIX, seed: 11, clock, quoteIntervalMs: 500, ...over });
  const bars: Bar[] = [];
  const quotes: Quote[] = [];
  market.onEvent((event) => {
    if (event.kind === 'bar') bars.push(event.bar);
    else quotes.push(event.quote);
  });
  return { clock, market, bars, quotes };
}

const bySymbol = (bars: readonly Bar[]): Map<string, Bar[]> =>
  new Map(SIX.map(({ symbol }) => [symbol, bars.filter((bar) => bar.symbol === symbol)]));

/** Bars of one symbol over consecutive minutes. */
function play(minutes: number, over: Partial<SimulatedMarketOptions> = {}): Map<string, Bar[]> {
  const { market, bars } = open(over);
  for (let i = 0; i < minutes; i += 1) market.playBar(epochMs(START + i * MINUTE));
  return bySymbol(bars);
}

const returns = (bars: readonly Bar[]): number[] => bars.slice(1).map((bar, i) => Math.log(bar.close / bars[i]!.close));

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]): number => x.reduce((sum, v) => sum + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const cov = mean(a.map((v, i) => (v - ma) * (b[i]! - mb)));
  return cov / Math.sqrt(mean(a.map((v) => (v - ma) ** 2)) * mean(b.map((v) => (v - mb) ** 2)));
}

describe('the simulated market', () => {
  it('plays a minute of every instrument at once, as sound bars on the tick grid, without quotes', () => {
    const { market, bars, quotes } = open();
    const played = market.playBar(epochMs(START));
    expect(played).toEqual(bars);
    expect(played.map((bar) => bar.symbol)).toEqual(SIX.map((instrument) => instrument.symbol));
    for (let i = 1; i < 300; i += 1) market.playBar(epochMs(START + i * MINUTE));
    for (const bar of bars) {
      barSchema.parse(bar);
      expect(bar.high).toBeGreaterThanOrEqual(Math.max(bar.open, bar.close));
      expect(bar.low).toBeLessThanOrEqual(Math.min(bar.open, bar.close));
      expect(bar.closeAt - bar.openAt).toBe(MINUTE);
      expect(bar.volume).toBeGreaterThan(0);
    }
    expect(quotes).toEqual([]);
  });

  it('gives the same bars for the same seed and calls, and others for another seed', () => {
    expect(play(200)).toEqual(play(200));
    expect(play(200)).not.toEqual(play(200, { seed: 12 }));
  });

  it('continues from the start prices, and each bar opens where the last closed', () => {
    const startPrices = new Map([[SIX[0]!.symbol, ticks(80_000)]]);
    const bars = play(50, { startPrices }).get(SIX[0]!.symbol)!;
    expect(bars[0]!.open).toBe(80_000);
    for (const [i, bar] of bars.slice(1).entries()) expect(bar.open).toBe(bars[i]!.close);
  });

  it('moves as much as such markets do in a minute', () => {
    const played = play(5_000);
    const ranges = SIX.map((instrument) => {
      const bars = played.get(instrument.symbol)!;
      return (bars.reduce((sum, bar) => sum + bar.high - bar.low, 0) / bars.length) * instrument.tickSize;
    });
    const [nq, es, gc, cl, zn, eur] = ranges as [number, number, number, number, number, number];
    expect(nq).toBeGreaterThan(6);
    expect(nq).toBeLessThan(11);
    expect(es).toBeGreaterThan(1.3);
    expect(es).toBeLessThan(2.5);
    expect(gc).toBeGreaterThan(1);
    expect(gc).toBeLessThan(2.2);
    expect(cl).toBeGreaterThan(0.03);
    expect(cl).toBeLessThan(0.07);
    expect(zn).toBeGreaterThan(0.012);
    expect(zn).toBeLessThan(0.03);
    expect(eur).toBeGreaterThan(0.00012);
    expect(eur).toBeLessThan(0.0003);
  });

  it('NQ and ES go together, the others hardly', () => {
    const played = play(4_000);
    const of = (index: number): number[] => returns(played.get(SIX[index]!.symbol)!);
    expect(correlation(of(0), of(1))).toBeGreaterThan(0.85);
    for (const [a, b] of [
      [0, 2],
      [0, 3],
      [0, 5],
      [2, 3],
      [2, 5],
    ] as const) {
      expect(Math.abs(correlation(of(a), of(b)))).toBeLessThan(0.25);
    }
  });

  it('stays within sight of where it began over three months of sessions', () => {
    const { market, bars } = open();
    for (let day = 0; day < 90; day += 1) {
      for (let minute = 0; minute < 360; minute += 1) {
        market.playBar(epochMs(START + day * 86_400_000 + minute * MINUTE));
      }
    }
    for (const list of bySymbol(bars).values()) {
      const closes = list.map((bar) => bar.close);
      expect(Math.max(...closes) / list[0]!.open).toBeLessThan(1.5);
      expect(Math.min(...closes) / list[0]!.open).toBeGreaterThan(0.66);
    }
  });

  it('refuses to go back in time, and to play once it is live', async () => {
    const { market } = open();
    market.playBar(epochMs(START));
    expect(() => market.playBar(epochMs(START - MINUTE))).toThrow(/order/u);
    await market.start();
    expect(() => market.playBar(epochMs(START + MINUTE))).toThrow(/live/u);
  });
});

describe('the live simulated market', () => {
  it('quotes every instrument one tick wide, at jittered intervals, and closes bars at minute ends', async () => {
    const { market, clock, bars, quotes } = open();
    await market.start();
    clock.advanceTo(START + 5 * MINUTE + 10_000);
    expect(market.connection().state).toBe('live');
    expect(bars.length).toBe(5 * SIX.length);
    const nq = quotes.filter((quote) => quote.symbol === SIX[0]!.symbol);
    expect(nq.length).toBeGreaterThan(400);
    for (const quote of nq) {
      quoteSchema.parse(quote);
      expect(quote.ask - quote.bid).toBe(1);
      expect([quote.bid, quote.ask]).toContain(quote.last);
    }
    const gaps = new Set(nq.slice(1).map((quote, i) => quote.asOf - nq[i]!.asOf));
    expect(gaps.size).toBeGreaterThan(50);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(750);
  });

  it('its bars are the quotes of their minute', async () => {
    const { market, clock, bars, quotes } = open();
    await market.start();
    clock.advanceTo(START + 3 * MINUTE);
    for (const bar of bars) {
      const inside = quotes.filter((q) => q.symbol === bar.symbol && q.asOf >= bar.openAt && q.asOf < bar.closeAt);
      const lasts = inside.map((quote) => quote.last);
      expect(bar).toMatchObject({
        open: lasts[0],
        close: lasts.at(-1),
        high: Math.max(...lasts),
        low: Math.min(...lasts),
      });
    }
  });

  it('a bar is complete before the first quote of the next minute is told', async () => {
    const { market, clock } = open();
    const order: string[] = [];
    market.onEvent((event) => {
      if (event.kind === 'bar') order.push('bar');
      else if (event.quote.asOf === START + MINUTE) order.push('quote');
    });
    await market.start();
    clock.advanceTo(START + MINUTE);
    expect(order).toEqual([...SIX.map(() => 'bar'), ...SIX.map(() => 'quote')]);
  });

  it('is deterministic on a virtual clock, and silent after it is closed', async () => {
    const run = async () => {
      const { market, clock, quotes, bars } = open();
      for (let i = 60; i > 0; i -= 1) market.playBar(epochMs(START - i * MINUTE));
      await market.start();
      clock.advanceTo(START + 2 * MINUTE);
      await market.close();
      const seen = quotes.length;
      clock.advanceTo(START + 10 * MINUTE);
      expect(quotes.length).toBe(seen);
      expect(market.connection().state).toBe('disconnected');
      return { quotes, bars };
    };
    expect(await run()).toEqual(await run());
  });
});
