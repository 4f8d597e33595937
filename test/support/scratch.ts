import { existsSync, realpathSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
/** What the largest tests that run at once have in memory, several times over: a full one fails as a full disk does. */
const ROOM_BYTES = 1024 ** 3;

function hasRoom(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ROOM_BYTES;
}

/**
 * Where files are made that need no disk under them, the order of the calls or the death of a process being what is
 * tested: in memory where there is enough, else where temporary files are.
 */
export const scratchRoot = (): string => realpathSync(existsSync(MEMORY) && hasRoom(MEMORY) ? MEMORY : tmpdir());
