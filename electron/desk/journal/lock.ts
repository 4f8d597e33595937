import { chmodSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { type Result, err, ok } from '#shared/result.ts';
import { type JournalOpenError, errorCode, openErrors, toOpenError } from './errors.ts';

export type WriterLock = { readonly release: () => void };

/**
 * Takes the one writer's lock of a journal: an exclusive transaction held open on an empty database beside it.
 * The kernel drops the lock with the process, so a crash or SIGKILL cannot leave it behind; the file itself stays and
 * means nothing. Readers of the journal never touch it. Works between processes, threads and within one process.
 */
export function takeWriterLock(path: string): Result<WriterLock, JournalOpenError> {
  let database: SqliteDatabase.Database | null = null;
  try {
    database = new SqliteDatabase(`${path}.lock`, { timeout: 0 });
    chmodSync(`${path}.lock`, 0o600);
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const reason = toOpenError(path, error);
    const isNoLock = reason.code === 'not-a-journal' || reason.code === 'corrupt';
    return err(isNoLock ? openErrors.badLock(path, errorCode(error), reason.detail) : reason);
  }
  const held = database;
  return ok({ release: () => held.close() });
}
