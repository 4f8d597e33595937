import { createEndingReader, type Ending, type EndingColumns } from './ending-columns.ts';
import { signalsOf, type Signal, type SignalColumns } from './signal-columns.ts';
import type { Case, Tape } from './tape.ts';
import { createShared } from './tape-snapshot.ts';

/** A tape with its cases by column: every thread makes its own of it. */
export type PackedTape = Omit<Tape, 'cases'> & {
  /** One after the other, in the order of the journal. */
  readonly signals: readonly SignalColumns[];
  readonly endings: EndingColumns;
};

/** Written out: a spread of either would make objects of another shape, which are slower to walk. */
const caseOf = (signal: Signal, ending: Ending): Case => ({
  id: signal.id,
  at: signal.at,
  direction: signal.direction,
  gate: signal.gate,
  snapshot: signal.snapshot,
  winProbability: signal.winProbability,
  riskPerContract: signal.riskPerContract,
  stop: signal.stop,
  suggested: signal.suggested,
  executed: ending.executed,
  closedAt: ending.closedAt,
  isProposal: signal.isProposal,
  outcome: ending.outcome,
  plan: ending.plan,
});

/** Makes the tape. Its cases are made alike in every thread, one after the other as they will be walked. */
export function unpackTape({ signals, endings, ...rest }: PackedTape): Tape {
  const shared = createShared();
  const endingOf = createEndingReader(endings);
  const cases: Case[] = [];
  for (const columns of signals) {
    for (const signal of signalsOf(columns, shared)) cases.push(caseOf(signal, endingOf()));
  }
  return { ...rest, cases: cases.sort((a, b) => a.at - b.at) };
}
