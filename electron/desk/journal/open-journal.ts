import { realpathSync, existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Result, err, ok } from '#shared/result.ts';
import type { StoredEvent } from '#desk/ports/events.ts';
import type { Durability, Journal, NewEvent } from '#desk/ports/journal.ts';
import { anchorFault, writeAnchor } from './anchor.ts';
import { backupJournal } from './backup.ts';
import { type Database, type JournalMode, applySettings, openFile } from './connection.ts';
import { dropBallast, hasBallast, layBallast } from './disk-space.ts';
import { EVENT_COLUMNS, type EventRow } from './event-codec.ts';
import { syncFolder } from './folders.ts';
import { type Walked, drillNow } from './drill.ts';
import { type JournalOpenError, JournalWriteError, openErrors, toOpenError } from './errors.ts';
import { type WriterLock, takeWriterLock } from './lock.ts';
import { identify, migrate, schemaVersion } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { quickFault } from './page-check.ts';
import { barInserter, createReads } from './queries.ts';
import { chainTailFault, pageFaults, tableFault, verifyJournalFile } from './verify.ts';
import { ALL_TRADES } from './trade-changes.ts';
import { JournalWriter, type NewRecord } from './writer.ts';

export type OpenJournalOptions = {
  readonly path: string;
  /** `write` (default): the one writer. `read`: as many as wanted, beside a writer or alone; appending throws. */
  readonly mode?: JournalMode;
  /**
   * Keeps 16 MiB of room beside the journal, where the disk has plenty. When an append finds the disk full the room is
   * given up and the append is tried once more: what happened to live orders is still recorded.
   */
  readonly ballast?: boolean;
  /** Bytes of room that are kept in the log of a journal that is written to all day. None when left out. */
  readonly logRoom?: number;
  /**
   * True: the pages of a large journal are not looked at while it is opened, which takes long. Whoever opens it does that
   * beside (page-check.ts), before anything rests on it.
   */
  readonly isCheckedLater?: boolean;
};

/** The journal on SQLite, with what only the desk's own housekeeping needs. */
export interface SqliteJournal extends Journal {
  readonly mode: JournalMode;
  /** True where the look at its pages was left for later, as it was asked for. */
  readonly isUnchecked: boolean;
  /** Whether the room kept for a full disk is still there. Once given up it is laid again at the next open. */
  hasBallast(): boolean;
  /** True after a write failed in a way that puts what is on disk in doubt: no orders until the journal is reopened. */
  isSuspect(): boolean;
  /** True when nothing more is written through this connection, whatever is tried: the journal must be opened anew. */
  needsReopen(): boolean;
  isInBatch(): boolean;
  /** Walks the whole chain as it is on disk, in one go: the end that was found, or what is wrong in words. */
  walk(): Walked;
  /** What SQLite finds wrong with the whole file, first fault; null when nothing. Seconds for a large one. */
  pageFault(): string | null;
  /** The hash of one event; null when there is no such event. */
  hashOf(seq: number): string | null;
  /** Every event with `seq > after`, oldest first, at most `limit`. */
  after(seq: number, limit: number): readonly StoredEvent[];
  /**
   * Stores events of another journal in one transaction, exactly as they are stored there: under the same number and
   * after the same events they get the same hash. Throws on a record that names what is not there.
   * @errors JournalWriteError
   */
  appendRecords(records: readonly NewRecord[]): readonly StoredEvent[];
  /** Derives orders, fills, trades and the rest again from the events, in one transaction. */
  rebuild(): void;
  /**
   * Moves the write-ahead log into the file and empties it. Cheap when idle; also done at close. Nothing that was
   * acknowledged depends on it.
   * @errors JournalWriteError
   */
  checkpoint(): void;
  /** Returns once all that was appended is on disk and no checkpoint is under way, or the journal is suspect. */
  settle(): void;
  /**
   * Runs `read` on one committed state: whatever another process or thread writes meanwhile is not seen, and waits for
   * nothing. For reading connections; inside it no other view is begun.
   */
  view<T>(read: () => T): T;
  /** Keeps to the state of its next reading, as a view does, until it is closed. */
  hold(): void;
}

