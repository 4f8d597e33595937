import { closeSync, fdatasyncSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskSpace, diskState } from './disk-space.ts';
import { errorCode } from './errors.ts';

const MEBIBYTE = 1024 * 1024;

/** Holds what is written until the log begins anew: the pages it may have, and those that come before it is moved. */
export const LOG_ROOM_BYTES = 5 * MEBIBYTE;

/** The write-ahead log beside a journal. */
export const logPath = (path: string): string => `${path}-wal`;

/** No room, or no right to so much of it. */
const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

function fill(path: string, bytes: number): void {
  const log = openSync(logPath(path), 'r+');
  try {
    const zeros = Buffer.alloc(MEBIBYTE);
    for (let end = statSync(logPath(path)).size; end < bytes;) {
      end += writeSync(log, zeros, 0, Math.min(zeros.length, bytes - end), end);
    }
    fdatasyncSync(log);
  } finally {
    closeSync(log);
  }
}

/**
 * Fills the log of a journal up to a length with zeros, where the disk has room to spare. A commit that makes the log
 * longer waits until the file system has noted where the new part lies: more than half as long again as one that writes
 * over what is there. SQLite reads no frame after the last that is whole, so what follows it does not matter.
 *
 * For the one writer of the journal, outside of a transaction: nothing else puts frames into the log meanwhile. Throws
 * what the system throws, but for a lack of room.
 */
export function layLogRoom(path: string, bytes: number): void {
  if (statSync(logPath(path)).size >= bytes) return;
  const space = diskSpace(dirname(path));
  if (!space.ok || diskState(space.value.freeBytes - bytes) !== 'ok') return;
  try {
    fill(path, bytes);
  } catch (error) {
    if (!NO_ROOM.includes(errorCode(error))) throw error;
  }
}
