import { chmodSync, copyFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { EpochMs } from '#shared/units.ts';
import { epochMs } from '#shared/units.ts';
import { listBackups } from './backup-rotation.ts';
import { GENESIS_HASH } from './canonical.ts';
import { JournalWriteError, errorCode, errorText } from './errors.ts';
import { parseRecord } from './event-codec.ts';
import { syncFile, syncFolder } from './folders.ts';
import { type SqliteJournal, openJournal } from './open-journal.ts';
import { type RawRow, RAW_EVENTS, linkFault } from './verify.ts';
import type { Head } from './writer.ts';

/**
 * A standby stands in for a journal whose disk failed and whose file could not be verified: the same chain up to what
 * was acknowledged, in a file of its own beside the suspect one, which is never written to again by this desk.
 */
export type Standby = {
  readonly journal: SqliteJournal;
  /** False when a part of what was acknowledged could not be read for it: that part is only in the suspect file. */
  readonly isWhole: boolean;
};

const NAME = /^standby-\d{8}T\d{6}(?:-\d{1,4})?\.db$/;
const ROWS_AT_ONCE = 1_000;
const PARTS = ['', '-wal', '-shm', '-journal', '.head', '.lock'] as const;

/** The standbys beside a journal that no journal has taken over yet, oldest first. */
export function listStandbys(journalPath: string): readonly string[] {
  const folder = dirname(journalPath);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** A name nothing has yet. */
function freeName(folder: string, now: EpochMs): string {
  const stamp = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '');
  for (let n = 1; ; n += 1) {
    const path = join(folder, `standby-${stamp}${n === 1 ? '' : `-${n}`}.db`);
    if (!existsSync(path)) return path;
  }
}

const removeAll = (path: string): void => {
  for (const part of PARTS) rmSync(`${path}${part}`, { force: true });
};

/** Copies the committed state of a suspect journal page by page, without writing to it. */
function copyPages(path: string, target: string): void {
  const source = new SqliteDatabase(path, { readonly: true, fileMustExist: true });
  try {
    source.prepare('VACUUM INTO ?').run(target);
  } finally {
    source.close();
  }
}

/** Whether a journal holds what was acknowledged, walked link by link from disk; null when it does. */
export function chainFault(journal: SqliteJournal, head: Head): string | null {
  try {
    const walked = journal.walk();
    if ('fault' in walked) return walked.fault;
    if (walked.head.seq < head.seq) return `it ends at event ${walked.head.seq}, and ${head.seq} were acknowledged`;
    if (head.hash === null || walked.head.hash === head.hash) return null;
    return journal.hashOf(head.seq) === head.hash ? null : `event ${head.seq} is another one than was acknowledged`;
  } catch (error) {
    return errorText(error);
  }
}

/** Opens a copy as a journal; null, and the copy is gone, when it is not sound or does not hold what it should. */
function openCopy(partial: string, target: string, isGood: (journal: SqliteJournal) => boolean): SqliteJournal | null {
  chmodSync(partial, 0o600);
  syncFile(partial);
  renameSync(partial, target);
  syncFolder(dirname(target));
  const opened = openJournal({ path: target });
  if (!opened.ok) return null;
  if (isGood(opened.value)) return opened.value;
  opened.value.close();
  removeAll(target);
  return null;
}

/** The events after `base` that can still be read and link to it, page by page, for as long as that goes. */
function* readableRows(path: string, base: Head): Generator<readonly RawRow[]> {
  const source = new SqliteDatabase(path, { readonly: true, fileMustExist: true });
  try {
    const page = source.prepare<[number, number], RawRow>(`${RAW_EVENTS} WHERE seq > ? ORDER BY seq LIMIT ?`);
    let [seq, hash] = [base.seq, base.hash ?? GENESIS_HASH];
    for (let rows = page.all(seq, ROWS_AT_ONCE); rows.length > 0; rows = page.all(seq, ROWS_AT_ONCE)) {
      const sound: RawRow[] = [];
      for (const row of rows) {
        if (row.seq !== seq + 1 || linkFault(row, hash) !== null) break;
        sound.push(row);
        [seq, hash] = [row.seq, row.hash.toString('latin1')];
      }
      yield sound;
      if (sound.length < rows.length) return;
    }
  } catch (error) {
    // What cannot be read ends it: the caller sees how far it came.
    if (!errorCode(error).startsWith('SQLITE_')) throw error;
  } finally {
    source.close();
  }
}

/** The newest backup that opens, copied; or nothing, and the standby begins empty. */
function startFromBackup(path: string, partial: string): void {
  for (const backup of listBackups(join(dirname(path), 'backups'))) {
    const opened = openJournal({ path: backup.path, mode: 'read' });
    if (!opened.ok) continue;
    opened.value.close();
    copyFileSync(backup.path, partial);
    return;
  }
}

/** Puts a standby together from the newest backup and every later event of the suspect file that can be read. */
function salvage(path: string, partial: string, head: Head): void {
  removeAll(partial);
  startFromBackup(path, partial);
  const opened = openJournal({ path: partial });
  if (!opened.ok) throw new JournalWriteError('suspect', path);
  const journal = opened.value;
  try {
    const base = { seq: journal.lastSeq(), hash: journal.headHash() };
    for (const rows of readableRows(path, base)) {
      const wanted = rows.filter(({ seq }) => seq <= head.seq);
      journal.appendRecords(
        wanted.map((row) => ({ at: epochMs(row.at), record: parseRecord(row.body.toString('utf8')) })),
      );
    }
  } finally {
    journal.close();
  }
}

/**
 * Makes a standby beside a suspect journal and opens it. Takes about as long as a walk of the chain: a second for some
 * hundred thousand events.
 * @param head  what was acknowledged
 * @returns null when none can be made: the disk takes nothing more
 */
export function makeStandby(path: string, head: Head, now: EpochMs): Standby | null {
  const target = freeName(dirname(path), now);
  const partial = `${target}.partial`;
  const attempt = (work: () => SqliteJournal | null): SqliteJournal | null => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof JournalWriteError) && !/^(SQLITE_|E[A-Z0-9]+$)/.test(errorCode(error))) throw error;
      return null;
    }
  };
  const copied = attempt(() => {
    copyPages(path, partial);
    return openCopy(partial, target, (journal) => chainFault(journal, head) === null);
  });
  if (copied !== null) return { journal: copied, isWhole: true };
  const salvaged = attempt(() => {
    salvage(path, partial, head);
    return openCopy(partial, target, () => true);
  });
  attempt(() => {
    removeAll(partial);
    return null;
  });
  return salvaged === null ? null : { journal: salvaged, isWhole: chainFault(salvaged, head) === null };
}
