import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import type { Database } from './connection.ts';
import { errorCode } from './errors.ts';
import type { Head } from './writer.ts';

/**
 * The end of the chain as it was at the last checkpoint, in a small file beside the journal. The chain alone cannot
 * tell that its end is missing, or that an older copy of the file, or one without its log, was put in its place.
 */
export const anchorPath = (path: string): string => `${path}.head`;

const LINE = /^(\d{1,16}) ([0-9a-f]{64})\n$/;

/** Writes a small file beside the journal, whole or not at all. Throws what the system throws. */
export function writeWhole(path: string, text: string): void {
  const descriptor = openSync(`${path}.partial`, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${path}.partial`, path);
}

/**
 * Notes the end of the chain beside the journal, whole or not at all. A note that cannot be written (full disk) leaves
 * the one before, which holds as well: the chain goes through it.
 * @returns what the system said when it could not be written; null when it was, or there is nothing to note
 */
export function writeAnchor(path: string, head: Head): string | null {
  if (head.hash === null) return null;
  try {
    writeWhole(anchorPath(path), `${head.seq} ${head.hash}\n`);
    return null;
  } catch (error) {
    const code = errorCode(error);
    if (!/^E[A-Z]+$/.test(code)) throw error;
    return code;
  }
}

/** How many events a journal had at its last checkpoint, by the note beside it; null without one that can be read. */
export function anchoredSeq(path: string): number | null {
  if (!existsSync(anchorPath(path))) return null;
  const match = LINE.exec(readFileSync(anchorPath(path), 'latin1'));
  return match === null ? null : Number(match[1]);
}

/** Compares a journal with its anchor; null when it goes on from there, or when there is none (a backup). */
export function anchorFault(database: Database, path: string): string | null {
  if (!existsSync(anchorPath(path))) return null;
  const match = LINE.exec(readFileSync(anchorPath(path), 'latin1'));
  if (match === null) return `${anchorPath(path)} is not readable as an anchor`;
  const hash = database
    .prepare<[number], string>('SELECT hash FROM events WHERE seq = ?')
    .pluck()
    .get(Number(match[1]));
  if (hash === match[2]) return null;
  const what = hash === undefined ? 'is missing' : 'is another one';
  return `event ${match[1] ?? ''}, the end at the last checkpoint, ${what}: an older copy or a rewritten journal`;
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/**
 * Says what shows that a journal was at a path where there is no file, or an empty one; null when nothing does.
 * SQLite itself would make a new database there, and delete the log of the one that is gone.
 */
export function remainsOfJournal(path: string): string | null {
  if (sizeOf(path) > 0) return null;
  const remains = [anchorPath(path), `${path}-wal`].filter((beside) => sizeOf(beside) > 0);
  if (remains.length === 0) return null;
  const what = existsSync(path) ? 'the file is empty' : 'the file is gone';
  return `${what}, and ${remains.join(' and ')} ${remains.length === 1 ? 'shows' : 'show'} that a journal was here`;
}
