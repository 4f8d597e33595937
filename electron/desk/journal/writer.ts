import type { EpochMs } from '#shared/units.ts';
import { type JournalEvent, type StoredEvent, journalEventSchema } from '#desk/ports/events.ts';
import type { Durability, NewEvent } from '#desk/ports/journal.ts';
import { GENESIS_HASH, canonicalJson, link } from './canonical.ts';
import { writeAnchor } from './anchor.ts';
import { type BackgroundCheckpoint, createBackgroundCheckpoint } from './background-checkpoint.ts';
import { type BackgroundSync, createBackgroundSync } from './background-sync.ts';
import type { Database, JournalMode } from './connection.ts';
import { createDeriver } from './derive.ts';
import { JournalWriteError, type JournalWriteErrorCode, errorCode, leavesSuspect, writeErrorCode } from './errors.ts';
import { spellRecord, subjectOf } from './event-codec.ts';
import { type EventReader, createEventReader } from './event-reader.ts';
import { type EventRecord, eventRecordSchema } from './event-record.ts';
import { EventRows } from './event-rows.ts';
import { layLogRoom, logPath } from './log-room.ts';
import { rebuildDerived } from './rebuild.ts';
import { ALL_TRADES, type TradeChanges, createTradeChanges } from './trade-changes.ts';
import { WrittenParts } from './written-parts.ts';

/** A commit has the log moved into the file whenever it has become so many pages (4 MB) longer. */
const CHECKPOINT_PAGES = 1_000;
/**
 * Pages in the log (32 MB) from which the commit itself moves them: the log begins anew only when one finds all of it
 * moved, and where commits follow each other closely the thread beside is always one behind.
 */
const LONGEST_LOG_PAGES = 8_000;
/** Pages that only a single commit adds between two looks. */
const LEAP_PAGES = 2_000;
/**
 * Pages after those that were to be moved from which a commit moves the few that came meanwhile, once the thread is done:
 * it makes the log begin anew while there is still room in it.
 */
const TRAILING_PAGES = 100;
/** The length of the log is looked at after events of this many bytes, each counted with two pages more. */
const LOOK_AFTER_BYTES = 256 * 1024;
const BYTES_BESIDE = 8_192;

/** The last event of the chain; seq 0 and no hash before the first. */
export type Head = { readonly seq: number; readonly hash: string | null };

export function readHead(database: Database): Head {
  const row = database
    .prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1')
    .get();
  return row ?? { seq: 0, hash: null };
}

/** The steps of a transaction; the way back is seldom gone and may be more than one statement. */
const steps = (database: Database, [begin, commit, rollback]: readonly [string, string, string]) => ({
  ...{ begin: database.prepare<[]>(begin), commit: database.prepare<[]>(commit), rollback },
});

/** An event as another journal has it stored, and when it happened. */
export type NewRecord = { readonly at: EpochMs; readonly record: EventRecord };
/** An event, and how it is stored. */
type Spelt = { readonly at: EpochMs; readonly event: JournalEvent; readonly body: string };

/**
 * The one object that writes to a journal. It holds the chain's head and the state of the open transaction; everything
 * else lives in the file.
 */
export class JournalWriter {
  readonly #database: Database;
  readonly #path: string;
  readonly #mode: JournalMode;
  readonly tradeChanges: TradeChanges = createTradeChanges();
  /** Reads what was written, and hears of what is rolled back. */
  readonly reader: EventReader;
  readonly #parts;
  readonly #deriver;
  readonly #rows: EventRows;
  readonly #logState;
  readonly #transaction;
  readonly #savepoint;
  readonly #background: BackgroundSync;
  readonly #beside: BackgroundCheckpoint;
  #head: Head;
  #isSuspect = false;
  #mustReopen = false;
  #isStopped = false;
  #batchHead: Head | null = null;
  /** Bytes written since the length of the log was looked at. */
  #unlooked = 0;
  /** Pages in the log when it was last to be moved. */
  #askedPages = 0;
  /** The thread was asked, and what came after has not been moved by a commit. */
  #isTrailing = false;
  /** Bytes the log has room for when it begins anew. */
  #logRoom = 0;

