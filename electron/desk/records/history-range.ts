import type { Trade } from '#shared/domain/order.ts';
import { money, type EpochMs, type Money } from '#shared/units.ts';
import type { Journal } from '#desk/ports/journal.ts';

/** A part of the past, both ends in it; null: without an end. */
export type HistoryRange = { readonly from: EpochMs | null; readonly to: EpochMs | null };

export const isWithin = (at: number, { from, to }: HistoryRange): boolean =>
  (from === null || at >= from) && (to === null || at <= to);

/** Own trades that closed in the range, oldest first. */
export const tradesWithin = (journal: Pick<Journal, 'trades'>, range: HistoryRange): readonly Trade[] =>
  journal.trades({ order: 'oldest' }).filter(({ exitAt }) => isWithin(exitAt, range));

/** Equity the range starts from: what had been realised before it. */
export function startEquity(
  journal: Pick<Journal, 'trades'>,
  initialEquity: Money,
  { from }: Pick<HistoryRange, 'from'>,
): Money {
  if (from === null) return initialEquity;
  const before = journal.trades({ exitBefore: from });
  return money(before.reduce<number>((sum, trade) => sum + trade.net, initialEquity));
}
