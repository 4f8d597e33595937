import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { createSeeded } from '#desk/adapters/seeded.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';

const MINUTE_MS = 60_000;

export type FeedOptions = {
  readonly clock: Clock;
  readonly seed: number;
  readonly instruments: readonly Instrument[];
  /** Price each symbol begins at, in ticks. */
  readonly startTicks: (instrument: Instrument) => number;
  /** Time between two quotes of a symbol. */
  readonly everyMs: number;
  /** Standard deviation of one step, in ticks. */
  readonly stepTicks: number;
  /** Now and then the price jumps: chance of it at a step, and its size in steps. */
  readonly gap: { readonly chance: number; readonly steps: number };
};

/** Prices that wander by seed: quotes at a fixed pace, and a bar at the end of each minute. */
export type PriceFeed = {
  readonly onEvent: (listener: (event: MarketEvent) => void) => void;
  readonly start: () => void;
  readonly stop: () => void;
  /** Last bid of a symbol, in ticks. */
  readonly bid: (symbol: string) => number;
  /** Puts a price where a test needs it and quotes it at once. */
  readonly move: (symbol: string, bid: number) => void;
};

type Walker = { readonly symbol: string; bid: number; spread: number; bar: Bar | null };

/** Makes a feed that stands still until it is started. */
export function createPriceFeed(options: FeedOptions): PriceFeed {
  const { clock } = options;
  const chance = createSeeded(options.seed);
  const listeners = new Set<(event: MarketEvent) => void>();
  const walkers = new Map(
    options.instruments.map((i): [string, Walker] => [
      i.symbol,
      { symbol: i.symbol, bid: options.startTicks(i), spread: 1, bar: null },
    ]),
  );
  const emit = (event: MarketEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const walkerOf = (symbol: string): Walker => {
    const walker = walkers.get(symbol);
    if (walker === undefined) throw new Error(`the feed has no ${symbol}`);
    return walker;
  };
  /** A bar is told when the first price after its minute comes. */
  const closeBar = (walker: Walker, now: number): void => {
    if (walker.bar === null || now < walker.bar.closeAt) return;
    emit({ kind: 'bar', bar: walker.bar });
    walker.bar = null;
  };
  const quote = (walker: Walker): void => {
    const now = clock.now();
    closeBar(walker, now);
    const [bid, ask] = [ticks(walker.bid), ticks(walker.bid + walker.spread)];
    const last = chance.uniform() < 0.5 ? bid : ask;
    const openAt = epochMs(Math.floor(now / MINUTE_MS) * MINUTE_MS);
    const { symbol } = walker;
    const bar = walker.bar ?? {
      ...{ symbol, timeframe: '1m' as const, openAt, closeAt: epochMs(openAt + MINUTE_MS) },
      ...{ open: last, high: last, low: last, close: last, volume: 0 },
    };
    const volume = bar.volume + Math.ceil(20 * chance.uniform());
    walker.bar = {
      ...{ ...bar, close: last, volume },
      ...{ high: ticks(Math.max(bar.high, last)), low: ticks(Math.min(bar.low, last)) },
    };
    const told: Quote = { symbol, bid, ask, last, asOf: now, receivedAt: now };
    emit({ kind: 'quote', quote: told });
  };
  const step = (walker: Walker): void => {
    const isGap = chance.uniform() < options.gap.chance;
    const size = options.stepTicks * (isGap ? options.gap.steps : 1);
    walker.bid = Math.max(1, walker.bid + Math.round(size * chance.normal()));
    walker.spread = 1 + Math.floor(2 * chance.uniform());
    quote(walker);
  };
  let stop = (): void => undefined;
  return {
    onEvent: (listener) => void listeners.add(listener),
    start: () => {
      stop = clock.every(options.everyMs, () => {
        for (const walker of walkers.values()) step(walker);
      });
    },
    stop: () => stop(),
    bid: (symbol) => walkerOf(symbol).bid,
    move: (symbol, bid) => {
      walkerOf(symbol).bid = bid;
      quote(walkerOf(symbol));
    },
  };
}
