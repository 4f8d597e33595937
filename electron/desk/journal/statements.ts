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

/** Runs reads on one committed state: what another process writes between two of them is not seen. */
export type AtOnce = <T>(read: () => T) => T;

/** Also the faster way: a statement alone takes and leaves the locks of a reader, each for itself. */
export function readsAtOnce(database: Database): AtOnce {
  const begun = database.transaction((read: () => unknown) => read());
  // What is read inside a transaction stands on one state as it is.
  return <T>(read: () => T) => (database.inTransaction ? read() : (begun.deferred(read) as T));
}

/** SQL that adds so many full rows to a table. Bound by their places: names would be looked up in every row, for every column. */
export function rowsSql(table: string, columns: readonly string[], rows: number): string {
  const places = `(${columns.map(() => '?').join(', ')})`;
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array(rows).fill(places).join(', ')}`;
}

/** Rows that one statement takes where there are many: to begin one costs as much as a few columns. */
const TOGETHER = 32;

/** Adds rows to a table. Returns those among which the conflict clause left some out: one alone, or all it went with. */
export type Insert = <T>(all: readonly T[], rowOf: (one: T) => DerivedRow) => readonly T[];

/** Makes an insert of full rows. */
export function rowInsert(database: Database, table: DerivedTable, onConflict = ''): Insert {
  const columns: readonly string[] = DERIVED_TABLES[table].columns;
  const insertOf = (rows: number) => database.prepare(`${rowsSql(table, columns, rows)} ${onConflict}`);
  const one = insertOf(1);
  let many: typeof one | null = null;
  return (all, rowOf) => {
    const leftOut: (typeof all)[number][] = [];
    for (let i = 0; i < all.length;) {
      const size = all.length - i >= TOGETHER ? TOGETHER : 1;
      const values: unknown[] = [];
      for (let k = i; k < i + size; k += 1) {
        const row = rowOf(all[k] as (typeof all)[number]);
        for (const column of columns) values.push(row[column]);
      }
      const insert = size === 1 ? one : (many ??= insertOf(TOGETHER));
      if (insert.run(values).changes < size) leftOut.push(...all.slice(i, i + size));
      i += size;
    }
    return leftOut;
  };
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
