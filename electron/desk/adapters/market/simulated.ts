import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import { type EpochMs, type Ticks, epochMs, ticks } from '#shared/units.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { MarketData, MarketEvent } from '#desk/ports/market-data.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import { createSeeded, hashInts, hashText } from '#desk/adapters/seeded.ts';
import { type Walk, type Walker, createWalk } from './walk.ts';

const MINUTE_MS = 60_000;

export type SimulatedMarketOptions = {
  readonly instruments: readonly Instrument[];
  readonly seed: number;
  readonly clock: Clock;
  /** Prices to continue from, by symbol; the market's usual level where there is none. */
  readonly startPrices?: ReadonlyMap<string, Ticks>;
  /** Mean time between quotes, jittered by half of it either way. */
  readonly quoteIntervalMs: number;
};

/** A market that is made up, seeded, and says so. */
export interface SimulatedMarket extends MarketData {
  /** Quotes and bars: what trades in it is not told one by one. */
  onEvent(listener: (event: MarketEvent) => void): () => void;
  /**
   * Plays the minute that begins at `openAt`: one completed bar of every instrument, without quotes. Minutes left out
   * count as a pause. Throws once the market is live: then time passes by itself.
   */
  playBar(openAt: EpochMs): readonly Bar[];
}

type OpenBar = { openAt: number; open: Ticks; high: Ticks; low: Ticks; close: Ticks; volume: number };

/** Makes a simulated market. The same seed and the same calls give the same bars. */
export function createSimulatedMarket(options: SimulatedMarketOptions): SimulatedMarket {
  const { clock } = options;
  const walk = createWalk(options.instruments, options.seed, options.startPrices ?? new Map());
  const log = createConnectionLog({ id: 'market:simulated', kind: 'market', name: 'Simulated market' });
  const listeners = new Set<(event: MarketEvent) => void>();
  const emit = (event: MarketEvent): void => {
    for (const listener of listeners) listener(event);
  };
  let playedUntil: number | null = null;
  let live: { readonly stop: () => void } | null = null;

  return {
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    playBar: (openAt) => {
      if (live !== null) throw new Error('playBar: the market is live');
      if (playedUntil !== null && openAt < playedUntil) throw new RangeError('playBar: minutes must be in order');
      if (playedUntil !== null && openAt > playedUntil) walk.pause((openAt - playedUntil) / MINUTE_MS);
      playedUntil = openAt + MINUTE_MS;
      const bars = playMinute(walk, openAt);
      for (const bar of bars) emit({ kind: 'bar', bar });
      return bars;
    },
    start: () => {
      if (live !== null) return Promise.resolve();
      const now = clock.now();
      if (playedUntil !== null && now > playedUntil) walk.pause((now - playedUntil) / MINUTE_MS);
      live = goLive({ walk, options, emit, heard: (at) => log.heard(at, 0) });
      log.set('live', null);
      return Promise.resolve();
    },
    connection: log.current,
    onConnection: log.onChange,
    close: () => {
      live?.stop();
      listeners.clear();
      log.set('disconnected', 'Closed by the desk.');
      return Promise.resolve();
    },
  };
}

const inTicks = (walker: Walker, logPrice: number): number => Math.exp(logPrice) / walker.instrument.tickSize;
const toTick = (walker: Walker, logPrice: number): Ticks => ticks(Math.round(inTicks(walker, logPrice)));

/** One minute of every market. Extremes are drawn from the law of a Brownian bridge between open and close. */
function playMinute(walk: Walk, openAt: EpochMs): Bar[] {
  const opens = walk.walkers.map((walker) => walker.logPrice);
  walk.step(1);
  return walk.walkers.map((walker, index) => {
    const open = opens[index] ?? walker.logPrice;
    const close = walker.logPrice;
    const spread = 2 * walk.volatility(walker) ** 2;
    const reach = (): number => Math.sqrt((close - open) ** 2 - spread * Math.log(1 - walker.chance.uniform()));
    const high = (open + close + reach()) / 2;
    const low = (open + close - reach()) / 2;
    return {
      symbol: walker.instrument.symbol,
      timeframe: '1m',
      openAt,
      closeAt: epochMs(openAt + MINUTE_MS),
      open: toTick(walker, open),
      high: toTick(walker, high),
      low: toTick(walker, low),
      close: toTick(walker, close),
      volume: Math.max(1, volumeOf(walker, 1, Math.abs(close - open) / walk.volatility(walker))),
    };
  });
}

