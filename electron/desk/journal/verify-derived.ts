import SqliteDatabase from 'better-sqlite3';
import type { Attachment } from '#shared/domain/annotation.ts';
import type { Database } from './connection.ts';
import {
  DERIVED_TABLES,
  DERIVED_TABLE_NAMES,
  type DerivedRow,
  type DerivedTable,
  insertSql,
} from './derived-tables.ts';
import type { DerivedTables } from './fold.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** The event a derived row came from, where it has one of its own. */
const seqOf = (row: DerivedRow | undefined): number | null => (typeof row?.['seq'] === 'number' ? row['seq'] : null);

function compareTable(database: Database, table: DerivedTable, expected: readonly DerivedRow[]): string | null {
  const { columns, keys } = DERIVED_TABLES[table];
  const order = columns.slice(0, keys).join(', ');
  const found = database.prepare<[], DerivedRow>(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${order}`);
  const text = (row: DerivedRow | undefined): string | null =>
    row === undefined ? null : JSON.stringify(columns.map((column) => row[column]));
  let position = 0;
  for (const row of found.iterate()) {
    const wanted = expected[position];
    if (text(row) !== text(wanted)) {
      const seq = seqOf(row) ?? seqOf(wanted);
      return `${table} row ${position + 1}${seq === null ? '' : ` (event ${seq})`} differs from the events`;
    }
    position += 1;
  }
  return position === expected.length ? null : `${table} has ${position} rows, the events make ${expected.length}`;
}

/** Compares every derived table with what the events make; what differs, in words. */
export const derivedFaults = (database: Database, derived: DerivedTables): readonly string[] =>
  DERIVED_TABLE_NAMES.flatMap((table) => compareTable(database, table, derived[table]) ?? []);

const WORDS = `SELECT x.subject_kind, x.subject_id, w.col, w.offset, w.term
  FROM texts_words w LEFT JOIN texts x ON x.doc = w.doc ORDER BY 1, 2, 3, 4, 5`;

const wordsOf = (database: Database): readonly string[] =>
  database
    .prepare<[], readonly unknown[]>(WORDS)
    .raw()
    .all()
    .map((row) => JSON.stringify(row));

/** Compares the words that can be searched with those of the texts the events make; null when they are the same. */
export function searchFault(database: Database, texts: readonly DerivedRow[]): string | null {
  const memory = new SqliteDatabase(':memory:');
  try {
    for (const migration of MIGRATIONS) migration.up(memory);
    const insert = memory.prepare<[DerivedRow]>(insertSql('texts'));
    for (const row of texts) insert.run(row);
    const [found, wanted] = [wordsOf(database), wordsOf(memory)];
    const wrong = found.findIndex((word, i) => word !== wanted[i]);
    if (wrong < 0 && found.length === wanted.length) return null;
    return `the search index differs at ${(wrong < 0 ? wanted[found.length] : found[wrong]) ?? 'its end'}`;
  } finally {
    memory.close();
  }
}

/** Pictures that notes name and no event recorded, and recorded ones that are not among the files, whole. */
export function attachmentFaults(
  derived: DerivedTables,
  files: readonly Pick<Attachment, 'sha256' | 'size'>[] | undefined,
): readonly { readonly seq: number | null; readonly detail: string }[] {
  const recorded = new Set(derived.attachments.map((row) => row['sha256']));
  const unrecorded = derived.annotations.flatMap((row) =>
    screenshotsOf(row)
      .filter((sha256) => !recorded.has(sha256))
      .map((sha256) => ({ seq: seqOf(row), detail: `picture ${sha256} of a note was never recorded` })),
  );
  if (files === undefined) return unrecorded;
  const sizes = new Map(files.map(({ sha256, size }) => [sha256, size]));
  const missing = derived.attachments.flatMap((row) => {
    const sha256 = String(row['sha256']);
    const size = sizes.get(sha256);
    if (size === row['size']) return [];
    const what = size === undefined ? 'is missing' : `has ${size} bytes, not ${String(row['size'])}`;
    return [{ seq: seqOf(row), detail: `picture ${sha256} ${what}` }];
  });
  return [...unrecorded, ...missing];
}

function screenshotsOf(row: DerivedRow): readonly string[] {
  const body = JSON.parse(String(row['body'])) as { readonly screenshots: readonly string[] };
  return body.screenshots;
}
