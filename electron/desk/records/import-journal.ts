import { DeskError } from '#shared/contract/errors.ts';
import type { ImportOptions, ImportPreview, ImportReport, ImportRowNote } from '#shared/domain/import.ts';
import type { Fill } from '#shared/domain/order.ts';
import type { EpochMs } from '#shared/units.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { type Journal, IMPORTED } from '#desk/ports/journal.ts';
import { appendOrRefuse } from './append.ts';
import { type ImportFile, type ImportPlan, importAccount, importVenue, planImport } from './import-plan.ts';
import { planInThread } from './import-thread.ts';
import { openErrorText } from './open-error-text.ts';
import type { UploadedFile } from './transfers.ts';

export type ImportParts = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Reads and compares; beside a running desk in a thread, alone in this one. */
  readonly plan: (file: ImportFile, withExecutions: boolean) => Promise<ImportPlan>;
  /** Throws DeskError when the desk cannot be kept busy by writing so many executions now. */
  readonly mustBeFree?: (executions: number) => void;
};

/** Executions from other programs' files, into the journal. */
export interface Imports {
  /** What importing a file would do. Writes nothing. */
  previewImport(file: UploadedFile, options: ImportOptions): Promise<ImportPreview>;
  /**
   * Imports a file in one transaction: all of its new rows or nothing. What is journaled already is left as it is, so
   * that a file imported twice, or one that overlaps another, adds each execution once.
   * @errors DeskError 'refused' with the first row, question or conflict that stands in the way
   */
  commitImport(file: UploadedFile, options: ImportOptions): Promise<ImportReport>;
}

/** Reads and compares a file with the journal at a path, on a connection of its own. */
export function planFromFile(journalPath: string, file: ImportFile): ImportPlan {
  const opened = openJournal({ path: journalPath, mode: 'read' });
  if (!opened.ok) {
    throw new DeskError({ code: 'refused', message: openErrorText(opened.error), remedy: opened.error.remedy });
  }
  try {
    return planImport(opened.value, file);
  } finally {
    opened.value.close();
  }
}

/** Plans in a thread, one file at a time; `signal` ends what is under way. */
export function threadPlanner(journal: Pick<Journal, 'path'>, signal: AbortSignal): ImportParts['plan'] {
  let last: Promise<unknown> = Promise.resolve();
  return (file, withExecutions) => {
    const job = { ...file, journalPath: journal.path, withExecutions };
    const next = last.then(() => planInThread(job, signal));
    last = next.catch(() => undefined);
    return next;
  };
}

const lineText = (note: ImportRowNote): string => `line ${note.line}, ${note.field} ${note.value}: ${note.message}`;
const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function refusalOf(preview: ImportPreview): DeskError | null {
  const { questions, errors, errorCount, conflicts, conflictCount } = preview;
  const [question, wrong, conflict] = [questions[0], errors[0], conflicts[0]];
  if (question !== undefined) {
    const field = question.key === null ? question.field : `${question.field}.${question.key}`;
    const remedy = question.choices.length === 0 ? 'Answer it.' : `Answer one of ${question.choices.join(', ')}.`;
    return new DeskError({ code: 'refused', message: question.text, field, remedy });
  }
  if (wrong !== undefined) {
    const message = `${counted(errorCount, 'row')} cannot be imported (${lineText(wrong)})`;
    return new DeskError({ code: 'refused', message, remedy: wrong.remedy ?? 'Correct the file and try again.' });
  }
  if (conflict !== undefined) {
    const message = `${counted(conflictCount, 'row')} contradict${conflictCount === 1 ? 's' : ''} the journal (${lineText(conflict)})`;
    return new DeskError({ code: 'refused', message, remedy: conflict.remedy });
  }
  if (preview.canImport || preview.known > 0) return null;
  const remedy = 'Choose the export of executions or closed trades.';
  return new DeskError({ code: 'refused', message: 'there is no execution in this file', remedy });
}

/** The events of an import: what it was, what it traded, and each execution. */
function eventsOf(plan: ImportPlan, importId: string, given: { options: ImportOptions; now: EpochMs }): JournalEvent[] {
  const { preview, instruments, executions } = plan;
  if (preview.format === null) throw new Error('a file of unknown format cannot be imported');
  const venue = importVenue(preview.format);
  const fills = executions.map((row): Fill => {
    const account = importAccount(row.account);
    // The account the desk trades never begins so: nothing of it can be touched from here.
    if (!account.startsWith(IMPORTED) || row.account.startsWith(IMPORTED)) throw new Error(`account ${row.account}`);
    const { execKey, symbol, direction, quantity, price, fee, at } = row;
    const receivedAt = given.now;
    return { execKey, venue, account, clientOrderId: null, symbol, direction, quantity, price, fee, at, receivedAt };
  });
  return [
    {
      kind: 'import',
      importId,
      fileName: preview.fileName,
      sha256: preview.sha256,
      format: preview.format,
      options: given.options,
      added: preview.added,
      known: preview.known,
      skipped: preview.skippedCount,
      assumptions: preview.assumptions.map(({ text }) => text),
      actor: 'trader',
    },
    ...instruments.map((instrument) => ({ kind: 'instrument', instrument }) as const),
    ...fills.map((fill) => ({ kind: 'fill', fill }) as const),
  ];
}

/** Whether something was imported or named since a plan was made: then it is made again. */
function isOutdated(journal: Journal, plan: ImportPlan): boolean {
  for (const _ of journal.events({ kinds: ['import', 'instrument'], after: plan.seq, limit: 1 })) return true;
  return false;
}

const lastImportOf = (journal: Journal, sha256: string): string | null => {
  let found: string | null = null;
  for (const { event } of journal.events({ kinds: ['import'] })) if (event.sha256 === sha256) found = event.importId;
  return found;
};

/** Returns the import of files into one journal. */
export function createImports({ journal, clock, ids, plan, mustBeFree }: ImportParts): Imports {
  const commit = async (file: ImportFile): Promise<ImportReport> => {
    const found = await plan(file, true);
    const refusal = refusalOf(found.preview);
    if (refusal !== null) throw refusal;
    if (isOutdated(journal, found)) return commit(file);
    const { preview } = found;
    mustBeFree?.(preview.added);
    const importId = (preview.added === 0 ? lastImportOf(journal, preview.sha256) : null) ?? ids.next();
    const now = clock.now();
    if (preview.added > 0) {
      const events = eventsOf(found, importId, { options: file.options, now }).map((event) => ({ at: now, event }));
      appendOrRefuse(journal, events, 'nothing was imported');
    }
    const { added, known } = preview;
    return { importId, preview, added, known, trades: journal.tradeCount({ origin: 'imported' }) };
  };
  return {
    previewImport: async (file, options) => (await plan({ ...file, options }, false)).preview,
    commitImport: (file, options) => commit({ ...file, options }),
  };
}
