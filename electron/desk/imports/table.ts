import type { ImportRowNote } from '#shared/domain/import.ts';

import { rowNote } from './notes.ts';
import { readRecords } from './records.ts';
import type { Delimiter, RawRecord, RecordOptions } from './records.ts';

export { readRecords, sniffDelimiter } from './records.ts';
export type { Delimiter, RawRecord, RecordsRead } from './records.ts';

/** One column name, or several a program has used for it: the first that the file has is meant. */
export type Aliases = string | readonly string[];

export type Row = {
  /** Line of the file the row begins at, 1 for the first. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Trimmed text of a column; '' when the file has no such column. Letter case and spaces of names do not matter. */
  readonly get: (column: Aliases) => string;
  readonly has: (column: Aliases) => boolean;
  /** Why the row cannot be trusted (cells missing or too many, broken quotes); also in `Table.notes`. */
  readonly fault: ImportRowNote | null;
};

export type Table = {
  /** Names as written, trimmed; a trailing column without a name is left out. */
  readonly columns: readonly string[];
  /** Line of the header; 1 for a file without one. */
  readonly headerLine: number;
  readonly delimiter: Delimiter;
  /** Every row but blank lines, also those with a fault. */
  readonly records: readonly Row[];
  /** What is wrong with the header, then the faults of the rows. */
  readonly notes: readonly ImportRowNote[];
  readonly has: (column: Aliases) => boolean;
};

export type TableOptions = RecordOptions & {
  /** Rows may be shorter than the header (cells at the end left out). */
  readonly relaxColumns?: boolean;
};

/** Column name without case, spaces and the slant of apostrophes. */
export const columnKey = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[\s\uFEFF]+/g, '')
    .replace(/[\u2018\u2019\u2032`´]/g, "'");

/** Names of a header record, trimmed, without unnamed columns at its end. */
function columnsOf(header: RawRecord | undefined): readonly string[] {
  const columns = (header?.cells ?? []).map((cell) => cell.trim());
  let count = columns.length;
  while (count > 0 && columns[count - 1] === '') count -= 1;
  return columns.slice(0, count);
}

type Lookup = (column: Aliases) => number;

/** Finds columns; what was asked once is remembered, since every row asks again. */
function lookupOf(columns: readonly string[]): Lookup {
  const positions = new Map<string, number>();
  columns.forEach((name, index) => {
    const key = columnKey(name);
    if (!positions.has(key)) positions.set(key, index);
  });
  const asked = new Map<string, number>();
  const one = (name: string): number => {
    const known = asked.get(name);
    if (known !== undefined) return known;
    const found = positions.get(columnKey(name)) ?? -1;
    asked.set(name, found);
    return found;
  };
  return (column) => {
    if (typeof column === 'string') return one(column);
    for (const name of column) {
      const found = one(name);
      if (found !== -1) return found;
    }
    return -1;
  };
}

/** What is wrong with the width of a row; null when it fits the header. Empty cells beyond the header are no fault. */
function widthFault(record: RawRecord, width: number, relaxColumns: boolean): ImportRowNote | null {
  let count = record.cells.length;
  while (count > width && record.cells[count - 1]?.trim() === '') count -= 1;
  if (count === width || (count < width && relaxColumns)) return null;
  const isShort = count < width;
  return rowNote({
    line: record.line,
    field: '',
    value: record.cells.slice(0, 8).join(' | '),
    message: `the row has ${count} cells, the header ${width}`,
    remedy: isShort
      ? 'the file may be cut off here: export it again'
      : 'a cell may hold the delimiter unquoted: export the file again',
  });
}

function rowOf(record: RawRecord, lookup: Lookup, fault: ImportRowNote | null): Row {
  const { line, cells } = record;
  return {
    line,
    cells,
    fault,
    get: (column) => cells[lookup(column)]?.trim() ?? '',
    has: (column) => lookup(column) !== -1,
  };
}

/** Makes a table of a header record and the records below it, for files of several sections. */
export function tableOf(
  header: RawRecord | undefined,
  records: readonly RawRecord[],
  options: { readonly delimiter: Delimiter; readonly relaxColumns?: boolean },
): Table {
  const columns = columnsOf(header);
  const lookup = lookupOf(columns);
  const rows = records.map((record) =>
    rowOf(record, lookup, record.fault ?? widthFault(record, columns.length, options.relaxColumns ?? false)),
  );
  const faults = rows.flatMap((row) => (row.fault === null ? [] : [row.fault]));
  return {
    columns,
    headerLine: header?.line ?? 1,
    delimiter: options.delimiter,
    records: rows,
    notes: header?.fault ? [header.fault, ...faults] : faults,
    has: (column) => lookup(column) !== -1,
  };
}

/**
 * Reads a file of one header and rows. The first record is the header. A row with a fault is kept, with the fault in
 * `row.fault`: a reader must pass it on as an error (`readRows` does). Never throws.
 */
export function readTable(text: string, options: TableOptions = {}): Table {
  const { delimiter, records } = readRecords(text, options);
  return tableOf(records[0], records.slice(1), { ...options, delimiter });
}

/** Names of the first record of a file, without reading the rest: for `recognise`. */
export const readColumns = (text: string, options: RecordOptions = {}): readonly string[] =>
  columnsOf(readRecords(text, { ...options, limit: 1 }).records[0]);

/** Share of the wanted columns that a header has, 0 to 1; case and spaces do not matter. */
export function headerScore(columns: readonly string[], wanted: readonly Aliases[]): number {
  const keys = new Set(columns.map(columnKey));
  const names = wanted.map((column) => (typeof column === 'string' ? [column] : column));
  const found = names.filter((aliases) => aliases.some((name) => keys.has(columnKey(name))));
  return wanted.length === 0 ? 0 : found.length / wanted.length;
}
