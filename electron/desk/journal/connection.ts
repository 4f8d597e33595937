import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { type Result, err, ok } from '#shared/result.ts';
import { remainsOfJournal } from './anchor.ts';
import { type JournalOpenError, errorCode, openErrors, toOpenError } from './errors.ts';
import { makeFolder } from './folders.ts';

export type Database = SqliteDatabase.Database;
export type JournalMode = 'write' | 'read';

/** 'KELY': the mark of a journal in the header of the file. */
export const APPLICATION_ID = 0x4b454c59;

/** Before it, a write and a checkpoint from two connections could corrupt a WAL database. */
const MINIMUM_SQLITE = [3, 51, 3] as const;

/** A write that finds the file busy blocks the event loop for this long. */
const BUSY_TIMEOUT_MS = 250;
/** Pages kept in memory, in KiB: an import of a year touches more than SQLite's own 2 MB, and would read them again and again. */
const CACHE_KIB = 32 * 1024;
const JOURNAL_SIZE_LIMIT = 64 * 1024 * 1024;

/** One page of the least size. SQLite takes a file of one byte for an empty one, and would write over it. */
const SMALLEST_DATABASE = 512;

type Setting = { readonly name: string; readonly value: string; readonly readBack: string | number };

/** Set at every open and read back: SQLite ignores a misspelt or refused pragma without a word. */
const CONNECTION_SETTINGS: readonly Setting[] = [
  { name: 'synchronous', value: 'FULL', readBack: 2 },
  { name: 'fullfsync', value: 'ON', readBack: 1 },
  { name: 'checkpoint_fullfsync', value: 'ON', readBack: 1 },
  { name: 'foreign_keys', value: 'ON', readBack: 1 },
  { name: 'recursive_triggers', value: 'ON', readBack: 1 },
  { name: 'trusted_schema', value: 'OFF', readBack: 0 },
  { name: 'cell_size_check', value: 'ON', readBack: 1 },
  { name: 'mmap_size', value: '0', readBack: 0 },
  { name: 'busy_timeout', value: String(BUSY_TIMEOUT_MS), readBack: BUSY_TIMEOUT_MS },
];

const WRITER_SETTINGS: readonly Setting[] = [
  { name: 'journal_mode', value: 'WAL', readBack: 'wal' },
  // SQLite keeps the failures of its own checkpoints to itself: the writer makes them, and hears of them.
  { name: 'wal_autocheckpoint', value: '0', readBack: 0 },
  { name: 'cache_size', value: String(-CACHE_KIB), readBack: -CACHE_KIB },
  { name: 'journal_size_limit', value: String(JOURNAL_SIZE_LIMIT), readBack: JOURNAL_SIZE_LIMIT },
];

const READER_SETTINGS: readonly Setting[] = [{ name: 'query_only', value: 'ON', readBack: 1 }];

/** Makes the folder (0700) and an empty file (0600) where there is none. An existing folder keeps its mode. */
function prepareFile(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) makeFolder(folder);
  try {
    // Only a file that did not exist is opened here: closing a descriptor drops this process's SQLite locks on it.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    chmodSync(path, 0o600);
  }
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** Opens the file without changing it, beyond making an empty one for a writer. */
export function openFile(path: string, mode: JournalMode): Result<Database, JournalOpenError> {
  if (isFolder(path)) return err(openErrors.notAJournal(path, 'the path is a folder'));
  try {
    const remains = remainsOfJournal(path);
    if (remains !== null) return err(openErrors.gone(path, remains));
    const size = existsSync(path) ? statSync(path).size : 0;
    if (size > 0 && size < SMALLEST_DATABASE) return err(openErrors.notAJournal(path, `a file of ${size} bytes`));
    if (mode === 'read' && !existsSync(path)) return err(openErrors.missing(path));
    if (mode === 'write') prepareFile(path);
    const isReader = mode === 'read';
    return ok(new SqliteDatabase(path, { readonly: isReader, fileMustExist: isReader, timeout: BUSY_TIMEOUT_MS }));
  } catch (error) {
    return err(toOpenError(path, error));
  }
}

const refused = (path: string, setting: string, values: { expected: string; found: string }): JournalOpenError => ({
  code: 'setting-refused',
  path,
  setting,
  ...values,
  remedy: 'The database library or the file system does not support what the journal needs. Use a local disk.',
});

function checkVersion(database: Database, path: string): Result<null, JournalOpenError> {
  const found = String(database.prepare('SELECT sqlite_version()').pluck().get());
  const parts = found.split('.').map(Number);
  const difference = MINIMUM_SQLITE.map((part, i) => (parts[i] ?? 0) - part).find((d) => d !== 0) ?? 0;
  if (difference >= 0) return ok(null);
  return err(refused(path, 'sqlite_version', { expected: `>= ${MINIMUM_SQLITE.join('.')}`, found }));
}

/** Applies the settings durability rests on and reads each one back. Throws what SQLite throws. */
export function applySettings(database: Database, path: string, mode: JournalMode): Result<null, JournalOpenError> {
  const version = checkVersion(database, path);
  if (!version.ok) return version;
  for (const setting of [...CONNECTION_SETTINGS, ...(mode === 'write' ? WRITER_SETTINGS : READER_SETTINGS)]) {
    database.pragma(`${setting.name} = ${setting.value}`);
    const found = database.pragma(setting.name, { simple: true });
    if (found !== setting.readBack) {
      return err(refused(path, setting.name, { expected: String(setting.readBack), found: String(found) }));
    }
  }
  return ok(null);
}
