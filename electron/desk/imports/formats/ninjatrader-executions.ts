import { parseSide } from '#desk/imports/amounts.ts';
import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { badCell } from '#desk/imports/notes.ts';
import { asExecutions, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { headerScore, readColumns, readTable } from '#desk/imports/table.ts';
import type { Row } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';

import { cellsOf, missingColumns, unlessRefused, unreadable } from './cells.ts';
import { ACCOUNT, COMMISSION, INSTRUMENT, markOf, QUANTITY } from './ninjatrader-terms.ts';

const ACTION = 'Action';
const PRICE = ['Price', 'Prix'];
const TIME = ['Time', 'Heure'];
const REQUIRED = [INSTRUMENT, ACTION, QUANTITY, PRICE, TIME];
const TELLING = [...REQUIRED, 'E/X', ACCOUNT, 'Connection'];

/** One row is one fill: a reversing order is one fill here, and its commission stands once, on that row. */
function readExecution(row: Row, mark: DecimalMark): RowReading {
  const cells = cellsOf(row, mark);
  const direction = parseSide(cells.text(ACTION));
  if (direction === null) {
    cells.refuse(badCell({ line: row.line, field: ACTION, value: row.get(ACTION) }, 'Buy or Sell'));
  }
  const symbol = cells.symbol(INSTRUMENT);
  const quantity = cells.quantity(QUANTITY);
  const price = cells.price(PRICE);
  const time = writtenTime(cells.text(TIME));
  const feeUsd = cells.money(COMMISSION);
  // A grid may be exported without these columns; a cell left empty in one that has them is a fault.
  const id = row.has('ID') ? cells.text('ID') : null;
  const account = row.has(ACCOUNT) ? cells.text(ACCOUNT) : null;
  return unlessRefused(cells, () =>
    asExecutions({ line: row.line, id, account, symbol, direction: direction ?? 1, quantity, price, feeUsd, time }),
  );
}

function read(file: SourceFile): RawImport {
  const table = readTable(file.text);
  const missing = missingColumns(table, REQUIRED);
  if (missing.length > 0) return unreadable(missing, table.columns);
  const mark = markOf(table, [PRICE, COMMISSION]);
  return {
    ...readRows(table, (row) => readExecution(row, mark)),
    questions: [],
    assumptions: [],
    columns: table.columns,
  };
}

/** The Executions grid of NinjaTrader 8: one row is one fill. */
export const ninjatraderExecutions: FormatReader = {
  format: 'ninjatrader-executions',
  title: 'NinjaTrader executions',
  recognise: (file) => headerScore(readColumns(file.text), TELLING),
  read,
};
