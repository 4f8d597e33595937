import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { writeAnchor } from './anchor.ts';
import { type Database, applySettings } from './connection.ts';
import { type JournalWriteErrorCode, errorCode, writeErrorCode } from './errors.ts';
import { logPath } from './log-room.ts';
import type { Head } from './writer.ts';

function syncLog(path: string): void {
  const log = openSync(logPath(path), 'r+');
  try {
    fdatasyncSync(log);
  } finally {
    closeSync(log);
  }
}

/** What is committed while much is moved is little, and moved at once: the log begins anew when none of it is left. */
const MOST_PASSES = 3;

type Moved = { readonly log: number; readonly checkpointed: number };

function isMoved(database: Database): boolean {
  const [state] = database.pragma('wal_checkpoint(PASSIVE)') as readonly Moved[];
  return state?.log === state?.checkpointed;
}

/** Moves what of the log no reader still needs. Throws what SQLite throws. */
function moveLog(path: string): void {
  const database = new SqliteDatabase(path, { fileMustExist: true });
  try {
    const settings = applySettings(database, path, 'write');
    if (!settings.ok) throw new Error(settings.error.code);
    let passes = 1;
    while (!isMoved(database) && passes < MOST_PASSES) passes += 1;
  } finally {
    database.close();
  }
}

/**
 * Moves the log of a journal that is open for writing elsewhere in this process into its file, by a connection of its
 * own, which stops no commit; then notes the end of the chain beside it.
 * @param head an end of the chain that was committed before: it is on disk before it is noted
 * @returns what failed of the disk; null when nothing did. Throws what is no failure of the disk.
 */
export function checkpointBeside(path: string, head: Head): JournalWriteErrorCode | null {
  try {
    // A checkpoint that finds nothing to move syncs nothing.
    syncLog(path);
  } catch {
    return 'io-error';
  }
  try {
    moveLog(path);
  } catch (error) {
    const code = writeErrorCode(errorCode(error));
    if (code === null) throw error;
    return code;
  }
  return writeAnchor(path, head) === 'EIO' ? 'io-error' : null;
}