/** Contracts traded in `minutes`: skewed, and more of them when the price moves. */
function volumeOf(walker: Walker, minutes: number, surprise: number): number {
  const busy = Math.exp(0.35 * walker.chance.normal() + walker.logVolatility) * (0.7 + 0.4 * surprise);
  return Math.round(walker.volume * minutes * busy);
}

type Live = {
  readonly walk: Walk;
  readonly options: SimulatedMarketOptions;
  readonly emit: (event: MarketEvent) => void;
  readonly heard: (at: EpochMs) => void;
};

/** Quotes from now on, and bars at the ends of minutes. */
function goLive({ walk, options, emit, heard }: Live): { readonly stop: () => void } {
  const { clock, quoteIntervalMs } = options;
  const jitter = createSeeded(hashInts([options.seed, hashText('jitter')]));
  const bars = new Map<Walker, OpenBar>();
  let steppedAt: number = clock.now();
  let cancel: () => void = () => undefined;
  let isStopped = false;

  const closeBars = (now: number): void => {
    for (const [walker, bar] of bars) {
      if (now < bar.openAt + MINUTE_MS) continue;
      bars.delete(walker);
      emit({ kind: 'bar', bar: completed(walker, bar) });
    }
  };
  const tick = (): void => {
    const now = clock.now();
    closeBars(now);
    const minutes = (now - steppedAt) / MINUTE_MS;
    // A machine that slept wakes to a pause in trading, not to hours of it in one step.
    if (minutes > 2) walk.pause(minutes);
    else if (minutes > 0) walk.step(minutes);
    steppedAt = now;
    for (const walker of walk.walkers) {
      const quote = quoteOf(walker, now);
      extend(bars, walker, { quote, volume: volumeOf(walker, Math.min(Math.max(minutes, 0), 2), 0.8) });
      emit({ kind: 'quote', quote });
    }
    heard(now);
    if (!isStopped) schedule(now);
  };
  const schedule = (now: number): void => {
    const wait = Math.max(1, Math.round(quoteIntervalMs * (0.5 + jitter.uniform())));
    cancel = clock.after(Math.min(wait, MINUTE_MS - (now % MINUTE_MS)), tick);
  };
  cancel = clock.after(0, tick);
  return {
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
}

/** Top of book one tick wide around the price; the last trade is on the nearer side. */
function quoteOf(walker: Walker, now: EpochMs): Quote {
  const price = inTicks(walker, walker.logPrice);
  const bid = Math.floor(price);
  return {
    symbol: walker.instrument.symbol,
    bid: ticks(bid),
    ask: ticks(bid + 1),
    last: ticks(price - bid < 0.5 ? bid : bid + 1),
    asOf: now,
    receivedAt: now,
  };
}

function extend(bars: Map<Walker, OpenBar>, walker: Walker, news: { quote: Quote; volume: number }): void {
  const { last, asOf } = news.quote;
  const bar = bars.get(walker);
  if (bar === undefined) {
    bars.set(walker, {
      openAt: asOf - (asOf % MINUTE_MS),
      open: last,
      high: last,
      low: last,
      close: last,
      volume: news.volume,
    });
    return;
  }
  if (last > bar.high) bar.high = last;
  if (last < bar.low) bar.low = last;
  bar.close = last;
  bar.volume += news.volume;
}

const completed = (walker: Walker, bar: OpenBar): Bar => ({
  symbol: walker.instrument.symbol,
  timeframe: '1m',
  openAt: epochMs(bar.openAt),
  closeAt: epochMs(bar.openAt + MINUTE_MS),
  open: bar.open,
  high: bar.high,
  low: bar.low,
  close: bar.close,
  volume: bar.volume,
});
