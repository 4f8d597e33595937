import SqliteDatabase from 'better-sqlite3';

/** Why a journal could not be opened. Every error names the file and what the trader can do. */
export type JournalOpenError =
  | { readonly code: 'journal-in-use'; readonly path: string; readonly remedy: string }
  | { readonly code: 'missing'; readonly path: string; readonly remedy: string }
  | {
      readonly code: 'newer-schema' | 'older-schema';
      readonly path: string;
      readonly found: number;
      readonly supported: number;
      readonly remedy: string;
    }
  | { readonly code: 'not-a-journal'; readonly path: string; readonly detail: string; readonly remedy: string }
  | { readonly code: 'corrupt'; readonly path: string; readonly detail: string; readonly remedy: string }
  | {
      readonly code: 'cannot-open';
      readonly path: string;
      /** What the operating system or SQLite said, e.g. EACCES, SQLITE_CANTOPEN. */
      readonly cause: string;
      readonly detail: string;
      readonly remedy: string;
    }
  | {
      readonly code: 'setting-refused';
      readonly path: string;
      readonly setting: string;
      readonly expected: string;
      readonly found: string;
      readonly remedy: string;
    }
  | {
      readonly code: 'migration-failed';
      readonly path: string;
      /** The schema version that could not be reached; the file is still what it was. */
      readonly version: number;
      readonly detail: string;
      /** Copy taken before the attempt. */
      readonly backup: string | null;
      readonly remedy: string;
    };

const RESTORE = 'Restore the newest backup (kelly-desk journal restore), and keep this file for inspection.';

// Even a reader needs the two files SQLite keeps beside a journal in use; a backup is one plain file and needs none.
const UNREADABLE =
  'Check that you may read the file and write to its folder. On read-only media open it to view only, or copy the journal to a disk you may write to.';

const READ_ONLY_DISK =
  'The disk is read-only. Open the journal to view only, or copy it to a disk you may write to and open it there.';

/** Makes the errors whose remedy is always the same. */
export const openErrors = {
  inUse: (path: string): JournalOpenError => ({
    code: 'journal-in-use',
    path,
    remedy: 'Close it, or open another profile.',
  }),
  missing: (path: string): JournalOpenError => ({
    code: 'missing',
    path,
    remedy: 'Check the path, or start the desk once to make one.',
  }),
  newerSchema: (path: string, found: number, supported: number): JournalOpenError => ({
    code: 'newer-schema',
    path,
    found,
    supported,
    remedy: 'Install that version or a later one.',
  }),
  olderSchema: (path: string, found: number, supported: number): JournalOpenError => ({
    code: 'older-schema',
    path,
    found,
    supported,
    remedy: 'Start the desk once with this journal: it is brought up to date, after a backup.',
  }),
  badLock: (path: string, cause: string, detail: string): JournalOpenError => ({
    code: 'cannot-open',
    path,
    cause,
    detail: `${path}.lock is not a lock: ${detail}`,
    remedy: `Close every desk that has this journal open, and delete ${path}.lock. It holds nothing.`,
  }),
  gone: (path: string, detail: string): JournalOpenError => ({
    code: 'corrupt',
    path,
    detail,
    remedy:
      'Put the journal back, or restore the newest backup (kelly-desk journal restore). No new one is made in its place.',
  }),
  notTheLatest: (path: string, detail: string): JournalOpenError => ({
    code: 'corrupt',
    path,
    detail,
    remedy: `Put the newest journal back, or restore a backup (kelly-desk journal restore). To go on from this file, delete ${path}.head.`,
  }),
  notAJournal: (path: string, detail: string): JournalOpenError => ({
    code: 'not-a-journal',
    path,
    detail,
    remedy: 'This file is something else and was left as it is. Choose another path.',
  }),
  corrupt: (path: string, detail: string): JournalOpenError => ({ code: 'corrupt', path, detail, remedy: RESTORE }),
} as const;

