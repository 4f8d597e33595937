import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { assumption, badCell, notFilled, rowNote } from '#desk/imports/notes.ts';
import { readRecords } from '#desk/imports/records.ts';
import type { RawRecord } from '#desk/imports/records.ts';
import { asError, asExecutions, asSkipped, readEachRow } from '#desk/imports/rows.ts';
import type { RowReading, RowsRead } from '#desk/imports/rows.ts';
import { columnKey, headerScore, tableOf } from '#desk/imports/table.ts';
import type { Row, Table } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';
import type { ImportAssumption } from '#shared/domain/import.ts';
import { MONEY_PER_USD } from '#shared/units.ts';

import { cellsOf, missingColumns, savedMark, sumUsd, unlessRefused, unreadable } from './cells.ts';
import type { Cells } from './cells.ts';
import { zoneOfColumn } from './zone-names.ts';

const UPDATE_TIME = 'Update Time';
const REQUIRED = ['Account', 'Status', 'Buy/Sell', 'Symbol', 'Qty Filled', 'Avg Fill Price', 'Order Number'];
const SIDES: Readonly<Record<string, 1 | -1>> = { B: 1, BUY: 1, S: -1, SELL: -1 };

/** R|Trader exports only the columns on screen. */
const REMEDY = 'in R|Trader, right-click the headings of Completed Orders, Add/Remove Columns, then export again';

/** A title such as `Completed Orders`, alone on its line; null for any other record. */
function titleOf({ cells }: RawRecord): 'completed' | 'other' | null {
  const [first = '', ...rest] = cells.map((cell) => cell.trim());
  if (first === '' || rest.some((cell) => cell !== '')) return null;
  if (/completed orders/i.test(first)) return 'completed';
  return /orders\b/i.test(first) ? 'other' : null;
}

const isHeader = ({ cells }: RawRecord): boolean => {
  const keys = cells.map(columnKey);
  return keys.includes('status') && keys.includes('buy/sell') && keys.some((key) => key.startsWith('updatetime'));
};

type Section = { readonly isCompleted: boolean; readonly header: RawRecord; readonly rows: RawRecord[] };

/** The lists of orders of a file; a list without a title above it is one of completed orders. */
function sectionsOf(records: readonly RawRecord[]): readonly Section[] {
  const sections: Section[] = [];
  let title: 'completed' | 'other' | null = null;
  let isBelowTitle = false;
  for (const record of records) {
    const found = titleOf(record);
    if (found !== null) title = found;
    else if (isBelowTitle || isHeader(record)) {
      sections.push({ isCompleted: title !== 'other', header: record, rows: [] });
    } else sections.at(-1)?.rows.push(record);
    isBelowTitle = found !== null;
  }
  return sections;
}

/** Working orders are not done: what they have filled so far comes with the completed order. */
function readWorking(row: Row): RowReading {
  const status = row.get('Status');
  const filled = row.get('Qty Filled');
  if (filled === '' || Number(filled) === 0) return asSkipped(notFilled(row.line, 'Status', status));
  const cell = { line: row.line, field: 'Qty Filled', value: filled };
  const remedy = 'import the file of a day on which the order is complete; its fills are not counted twice then';
  return asError(badCell(cell, 'final: the order still works', remedy));
}

/** Rate per contract × contracts filled; the order's own commission where the file has no rate. */
function feeOf(cells: Cells, quantity: number): number | null {
  const rate = cells.money('Commission Fill Rate');
  if (rate === null) return cells.money('Commission');
  return Math.round(rate * quantity * MONEY_PER_USD) / MONEY_PER_USD;
}

type Context = { readonly column: string; readonly zone: string | null; readonly mark: DecimalMark };

function readCompleted(row: Row, { column, zone, mark }: Context): RowReading {
  const filled = row.get('Qty Filled');
  const status = row.get('Status');
  const isFilled = /^filled$/i.test(status);
  if (!isFilled && (filled === '' || Number(filled) === 0)) return asSkipped(notFilled(row.line, 'Status', status));
  const cells = cellsOf(row, mark);
  const direction = cells.word('Buy/Sell', SIDES, 'B or S');
  const symbol = cells.symbol('Symbol');
  const quantity = cells.quantity('Qty Filled');
  const price = cells.price('Avg Fill Price');
  const id = cells.text('Order Number');
  const account = row.get('Account') === '' ? null : row.get('Account');
  const feeUsd = feeOf(cells, quantity);
  const time = writtenTime(cells.text(column), zone);
  return unlessRefused(cells, () =>
    asExecutions({
      line: row.line,
      id,
      account,
      symbol,
      direction: direction ?? 1,
      quantity,
      price,
      feeUsd,
      time,
    }),
  );
}

const NOTHING: RowsRead = { executions: [], skipped: [], errors: [], rows: 0 };

type SectionRead = RowsRead & { readonly assumptions: readonly ImportAssumption[] };

function readSection(table: Table, isCompleted: boolean): SectionRead {
  if (!isCompleted) return { ...readEachRow(table.records, readWorking), assumptions: [] };
  const column = table.columns.find((name) => columnKey(name).startsWith(columnKey(UPDATE_TIME))) ?? UPDATE_TIME;
  const errors = missingColumns(table, [...REQUIRED, column], REMEDY);
  if (errors.length > 0) return { ...NOTHING, errors, rows: table.records.length, assumptions: [] };
  const named = zoneOfColumn(column);
  const zone = named?.zone ?? null;
  const mark = savedMark(table, ['Avg Fill Price', 'Commission Fill Rate', 'Commission']);
  const read = readEachRow(table.records, (row) => readCompleted(row, { column, zone, mark }));
  if (named === null || zone === null) return { ...read, assumptions: [] };
  const text = `The column “${column}” says ${named.abbreviation}, taken as ${zone} with its summer time.`;
  return { ...read, assumptions: [assumption('time-zone', text)] };
}

function read(file: SourceFile): RawImport {
  const { records, delimiter } = readRecords(file.text);
  const sections = sectionsOf(records);
  const completed = sections.find((section) => section.isCompleted);
  if (completed === undefined) {
    const message = 'the file has no list “Completed Orders”';
    return unreadable([rowNote({ line: 1, field: 'Completed Orders', message, remedy: REMEDY })]);
  }
  const parts = sections.map(({ header, rows, isCompleted }) =>
    readSection(tableOf(header, rows, { delimiter }), isCompleted),
  );
  return {
    executions: parts.flatMap((part) => part.executions),
    skipped: parts.flatMap((part) => part.skipped),
    errors: parts.flatMap((part) => part.errors),
    questions: [],
    assumptions: parts.flatMap((part) => part.assumptions),
    rows: sumUsd(parts.map((part) => part.rows)) ?? 0,
    columns: completed.header.cells.map((cell) => cell.trim()),
  };
}

/** Records looked at: the list of working orders stands above. */
const HEAD = 200;

function recognise(file: SourceFile): number {
  const { records } = readRecords(file.text, { limit: HEAD });
  const scores = records.filter(isHeader).map((record) => headerScore(record.cells, REQUIRED));
  const best = Math.max(0, ...scores);
  const isTitled = records.some((record) => titleOf(record) !== null);
  return best < 0.5 ? 0 : Math.min(1, isTitled ? best + 0.2 : 0.9 * best);
}

/** The order history of Rithmic's R|Trader: lists of orders, the zone of their times in a column's name. */
export const rithmicOrders: FormatReader = {
  format: 'rithmic-orders',
  title: 'Rithmic R|Trader order history',
  recognise,
  read,
};
