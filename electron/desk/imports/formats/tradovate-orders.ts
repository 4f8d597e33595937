import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { badCell, notFilled } from '#desk/imports/notes.ts';
import { parseQuantity, parseSide } from '#desk/imports/amounts.ts';
import { asExecutions, asSkipped, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { headerScore, readColumns, readTable } from '#desk/imports/table.ts';
import type { Row } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';
import type { ImportOptions } from '#shared/domain/import.ts';

import { cellsOf, missingColumns, unlessRefused, unreadable } from './cells.ts';
import { usualOrder } from './usual-order.ts';
import type { UsualOrder } from './usual-order.ts';

const ID = ['orderId', 'Order ID'];
const SIDE = 'B/S';
const FILLED = ['Filled Qty', 'filledQty'];
const PRICE = ['Avg Fill Price', 'avgPrice', 'decimalFillAvg'];
const TIME = 'Fill Time';
const REQUIRED = [ID, 'Account', 'Contract', 'Status', SIDE, FILLED, PRICE, TIME];

/** States of an order of which nothing was filled, or nothing more will be: then only the quantity filled counts. */
const ENDED = /^(canceled|cancelled|rejected|expired|working|suspended|pending\w*|completed|unknown)$/i;

/** Whether the row says that nothing was filled. An unreadable quantity does not say so. */
function isUnfilled(row: Row): boolean {
  const quantity = row.get(FILLED);
  const filled = parseQuantity(quantity);
  const isZero = quantity === '' || (filled.ok && filled.value === 0);
  return isZero && ENDED.test(row.get('Status')) && row.get(PRICE).replace(/[0.]/g, '') === '';
}

function readOrder(row: Row, order: UsualOrder): RowReading {
  if (isUnfilled(row)) return asSkipped(notFilled(row.line, 'Status', row.get('Status')));
  const cells = cellsOf(row);
  const id = cells.text(ID);
  const account = cells.text('Account');
  const symbol = cells.symbol('Contract');
  const direction = parseSide(cells.text(SIDE));
  if (direction === null) cells.refuse(badCell({ line: row.line, field: SIDE, value: row.get(SIDE) }, 'Buy or Sell'));
  const status = cells.text('Status');
  if (!/^filled$/i.test(status) && !ENDED.test(status)) {
    cells.refuse(badCell({ line: row.line, field: 'Status', value: status }, 'a state of an order the desk knows'));
  }
  const quantity = cells.quantity(FILLED);
  const price = cells.price(PRICE);
  const time = writtenTime(order.date(cells.text(TIME)));
  return unlessRefused(cells, () =>
    asExecutions({
      line: row.line,
      id,
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

function read(file: SourceFile, options: ImportOptions): RawImport {
  const table = readTable(file.text);
  const missing = missingColumns(table, REQUIRED);
  if (missing.length > 0) return unreadable(missing, table.columns);
  const times = table.records.map((row) => row.get(TIME));
  const order = usualOrder(times, options, { order: 'MDY', program: 'Tradovate' });
  return {
    ...readRows(table, (row) => readOrder(row, order)),
    questions: [],
    assumptions: order.assumptions,
    columns: table.columns,
  };
}

/** The orders report of Tradovate: one row is one order with its average fill, before fees. */
export const tradovateOrders: FormatReader = {
  format: 'tradovate-orders',
  title: 'Tradovate orders',
  recognise: (file) => headerScore(readColumns(file.text), [...REQUIRED, 'Product', 'Product Description']),
  read,
};
