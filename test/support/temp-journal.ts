import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type OpenJournalOptions, type SqliteJournal, openJournal } from '#desk/journal/open-journal.ts';

/** Makes a folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a journal that must open; it is closed when the test ends. */
export function mustOpen(path: string, mode: NonNullable<OpenJournalOptions['mode']> = 'write'): SqliteJournal {
  const opened = openJournal({ path, mode });
  if (!opened.ok) throw new Error(`cannot open the journal: ${JSON.stringify(opened.error)}`);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

/** Opens a new journal in a folder of its own. */
export const temporaryJournal = (): SqliteJournal => mustOpen(join(temporaryFolder(), 'journal.db'));
