import type { ImportRowNote } from '#shared/domain/import.ts';

import type { RawExecution, RawImport } from './format.ts';
import type { Row, Table } from './table.ts';

/** What became of one row. Nothing else can: so no row is ever lost without a word. */
export type RowReading =
  | { readonly kind: 'executions'; readonly executions: readonly RawExecution[] }
  | { readonly kind: 'skipped'; readonly note: ImportRowNote }
  | { readonly kind: 'error'; readonly note: ImportRowNote };

export const asExecutions = (...executions: readonly RawExecution[]): RowReading => ({
  kind: 'executions',
  executions,
});
export const asSkipped = (note: ImportRowNote): RowReading => ({ kind: 'skipped', note });
export const asError = (note: ImportRowNote): RowReading => ({ kind: 'error', note });

export type RowsRead = Pick<RawImport, 'executions' | 'skipped' | 'errors' | 'rows'>;

/** Reads every row of some; a row with a fault becomes an error and is not handed to `read`. */
export function readEachRow(rows: readonly Row[], read: (row: Row) => RowReading): RowsRead {
  const executions: RawExecution[] = [];
  const skipped: ImportRowNote[] = [];
  const errors: ImportRowNote[] = [];
  for (const row of rows) {
    const reading = row.fault === null ? read(row) : asError(row.fault);
    if (reading.kind === 'skipped') skipped.push(reading.note);
    else if (reading.kind === 'error') errors.push(reading.note);
    else for (const execution of reading.executions) executions.push(execution);
  }
  return { executions, skipped, errors, rows: rows.length };
}

/** Reads every row of a table as `readEachRow`, and passes on what is wrong with its header. */
export function readRows(table: Table, read: (row: Row) => RowReading): RowsRead {
  const result = readEachRow(table.records, read);
  const ofHeader = table.notes.filter((note) => note.line <= table.headerLine);
  return { ...result, errors: [...ofHeader, ...result.errors] };
}
