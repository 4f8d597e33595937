import { parseQuantity, parseSide } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { badCell, notExecution, rowNote } from '#desk/imports/notes.ts';
import { asError, asExecutions, asSkipped, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { headerScore, readColumns, readTable, sniffDelimiter } from '#desk/imports/table.ts';
import type { Row } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';

import { cellsOf, missingColumns, unlessRefused, unreadable } from './cells.ts';
import type { Cells } from './cells.ts';

const KIND = 'ActivityType';
const SIDE = 'BuySell';
const TOTAL = 'FilledQuantity';
const REQUIRED = [KIND, 'DateTime', 'Symbol', 'Quantity', SIDE, 'FillPrice', 'TradeAccount'];
const TELLING = [...REQUIRED, 'TransDateTime', 'InternalOrderID', TOTAL, 'OpenClose', 'FillExecutionServiceID'];

/** Kinds of activity that are no executions. Any other text in the column is an error, not a row to pass over. */
const OTHER_KINDS =
  /^(orders|positions|account balances?|trade positions|trade account balances?|messages?|alerts?|cancel requests?)$/i;

/** FilledQuantity is of the whole order so far: never less than the one fill. */
function checkTotal(cells: Cells, row: Row, quantity: number): void {
  const total = parseQuantity(row.get(TOTAL));
  if (total.ok && (total.value === null || total.value >= quantity)) return;
  const cell = { line: row.line, field: TOTAL, value: row.get(TOTAL) };
  cells.refuse(badCell(cell, `the filled quantity of an order with a fill of ${quantity}`));
}

function readActivity(row: Row): RowReading {
  const kind = row.get(KIND);
  if (OTHER_KINDS.test(kind)) return asSkipped(notExecution(row.line, KIND, kind));
  if (!/^fills$/i.test(kind)) {
    return asError(badCell({ line: row.line, field: KIND, value: kind }, 'a kind of activity the desk knows'));
  }
  const cells = cellsOf(row);
  const direction = parseSide(cells.text(SIDE));
  if (direction === null) cells.refuse(badCell({ line: row.line, field: SIDE, value: row.get(SIDE) }, 'Buy or Sell'));
  const symbol = cells.symbol('Symbol');
  const quantity = cells.quantity('Quantity');
  const price = cells.price('FillPrice');
  const time = writtenTime(cells.text('DateTime'));
  const account = cells.text('TradeAccount');
  const id = row.get('FillExecutionServiceID');
  checkTotal(cells, row, quantity);
  return unlessRefused(cells, () =>
    asExecutions({
      line: row.line,
      id: id === '' ? null : id,
      account,
      symbol,
      direction: direction ?? 1,
      quantity,
      price,
      feeUsd: null,
      time,
    }),
  );
}

/** The log's own file is binary: it has zero bytes, which no text has. */
const isBinary = (text: string): boolean => text.slice(0, 4096).includes('\u0000');

function read(file: SourceFile): RawImport {
  if (isBinary(file.text)) {
    const message = 'this is the binary log of Sierra Chart, not its text';
    const remedy = 'open the Trade Activity Log, choose the days, and use File, Export as text';
    return unreadable([rowNote({ line: 1, field: '', message, remedy })]);
  }
  const delimiter = sniffDelimiter(file.text);
  // The program writes tabs and no quotes; a spreadsheet that saved the file again does write quotes.
  const table = readTable(file.text, { delimiter, isQuoted: delimiter !== '\t', relaxColumns: true });
  const missing = missingColumns(table, REQUIRED);
  if (missing.length > 0) return unreadable(missing, table.columns);
  return { ...readRows(table, readActivity), questions: [], assumptions: [], columns: table.columns };
}

const BINARY_NAME = /^TradeActivityLog_.*\.data$/i;

/** The Trade Activity Log of Sierra Chart as text: its rows of fills, before fees. */
export const sierraActivity: FormatReader = {
  format: 'sierra-activity',
  title: 'Sierra Chart trade activity log',
  recognise: (file) =>
    BINARY_NAME.test(file.name) && isBinary(file.text) ? 1 : headerScore(readColumns(file.text), TELLING),
  read,
};
