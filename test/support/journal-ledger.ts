import type { Fill } from '#shared/domain/order.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';

export type LedgerParts = {
  /** Every execution of the account, in any order. */
  readonly fills: readonly Pick<Fill, 'symbol' | 'direction' | 'quantity' | 'price' | 'fee' | 'at'>[];
  /** Money per tick and contract. */
  readonly tickValueOf: (symbol: string) => number;
  /** The last price known strictly before a time, ticks. */
  readonly priceOf: (symbol: string, before: number) => number;
  readonly initialEquity: number;
};

/**
 * What an account is worth from its fills alone, strictly before a time: cash that every fill moved by its whole
 * notional and its fee, and what is held at the last price. No lots, no round trips: nothing that the desk reckons by.
 */
export function ledgerEquity({ fills, tickValueOf, priceOf, initialEquity }: LedgerParts, before: number): number {
  const held = new Map<string, number>();
  let cash = initialEquity;
  for (const { symbol, direction, quantity, price, fee, at } of fills) {
    if (at >= before) continue;
    cash -= direction * quantity * price * tickValueOf(symbol) + fee;
    held.set(symbol, (held.get(symbol) ?? 0) + direction * quantity);
  }
  for (const [symbol, quantity] of held) {
    if (quantity !== 0) cash += quantity * priceOf(symbol, before) * tickValueOf(symbol);
  }
  return cash;
}

/** The parts of a journal's own ledger, read from its events: prices are those of decisions, and closes of days. */
export function ledgerOf(journal: SqliteJournal): LedgerParts {
  const prices = new Map<string, { at: number; price: number }[]>();
  const tickValues = new Map<string, number>();
  /** A decision's price is known at its own time, a close just after it. */
  const note = (symbol: string, at: number, price: number): void => {
    prices.set(symbol, [...(prices.get(symbol) ?? []), { at, price }]);
  };
  for (const { event } of journal.events({ kinds: ['instrument'] })) {
    const { symbol, tickValue } = event.instrument;
    tickValues.set(symbol, tickValue);
    for (const bar of journal.bars({ symbol, timeframe: '1d', limit: Number.MAX_SAFE_INTEGER })) {
      note(symbol, bar.closeAt + 1, bar.close);
    }
  }
  for (const { at, event } of journal.events({ kinds: ['decision'] })) {
    const { quote, instrument } = event.snapshot;
    if (quote !== null) note(instrument.symbol, at, quote.last);
  }
  const [opened] = journal.events({ kinds: ['opened'], limit: 1 });
  return {
    fills: journal.fills({}),
    tickValueOf: (symbol) => tickValues.get(symbol) ?? NaN,
    priceOf: (symbol, before) =>
      (prices.get(symbol) ?? [])
        .filter(({ at }) => at < before)
        .reduce((last, one) => (one.at >= last.at ? one : last), { at: -Infinity, price: NaN }).price,
    initialEquity: opened?.event.initialEquity ?? NaN,
  };
}
