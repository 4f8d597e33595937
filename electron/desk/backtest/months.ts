import {
  DETAIL_LIMITS,
  type DayResult,
  type Months,
  type Period,
  type TradeResult,
} from '#shared/domain/performance-detail.ts';
import type { Trade } from '#shared/domain/order.ts';
import { money, sumMoney, type Money } from '#shared/units.ts';
import { drawdown } from '#desk/engine/drawdown.ts';
import { neumaierSum } from '#desk/engine/numerics.ts';
import { tradeFigures } from './equity-statistics.ts';

/** A closed trade as the table needs it. */
export type ClosedTrade = Pick<Trade, 'id' | 'symbol' | 'exitAt' | 'net' | 'r' | 'sessionDay'>;

export type MonthsInput = {
  /** Equity before the first trade. */
  readonly initialEquity: Money;
  readonly scratchR: number;
};

/** Groups in order of their first trade. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Equity at each close, the opening first. */
function equityOf(opening: Money, trades: readonly ClosedTrade[]): readonly number[] {
  let equity: number = opening;
  return [opening, ...trades.map(({ net }) => (equity += net))];
}

/** @param trades in order of their exit */
function periodOf(trades: readonly ClosedTrade[], opening: Money, scratchR: number): Period {
  const rated = trades.flatMap(({ r }) => (r === null ? [] : [r]));
  const net = sumMoney(trades.map((trade) => trade.net));
  const hasEquity = opening > 0;
  return {
    ...{ net, trades: trades.length, r: neumaierSum(rated) },
    returned: hasEquity
      ? { value: net / opening, reason: null }
      : { value: null, reason: 'there was no equity to return on' },
    winRate: tradeFigures(rated, scratchR).trades.winRate,
    maxDrawdown: hasEquity ? drawdown(equityOf(opening, trades)).maxDrawdown : 0,
  };
}

/** The month after one, both YYYY-MM. */
function nextMonth(month: string): string {
  const [year, index] = [Number(month.slice(0, 4)), Number(month.slice(5))];
  return index === 12 ? `${year + 1}-01` : `${month.slice(0, 4)}-${String(index + 1).padStart(2, '0')}`;
}

/** Every month from the first to the last, those without a trade too. */
function monthsBetween(first: string, last: string): readonly string[] {
  const months = [first];
  for (let month = first; month < last;) months.push((month = nextMonth(month)));
  return months;
}

const best = <T extends { readonly net: Money }>(items: readonly T[]): T | null =>
  items.reduce<T | null>((top, item) => (top === null || item.net > top.net ? item : top), null);
const worst = <T extends { readonly net: Money }>(items: readonly T[]): T | null =>
  items.reduce<T | null>((low, item) => (low === null || item.net < low.net ? item : low), null);

const resultOf = (trade: ClosedTrade | null): TradeResult | null =>
  trade && { id: trade.id, symbol: trade.symbol, day: trade.sessionDay, net: trade.net, r: trade.r };

const dayOf = ([day, trades]: readonly [string, readonly ClosedTrade[]]): DayResult => ({
  ...{ day, trades: trades.length },
  net: sumMoney(trades.map(({ net }) => net)),
});

type Stretch = Period & { readonly name: string };

/** Periods one after the other, each beginning with the equity the one before left. */
function stretches(
  names: readonly string[],
  groups: ReadonlyMap<string, readonly ClosedTrade[]>,
  { initialEquity, scratchR }: MonthsInput,
): readonly Stretch[] {
  let equity = initialEquity;
  return names.map((name) => {
    const period = periodOf(groups.get(name) ?? [], equity, scratchR);
    equity = money(equity + period.net);
    return { ...period, name };
  });
}

/**
 * Returns the account by month and year of session days, and its best and worst day and trade.
 * @param closed own closed trades, any order
 * @source quant.md 7: net of costs, scratches in expectancy and in no win rate, drawdown with the opening as first peak
 */
export function months(closed: readonly ClosedTrade[], input: MonthsInput): Months {
  const trades = closed.toSorted((a, b) => a.exitAt - b.exitAt || (a.id < b.id ? -1 : 1));
  const byMonth = grouped(trades, ({ sessionDay }) => sessionDay.slice(0, 7));
  const byYear = grouped(trades, ({ sessionDay }) => sessionDay.slice(0, 4));
  const names = [...byMonth.keys()].sort();
  const all = monthsBetween(names[0] ?? '', names.at(-1) ?? '').filter((name) => name !== '');
  const years = [...new Set(all.map((month) => month.slice(0, 4)))];
  const days = [...grouped(trades, ({ sessionDay }) => sessionDay)].map(dayOf);
  return {
    months: stretches(all, byMonth, input)
      .slice(-DETAIL_LIMITS.months)
      .map(({ name, ...period }) => ({ month: name, ...period })),
    years: stretches(years, byYear, input).map(({ name, ...period }) => ({ year: name, ...period })),
    total: periodOf(trades, input.initialEquity, input.scratchR),
    days: {
      up: days.filter(({ net }) => net > 0).length,
      down: days.filter(({ net }) => net < 0).length,
      flat: days.filter(({ net }) => net === 0).length,
    },
    ...{ bestDay: best(days), worstDay: worst(days) },
    ...{ bestTrade: resultOf(best(trades)), worstTrade: resultOf(worst(trades)) },
  };
}
