import { DeskError } from '#shared/contract/errors.ts';
import type { Money } from '#shared/units.ts';
import { decide } from './engine/decide.ts';
import { openErrorText } from './open-error-text.ts';
import { openJournal, type SqliteJournal } from './journal/open-journal.ts';
import type { VerifyReport } from './ports/journal.ts';

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