  constructor(database: Database, path: string, mode: JournalMode) {
    this.#database = database;
    this.#path = path;
    this.#mode = mode;
    this.reader = createEventReader(database);
    this.#parts = new WrittenParts(database);
    this.#deriver = createDeriver(database, this.tradeChanges);
    this.#rows = new EventRows(database);
    this.#logState = database.prepare<[], { readonly log: number }>('PRAGMA wal_checkpoint(NOOP)');
    this.#transaction = steps(database, ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK']);
    // Inside a batch a savepoint keeps a refused append from leaving half of itself behind.
    this.#savepoint = steps(database, ['SAVEPOINT append', 'RELEASE append', 'ROLLBACK TO append; RELEASE append']);
    this.#head = readHead(database);
    this.#background = createBackgroundSync(logPath(path), () => {
      this.#isSuspect = true;
      this.#mustReopen = true;
    });
    this.#beside = createBackgroundCheckpoint(path, (code) => this.#noteCode(code));
  }

  head(): Head {
    // A reader follows what the writer of another process commits.
    if (this.#mode === 'read') this.#head = readHead(this.#database);
    return this.#head;
  }

  isSuspect(): boolean {
    return this.#isSuspect;
  }

  /** True when this connection must not be used again: what is on disk is looked at by another one first. */
  needsReopen(): boolean {
    return this.#mustReopen;
  }

  isInBatch(): boolean {
    return this.#batchHead !== null;
  }

  /** Stores events in one transaction and derives from them; fills and corrections already known are left out. */
  append(events: readonly NewEvent[], durability: Durability = 'now'): readonly StoredEvent[] {
    const work = (): readonly StoredEvent[] => this.#storeAll(events, (one) => this.#spell(one));
    // What is part of a batch is on disk with the batch.
    if (this.#batchHead !== null) return this.write(work, 0);
    if (durability === 'soon') return this.#unsynced(() => this.write(work, 0));
    const stored = this.write(work, 0);
    // A transaction that wrote nothing syncs nothing.
    if (stored.length > 0) this.#background.covered();
    return stored;
  }

  /** Stores events as another journal has them, in one transaction, and derives from them. */
  appendRecords(records: readonly NewRecord[]): readonly StoredEvent[] {
    const stored = this.write(() => this.#storeAll(records, (one) => this.#respell(one)), 0);
    this.#parts.forget();
    return stored;
  }

  /**
   * Returns when all that was appended is on disk and no checkpoint is under way, or the journal is known to be suspect.
   */
  settle(): void {
    this.#beside.settle();
    this.#background.settle();
  }

  /** Does work that commits without waiting for the disk, which is asked to follow. */
  #unsynced<T>(work: () => T): T {
    this.#refuseUnlessWritable();
    this.#database.exec('PRAGMA synchronous = NORMAL');
    try {
      const result = work();
      this.#background.ask();
      return result;
    } finally {
      // SQLite takes no other level inside a transaction that could not be rolled back: then nothing is written any more.
      if (this.#database.inTransaction) this.#mustReopen = true;
      else this.#database.exec('PRAGMA synchronous = FULL');
    }
  }

  /** Replaces every derived table by what the events say, in one transaction. */
  rebuild(): void {
    this.tradeChanges.note(ALL_TRADES);
    this.write(() => rebuildDerived(this.#database));
    this.#deriver.forget();
  }

  /** Runs writes in one transaction with typed errors, or as part of the open batch. `bytes` are those not counted yet. */
  write<T>(work: () => T, bytes = LOOK_AFTER_BYTES): T {
    const result = this.#transact(work);
    this.#unlooked += bytes;
    if (this.#batchHead === null && this.#unlooked >= LOOK_AFTER_BYTES) this.#checkpointWhenLong();
    return result;
  }

  #transact<T>(work: () => T): T {
    this.#refuseUnlessWritable();
    const before = this.#head;
    const { begin, commit, rollback } = this.#batchHead === null ? this.#transaction : this.#savepoint;
    try {
      begin.run();
      const result = work();
      commit.run();
      this.#isSuspect = false;
      return result;
    } catch (error) {
      this.#head = before;
      throw this.#undo(rollback, error);
    }
  }

  /** Keeps one transaction open around `work`: all of it is kept, or none. */
  async batch<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.#transactBatch(work);
    this.#checkpointWhenLong();
    return result;
  }

  async #transactBatch<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseUnlessWritable();
    if (this.#batchHead !== null) throw new Error('a batch is already open');
    const before = this.#head;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      this.#batchHead = before;
      const result = await work();
      this.#refuseUnlessWritable();
      this.#database.exec('COMMIT');
      this.#isSuspect = false;
      return result;
    } catch (error) {
      this.#head = before;
      throw this.#undo('ROLLBACK', error);
    } finally {
      this.#batchHead = null;
    }
  }

  /** Moves the whole log into the file, empties it, and notes the end of the chain beside the journal. */
  checkpoint(): void {
    this.#refuseUnlessWritable();
    // A log that holds nothing keeps its room.
    const isEmpty = this.#logPages() === 0;
    const failure = this.#tryCheckpoint(isEmpty ? 'PASSIVE' : 'TRUNCATE') ?? this.#tryRoom();
    if (failure !== null) throw failure;
  }

  /** Keeps room in the log, now and whenever it is emptied. Throws what the system throws. */
  keepRoom(bytes: number): void {
    layLogRoom(this.#path, bytes);
    this.#logRoom = bytes;
  }

  #tryRoom(): JournalWriteError | null {
    try {
      if (this.#logRoom > 0) layLogRoom(this.#path, this.#logRoom);
      return null;
    } catch (error) {
      // What the disk does to zeros it does to a commit as well.
      this.#isSuspect = true;
      this.#mustReopen = true;
      return new JournalWriteError('io-error', this.#path, error);
    }
  }

  #logPages(): number {
    return this.#logState.get()?.log ?? 0;
  }

  /** Rolls back an open batch and refuses everything after. */
  stop(): void {
    this.#isStopped = true;
    this.#background.close();
    this.#beside.close();
    if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
    if (this.#batchHead !== null) this.#head = this.#batchHead;
  }

  /**
   * What was committed is in the synced log and stays acknowledged when moving it into the file fails; but the disk
   * fails, so the journal is suspect at once.
   */
  #checkpointWhenLong(): void {
    this.#unlooked = 0;
    const log = this.#logPages();
    // Shorter than it was: it began anew.
    if (log < this.#askedPages) [this.#askedPages, this.#isTrailing] = [0, false];
    if (log < this.#askedPages + CHECKPOINT_PAGES) {
      if (this.#isTrailing && log >= this.#askedPages + TRAILING_PAGES && this.#beside.isIdle()) this.#moveTrailing();
      return;
    }
    // What one commit wrote at once, as an import does, is no sign of a thread that is behind.
    const isLeap = log >= this.#askedPages + LEAP_PAGES && this.#beside.isIdle();
    this.#askedPages = log;
    this.#isTrailing = (log < LONGEST_LOG_PAGES || isLeap) && this.#beside.ask(this.#head);
    if (!this.#isTrailing) this.#tryCheckpoint('PASSIVE');
  }

  /** Once for each time the thread was asked: what a reader keeps from being moved is not tried again and again. */
  #moveTrailing(): void {
    this.#isTrailing = false;
    this.#tryCheckpoint('PASSIVE');
  }

  #tryCheckpoint(mode: 'PASSIVE' | 'TRUNCATE'): JournalWriteError | null {
    // Of two at once the second does nothing.
    this.#beside.settle();
    if (this.needsReopen()) return new JournalWriteError('io-error', this.#path);
    try {
      this.#database.pragma(`wal_checkpoint(${mode})`);
      // A checkpoint that finds nothing to move syncs nothing: the anchor names only what no loss of power takes.
      this.settle();
      if (this.needsReopen()) return new JournalWriteError('io-error', this.#path);
      if (writeAnchor(this.#path, this.#head) !== 'EIO') return null;
      this.#isSuspect = true;
      this.#mustReopen = true;
      return new JournalWriteError('io-error', this.#path);
    } catch (error) {
      const code = this.#note(error);
      if (code === null) throw error;
      return new JournalWriteError(code, this.#path, error);
    }
  }

  #refuseUnlessWritable(): void {
    if (this.#isStopped) throw new JournalWriteError('closed', this.#path);
    if (this.#mode === 'read') throw new JournalWriteError('read-only', this.#path);
    if (this.#mustReopen) throw new JournalWriteError('suspect', this.#path);
    // SQLite ends a transaction by itself on some errors: what is left of a batch must not commit piece by piece.
    if (this.#batchHead !== null && !this.#database.inTransaction) throw new JournalWriteError('suspect', this.#path);
  }

  #storeAll<T>(all: readonly T[], spell: (one: T) => Spelt): readonly StoredEvent[] {
    const stored: StoredEvent[] = [];
    for (const one of all) {
      const added = this.#store(spell(one));
      if (added !== null) stored.push(added);
    }
    this.#rows.write();
    this.#deriver.settle();
    return stored;
  }

  /** In one pass where the schema takes an event as it is, which is the rule. Throws what it throws on what is none. */
  #spell({ at, event: given }: NewEvent): Spelt {
    const body = spellRecord(this.#parts.recordOf(this.#head.seq + 1, given));
    if (body !== null) return { at, event: given, body };
    this.#parts.forget();
    const event = journalEventSchema.parse(given);
    return { at, event, body: canonicalJson(event) };
  }

  #respell({ at, record: given }: NewRecord): Spelt {
    const record = eventRecordSchema.parse(given);
    return { at, event: this.reader.eventOf(this.#head.seq + 1, record), body: canonicalJson(record) };
  }

  /** Null where it is a fill or a correction that is known. */
  #store({ at, event, body: spelt }: Spelt): StoredEvent | null {
    if (event.kind === 'fill' && !this.#deriver.claimFill(event.fill)) return null;
    if (event.kind === 'fill-correction' && this.#deriver.hasCorrection(event.correction)) return null;
    const seq = this.#head.seq + 1;
    const prevHash = this.#head.hash ?? GENESIS_HASH;
    const { hash, body } = link(prevHash, { seq, at, kind: event.kind }, spelt);
    this.#rows.add(seq, at, event.kind, subjectOf(event), body, prevHash, hash);
    // What is derived of a fill waits as well (fill-rows.ts); any other row points to an event that is there.
    if (event.kind !== 'fill') this.#rows.write();
    this.#head = { seq, hash };
    this.#parts.keep(seq);
    this.#unlooked += body.length + BYTES_BESIDE;
    this.#deriver.apply(seq, at, event);
    return { seq, at, event, hash };
  }

  /** Sorts a failure of the file and remembers what it means; null for any other error. */
  #note(error: unknown): JournalWriteErrorCode | null {
    const code = error instanceof JournalWriteError ? null : writeErrorCode(errorCode(error));
    if (code !== null) this.#noteCode(code);
    return code;
  }

  #noteCode(code: JournalWriteErrorCode): void {
    this.#isSuspect ||= leavesSuspect(code);
    this.#mustReopen ||= code === 'io-error' || code === 'corrupt';
  }

  /** Rolls back and returns what to throw: a typed error for the file's failures, bugs as they came. */
  #undo(rollback: string, error: unknown): unknown {
    const code = this.#note(error);
    this.#rows.forget();
    this.#deriver.forget();
    this.#parts.forget();
    this.reader.forget();
    // What is rolled back was read by some.
    this.tradeChanges.note(ALL_TRADES);
    try {
      if (this.#database.open && this.#database.inTransaction) this.#database.exec(rollback);
    } catch {
      // What cannot even be rolled back is settled by recovery at the next open; the first error is the one to tell.
      this.#isSuspect = true;
      this.#mustReopen = true;
    }
    return code === null ? error : new JournalWriteError(code, this.#path, error);
  }
}
