import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SettingsCopy } from '#shared/contract/recovery-operations.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { syncFile, syncFolder } from '#desk/journal/folders.ts';

const NAME = /^settings-(\d{4}-\d{2}-\d{2})T(\d{2})(\d{2})(\d{2})\.json$/;
/** Settings change seldom: the last so many versions go back far enough. */
const KEPT = 20;

const stampOf = (at: EpochMs): string => new Date(at).toISOString().slice(0, 19).replaceAll(':', '');
const settingsFile = (folder: string): string => join(folder, 'settings.json');
const copiesFolder = (folder: string): string => join(folder, 'backups');

/** The versions of a profile's settings a desk has started with, newest first. */
export function listSettingsCopies(folder: string): readonly SettingsCopy[] {
  const copies = copiesFolder(folder);
  if (!existsSync(copies)) return [];
  return readdirSync(copies)
    .flatMap((name): SettingsCopy[] => {
      const [, day, hour, minute, second] = NAME.exec(name) ?? [];
      const at = Date.parse(`${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`);
      return Number.isNaN(at) ? [] : [{ name, at: epochMs(at) }];
    })
    .sort((a, b) => b.at - a.at);
}

/** Copies a file so that it is there whole, under its name, or not at all. */
function copyWhole(from: string, to: string, folder: string): void {
  copyFileSync(from, `${to}.partial`);
  syncFile(`${to}.partial`);
  renameSync(`${to}.partial`, to);
  syncFolder(folder);
}

/** Keeps the settings file a desk has just started with, unless the newest copy says the same. */
export function keepSettings(folder: string, now: EpochMs): void {
  const file = settingsFile(folder);
  if (!existsSync(file)) return;
  const copies = copiesFolder(folder);
  const [newest, ...older] = listSettingsCopies(folder);
  if (newest !== undefined && readFileSync(join(copies, newest.name)).equals(readFileSync(file))) return;
  mkdirSync(copies, { recursive: true, mode: 0o700 });
  copyWhole(file, join(copies, `settings-${stampOf(now)}.json`), copies);
  for (const { name } of older.slice(KEPT - 2)) rmSync(join(copies, name), { force: true });
}

/**
 * Puts a kept version in the place of the settings file; what was there is kept beside it under a name of its own.
 * @returns that name, null when nothing was there; undefined when there is no such version
 */
export function restoreSettings(folder: string, name: string, now: EpochMs): string | null | undefined {
  if (!listSettingsCopies(folder).some((copy) => copy.name === name)) return undefined;
  const file = settingsFile(folder);
  let kept: string | null = null;
  if (existsSync(file)) {
    kept = `${file}.replaced-${stampOf(now)}`;
    copyWhole(file, kept, folder);
  }
  copyWhole(join(copiesFolder(folder), name), file, folder);
  return kept;
}
