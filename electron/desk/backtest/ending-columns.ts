import { outcomeSourceSchema } from '#shared/domain/backtest.ts';
import { money } from '#shared/units.ts';
import { createCursor, createRows, orNaN, orNull, placed, type Cursor } from './columns.ts';
import type { Case, Leg } from './tape.ts';

/** What was said and done about a signal, and what became of it. */
export type Ending = Pick<Case, 'executed' | 'closedAt' | 'outcome' | 'plan'>;

/** Endings by column, in the order of their signals. */
export type EndingColumns = { readonly rows: Float64Array; readonly legs: Float64Array };

const SOURCES = outcomeSourceSchema.options;

const legRow = ({ entryAt, entryPrice, entryFee, quantity, exitAt, net }: Leg): readonly number[] => [
  ...[entryAt, entryPrice, entryFee, quantity, exitAt, net],
];

function legOf(next: Cursor): Leg {
  const [entryAt, entryPrice, entryFee, quantity, exitAt, net] = [next(), next(), next(), next(), next(), next()];
  return { entryAt, entryPrice, entryFee: money(entryFee), quantity, exitAt, net: money(net) };
}

/** Takes endings down by column. */
export function createEndingWriter(): { add(ending: Ending): void; all(): EndingColumns } {
  const [rows, legs] = [createRows(), createRows()];
  return {
    add: ({ executed, closedAt, outcome, plan }) => {
      const { source, fillsUntil, endsAt, sent, filled } = outcome;
      rows.add([
        ...[executed, closedAt, plan?.exitAt ?? NaN, orNaN(plan?.net ?? null)],
        ...[SOURCES.indexOf(source), fillsUntil, endsAt, sent, filled, outcome.legs.length],
      ]);
      for (const leg of outcome.legs) legs.add(legRow(leg));
    },
    all: () => ({ rows: rows.all(), legs: legs.all() }),
  };
}

/** Makes the endings again, one after the other. */
export function createEndingReader({ rows, legs }: EndingColumns): () => Ending {
  const [next, nextOfLegs] = [createCursor(rows), createCursor(legs)];
  return () => {
    const [executed, closedAt] = [next(), next()];
    const [exitAt, net] = [orNull(next()), orNull(next())];
    const plan = exitAt === null || net === null ? null : { exitAt, net: money(net) };
    const source = placed(SOURCES, next());
    const [fillsUntil, endsAt, sent, filled] = [next(), next(), next(), next()];
    const own = Array.from({ length: next() }, () => legOf(nextOfLegs));
    return { executed, closedAt, plan, outcome: { source, fillsUntil, endsAt, sent, filled, legs: own } };
  };
}