/** quick_check whenever a writer opens a journal up to this size (a third of a second for half of it). */
const QUICK_CHECK_LIMIT_BYTES = 512 * 1024 * 1024;
/** The same where the rest is looked at beside: up to here nobody notices the time. */
const CHECKED_AT_ONCE_BYTES = 64 * 1024 * 1024;

/** Whether opening a journal skips the look at its pages, and whether that is then left for later. */
function lookAt(path: string, isCheckedLater: boolean): { readonly isSkipped: boolean; readonly isUnchecked: boolean } {
  const { size } = statSync(path);
  const isUnchecked = isCheckedLater && size > CHECKED_AT_ONCE_BYTES;
  return { isSkipped: isUnchecked || size > QUICK_CHECK_LIMIT_BYTES, isUnchecked };
}

/** The name the lock is taken under must not depend on the way the path was written. */
function realPath(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  return existsSync(dirname(absolute)) ? join(realpathSync(dirname(absolute)), basename(absolute)) : absolute;
}

/** Checks before anything is read from it: pages in order, the end of the chain linked, and not an older copy. */
function checkContent(
  database: Database,
  path: string,
  { version, isSkipped }: { readonly version: number; readonly isSkipped: boolean },
): Result<null, JournalOpenError> {
  const fault = (isSkipped ? null : quickFault(database)) ?? tableFault(database, version) ?? chainTailFault(database);
  if (fault !== null) return err(openErrors.corrupt(path, fault));
  const displaced = anchorFault(database, path);
  return displaced === null ? ok(null) : err(openErrors.notTheLatest(path, displaced));
}

/** How a journal is opened. */
type Opening = {
  readonly path: string;
  readonly mode: JournalMode;
  readonly logRoom: number;
  readonly isCheckedLater: boolean;
};
/** Whether its pages are still to be looked at. */
type Prepared = { readonly isUnchecked: boolean };

/** Makes an identified file ready to use; a writer already holds the lock. */
function prepareDatabase(
  database: Database,
  { path, mode, isCheckedLater }: Opening,
): Result<Prepared, JournalOpenError> {
  const settings = applySettings(database, path, mode);
  if (!settings.ok) return settings;
  if (mode === 'read') {
    const fault = tableFault(database);
    return fault === null ? ok({ isUnchecked: false }) : err(openErrors.corrupt(path, fault));
  }
  // An older journal is checked before it is touched: damage is told as damage, and nothing is derived from it.
  const version = schemaVersion(database);
  const { isSkipped, isUnchecked } = lookAt(path, isCheckedLater && version === MIGRATIONS.length);
  const before = version === 0 ? ok(null) : checkContent(database, path, { version, isSkipped });
  if (!before.ok) return before;
  const migrated = migrate(database, path, MIGRATIONS);
  if (!migrated.ok) return migrated;
  const isAsChecked = version === migrated.value.to;
  const checked = isAsChecked ? before : checkContent(database, path, { version: migrated.value.to, isSkipped });
  if (!checked.ok) return checked;
  // The log is there now. SQLite syncs its name once, at the first commit, and does not say when that fails.
  syncFolder(dirname(path));
  return ok({ isUnchecked });
}

function refuseOldForReaders(path: string, version: number): Result<null, JournalOpenError> {
  const supported = MIGRATIONS.length;
  return version < supported ? err(openErrors.olderSchema(path, version, supported)) : ok(null);
}

type Opened = Prepared & { readonly database: Database; readonly lock: WriterLock | null };

/** Looks at the file first, and takes the lock and changes it only when it is a journal or empty. */
function openDatabase(opening: Opening): Result<Opened, JournalOpenError> {
  const { path, mode } = opening;
  const file = openFile(path, mode);
  if (!file.ok) return file;
  const database = file.value;
  let lock: WriterLock | null = null;
  const refuse = (error: JournalOpenError): Result<Opened, JournalOpenError> => {
    database.close();
    lock?.release();
    return err(error);
  };
  try {
    const identity = identify(database, path, MIGRATIONS);
    if (!identity.ok) return refuse(identity.error);
    const taken = mode === 'write' ? takeWriterLock(path) : refuseOldForReaders(path, identity.value.version);
    if (!taken.ok) return refuse(taken.error);
    lock = taken.value;
    const prepared = prepareDatabase(database, opening);
    return prepared.ok ? ok({ database, lock, ...prepared.value }) : refuse(prepared.error);
  } catch (error) {
    return refuse(toOpenError(path, error));
  }
}

