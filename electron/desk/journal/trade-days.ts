import type { Trade } from '#shared/domain/order.ts';
import { isImported } from './derived-rows.ts';
import type { DerivedRow } from './derived-tables.ts';

/** The row one trade makes alone. Rows of one book, day, direction and outcome add up. */
export const dayRow = (trade: Trade): DerivedRow => ({
  account: trade.account,
  symbol: trade.symbol,
  session_day: trade.sessionDay,
  direction: trade.direction,
  outcome: Math.sign(trade.net),
  root: trade.root,
  is_imported: isImported(trade.account) ? 1 : 0,
  trades: 1,
  gross: trade.gross,
  fees: trade.fees,
  net: trade.net,
  best_net: trade.net,
  worst_net: trade.net,
  r_trades: trade.r === null ? 0 : 1,
  r_sum: trade.r ?? 0,
});

/** Adds one row of a day, direction and outcome to another of the same. */
export function addDays(row: DerivedRow, added: DerivedRow): DerivedRow {
  const both = (column: string, of: (a: number, b: number) => number): number =>
    of(Number(row[column]), Number(added[column]));
  const sum = (column: string): number => both(column, (a, b) => a + b);
  return {
    ...row,
    trades: sum('trades'),
    gross: sum('gross'),
    fees: sum('fees'),
    net: sum('net'),
    best_net: both('best_net', Math.max),
    worst_net: both('worst_net', Math.min),
    r_trades: sum('r_trades'),
    r_sum: sum('r_sum'),
  };
}

/** What the sums of one book are told apart by. */
export const dayKey = (trade: Trade): string => `${trade.sessionDay} ${trade.direction} ${Math.sign(trade.net)}`;

/** Sums the trades of one book, in the order its fills closed them, by day, direction and outcome. */
export function mergeDays(trades: readonly Trade[]): readonly DerivedRow[] {
  const days = new Map<string, DerivedRow>();
  for (const trade of trades) {
    const row = dayRow(trade);
    const key = dayKey(trade);
    const before = days.get(key);
    days.set(key, before === undefined ? row : addDays(before, row));
  }
  return [...days.values()];
}
