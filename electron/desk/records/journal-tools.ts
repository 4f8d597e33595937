import { DeskError } from '#shared/contract/errors.ts';
import { epochMs, type Money } from '#shared/units.ts';
import { decide } from '#desk/engine/decide.ts';
import { openErrorText } from './open-error-text.ts';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import { restore, restorePreview, type RestoreError } from '#desk/journal/restore.ts';
import type { VerifyReport } from '#desk/ports/journal.ts';

function openForReading(path: string): SqliteJournal {
  const opened = openJournal({ path, mode: 'read' });
  if (opened.ok) return opened.value;
  throw new DeskError({
    code: 'refused',
    message: openErrorText(opened.error),
    field: 'journal',
    value: path,
    remedy: opened.error.remedy,
  });
}

/** Checks a journal: schema, integrity, chain, derived tables, and every decision recomputed bit for bit. */
export function verifyJournal(path: string): VerifyReport {
  const journal = openForReading(path);
  try {
    return journal.verify(decide);
  } finally {
    journal.close();
  }
}

export type JournalStatistics = {
  readonly events: number;
  readonly decisions: number;
  readonly trades: number;
  readonly net: Money;
  readonly headHash: string | null;
};

/** Counts what a journal holds. */
export function journalStatistics(path: string): JournalStatistics {
  const journal = openForReading(path);
  try {
    return {
      events: journal.lastSeq(),
      decisions: journal.decisionCount(),
      trades: journal.tradeCount({}),
      net: journal.netOfTrades(),
      headHash: journal.headHash(),
    };
  } finally {
    journal.close();
  }
}

/** What a backup holds, or held when it was put in place; `kept` is where the journal that was there lies now. */
export type RestoreSummary = {
  readonly events: number;
  readonly decisions: number;
  readonly trades: number;
  readonly headHash: string | null;
  readonly kept: string | null;
};

/**
 * Puts a verified backup in the place of a journal no desk has open; without `confirmed` it only says what it would
 * bring back. What was there is kept under a name of its own. Throws DeskError naming the file and the remedy.
 */
export async function restoreJournal(from: string, to: string, isConfirmed: boolean): Promise<RestoreSummary> {
  const preview = await restorePreview(from);
  if (!preview.ok) throw refusal(preview.error, from);
  const { events, decisions, trades, headHash } = preview.value;
  if (!isConfirmed) return { events, decisions, trades, headHash, kept: null };
  const restored = await restore(from, to, epochMs(Date.now()));
  if (!restored.ok) throw refusal(restored.error, to);
  return { events, decisions, trades, headHash, kept: restored.value.kept };
}

function refusal(error: RestoreError, path: string): DeskError {
  const message =
    error.code === 'restore-failed' ? `the backup could not be put in place: ${error.detail}` : openErrorText(error);
  return new DeskError({ code: 'refused', message, field: 'journal', value: path, remedy: error.remedy });
}

/** Copies a journal, also one in use, into a verified backup. Throws when the copy differs. */
export async function backupJournal(path: string, target: string): Promise<void> {
  const journal = openForReading(path);
  try {
    await journal.backup(target);
  } finally {
    journal.close();
  }
}
