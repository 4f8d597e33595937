import type { Database } from './connection.ts';
import type { DerivedRow } from './derived-tables.ts';

/**
 * SQL that is planned once, whatever is bound to it. Where SQLite may look at a bound value for its plan (the number of a
 * LIMIT, one that a column is to equal), it makes the statement anew whenever another is bound, which takes many times
 * as long as a short query. It does not look past the sign, which changes nothing.
 */
export const plannedOnce = (sql: string): string => sql.replace(/@\w+/g, '+$&');

/** Prepares a statement whose values are bound by their names. */
export const prepareNamed = (database: Database, sql: string) =>
  database.prepare<[DerivedRow], DerivedRow>(plannedOnce(sql));

/** Makes a statement of its text, or finds the one made before. */
export type Prepare = (sql: string) => ReturnType<typeof prepareNamed>;

/** Statements whose text depends on a filter, prepared once each. */
export function statementCache(database: Database): Prepare {
  const cache = new Map<string, ReturnType<typeof prepareNamed>>();
  return (sql) => {
    const known = cache.get(sql) ?? prepareNamed(database, sql);
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

/** Columns of rows to be added: bound row by row, or made by SQL, which may be of one value that is bound for all. */
export type Columns = readonly (string | readonly [column: string, sql: string])[];

/** SQL that adds so many rows to a table. Bound by places: names would be looked up in every row, for every column. */
export function rowsSql(table: string, columns: Columns, rows: number): string {
  const bound = columns.filter((one) => typeof one === 'string');
  const into = `INSERT INTO ${table} (${columns.map((one) => (typeof one === 'string' ? one : one[0])).join(', ')})`;
  const places = `(${bound.map(() => '?').join(', ')})`;
  const values = `VALUES ${Array(rows).fill(places).join(', ')}`;
  if (bound.length === columns.length) return `${into} ${values}`;
  const made = columns.map((one) => (typeof one === 'string' ? one : `${one[1]} AS ${one[0]}`));
  return `${into} WITH given (${bound.join(', ')}) AS (${values}) SELECT ${made.join(', ')} FROM given`;
}

export type RowValue = string | number | null;

/** Rows that one statement takes where there are many: to begin one costs as much as a few columns. */
export const TOGETHER = 64;

/**
 * Adds rows, given as the values that are bound row by row, and those that are bound for all. Returns those among which
 * the conflict clause left some out: one alone, or all it went with.
 */
export type Insert = <T>(
  all: readonly T[],
  valuesOf: (one: T) => readonly RowValue[],
  forAll?: readonly RowValue[],
) => readonly T[];

/** Makes an insert of rows. */
export function rowInsert(database: Database, table: string, columns: Columns, onConflict = ''): Insert {
  const insertOf = (rows: number) => database.prepare(`${rowsSql(table, columns, rows)} ${onConflict}`);
  const one = insertOf(1);
  /** Made when it is needed: most appends are of a few rows. */
  let many: ReturnType<typeof insertOf> | null = null;
  /** What it is given, written over each time. */
  const values: RowValue[] = [];
  return (all, valuesOf, forAll = []) => {
    const leftOut: (typeof all)[number][] = [];
    let i = 0;
    for (; all.length - i >= TOGETHER; i += TOGETHER) {
      let place = 0;
      for (let k = i; k < i + TOGETHER; k += 1) {
        const row = valuesOf(all[k] as (typeof all)[number]);
        for (let c = 0; c < row.length; c += 1) values[place++] = row[c] as RowValue;
      }
      for (let c = 0; c < forAll.length; c += 1) values[place++] = forAll[c] as RowValue;
      many ??= insertOf(TOGETHER);
      if (many.run(values).changes < TOGETHER) leftOut.push(...all.slice(i, i + TOGETHER));
    }
    for (; i < all.length; i += 1) {
      const last = all[i] as (typeof all)[number];
      if (one.run([...valuesOf(last), ...forAll]).changes === 0) leftOut.push(last);
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
