import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { type Result, err, ok } from '#shared/result.ts';
import { anchorPath } from './anchor.ts';
import { type JournalOpenError, errorCode, toOpenError } from './errors.ts';
import { type SqliteJournal, openJournal } from './open-journal.ts';

export type ViewOptions = {
  readonly path: string;
  /** Where a copy may be made for as long as it is looked at; the system's folder for such files when not given. */
  readonly scratch?: string;
};

/** What a reader cannot get past, and a copy can: a disk without room for SQLite's own files, and an older schema. */
const needsCopy = (error: JournalOpenError): boolean =>
  error.code === 'older-schema' || (error.code === 'cannot-open' && error.cause.startsWith('SQLITE_'));

/**
 * Copies a journal. Where it can be read as a database that is one committed state, whatever is written meanwhile;
 * where it cannot (a disk for reading only, on which nobody writes) it is copied byte by byte, with its log.
 */
function copyJournal(path: string, target: string): void {
  let source: SqliteDatabase.Database | null = null;
  try {
    source = new SqliteDatabase(path, { readonly: true, fileMustExist: true });
    source.prepare('VACUUM INTO ?').run(target);
  } catch (error) {
    if (!errorCode(error).startsWith('SQLITE_CANTOPEN') && !errorCode(error).startsWith('SQLITE_READONLY')) throw error;
    for (const part of ['', '-wal'])
      if (existsSync(`${path}${part}`)) copyFileSync(`${path}${part}`, `${target}${part}`);
  } finally {
    source?.close();
  }
}

/** Brings a copy up to date, log and schema, as the desk would at its next start. */
function prepareCopy(copy: string): JournalOpenError | null {
  const written = openJournal({ path: copy });
  if (!written.ok) return written.error;
  written.value.close();
  return null;
}

function openCopy(path: string, folder: string): Result<SqliteJournal, JournalOpenError> {
  const copy = join(folder, 'journal.db');
  copyJournal(path, copy);
  const fault = prepareCopy(copy);
  if (fault !== null) return err({ ...fault, path });
  // From here on the copy stands for the journal, also against the end that was noted beside it.
  rmSync(anchorPath(copy), { force: true });
  if (existsSync(anchorPath(path))) copyFileSync(anchorPath(path), anchorPath(copy));
  const opened = openJournal({ path: copy, mode: 'read' });
  if (!opened.ok) return err({ ...opened.error, path });
  const journal = opened.value;
  const close = (): void => {
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return ok({ ...journal, path, close });
}

/**
 * Opens a journal to be looked at, also where nothing can be written beside it, and one of an older schema: those are
 * read from a copy in a folder of its own, which goes when the journal is closed. The file itself is never touched;
 * appending throws.
 * @errors JournalOpenError: as for reading; a copy that cannot be made is 'cannot-open'
 */
export function viewJournal({ path, scratch = tmpdir() }: ViewOptions): Result<SqliteJournal, JournalOpenError> {
  const absolute = resolve(path);
  const read = openJournal({ path: absolute, mode: 'read' });
  if (read.ok || !needsCopy(read.error)) return read;
  let folder: string | null = null;
  try {
    folder = mkdtempSync(join(scratch, 'kelly-desk-view-'));
    const opened = openCopy(absolute, folder);
    if (!opened.ok) rmSync(folder, { recursive: true, force: true });
    return opened;
  } catch (error) {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
    return err(toOpenError(absolute, error));
  }
}
