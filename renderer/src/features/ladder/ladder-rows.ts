import type { LadderStep } from '#shared/domain/decision.ts';
import { ratioText } from '#shared/format/numbers.ts';
import { scopeName, stepText } from '#shared/wording/index.ts';
import { shorten } from '#renderer/src/ui/words.ts';

/** A step of the fraction half of the ladder as it is drawn. */
export type LadderRow = {
  readonly code: LadderStep['code'];
  readonly label: string;
  readonly value: string;
  /** What stands beside it. */
  readonly note: string;
  /** All of it, for the tooltip and the ear. */
  readonly full: string;
  readonly isFailed: boolean;
  /** Fraction of equity where the step is drawn as a bar. */
  readonly bar: number | null;
};

const COMPACT_NOTE = 34;
const NOTE = 104;

/** Where the trades are not the market's own, and what they came to: the tooltip has the rest. */
function payoffNote({ scope, raw, used, wins, losses }: Extract<LadderStep, { code: 'payoff' }>): string {
  const shrunk = raw !== null && used !== null && used < raw;
  const where = scope !== null && scope !== 'root' ? [scopeName(scope)] : shrunk ? [`${ratioText(raw)} raw`] : [];
  return [...where, `${wins} W ${losses} L`].join(', ');
}

/** A failed step keeps the clause that says why; others keep the first ones. */
function noteOf(step: LadderStep, isCompact: boolean): string {
  const { note } = stepText(step);
  if (isCompact && step.code === 'payoff' && step.state === 'pass') return payoffNote(step);
  const most = isCompact ? COMPACT_NOTE : NOTE;
  if (step.state === 'fail' && note.length > most) return note.split(/; |: /).at(-1) ?? note;
  return shorten(note, most);
}

/** The figures on a bar: arithmetic where there is some, one clause otherwise. */
function barNote(step: LadderStep, isCompact: boolean): string {
  if (step.state === 'fail') return noteOf(step, isCompact);
  return step.code === 'full-kelly' ? '' : shorten(stepText(step).note, isCompact ? 14 : 48);
}

const BARS: ReadonlySet<LadderStep['code']> = new Set(['full-kelly', 'evidence', 'multiplier']);

function ladderRow(step: LadderStep, isCompact: boolean): LadderRow {
  const { label, value, note } = stepText(step);
  const bar = BARS.has(step.code) && 'fraction' in step ? Math.max(0, step.fraction) : null;
  return {
    code: step.code,
    label,
    value,
    note: bar === null ? noteOf(step, isCompact) : barNote(step, isCompact),
    full: note,
    isFailed: step.state === 'fail',
    bar,
  };
}

/** The fraction half of the ladder as rows; cap and minimum, two comparisons with one figure, share a row. */
export function ladderRows(steps: readonly LadderStep[], isCompact: boolean): readonly LadderRow[] {
  const rows = steps.map((step) => ladderRow(step, isCompact));
  const cap = rows.find((row) => row.code === 'cap');
  const minimum = rows.find((row) => row.code === 'minimum');
  if (cap === undefined || minimum === undefined) return rows;
  const full = `${cap.full}, ${minimum.full.replace('✓ ', '')}`;
  const merged: LadderRow = {
    ...minimum,
    label: `${cap.label}, ${minimum.label.toLowerCase()}`,
    full,
    note: minimum.isFailed ? minimum.note : isCompact ? cap.note : full,
  };
  return rows.flatMap((row) => (row.code === 'cap' ? [] : row.code === 'minimum' ? [merged] : [row]));
}
