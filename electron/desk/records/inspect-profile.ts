import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import path from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import { lastFullCheck } from '#desk/journal/full-check.ts';
import { listBackups } from '#desk/journal/backup-rotation.ts';
import { listStandbys } from '#desk/journal/standby.ts';
import { diskSpace } from '#desk/journal/disk-space.ts';
import { inspectConnections } from '#desk/connections/inspect-connections.ts';
import { readSettings } from '#desk/profiles/settings.ts';
import { journalStatistics } from './journal-tools.ts';

/** One thing looked at. `remedy` says what to do where it is not `ok`. */
export type Finding = {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly remedy: string | null;
};

const MEBIBYTE = 1_048_576;
/** Modes that let other users of the machine read a trader's journal. */
const OTHERS_MAY_READ = 0o077;

const fine = (check: string, detail: string): Finding => ({ check, state: 'ok', detail, remedy: null });

/** The folder itself, or the nearest above it that can be seen. */
const nearest = (folder: string): string =>
  existsSync(folder) || path.dirname(folder) === folder ? folder : nearest(path.dirname(folder));

function folderFinding(folder: string): Finding {
  const check = 'Data folder';
  // What lies in a folder of another user looks as if it were not there.
  const seen = nearest(path.resolve(folder));
  const isThere = existsSync(folder);
  try {
    accessSync(seen, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const remedy = `Make ${seen} yours to read and write, or choose another with --data.`;
    const detail = isThere ? `${folder} cannot be written` : `${folder} can be neither seen nor made in ${seen}`;
    return { check, state: 'fail', detail, remedy };
  }
  if (!isThere) return fine(check, `${folder} (made at the first start)`);
  const mode = statSync(folder).mode & 0o777;
  if (platform() !== 'win32' && (mode & OTHERS_MAY_READ) !== 0) {
    const detail = `${folder} can be read by other users (mode ${mode.toString(8)})`;
    return { check, state: 'warn', detail, remedy: `chmod 700 ${folder}` };
  }
  return fine(check, folder);
}

function diskFinding(folder: string): Finding {
  const check = 'Disk space';
  const space = diskSpace(folder);
  if (!space.ok) return { check, state: 'fail', detail: space.error.detail, remedy: 'Check the disk.' };
  const detail = `${Math.floor(space.value.freeBytes / MEBIBYTE).toLocaleString('en-US')} MB free`;
  if (space.value.state === 'ok') return fine(check, detail);
  const isRefused = space.value.state === 'refuse';
  const remedy = isRefused ? 'Free space: below 100 MB no order is sent.' : 'Free space: below 500 MB is little.';
  return { check, state: isRefused ? 'fail' : 'warn', detail, remedy };
}

function journalFinding(file: string): Finding {
  const check = 'Journal';
  if (!existsSync(file)) return fine(check, 'none yet (made at the first start)');
  try {
    const { events, trades } = journalStatistics(file);
    const count = `${events.toLocaleString('en-US')} events, ${trades.toLocaleString('en-US')} trades`;
    return fine(check, `${file}: ${count}; journal verify checks all of it`);
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    return { check, state: 'fail', detail: error.data.message, remedy: error.data.remedy };
  }
}

function fullCheckFinding(file: string): Finding {
  const check = 'Full check';
  if (!existsSync(file)) return fine(check, 'none yet');
  const last = lastFullCheck(file);
  if (last === null)
    return fine(check, `not done yet; the desk does it once a week, journal verify ${file} does it now`);
  const day = new Date(last.at).toISOString().slice(0, 16).replace('T', ' ');
  if (last.fault === null) return fine(check, `${day}Z: ${last.events.toLocaleString('en-US')} events in order`);
  const remedy = 'Restore the newest backup (kelly-desk journal restore), and keep this file for inspection.';
  return { check, state: 'fail', detail: `${day}Z: ${last.fault}`, remedy };
}

function permissionsFinding(file: string): Finding {
  const check = 'Permissions';
  if (!existsSync(file)) return fine(check, 'the journal will be readable by its owner only');
  const mode = statSync(file).mode & 0o777;
  if (platform() === 'win32' || (mode & OTHERS_MAY_READ) === 0) return fine(check, 'the journal is its owner’s alone');
  const detail = `other users can read the journal (mode ${mode.toString(8)})`;
  return { check, state: 'warn', detail, remedy: `chmod 600 ${file}` };
}

function standbyFinding(file: string): Finding {
  const check = 'Standby';
  const standbys = listStandbys(file);
  if (standbys.length === 0) return fine(check, 'none: nothing is recorded beside the journal');
  const detail = `${standbys.map((standby) => path.basename(standby)).join(', ')} holds what the journal does not`;
  const remedy = `Check the disk, then start the desk, or kelly-desk journal adopt-standby ${file}.`;
  return { check, state: 'warn', detail, remedy };
}

function backupFinding(folder: string, file: string): Finding {
  const check = 'Backups';
  const [newest] = listBackups(path.join(folder, 'backups'));
  if (newest !== undefined) return fine(check, `newest ${path.basename(newest.path)}`);
  if (!existsSync(file)) return fine(check, 'none yet');
  const remedy = 'The desk makes one a day while it runs; kelly-desk journal backup makes one now.';
  return { check, state: 'warn', detail: 'none', remedy };
}

function settingsFinding(file: string): Finding {
  const read = readSettings(file);
  if (read.ok) return fine('Settings', existsSync(file) ? file : 'defaults (no settings.json)');
  const { field, value, remedy } = read.error;
  return { check: 'Settings', state: 'fail', detail: `${file}: ${field} is ${value}`, remedy };
}

/** Looks a profile over without changing anything: folder, disk, journal and who may read it, standbys, backups, settings, connections. */
export function inspectProfile(dataFolder: string, profile: string): readonly Finding[] {
  const folder = path.join(dataFolder, 'profiles', profile);
  const journal = path.join(folder, 'journal.db');
  return [
    folderFinding(folder),
    diskFinding(folder),
    journalFinding(journal),
    fullCheckFinding(journal),
    permissionsFinding(journal),
    standbyFinding(journal),
    backupFinding(folder, journal),
    settingsFinding(path.join(folder, 'settings.json')),
    ...inspectConnections(dataFolder, profile),
  ];
}
