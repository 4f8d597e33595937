import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { badCell, notFilled } from '#desk/imports/notes.ts';
import { asError, asExecutions, asSkipped, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { headerScore, readColumns, readTable } from '#desk/imports/table.ts';
import type { Row } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';

import type { ImportOptions } from '#shared/domain/import.ts';

import { cellsOf, missingColumns, savedMark, unlessRefused, unreadable } from './cells.ts';
import { usualOrder } from './usual-order.ts';
import type { UsualOrder } from './usual-order.ts';

const REQUIRED = ['Id', 'AccountName', 'ContractName', 'Status', 'Size', 'Side', 'FilledAt', 'ExecutePrice'];

/** Who pays the bid buys: the side names the order book's side that the order joins. */
const SIDES: Readonly<Record<string, 1 | -1>> = { BID: 1, ASK: -1 };

/** The export has no quantity filled, only the size ordered. */
const PARTIAL_REMEDY = 'import the Trades export instead: it says how many contracts were filled';

function unfilled(row: Row): RowReading {
  const status = row.get('Status');
  if (row.get('ExecutePrice') !== '' || row.get('FilledAt') !== '') {
    const cell = { line: row.line, field: 'Status', value: status };
    return asError(badCell(cell, 'Filled, though the row was executed at least in part', PARTIAL_REMEDY));
  }
  const note = notFilled(row.line, 'Status', status);
  const reason = row.get('RejectionReason');
  return asSkipped(reason === '' ? note : { ...note, message: `${note.message} (${reason.replace(/\s+/g, ' ')})` });
}

type Context = { readonly order: UsualOrder; readonly mark: DecimalMark; readonly seen: Set<string> };

function readOrder(row: Row, { order, mark, seen }: Context): RowReading {
  if (!/^filled$/i.test(row.get('Status'))) return unfilled(row);
  const cells = cellsOf(row, mark);
  const id = cells.text('Id');
  const symbol = cells.symbol('ContractName');
  const direction = cells.word('Side', SIDES, 'Bid or Ask');
  const quantity = cells.quantity('Size');
  const price = cells.price('ExecutePrice');
  const time = writtenTime(order.date(cells.text('FilledAt')));
  const account = row.get('AccountName') === '' ? null : row.get('AccountName');
  if (seen.has(id)) {
    const cell = { line: row.line, field: 'Id', value: id };
    cells.refuse(badCell(cell, 'the id of one order only', 'the row stands twice in the file: remove one'));
  }
  seen.add(id);
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
  const texts = table.records.map((row) => row.get('FilledAt'));
  const order = usualOrder(texts, options, { order: 'MDY', program: 'TopstepX' });
  const context = { order, mark: savedMark(table, ['ExecutePrice']), seen: new Set<string>() };
  return {
    ...readRows(table, (row) => readOrder(row, context)),
    questions: [],
    assumptions: order.assumptions,
    columns: table.columns,
  };
}

/** The orders of TopstepX and other ProjectX firms: one row is one order, with the size it was placed for. */
export const topstepOrders: FormatReader = {
  format: 'topstep-orders',
  title: 'TopstepX orders',
  recognise: (file) => headerScore(readColumns(file.text), [...REQUIRED, 'PositionDisposition']),
  read,
};
