import type { Database } from './connection.ts';
import { type DerivedRow, DERIVED_TABLE_NAMES, insertSql } from './derived-tables.ts';
import { EVENT_COLUMNS, type EventRow } from './event-codec.ts';
import { createEventReader } from './event-reader.ts';
import { startFold } from './fold.ts';

/** Replaces every derived table by what the events say. The caller holds the transaction. */
export function rebuildDerived(database: Database): void {
  const fold = startFold();
  const events = database.prepare<[], EventRow>(`SELECT ${EVENT_COLUMNS} FROM events e ORDER BY e.seq`);
  const { read } = createEventReader(database);
  for (const row of events.iterate()) fold.add(read(row));
  const derived = fold.tables();
  // The words are put in step with the texts first: a text can only be taken out of an index that holds it.
  database.exec(`INSERT INTO texts_search (texts_search) VALUES ('rebuild')`);
  for (const table of DERIVED_TABLE_NAMES) {
    database.exec(`DELETE FROM ${table}`);
    const insert = database.prepare<[DerivedRow]>(insertSql(table));
    for (const row of derived[table]) insert.run(row);
  }
}
