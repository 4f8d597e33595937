import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Result, err, ok } from '#shared/result.ts';
import { type EpochMs, epochMs } from '#shared/units.ts';
import { anchorPath, writeAnchor } from './anchor.ts';
import { JournalBackupError, backupJournal } from './backup.ts';
import { type Database, openFile } from './connection.ts';
import { drill } from './drill.ts';
import { type JournalOpenError, errorCode, errorText, openErrors, toOpenError } from './errors.ts';
import { forgetCheck } from './full-check.ts';
import { makeFolder, syncFile, syncFolder } from './folders.ts';
import { takeWriterLock } from './lock.ts';
import { identify, schemaVersion } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { tableFault } from './verify.ts';
import type { Head } from './writer.ts';

/** What a backup holds, after every page, hash and link of it was checked. */
export type RestorePreview = {
  readonly path: string;
  readonly schemaVersion: number;
  readonly events: number;
  readonly decisions: number;
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
  readonly headHash: string | null;
  /** Times of the first and the last event; null in an empty journal. */
  readonly firstAt: EpochMs | null;
  readonly lastAt: EpochMs | null;
};

async function look(database: Database, path: string): Promise<Result<RestorePreview, JournalOpenError>> {
  const fault = tableFault(database, schemaVersion(database));
  if (fault !== null) return err(openErrors.corrupt(path, fault));
  const walked = await drill(database);
  if ('fault' in walked) return err(openErrors.corrupt(path, walked.fault));
  const { head, counts, firstAt, lastAt } = walked;
  return ok({
    path,
    schemaVersion: schemaVersion(database),
    events: head.seq,
    decisions: counts.decision,
    orders: counts.intent,
    fills: counts.fill,
    trades: Number(database.prepare('SELECT count(*) FROM trades').pluck().get()),
    headHash: head.hash,
    firstAt: firstAt === null ? null : epochMs(firstAt),
    lastAt: lastAt === null ? null : epochMs(lastAt),
  });
}

/**
 * Says what a restore from this file would bring back, after a restore drill: it is opened for reading, and every
 * page, hash, link and row count is checked. Changes nothing; a journal in use can be looked at as well.
 * @errors JournalOpenError
 */
export async function restorePreview(path: string): Promise<Result<RestorePreview, JournalOpenError>> {
  const absolute = resolve(path);
  const file = openFile(absolute, 'read');
  if (!file.ok) return file;
  const database = file.value;
  try {
    database.exec('BEGIN');
    const identity = identify(database, absolute, MIGRATIONS);
    if (!identity.ok) return identity;
    if (identity.value.version === 0) return err(openErrors.notAJournal(absolute, 'an empty file'));
    return await look(database, absolute);
  } catch (error) {
    return err(toOpenError(absolute, error));
  } finally {
    database.close();
  }
}

export type RestoreError =
  | JournalOpenError
  | {
      readonly code: 'restore-failed';
      readonly path: string;
      readonly detail: string;
      /** Where the journal that was there is kept; null when it is still in its place. */
      readonly kept: string | null;
      readonly remedy: string;
    };

export type Restored = {
  readonly preview: RestorePreview;
  /** Where the journal that was there is kept, an openable journal if it was one; null when there was none. */
  readonly kept: string | null;
};

/** A journal, its log and its anchor: what belongs together when it is kept. */
const PARTS = ['', '-wal', '-journal', '.head'] as const;

/** A name nothing has yet, beside the journal. */
function freeName(path: string, now: EpochMs): string {
  const stamp = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '');
  const base = `${path}.replaced-${stamp}`;
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? base : `${base}-${n}`;
    if (!PARTS.some((part) => existsSync(`${name}${part}`))) return name;
  }
}

/** Copies what is at a path, byte for byte and synced, before anything of it is touched; null when nothing is there. */
function keep(path: string, now: EpochMs): string | null {
  const parts = PARTS.filter((part) => existsSync(`${path}${part}`));
  if (parts.length === 0) return null;
  const kept = freeName(path, now);
  try {
    for (const part of parts) {
      copyFileSync(`${path}${part}`, `${kept}${part}`);
      chmodSync(`${kept}${part}`, 0o600);
      syncFile(`${kept}${part}`);
    }
    syncFolder(dirname(path));
    return kept;
  } catch (error) {
    for (const part of parts) rmSync(`${kept}${part}`, { force: true });
    throw error;
  }
}

/**
 * Puts the checked file in place. At every instant between, the anchor, already that of the new file, says that a
 * journal belongs here: a crash leaves a refused one and never a new, empty one. The old log goes before the new file
 * comes, which it would otherwise be played into.
 */
function swap(path: string, incoming: string, head: Head): void {
  const folder = dirname(path);
  const unwritten = writeAnchor(path, head);
  if (unwritten !== null) throw Object.assign(new Error(`${anchorPath(path)} cannot be written`), { code: unwritten });
  forgetCheck(path);
  for (const part of ['', '-wal', '-journal', '-shm']) {
    rmSync(`${path}${part}`, { force: true });
    syncFolder(folder);
  }
  renameSync(incoming, path);
  if (head.hash === null) rmSync(anchorPath(path), { force: true });
  syncFolder(folder);
}

async function replace(from: string, to: string, now: EpochMs): Promise<Result<Restored, RestoreError>> {
  const incoming = `${to}.restoring`;
  let kept: string | null = null;
  try {
    await backupJournal(from, incoming);
    const preview = await restorePreview(incoming);
    if (!preview.ok) return preview;
    kept = keep(to, now);
    swap(to, incoming, { seq: preview.value.events, hash: preview.value.headHash });
    return ok({ preview: { ...preview.value, path: to }, kept });
  } catch (error) {
    if (!(error instanceof JournalBackupError) && !/^E[A-Z0-9]+$/.test(errorCode(error))) throw error;
    const remedy = kept === null ? 'Nothing was changed.' : `Try again. What was there is kept as ${kept}.`;
    return err({ code: 'restore-failed', path: to, detail: errorText(error), kept, remedy });
  } finally {
    rmSync(incoming, { force: true });
  }
}

/**
 * Puts a backup in the place of a journal that no desk has open. The backup is copied and checked first; what was
 * there is kept beside it under a name of its own, and when it cannot be kept nothing is replaced. `now` names it.
 * @errors RestoreError
 */
export async function restore(from: string, to: string, now: EpochMs): Promise<Result<Restored, RestoreError>> {
  const [source, target] = [resolve(from), resolve(to)];
  const preview = await restorePreview(source);
  if (!preview.ok) return preview;
  try {
    makeFolder(dirname(target));
  } catch (error) {
    return err(toOpenError(target, error));
  }
  const lock = takeWriterLock(target);
  if (!lock.ok) return lock;
  try {
    return await replace(source, target, now);
  } finally {
    lock.value.release();
  }
}
