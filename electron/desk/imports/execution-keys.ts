import type { ImportRowNote } from '#shared/domain/import.ts';

import type { RawExecution } from './format.ts';
import { rowNote } from './notes.ts';

/** Room for the suffix of a split average: the journal takes keys of 200 characters. */
const LONGEST_KEY = 196;

/**
 * Returns a maker of keys by which an execution is known again: the broker's id, else a fingerprint of the row as the
 * file writes it, with its ordinal among equal rows. The written text and not what it was read as: the same file read
 * with another time zone then contradicts the journal, where it would else be booked a second time. Rows must be given
 * in file order, each once.
 */
export function executionKeys(): (raw: RawExecution, account: string) => string {
  const ordinals = new Map<string, number>();
  return (raw, account) => {
    if (raw.id !== null && raw.id.trim() !== '') return raw.id.trim();
    const side = raw.direction === 1 ? 'B' : 'S';
    const row = ['row', account, raw.symbol, side, raw.quantity, raw.price, raw.time.text]
      .map((part) => String(part).trim())
      .join('|');
    const ordinal = (ordinals.get(row) ?? 0) + 1;
    ordinals.set(row, ordinal);
    return `${row}|${ordinal}`;
  };
}

/** Whether a key is the fingerprint of a row, which its file gave no id. */
export const isFingerprint = (key: string): boolean => key.startsWith('row|');

/** Why a key cannot be journaled; null when it can. */
export function keyProblem(raw: RawExecution, key: string): ImportRowNote | null {
  if (key.length <= LONGEST_KEY) return null;
  const field = raw.id === null ? '' : 'id';
  const message = `what identifies the execution is longer than ${LONGEST_KEY} characters`;
  return rowNote({ line: raw.line, field, value: key, message, remedy: 'correct the row, or export the file again' });
}
