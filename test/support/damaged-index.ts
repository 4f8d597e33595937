import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';

/** The root page of an index in a closed journal, as a place in its file and the size of a page. */
function rootOf(path: string, index: string): { readonly at: number; readonly size: number } {
  const database = new Database(path, { readonly: true });
  const page = Number(database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(index));
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  return { at: (page - 1) * size, size };
}

/** Damages a closed journal so that a quick look at its pages notices, and nothing that a start reads otherwise. */
export function damagePage(path: string, index = 'fills_by_time'): void {
  const { at } = rootOf(path, index);
  const bytes = readFileSync(path);
  // A page says what it is with its first byte.
  bytes[at] = 0;
  writeFileSync(path, bytes);
}

/**
 * Damages a closed journal so that only a full check notices: an entry of an index names another row. Every page stays
 * in order, and so does the chain. The index must fit on one page, as that of a small journal does.
 */
export function damageIndex(path: string, index = 'fills_by_time'): void {
  const { at, size } = rootOf(path, index);
  const bytes = readFileSync(path);
  // The content of the first entry ends where its page ends, with the number of its row.
  const last = at + size - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 0x40;
  writeFileSync(path, bytes);
}
