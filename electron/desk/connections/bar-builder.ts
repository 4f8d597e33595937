import type { Bar, Quote } from '#shared/domain/market.ts';
import { epochMs, ticks, type EpochMs, type Ticks } from '#shared/units.ts';
import type { MarketTrade } from '#desk/ports/market-data.ts';

const MINUTE_MS = 60_000;
/** Time for the last trades of a minute to arrive before its bar is closed. */
const GRACE_MS = 1_000;

/** Builds minute bars from trades, or from quotes where no trade of a symbol ever comes. */
export interface BarBuilder {
  onTrade(trade: MarketTrade): void;
  onQuote(quote: Quote): void;
  /** From `at` on the prices of these symbols come without a gap. */
  cover(symbols: readonly string[], at: EpochMs): void;
  /** They do no longer: a minute that is not over by `at` will not be whole, and is not made. */
  interrupt(symbols: readonly string[], at: EpochMs): void;
  /** Returns the bars of the minutes that are over, oldest first. */
  close(now: EpochMs): readonly Bar[];
  /** Trades that came when their minute was closed, or that claim to be of the future: counted, not used. */
  misfits(): number;
}

type Price = { readonly symbol: string; readonly price: Ticks; readonly quantity: number; readonly at: EpochMs };
type Open = {
  readonly openAt: number;
  readonly isWhole: boolean;
  open: Ticks;
  high: Ticks;
  low: Ticks;
  close: Ticks;
  volume: number;
};

const minuteOf = (at: number): number => at - (((at % MINUTE_MS) + MINUTE_MS) % MINUTE_MS);

const begun = ({ price, quantity, at }: Price, coveredFrom: number): Open => ({
  ...{ openAt: minuteOf(at), isWhole: coveredFrom <= minuteOf(at) },
  ...{ open: price, high: price, low: price, close: price, volume: quantity },
});

function extend(bar: Open, { price, quantity }: Price): void {
  bar.high = ticks(Math.max(bar.high, price));
  bar.low = ticks(Math.min(bar.low, price));
  bar.close = price;
  bar.volume += quantity;
}

const finished = (symbol: string, { openAt, open, high, low, close, volume }: Open): Bar => ({
  ...{ symbol, timeframe: '1m', openAt: epochMs(openAt), closeAt: epochMs(openAt + MINUTE_MS) },
  ...{ open, high, low, close, volume },
});

/**
 * Returns a builder. A bar is of the time its prices were true (`asOf`), not of when they came. A minute without any
 * price has no bar, and one that was not covered from its first moment to its last has none either: a gap is left as a
 * gap, and never filled with what was not seen.
 */
export function createBarBuilder(): BarBuilder {
  const open = new Map<string, Open[]>();
  const covered = new Map<string, number>();
  const closedUntil = new Map<string, number>();
  const traded = new Set<string>();
  let misfits = 0;

  const take = (price: Price, receivedAt: EpochMs): void => {
    const { symbol } = price;
    const minute = minuteOf(price.at);
    if (minute < (closedUntil.get(symbol) ?? -Infinity) || minute > minuteOf(receivedAt) + MINUTE_MS) {
      misfits += 1;
      return;
    }
    const bars = open.get(symbol) ?? [];
    open.set(symbol, bars);
    const found = bars.find((bar) => bar.openAt === minute);
    if (found !== undefined) extend(found, price);
    else {
      bars.push(begun(price, covered.get(symbol) ?? Infinity));
      bars.sort((a, b) => a.openAt - b.openAt);
    }
  };

  return {
    onTrade: ({ symbol, price, quantity, asOf, receivedAt }) => {
      // What its quotes made of the minute so far is no bar of trades.
      if (!traded.has(symbol)) {
        traded.add(symbol);
        open.delete(symbol);
      }
      take({ symbol, price, quantity, at: asOf }, receivedAt);
    },
    onQuote: ({ symbol, last, asOf, receivedAt }) => {
      if (!traded.has(symbol)) take({ symbol, price: last, quantity: 0, at: asOf }, receivedAt);
    },
    cover: (symbols, at) => {
      for (const symbol of symbols) covered.set(symbol, at);
    },
    interrupt: (symbols, at) => {
      for (const symbol of symbols) {
        covered.set(symbol, Infinity);
        open.set(
          symbol,
          (open.get(symbol) ?? []).filter((bar) => bar.openAt + MINUTE_MS <= at),
        );
      }
    },
    close: (now) => {
      const done: Bar[] = [];
      for (const [symbol, bars] of open) {
        for (let [bar] = bars; bar !== undefined && bar.openAt + MINUTE_MS + GRACE_MS <= now; [bar] = bars) {
          bars.shift();
          closedUntil.set(symbol, Math.max(closedUntil.get(symbol) ?? -Infinity, bar.openAt + MINUTE_MS));
          if (bar.isWhole) done.push(finished(symbol, bar));
        }
      }
      return done.sort((a, b) => a.openAt - b.openAt);
    },
    misfits: () => misfits,
  };
}
