import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { writeWhole } from './anchor.ts';
import { errorCode, errorText } from './errors.ts';
import { openJournal, type SqliteJournal } from './open-journal.ts';

/** What came of checking a whole journal: the last event it reached, and what is wrong in words; null when nothing is. */
export type FullCheck = { readonly events: number; readonly fault: string | null };

/** The last full check of a journal, as it is remembered beside it. `at` is when it ended. */
export type RememberedCheck = FullCheck & { readonly at: EpochMs };

/** Where the last full check is remembered: beside the journal, for what is found out about a file is no part of it. */
export const fullCheckPath = (path: string): string => `${path}.checked`;

const rememberedSchema = z.strictObject({
  at: z.number().int().nonnegative().transform(epochMs),
  events: z.number().int().nonnegative(),
  fault: z.string().nullable(),
});

function look(journal: SqliteJournal): FullCheck {
  try {
    return journal.view(() => {
      const events = journal.lastSeq();
      const fault = journal.pageFault();
      if (fault !== null) return { events, fault };
      const walked = journal.walk();
      return 'fault' in walked ? { events, fault: walked.fault } : { events: walked.head.seq, fault: null };
    });
  } catch (error) {
    // A page that cannot be read is what this looks for.
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(errorCode(error))) return { events: 0, fault: errorText(error) };
    throw error;
  }
}

/**
 * Checks a whole journal beside the desk that writes it: SQLite's integrity_check, rows that point nowhere, every hash
 * and link, and the counts. Changes nothing. Seconds for a large one: for a thread of its own.
 * Throws where the file could not be looked at, which says nothing about what is in it.
 */
export function checkWholeJournal(path: string): FullCheck {
  const opened = openJournal({ path, mode: 'read' });
  if (opened.ok) {
    try {
      return look(opened.value);
    } finally {
      opened.value.close();
    }
  }
  const { error } = opened;
  if (error.code === 'corrupt') return { events: 0, fault: error.detail };
  throw new Error(`${path} could not be looked at: ${error.code}`);
}

/** Remembers a check beside its journal, whole or not at all. Throws what the system throws. */
export function rememberCheck(path: string, check: RememberedCheck): void {
  const { at, events, fault } = check;
  writeWhole(fullCheckPath(path), `${JSON.stringify({ at, events, fault })}\n`);
}

/** The last full check of a journal; null when there was none, or what is remembered cannot be read. */
export function lastFullCheck(path: string): RememberedCheck | null {
  const file = fullCheckPath(path);
  if (!existsSync(file)) return null;
  try {
    const parsed = rememberedSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || /^E[A-Z]+$/.test(errorCode(error))) return null;
    throw error;
  }
}

/** Forgets what is remembered of a file that is no longer in its place. */
export const forgetCheck = (path: string): void => rmSync(fullCheckPath(path), { force: true });