/** Appends, and once more on a full disk when there was ballast to give up. A batch is one write, and fails as one. */
function appendOrDropBallast(
  { path, writer, durability }: { path: string; writer: JournalWriter; durability: Durability | undefined },
  events: readonly NewEvent[],
): readonly StoredEvent[] {
  try {
    return writer.append(events, durability);
  } catch (error) {
    const isFull = error instanceof JournalWriteError && error.code === 'disk-full';
    if (!isFull || writer.isInBatch() || !dropBallast(path)) throw error;
    return writer.append(events, durability);
  }
}

function assemble({ path, mode, logRoom }: Opening, { database, lock, isUnchecked }: Opened): SqliteJournal {
  const writer = new JournalWriter(database, path, mode);
  if (mode === 'write' && logRoom > 0) writer.keepRoom(logRoom);
  const insertBars = barInserter(database);
  const hashBySeq = database.prepare<[number], string>('SELECT hash FROM events WHERE seq = ?').pluck();
  const rowsAfter = database.prepare<[number, number], EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events e WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
  );
  return {
    ...{ path, mode, isUnchecked },
    ...createReads(database, writer.reader),
    append: (events, durability) => appendOrDropBallast({ path, writer, durability }, events),
    appendRecords: (records) => writer.appendRecords(records),
    hasBallast: () => hasBallast(path),
    batch: (work) => writer.batch(work),
    isSuspect: () => writer.isSuspect(),
    needsReopen: () => writer.needsReopen(),
    isInBatch: () => writer.isInBatch(),
    walk: () => drillNow(database),
    pageFault: () => pageFaults(database)[0] ?? null,
    hashOf: (seq) => hashBySeq.get(seq) ?? null,
    after: (seq, limit) => rowsAfter.all(seq, limit).map(writer.reader.read),
    lastSeq: () => writer.head().seq,
    headHash: () => writer.head().hash,
    appendBars: (bars) => writer.write(() => insertBars(bars)),
    verify: (recompute, files) => {
      if (writer.isInBatch()) throw new Error('a journal is not verified inside a batch');
      return verifyJournalFile({ database, path, files }, recompute);
    },
    backup: (target, onProgress) => backupJournal(path, target, onProgress),
    // A reader does not hear of what the writer of another process changes.
    tradeChanges: (since) => {
      const { revision, from } = writer.tradeChanges.since(since);
      return { revision, from: mode === 'read' ? ALL_TRADES : from };
    },
    rebuild: () => writer.rebuild(),
    checkpoint: () => {
      if (mode === 'write' && !writer.isInBatch()) writer.checkpoint();
    },
    settle: () => writer.settle(),
    view: (read) => database.transaction(read).deferred(),
    hold: () => void database.exec('BEGIN DEFERRED'),
    close: () => {
      if (!database.open) return;
      // The anchor never names an event that a loss of power could still take.
      if (mode === 'write') writer.settle();
      writer.stop();
      if (mode === 'write' && !writer.isSuspect()) writeAnchor(path, writer.head());
      database.close();
      lock?.release();
    },
  };
}

/**
 * Opens a journal, or makes one where there is none (folder 0700, file 0600).
 * A foreign file, one of a newer schema and one that is in use are left exactly as they are.
 * @errors JournalOpenError: what is wrong, with which file, and what to do about it
 */
export function openJournal(options: OpenJournalOptions): Result<SqliteJournal, JournalOpenError> {
  const path = realPath(options.path);
  const mode = options.mode ?? 'write';
  const { logRoom = 0, isCheckedLater = false } = options;
  const opening = { path, mode, logRoom, isCheckedLater };
  const opened = openDatabase(opening);
  if (!opened.ok) return opened;
  if (mode === 'write' && options.ballast === true) layBallast(path);
  try {
    return ok(assemble(opening, opened.value));
  } catch (error) {
    // A page that the checks before did not have to read, and the end of the chain stands on.
    opened.value.database.close();
    opened.value.lock?.release();
    return err(toOpenError(path, error));
  }
}
