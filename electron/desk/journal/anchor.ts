import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { Database } from './connection.ts';
import { errorCode } from './errors.ts';
import type { Head } from './writer.ts';

/**
 * The end of the chain as it was at the last checkpoint, in a small file beside the journal. The chain alone cannot
 * tell that its end is missing, or that an older copy of the file, or one without its log, was put in its place.
 */
const anchorPath = (path: string): string => `${path}.head`;

const LINE = /^(\d{1,16}) ([0-9a-f]{64})\n$/;

function writeWhole(path: string, text: string): void {
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
 */
export function writeAnchor(path: string, head: Head): void {
  if (head.hash === null) return;
  try {
    writeWhole(anchorPath(path), `${head.seq} ${head.hash}\n`);
  } catch (error) {
    if (!/^E[A-Z]+$/.test(errorCode(error))) throw error;
  }
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
