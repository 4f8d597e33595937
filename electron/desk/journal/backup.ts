import { chmodSync, closeSync, existsSync, fdatasyncSync, openSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { errorCode, errorText } from './errors.ts';
import { drill } from './drill.ts';
import { makeFolder, syncFile, syncFolder } from './folders.ts';
import { type Head, readHead } from './writer.ts';

/** Pages copied before they are put on the disk: 400 KB, which a commit of the journal hardly waits for. */
const PAGES_PER_STEP = 100;

/** A backup that was not made. `target` holds what it held before. */
export class JournalBackupError extends Error {
  override readonly name = 'JournalBackupError';
  readonly code: 'same-file' | 'copy-failed' | 'copy-differs';
  readonly target: string;
  readonly remedy = 'Choose another folder, on a disk with room, and try again.';

  constructor(code: 'same-file' | 'copy-failed' | 'copy-differs', target: string, cause?: unknown) {
    super(`backup to ${target}: ${code}${cause === undefined ? '' : ` (${errorText(cause)})`}`, { cause });
    this.code = code;
    this.target = target;
  }
}

/** Copies one committed state of the journal, whatever is written meanwhile, and returns its head. */
async function copy(path: string, target: string, onProgress?: (done: number, total: number) => void): Promise<Head> {
  // A connection of its own: it holds one snapshot, so that an open batch is not copied and a write does not restart it.
  const source = new SqliteDatabase(path, { readonly: true, fileMustExist: true });
  let written: number | null = null;
  try {
    written = openSync(target, 'r+');
    const descriptor = written;
    source.exec('BEGIN');
    const head = readHead(source);
    await source.backup(target, {
      progress: ({ totalPages, remainingPages }) => {
        // A little at a time: else the disk takes all of it at the end, and a commit of the journal waits behind that.
        fdatasyncSync(descriptor);
        onProgress?.(totalPages - remainingPages, totalPages);
        return PAGES_PER_STEP;
      },
    });
    return head;
  } finally {
    // The copy is whole or given up: no lock of SQLite on it goes with the descriptor.
    if (written !== null) closeSync(written);
    source.close();
  }
}

/** Opens the copy, makes it one plain file that also opens on read-only media, and checks it. Null when it is good. */
async function faultOf(target: string, head: Head): Promise<string | null> {
  const database = new SqliteDatabase(target, { fileMustExist: true });
  try {
    database.pragma('journal_mode = DELETE');
    const walked = await drill(database);
    if ('fault' in walked) return walked.fault;
    const found = walked.head;
    const isSame = found.seq === head.seq && found.hash === head.hash;
    return isSame ? null : `it ends at event ${found.seq}, the journal at ${head.seq}`;
  } finally {
    database.close();
  }
}

/** Removes what is left of a failed attempt, where it can be removed: the first error is the one to tell. */
function removePartial(partial: string): void {
  try {
    rmSync(partial, { force: true });
  } catch (error) {
    if (!/^E[A-Z]+$/.test(errorCode(error))) throw error;
  }
}

/** Whether a backup would be written over the journal or one of its own files. */
const isOwnFile = (path: string, target: string): boolean => {
  const real = existsSync(target) ? realpathSync(target) : target;
  return ['', '-wal', '-shm', '-journal', '.lock', '.head', '.ballast', '.checked'].some(
    (suffix) => real === `${path}${suffix}`,
  );
};

/**
 * Copies the journal to `target` while it stays in use, opens the copy and checks it, and only then gives it its name:
 * a file at `target` is always a whole backup. An earlier one of the same name is replaced.
 * @errors JournalBackupError
 */
export async function backupJournal(
  path: string,
  target: string,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const absolute = resolve(target);
  if (isOwnFile(path, absolute)) throw new JournalBackupError('same-file', absolute);
  const partial = `${absolute}.partial`;
  try {
    makeFolder(dirname(absolute));
    rmSync(partial, { force: true });
    closeSync(openSync(partial, 'wx', 0o600));
    const head = await copy(path, partial, onProgress);
    const fault = await faultOf(partial, head);
    if (fault !== null) throw new JournalBackupError('copy-differs', absolute, new Error(fault));
    chmodSync(partial, 0o600);
    syncFile(partial);
    renameSync(partial, absolute);
    syncFolder(dirname(absolute));
  } catch (error) {
    removePartial(partial);
    throw error instanceof JournalBackupError ? error : new JournalBackupError('copy-failed', absolute, error);
  }
}
