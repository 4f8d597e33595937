import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Result, err, ok } from '#shared/result.ts';
import { errorCode, errorText } from './errors.ts';
import { syncFolder } from './folders.ts';

const MEBIBYTE = 1024 * 1024;

/** Below `warnBytes` the trader is told; below `refuseBytes` no new order may be sent: its fills could not be kept. */
export const DISK_LIMITS = { warnBytes: 500 * MEBIBYTE, refuseBytes: 100 * MEBIBYTE } as const;

export const BALLAST_BYTES = 16 * MEBIBYTE;

export type DiskState = 'ok' | 'low' | 'refuse';
export type DiskSpace = {
  /** What this user may still write, in bytes. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly state: DiskState;
};
export type DiskSpaceError = {
  readonly code: 'disk-unreadable';
  readonly path: string;
  /** What the operating system said, e.g. EIO. */
  readonly cause: string;
  readonly detail: string;
};

/** Judges free bytes: below the limit is over it, not at it. */
export const diskState = (freeBytes: number): DiskState =>
  freeBytes < DISK_LIMITS.refuseBytes ? 'refuse' : freeBytes < DISK_LIMITS.warnBytes ? 'low' : 'ok';

/** The folder itself, or the nearest one above it that exists. */
function existingFolder(folder: string): string {
  const absolute = resolve(folder);
  return existsSync(absolute) || dirname(absolute) === absolute ? absolute : existingFolder(dirname(absolute));
}

/**
 * Asks how much room the disk under a folder has; the folder need not exist yet. A few microseconds.
 * @errors 'disk-unreadable': treat it as no room
 */
export function diskSpace(folder: string): Result<DiskSpace, DiskSpaceError> {
  try {
    const { bavail, blocks, bsize } = statfsSync(existingFolder(folder));
    const freeBytes = bavail * bsize;
    return ok({ freeBytes, totalBytes: blocks * bsize, state: diskState(freeBytes) });
  } catch (error) {
    const cause = errorCode(error);
    if (!/^E[A-Z0-9]+$/.test(cause)) throw error;
    return err({ code: 'disk-unreadable', path: folder, cause, detail: errorText(error) });
  }
}

/** A file that holds room on the disk, to be given up when the disk is full. */
export const ballastPath = (path: string): string => `${path}.ballast`;

function writeBallast(path: string): void {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    // Random bytes: a file system that compresses or leaves out zeros would hold no room for them.
    const chunk = randomBytes(MEBIBYTE);
    for (let written = 0; written < BALLAST_BYTES;) {
      written += writeSync(descriptor, chunk, 0, Math.min(chunk.length, BALLAST_BYTES - written));
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a whole ballast lies beside the journal. */
export const hasBallast = (path: string): boolean =>
  existsSync(ballastPath(path)) && statSync(ballastPath(path)).size === BALLAST_BYTES;

/**
 * Lays 16 MiB beside a journal, where the disk has more room than the warning asks for; takes up to a tenth of a second
 * the first time. Returns whether it lies there.
 */
export function layBallast(path: string): boolean {
  if (hasBallast(path)) return true;
  const space = diskSpace(dirname(path));
  if (!space.ok || diskState(space.value.freeBytes - BALLAST_BYTES) !== 'ok') return false;
  const partial = `${ballastPath(path)}.partial`;
  try {
    writeBallast(partial);
    renameSync(partial, ballastPath(path));
    syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (!/^E[A-Z0-9]+$/.test(errorCode(error))) throw error;
    rmSync(partial, { force: true });
    return false;
  }
}

/** Gives up the ballast; returns whether there was one, so that a write is worth trying again. */
export function dropBallast(path: string): boolean {
  if (!existsSync(ballastPath(path))) return false;
  rmSync(ballastPath(path), { force: true });
  return true;
}
