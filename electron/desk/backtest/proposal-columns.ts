import type { ProposalRow } from '#desk/ports/journal.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { createCursor, createRows, createTable, placed } from './columns.ts';

/** Proposals by column: little to hand to another thread. */
export type ProposalColumns = {
  readonly ids: readonly string[];
  readonly symbols: readonly string[];
  readonly rows: Float64Array;
};

/** Takes proposals down by column. */
export function createProposalWriter(): { add(proposal: ProposalRow): void; all(): ProposalColumns } {
  const ids: string[] = [];
  const symbols = createTable<string>();
  const rows = createRows();
  return {
    add: ({ at, symbol, recommendationId, direction, contracts, entry, riskPerContract, tickValue, roundTurnFee }) => {
      ids.push(recommendationId);
      rows.add([
        ...[at, symbols.placeOf(symbol), direction, contracts],
        ...[entry, riskPerContract, tickValue, roundTurnFee],
      ]);
    },
    all: () => ({ ids, symbols: symbols.values, rows: rows.all() }),
  };
}

/** Makes the proposals again. */
export function proposalsOf({ ids, symbols, rows }: ProposalColumns): readonly ProposalRow[] {
  const next = createCursor(rows);
  return ids.map((recommendationId) => ({
    recommendationId,
    at: epochMs(next()),
    symbol: placed(symbols, next()),
    direction: next() === 1 ? 1 : -1,
    contracts: next(),
    entry: ticks(next()),
    riskPerContract: money(next()),
    tickValue: money(next()),
    roundTurnFee: money(next()),
  }));
}
