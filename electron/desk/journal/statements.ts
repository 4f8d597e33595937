import type { Database } from './connection.ts';
import { type DerivedRow, type DerivedTable, DERIVED_TABLES } from './derived-tables.ts';

const prepared = (database: Database, sql: string) => database.prepare<[DerivedRow], DerivedRow>(sql);

/** Makes a statement of its text, or finds the one made before. */
export type Prepare = (sql: string) => ReturnType<typeof prepared>;

/** Statements whose text depends on a filter, prepared once each. */
export function statementCache(database: Database): Prepare {
  const cache = new Map<string, ReturnType<typeof prepared>>();
  return (sql) => {
    const known = cache.get(sql) ?? prepared(database, sql);
    cache.set(sql, known);
    return known;
  };
}

/** Adds a row to a table; false when the conflict clause left it out. */
export type Insert = (row: DerivedRow) => boolean;

/** Makes an insert of full rows. Bound by their places: names would be looked up in every row, for every column. */
export function rowInsert(database: Database, table: DerivedTable, onConflict = ''): Insert {
  const columns: readonly string[] = DERIVED_TABLES[table].columns;
  const places = columns.map(() => '?').join(', ');
  const statement = database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places}) ${onConflict}`);
  return (row) => statement.run(...columns.map((column) => row[column])).changes > 0;
}

/** Conditions of a query and the values they name. */
export type Conditions = { readonly parts: readonly string[]; readonly values: DerivedRow };

export const whereOf = (parts: readonly string[]): string => (parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`);

/**
 * A page out of a list whose length is known, read from the nearer end: a page in the far half is read backwards, and
 * turned round by whoever reads it.
 */
export type Slice = { readonly limit: number; readonly offset: number; readonly isBackwards: boolean };

/** Where a page begins and ends; null when it lies beyond the list. */
export function sliceOf(
  total: number,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Slice | null {
  if (offset >= total) return null;
  const size = Math.min(limit, total - offset);
  const isBackwards = offset > total / 2;
  return { limit: size, offset: isBackwards ? total - offset - size : offset, isBackwards };
}
