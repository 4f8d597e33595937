import { detectDecimalMark, parseQuantity, parseUsd, plainDecimal, wantedFigure } from '#desk/imports/amounts.ts';
import type { AmountError, DecimalMark } from '#desk/imports/amounts.ts';
import type { RawImport } from '#desk/imports/format.ts';
import { badCell, missingCell, missingColumn } from '#desk/imports/notes.ts';
import { asError } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import type { Aliases, Row, Table } from '#desk/imports/table.ts';
import type { ImportRowNote } from '#shared/domain/import.ts';

/** Cells of one row, typed. The first that cannot be read is the row's problem; what is returned then is not used. */
export type Cells = {
  readonly line: number;
  /** Text of a cell that must be filled. */
  readonly text: (column: Aliases) => string;
  /** A symbol; a formula, which a spreadsheet would run, is none. */
  readonly symbol: (column: Aliases) => string;
  /** A price as written, decimal or in 32nds; the resolver reads it by the contract. */
  readonly price: (column: Aliases) => string;
  /** A whole number of contracts or shares above zero. */
  readonly quantity: (column: Aliases) => number;
  /** The same with the side in its sign; never zero. */
  readonly signedQuantity: (column: Aliases) => number;
  /** USD; null when the cell is empty or the file has no such column. */
  readonly money: (column: Aliases) => number | null;
  /** What the words of a cell stand for, in any letter case; `wanted` reads on after "is not". */
  readonly word: <T>(column: Aliases, words: Readonly<Record<string, T>>, wanted: string) => T | null;
  /** Records a problem found by the reader itself; the first one stays. */
  readonly refuse: (note: ImportRowNote) => void;
  readonly problem: () => ImportRowNote | null;
};

/** The name under which a file has a column, else the usual one. */
export function columnName(source: Pick<Row, 'has'>, column: Aliases): string {
  if (typeof column === 'string') return column;
  return column.find((name) => source.has(name)) ?? column[0] ?? '';
}

/** Points and 32nds (`110'165`), or cents and eighths: read by the contract, not here. */
const FRACTION = /^-?\d+['-]\d{1,3}\+?$/;

const NO_QUANTITY = 'correct the cell, or remove the row';

/** Reads the cells of a row; see `Cells`. Figures are read with the decimal mark of the file. */
export function cellsOf(row: Row, mark: DecimalMark = 'point'): Cells {
  let problem: ImportRowNote | null = null;
  const refuse = (note: ImportRowNote): void => {
    problem ??= note;
  };
  const cell = (column: Aliases) => ({ line: row.line, field: columnName(row, column), value: row.get(column) });
  const text = (column: Aliases): string => {
    const { field, value } = cell(column);
    if (value === '') refuse(missingCell(row.line, field));
    return value;
  };
  const refuseFigure = (column: Aliases, error: AmountError, what: string): void => {
    const { wanted, remedy } = wantedFigure(error, what);
    refuse(badCell(cell(column), wanted, remedy));
  };
  const signedQuantity = (column: Aliases): number => {
    const count = parseQuantity(text(column), mark);
    if (!count.ok) refuseFigure(column, count.error, 'a number of contracts');
    else if (count.value === 0) refuse(badCell(cell(column), 'a number of contracts', NO_QUANTITY));
    else if (count.value !== null) return count.value;
    return 1;
  };
  return {
    line: row.line,
    text,
    symbol: (column) => {
      const value = text(column);
      if (/^[=+-]/.test(value)) refuse(badCell(cell(column), 'a symbol', 'correct the cell, or remove the row'));
      return value;
    },
    price: (column) => {
      const value = text(column);
      if (value === '' || FRACTION.test(value)) return value;
      const price = plainDecimal(value, mark);
      if (!price.ok) refuseFigure(column, price.error, 'a price');
      return price.ok && price.value !== null ? price.value : value;
    },
    quantity: (column) => {
      const count = signedQuantity(column);
      if (count < 0) refuse(badCell(cell(column), 'a number of contracts above zero', NO_QUANTITY));
      return count;
    },
    signedQuantity,
    money: (column) => {
      const usd = parseUsd(row.get(column), mark);
      if (!usd.ok) refuseFigure(column, usd.error, 'an amount of money');
      return usd.ok ? usd.value : null;
    },
    word: (column, words, wanted) => {
      const meaning = words[text(column).toUpperCase()];
      if (meaning === undefined) refuse(badCell(cell(column), wanted, 'correct the cell, or export the file again'));
      return meaning ?? null;
    },
    refuse,
    problem: () => problem,
  };
}

/** Reading of a row of which `reading` holds only if no cell was refused. */
export const unlessRefused = (cells: Cells, reading: () => RowReading): RowReading => {
  const problem = cells.problem();
  return problem === null ? reading() : asError(problem);
};

/** Sum of amounts as written, null when none is. */
export function sumUsd(amounts: readonly (number | null)[]): number | null {
  const written = amounts.filter((amount) => amount !== null);
  return written.length === 0 ? null : written.reduce((sum, amount) => sum + amount, 0);
}

/** A fee from the money of a statement, where a cost is negative. */
export const costOf = (amountUsd: number | null): number | null =>
  amountUsd === null ? null : amountUsd === 0 ? 0 : -amountUsd;

/** Errors for the required columns a header lacks, each with what to do about it. */
export const missingColumns = (
  table: Pick<Table, 'has' | 'headerLine'>,
  required: readonly Aliases[],
  remedy?: string,
): readonly ImportRowNote[] =>
  required
    .filter((column) => !table.has(column))
    .map((column) => missingColumn(table.headerLine, columnName(table, column)))
    .map((note) => (remedy === undefined ? note : { ...note, remedy }));

/** A file of which nothing can be read, and why. */
export const unreadable = (errors: readonly ImportRowNote[], columns: readonly string[] = []): RawImport => ({
  executions: [],
  skipped: [],
  errors,
  questions: [],
  assumptions: [],
  rows: 0,
  columns,
});

/**
 * Decimal mark of a file of a program that writes a point in every country. Semicolons show that a spreadsheet saved
 * it again, perhaps with decimal commas: then its figures must tell.
 */
export function savedMark(table: Pick<Table, 'records' | 'delimiter'>, columns: readonly Aliases[]): DecimalMark {
  if (table.delimiter !== ';') return 'point';
  const figures = table.records.flatMap((row) => columns.map((column) => row.get(column)));
  return detectDecimalMark(figures, table.delimiter);
}

/** A date that ends in a year of two digits, with the century these programs exist in: `2/9/26` is 2/9/2026. */
export const fourDigitYear = (text: string): string =>
  text.replace(/^(\d{1,2}[/.]\d{1,2}[/.])(?=\d{2}(?!\d))/, (day) => `${day}20`);
