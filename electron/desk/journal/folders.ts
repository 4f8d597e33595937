import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './errors.ts';

/** What a system says of a folder that it cannot sync, or that we may pass through and not read. */
const CANNOT_SYNC = new Set(['EACCES', 'EPERM', 'EINVAL', 'EISDIR', 'ENOTSUP', 'ENOSYS']);

/**
 * Makes the names in a folder survive a power cut: syncing a file keeps what is in it, not the name it goes by.
 * Where the system cannot sync a folder (Windows), its journal of names has to do.
 */
export function syncFolder(folder: string): void {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch (error) {
    if (!CANNOT_SYNC.has(errorCode(error))) throw error;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** Makes what is in a whole file survive a power cut; its name needs its folder synced. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a folder (0700) and those above it, so that they survive a power cut. An existing one is left as it is. */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    syncFolder(dirname(made));
    if (dirname(made) === made) return;
  }
}