/** The code of a system or SQLite error, or the name of any other. */
export const errorCode = (error: unknown): string =>
  error instanceof Error ? ('code' in error ? String(error.code) : error.name) : 'unknown';

export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Sorts what SQLite or the system threw while a journal was opened. Anything else is a bug and is thrown on. */
export function toOpenError(path: string, error: unknown): JournalOpenError {
  const cause = errorCode(error);
  const detail = errorText(error);
  if (cause.startsWith('SQLITE_NOTADB')) return openErrors.notAJournal(path, detail);
  if (cause.startsWith('SQLITE_CORRUPT')) return openErrors.corrupt(path, detail);
  if (cause.startsWith('SQLITE_BUSY')) return openErrors.inUse(path);
  if (cause === 'SQLITE_CANTOPEN') return { code: 'cannot-open', path, cause, detail, remedy: UNREADABLE };
  if (error instanceof SqliteDatabase.SqliteError || /^E[A-Z0-9]+$/.test(cause)) {
    const isReadOnly = cause === 'EROFS' || cause.startsWith('SQLITE_READONLY');
    if (isReadOnly) return { code: 'cannot-open', path, cause, detail, remedy: READ_ONLY_DISK };
    const remedy = 'Check that the folder exists, that you may write to it, and that the disk has room.';
    return { code: 'cannot-open', path, cause, detail, remedy };
  }
  throw error;
}

export type JournalWriteErrorCode = 'disk-full' | 'io-error' | 'corrupt' | 'busy' | 'read-only' | 'suspect' | 'closed';

const REMEDIES: Readonly<Record<JournalWriteErrorCode, string>> = {
  'disk-full': 'Free space on this disk. Nothing was half written; the next write is tried again.',
  'io-error': 'The disk failed to write. Stop trading, close the desk, check the disk, and open the journal again.',
  corrupt: RESTORE,
  busy: 'Another program holds the journal file. Close it (a database viewer, a backup tool) and try again.',
  'read-only': 'This journal was opened for reading. Open it for writing, or choose a folder you may write to.',
  suspect: 'An earlier write failed. Close the desk and open the journal again: it is verified before it is used.',
  closed: 'The journal is closed.',
};

/** A write that did not happen. Nothing of it is kept: the transaction was rolled back. */
export class JournalWriteError extends Error {
  override readonly name = 'JournalWriteError';
  readonly code: JournalWriteErrorCode;
  readonly path: string;
  readonly remedy: string;
  /** What SQLite said; null when it was never asked. */
  readonly sqliteCode: string | null;

  constructor(code: JournalWriteErrorCode, path: string, cause?: unknown) {
    super(`journal ${path}: ${code}${cause === undefined ? '' : ` (${errorText(cause)})`}`, { cause });
    this.code = code;
    this.path = path;
    this.remedy = REMEDIES[code];
    this.sqliteCode = cause === undefined ? null : errorCode(cause);
  }
}

const WRITE_CODES: readonly (readonly [prefix: string, code: JournalWriteErrorCode])[] = [
  ['SQLITE_FULL', 'disk-full'],
  ['SQLITE_IOERR', 'io-error'],
  ['SQLITE_CANTOPEN', 'io-error'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_READONLY', 'read-only'],
];

/** The write error a SQLite code stands for; null when the code means a bug of ours (a constraint, bad SQL). */
export const writeErrorCode = (sqliteCode: string): JournalWriteErrorCode | null =>
  WRITE_CODES.find(([prefix]) => sqliteCode.startsWith(prefix))?.[1] ?? null;

/**
 * Whether the file can no longer be trusted to hold what was acknowledged. After a failed write or fsync the kernel
 * may have dropped the dirty pages while later commits succeed, so the state is checked from disk before it is used.
 */
export const leavesSuspect = (code: JournalWriteErrorCode): boolean =>
  code === 'io-error' || code === 'corrupt' || code === 'disk-full';
