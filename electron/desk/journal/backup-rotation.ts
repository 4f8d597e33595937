import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { EpochMs } from '#shared/units.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { syncFolder } from './folders.ts';
import { type RestorePreview, restorePreview } from './restore.ts';
import { JournalBackupError } from './backup.ts';

const DAY_MS = 86_400_000;
/** 1970-01-05, the first Monday of the epoch, in days since its start. */
const FIRST_MONDAY = 4;

/** How many backups stay: the newest of this many days, and of this many weeks before those. */
export type Keep = { readonly days: number; readonly weeks: number };
export const KEEP: Keep = { days: 7, weeks: 4 };

export type BackupFile = {
  readonly path: string;
  /** Days since 1970-01-01, UTC. */
  readonly day: number;
  /** 1, and counting up when one day has backups of journals that do not follow from each other. */
  readonly number: number;
};

const NAME = /^journal-(\d{4}-\d{2}-\d{2})(?:-(\d{1,4}))?\.db$/;

const dayOf = (at: EpochMs): number => Math.floor(at / DAY_MS);
const nameOf = (day: number, number: number): string =>
  `journal-${new Date(day * DAY_MS).toISOString().slice(0, 10)}${number === 1 ? '' : `-${number}`}.db`;

/** The backups in a folder, newest first. Files of other names are none of ours. */
export function listBackups(folder: string): readonly BackupFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name): BackupFile[] => {
      const match = NAME.exec(name);
      const time = Date.parse(`${match?.[1] ?? ''}T00:00:00Z`);
      if (match === null || Number.isNaN(time)) return [];
      return [{ path: join(folder, name), day: Math.round(time / DAY_MS), number: Number(match[2] ?? '1') }];
    })
    .sort((a, b) => b.day - a.day || b.number - a.number);
}

/**
 * Says which days of backups to let go of: all but the newest `days` and, before those, the newest of each of the
 * newest `weeks` weeks (from Monday, UTC). Days after `today` come of a clock that was wrong: they neither count nor go.
 * @param days  days since 1970-01-01, in any order
 */
export function staleDays(days: readonly number[], today: number, keep: Keep = KEEP): readonly number[] {
  const past = [...new Set(days)].filter((day) => day <= today).sort((a, b) => b - a);
  const older = past.slice(keep.days);
  const newestOfWeek = new Map<number, number>();
  for (const day of older) {
    const week = Math.floor((day - FIRST_MONDAY) / 7);
    if (!newestOfWeek.has(week)) newestOfWeek.set(week, day);
  }
  const weekly = new Set([...newestOfWeek.values()].slice(0, keep.weeks));
  return older.filter((day) => !weekly.has(day));
}

/** Whether the journal goes on from where a backup ends, so that nothing is lost with the backup. */
function follows(path: string, { events, headHash }: RestorePreview): boolean {
  if (headHash === null) return true;
  const database = new SqliteDatabase(path, { readonly: true, fileMustExist: true });
  try {
    return database.prepare('SELECT hash FROM events WHERE seq = ?').pluck().get(events) === headHash;
  } finally {
    database.close();
  }
}

/** The name of today's backup: an earlier one of the same day gives way only to a journal that holds all of it. */
async function nameFor(path: string, folder: string, today: number): Promise<string> {
  for (let number = 1; ; number += 1) {
    const target = join(folder, nameOf(today, number));
    if (!existsSync(target)) return target;
    const preview = await restorePreview(target);
    if (preview.ok && follows(path, preview.value)) return target;
  }
}

export type Rotation = {
  /** The backup that was made, as a restore would find it. */
  readonly made: RestorePreview;
  readonly removed: readonly string[];
};

/**
 * Makes today's backup (a second one of the day replaces the first), puts it through a restore drill, and only then
 * removes those that 7 daily and 4 weekly ones make superfluous.
 * @errors JournalBackupError: nothing was removed
 */
export async function rotateBackups(
  journal: Pick<Journal, 'path' | 'backup'>,
  options: {
    readonly folder: string;
    readonly now: EpochMs;
    readonly keep?: Keep;
    readonly onProgress?: (done: number, total: number) => void;
  },
): Promise<Rotation> {
  const folder = resolve(options.folder);
  const today = dayOf(options.now);
  const target = await nameFor(journal.path, folder, today);
  await journal.backup(target, options.onProgress);
  const made = await restorePreview(target);
  if (!made.ok) throw new JournalBackupError('copy-differs', target, new Error(made.error.code));
  const backups = listBackups(folder);
  const stale = new Set(
    staleDays(
      backups.map(({ day }) => day),
      today,
      options.keep,
    ),
  );
  const removed = backups.filter(({ day }) => stale.has(day)).map(({ path }) => path);
  for (const path of removed) rmSync(path, { force: true });
  if (removed.length > 0) syncFolder(folder);
  return { made: made.value, removed };
}
