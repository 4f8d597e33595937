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

const SUMMED = ['trades', 'gross', 'fees', 'net', 'r_trades', 'r_sum'] as const;

/** Adds one row of a day, direction and outcome to another of the same. */
export function addDays(row: DerivedRow, added: DerivedRow): DerivedRow {
  const of = (from: DerivedRow, column: string): number => Number(from[column]);
  const sums = Object.fromEntries(SUMMED.map((column) => [column, of(row, column) + of(added, column)]));
  return {
    ...row,
    ...sums,
    best_net: Math.max(of(row, 'best_net'), of(added, 'best_net')),
    worst_net: Math.min(of(row, 'worst_net'), of(added, 'worst_net')),
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
