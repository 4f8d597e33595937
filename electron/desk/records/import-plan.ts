import { createHash } from 'node:crypto';
import type { ImportedExecution, ImportOptions, ImportPreview, ImportRowNote } from '#shared/domain/import.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { compareFills } from '#desk/journal/round-trips.ts';
import type { ReadImport } from '#desk/imports/format.ts';
import { decodeText, readImport } from '#desk/imports/read-import.ts';
import { type Journal, IMPORTED } from '#desk/ports/journal.ts';
import { compareWithJournal, type Notes, notesUpTo } from './import-compare.ts';

/** Rows of each kind that a preview shows; the counts are of all. */
const SAMPLE_ROWS = 50;
const NOTES_SHOWN = 200;

export type ImportFile = {
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly options: ImportOptions;
};

/** A file read and compared with the journal: what would be shown, and what would be written. */
export type ImportPlan = {
  readonly preview: ImportPreview;
  /** Instruments of the new executions that the journal does not know. */
  readonly instruments: readonly Instrument[];
  /** The executions to add, in the order in which fills count. */
  readonly executions: readonly ImportedExecution[];
  /** The journal as it was compared with: its last event. */
  readonly seq: number;
};

/** The journal's name for the venue of imported executions. */
export const importVenue = (format: string): string => `import:${format}`;
/** The journal's name for an account read from a file. */
export const importAccount = (account: string): string => `${IMPORTED}${account}`;

/** Rows with a note of one kind: the reader's own and those of the comparison, the first few in order of lines. */
function joined(read: readonly ImportRowNote[], compared: Notes): { shown: ImportRowNote[]; total: number } {
  const all = [...read, ...compared.list()].sort((a, b) => a.line - b.line);
  return { shown: all.slice(0, NOTES_SHOWN), total: read.length + compared.count() };
}

const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort();

function timeRange(executions: readonly ImportedExecution[]): Pick<ImportPreview, 'from' | 'to'> {
  let [from, to]: [ImportPreview['from'], ImportPreview['to']] = [null, null];
  for (const { at } of executions) {
    if (from === null || at < from) from = at;
    if (to === null || at > to) to = at;
  }
  return { from, to };
}

/** Puts executions in the order in which the journal books them, so that each is the newest of its book. */
function inBookingOrder(executions: readonly ImportedExecution[]): readonly ImportedExecution[] {
  const venue = '';
  return executions.toSorted((a, b) =>
    compareFills({ at: a.at, execKey: a.execKey, venue }, { at: b.at, execKey: b.execKey, venue }),
  );
}

function withTick(row: ImportedExecution, instruments: readonly Instrument[]): ImportedExecution {
  const tickSize = instruments.find(({ symbol }) => symbol === row.symbol)?.tickSize;
  return tickSize === undefined ? row : { ...row, tickSize };
}

/** What the file itself says, before it is compared. */
const factsOf = (read: ReadImport) => ({
  format: read.format,
  formatTitle: read.formatTitle,
  columns: [...read.columns],
  rows: read.rows,
  skipped: read.skipped.slice(0, NOTES_SHOWN),
  skippedCount: read.skipped.length,
  questions: [...read.questions],
  assumptions: [...read.assumptions],
  accounts: distinct(read.executions.map(({ account }) => account)),
  symbols: distinct(read.executions.map(({ symbol }) => symbol)),
  ...timeRange(read.executions),
});

/**
 * Reads a file of executions and compares it with a journal. Writes nothing. It takes a second or more for a large
 * file: beside a running desk it belongs in a thread of its own.
 */
export function planImport(journal: Journal, file: ImportFile): ImportPlan {
  const seq = journal.lastSeq();
  const read = readImport({ name: file.fileName, text: decodeText(file.bytes) }, file.options);
  const sha256 = createHash('sha256').update(file.bytes).digest('hex');
  const compared = compareWithJournal(journal, read, { ...file, sha256 }, notesUpTo(NOTES_SHOWN));
  const executions = inBookingOrder(compared.fresh);
  const errors = joined(read.errors, compared.errors);
  const conflicts = joined([], compared.conflicts);
  const isClear = read.questions.length === 0 && errors.total === 0 && conflicts.total === 0 && read.format !== null;
  const preview: ImportPreview = {
    fileName: file.fileName,
    sha256,
    ...factsOf(read),
    sample: executions.slice(0, SAMPLE_ROWS).map((row) => withTick(row, read.instruments)),
    added: executions.length,
    known: compared.known,
    errors: errors.shown,
    errorCount: errors.total,
    conflicts: conflicts.shown,
    conflictCount: conflicts.total,
    canImport: isClear && executions.length > 0,
  };
  return { preview, instruments: compared.instruments, executions, seq };
}
