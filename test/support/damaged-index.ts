import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';

/**
 * Damages a closed journal so that only a full check notices: an entry of an index names another row. Every page stays
 * in order, and so does the chain. The index must fit on one page, as that of a small journal does.
 */
export function damageIndex(path: string, index = 'fills_by_time'): void {
  const database = new Database(path, { readonly: true });
  const page = Number(database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(index));
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  const bytes = readFileSync(path);
  // The content of the first entry ends where its page ends, with the number of its row.
  const last = page * size - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 0x40;
  writeFileSync(path, bytes);
}
