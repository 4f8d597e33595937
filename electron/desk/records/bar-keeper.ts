import type { Bar, Quote, Timeframe } from '#shared/domain/market.ts';
import type { DailyCloses } from '#desk/account/daily-closes.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { Journal } from '#desk/ports/journal.ts';

/** Bars a forecast is asked with, and without which none is asked. */
const BARS_KEPT = 460;
const BARS_NEEDED = 40;

/** The last bars of each symbol, and what of them is stored when. */
export interface BarKeeper {
  /** Takes a completed bar; false when it is not newer than the last. */
  take(bar: Bar): boolean;
  /** Stores a bar that was taken, and the daily one it completes. */
  store(bar: Bar): void;
  /** Stores it with the next `flush`. */
  storeLater(bar: Bar): void;
  /** Stores a daily bar that a source knows of the past. */
  storeDay(bar: Bar): void;
  last(symbol: string): Bar | null;
  /** Bars to ask a forecast with; null while there are too few. */
  history(symbol: string): readonly Bar[] | null;
  /** Keeps bars in memory until `flush`; live bars are stored at the end of the turn in which they close. */
  setStored(when: 'at-once' | 'on-flush' | 'never'): void;
  flush(): void;
}

/**
 * A bar as it is kept: alone, and of one shape whoever made it. What an adapter built of parts takes up to twice the room,
 * and hundreds of each symbol are held.
 */
const kept = (bar: Bar): Bar => ({
  symbol: bar.symbol,
  timeframe: bar.timeframe,
  openAt: bar.openAt,
  closeAt: bar.closeAt,
  open: bar.open,
  high: bar.high,
  low: bar.low,
  close: bar.close,
  volume: bar.volume,
});

/** Returns the keeper of one timeframe's bars over a journal. */
export function createBarKeeper(journal: Journal, closes: DailyCloses, timeframe: Timeframe): BarKeeper {
  const bars = new Map<string, Bar[]>();
  let unstored: Bar[] = [];
  let storing: 'at-once' | 'on-flush' | 'never' = 'at-once';
  let isFlushDue = false;
  let failure: { readonly error: unknown } | null = null;

  const barsOf = (symbol: string): Bar[] => {
    const known = bars.get(symbol);
    if (known !== undefined) return known;
    const loaded = [...journal.bars({ symbol, timeframe, limit: BARS_KEPT })].map(kept);
    bars.set(symbol, loaded);
    return loaded;
  };
  const flush = (): void => {
    if (unstored.length > 0) journal.appendBars(unstored);
    unstored = [];
  };
  /** Bars of all markets close at one moment: those of one turn are stored in one transaction, at its end. */
  const flushAtEnd = (): void => {
    if (isFlushDue) return;
    isFlushDue = true;
    queueMicrotask(() => {
      isFlushDue = false;
      try {
        flush();
      } catch (error) {
        // Nobody hears it here. They are kept, and whoever stores the next one is told.
        failure = { error };
      }
    });
  };
  const tellFailure = (): void => {
    const told = failure;
    failure = null;
    if (told !== null) throw told.error;
  };

  const keep = (bar: Bar, daily: Bar | null): void => void unstored.push(bar, ...(daily === null ? [] : [daily]));

  return {
    take: (bar) => {
      const list = barsOf(bar.symbol);
      if ((list.at(-1)?.openAt ?? -Infinity) >= bar.openAt) return false;
      list.push(kept(bar));
      if (list.length > BARS_KEPT) list.shift();
      return true;
    },
    store: (bar) => {
      const daily = closes.add(bar);
      if (storing === 'never') {
        if (daily !== null) journal.appendBars([daily]);
        return;
      }
      keep(bar, daily);
      if (storing !== 'at-once') return;
      flushAtEnd();
      tellFailure();
    },
    storeLater: (bar) => keep(bar, closes.add(bar)),
    storeDay: (bar) => {
      closes.add(bar);
      unstored.push(bar);
    },
    last: (symbol) => barsOf(symbol).at(-1) ?? null,
    history: (symbol) => {
      const history = barsOf(symbol).slice(-BARS_KEPT);
      return history.length < BARS_NEEDED ? null : history;
    },
    setStored: (when) => {
      storing = when;
    },
    flush,
  };
}

/** Returns the price a bar closed at as a quote, unless a live one is newer and knows the spread. */
export function closingQuote(bar: Bar, live: Quote | null, clock: Clock): Quote {
  if (live !== null && live.asOf >= bar.closeAt) return live;
  return {
    symbol: bar.symbol,
    bid: bar.close,
    ask: bar.close,
    last: bar.close,
    asOf: bar.closeAt,
    receivedAt: clock.now(),
  };
}
