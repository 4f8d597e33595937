import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { badCell, notFilled } from '#desk/imports/notes.ts';
import { asError, asExecutions, asSkipped, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { headerScore, readColumns, readTable } from '#desk/imports/table.ts';
import type { Row } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';

import { cellsOf, fourDigitYear, missingColumns, savedMark, unlessRefused, unreadable } from './cells.ts';

const QUANTITY = ['Quantity', 'Qty'];
const REQUIRED = ['Symbol', 'Side', QUANTITY, 'Fill price', 'Status', 'Closing time', 'Order ID'];
const SIDES: Readonly<Record<string, 1 | -1>> = { BUY: 1, SELL: -1 };

/** The history says nothing of how much of a cancelled order was filled before. */
const PARTIAL_REMEDY = 'look the fill up in the trading panel and enter it as a row of its own with the status Filled';

function readOrder(row: Row, mark: DecimalMark): RowReading {
  const status = row.get('Status');
  if (!/^filled$/i.test(status)) {
    if (row.get('Fill price') === '') return asSkipped(notFilled(row.line, 'Status', status));
    const field = { line: row.line, field: 'Status', value: status };
    return asError(badCell(field, 'Filled, though the row has a fill price', PARTIAL_REMEDY));
  }
  const cells = cellsOf(row, mark);
  const symbol = cells.symbol('Symbol');
  const direction = cells.word('Side', SIDES, 'Buy or Sell');
  const quantity = cells.quantity(QUANTITY);
  const price = cells.price('Fill price');
  const feeUsd = cells.money('Commission');
  const time = writtenTime(fourDigitYear(cells.text('Closing time')));
  const id = cells.text('Order ID');
  return unlessRefused(cells, () =>
    asExecutions({
      line: row.line,
      id,
      account: null,
      symbol,
      direction: direction ?? 1,
      quantity,
      price,
      feeUsd,
      time,
    }),
  );
}

function read(file: SourceFile): RawImport {
  const table = readTable(file.text);
  const missing = missingColumns(table, REQUIRED);
  if (missing.length > 0) return unreadable(missing, table.columns);
  const mark = savedMark(table, [QUANTITY, 'Fill price', 'Commission']);
  const rows = readRows(table, (row) => readOrder(row, mark));
  return { ...rows, questions: [], assumptions: [], columns: table.columns };
}

const HEADER = [...REQUIRED, 'Type', 'Placing time'];

/** The order history of TradingView's paper trading and of brokers connected to it, newest first. */
export const tradingviewOrders: FormatReader = {
  format: 'tradingview-orders',
  title: 'TradingView order history',
  recognise: (file) => headerScore(readColumns(file.text), HEADER),
  read,
};
