import { describe, expect, it } from 'vitest';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { fillRow, lotRow, tradeRow } from '#desk/journal/derived-rows.ts';
import { DERIVED_TABLES } from '#desk/journal/derived-tables.ts';
import { deriveBook } from '#desk/journal/round-trips.ts';
import { NOON, aFill } from '#test/support/journal-events.ts';

describe('rows that are bound by their places', () => {
  const entry = aFill('1', { quantity: 2 });
  const exit = aFill('2', { direction: -1, quantity: 1, at: epochMs(NOON + 60_000) });
  const { account, symbol } = entry;
  const { lots, trades } = deriveBook(
    [entry, exit].map((fill) => ({ ...fill, recommendationId: null, plannedRiskPerContract: null })),
    { account, symbol, root: 'NQ', tickValue: moneyFromUsd(5) },
  );

  it('have their fields in the order of the columns', () => {
    expect(trades.map((trade) => Object.keys(tradeRow(trade)))).toEqual([DERIVED_TABLES.trades.columns]);
    expect(lots.map((lot) => Object.keys(lotRow({ account, symbol }, 0, lot)))).toEqual([DERIVED_TABLES.lots.columns]);
    expect(Object.keys(fillRow(1, entry))).toEqual(DERIVED_TABLES.fills.columns);
  });
});
