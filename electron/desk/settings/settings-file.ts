import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import { epochMs } from '#shared/units.ts';
import { writeOwnerFile } from '#desk/connections/secret-file.ts';
import { parseSettings, type Settings } from '#desk/profiles/settings.ts';
import { keepSettings, listSettingsCopies } from '#desk/records/settings-copies.ts';
import { objectOf, type Json } from './draft.ts';

export const settingsPath = (folder: string): string => join(folder, 'settings.json');

export type OnDisk = { readonly text: string; readonly revision: string; readonly file: Json };

/** Reads the settings file; a missing one is empty. The revision changes whenever its text does. */
export function readSettingsFile(folder: string): OnDisk {
  const path = settingsPath(folder);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '{}';
  const revision = createHash('sha256').update(text).digest('hex').slice(0, 32);
  try {
    return { text, revision, file: objectOf(JSON.parse(text)) };
  } catch {
    // What is wrong with it was told when the desk started: nothing is built on it.
    return { text, revision, file: {} };
  }
}

/** Writes a settings file that was checked; the version before is kept, two saves within a second as two copies. */
export function writeSettingsFile(folder: string, file: Json): void {
  const [newest] = listSettingsCopies(folder);
  keepSettings(folder, epochMs(Math.max(Date.now(), newest === undefined ? 0 : newest.at + 1_000)));
  writeOwnerFile(settingsPath(folder), `${JSON.stringify(file, null, 2)}\n`);
}

/** Throws DeskError 'refused' while the file has an error: nothing is written over it. */
export function mustBeReadable(problem: string | null): void {
  if (problem === null) return;
  const message = `the settings file has an error: ${problem}`;
  throw new DeskError({ code: 'refused', message, remedy: 'restore or correct it first' });
}

/**
 * Changes one part of the settings file, held against the one parser of settings, and writes it.
 * Throws DeskError 'invalid-input' with field, value and remedy, 'refused' while the file has an error.
 */
export function changeSettingsFile(
  { folder, problem }: { readonly folder: string; readonly problem: () => string | null },
  change: (file: Json) => Json,
): { readonly settings: Settings } {
  mustBeReadable(problem());
  const file = change(readSettingsFile(folder).file);
  const parsed = parseSettings(settingsPath(folder), JSON.stringify(file));
  if (!parsed.ok) {
    const { field, value, remedy } = parsed.error;
    throw new DeskError({ code: 'invalid-input', message: `${field} is ${value}`, field, value, remedy });
  }
  writeSettingsFile(folder, file);
  return { settings: parsed.value };
}
