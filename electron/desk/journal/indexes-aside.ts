import type { Database } from './connection.ts';
import type { DerivedTable } from './derived-tables.ts';

/** Rows from which making the indexes anew costs less than putting each row into every one of them. */
const MANY = 2_000;

/** Does `work`, which adds so many rows to a table. */
export type AddRows = (rows: number, work: () => void) => void;

/**
 * Takes the indexes of a table away while many rows are added to it, and makes them anew behind: each is sorted once then.
 * Only where the rows are no fewer than those that are there, so that a row costs the same however many came before.
 * The caller holds the transaction: all of it is kept, or none. Whatever is read meanwhile must not need the indexes.
 */
export function indexesAside(database: Database, table: DerivedTable): AddRows {
  const isLonger = database.prepare<[number], number>(`SELECT 1 FROM ${table} LIMIT 1 OFFSET ?`).pluck();
  // Those of a constraint have no text and stay. In the order they were made: the planner weighs them in that order.
  const indexes = database.prepare<[string], { readonly name: string; readonly sql: string }>(
    `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY rowid`,
  );
  return (rows, work) => {
    if (rows < MANY || isLonger.get(rows) !== undefined) {
      work();
      return;
    }
    const taken = indexes.all(table);
    for (const { name } of taken) database.exec(`DROP INDEX ${name}`);
    work();
    for (const { sql } of taken) database.exec(sql);
  };
}
