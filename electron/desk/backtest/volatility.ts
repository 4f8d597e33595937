import { CORRELATION_DAYS, ewmaCorrelation } from '#desk/engine/correlation.ts';
import type { Marks, Tape } from './tape.ts';

/** Fewer daily returns than this say nothing about how much a market swings. */
const MIN_RETURNS = 20;

/** How much a market moves in a day, from the closes of the days before. */
export interface DailyVolatility {
  /** Standard deviation of daily simple returns (EWMA, zero mean) of the days that ended before `at`; null if too few. */
  of(symbol: string, at: number): number | null;
}

/** Closes by day: the last price known before the next day began; null on days without a price. */
function closesOf({ at, price }: Marks, opensAt: Float64Array): readonly (number | null)[] {
  let place = 0;
  return Array.from({ length: Math.max(0, opensAt.length - 1) }, (_, day) => {
    const [from, to] = [opensAt[day] ?? 0, opensAt[day + 1] ?? 0];
    let close: number | null = null;
    for (; place < at.length && (at[place] ?? Infinity) < to; place += 1) {
      if ((at[place] ?? 0) >= from) close = price[place] ?? null;
    }
    return close;
  });
}

function volatilityOf(closes: readonly (number | null)[], days: number): number | null {
  const known: number[] = [];
  for (let day = days - 1; day >= 0 && known.length <= CORRELATION_DAYS; day -= 1) {
    const close = closes[day] ?? null;
    if (close !== null && close > 0) known.unshift(close);
  }
  const returns = known.slice(1).map((close, i) => [close / (known[i] ?? NaN) - 1]);
  if (returns.length < MIN_RETURNS) return null;
  const found = ewmaCorrelation(returns);
  return found.ok ? (found.value.volatility[0] ?? null) : null;
}

/** Returns the daily volatilities of a tape's markets. */
export function createDailyVolatility(tape: Pick<Tape, 'marks' | 'days'>): DailyVolatility {
  const { opensAt } = tape.days;
  const closes = new Map<string, readonly (number | null)[]>();
  const made = new Map<string, number | null>();
  let day = 0;
  return {
    of: (symbol, at) => {
      if ((opensAt[day] ?? 0) > at) day = 0;
      while (day + 1 < opensAt.length && (opensAt[day + 1] ?? Infinity) <= at) day += 1;
      const key = `${symbol} ${day}`;
      const known = made.get(key);
      if (known !== undefined) return known;
      const marks = tape.marks.get(symbol);
      const own = closes.get(symbol) ?? (marks === undefined ? [] : closesOf(marks, opensAt));
      closes.set(symbol, own);
      // Day `day` is the one `at` is in: the days before it have closed.
      const volatility = volatilityOf(own, day);
      made.set(key, volatility);
      return volatility;
    },
  };
}
