import { detectDecimalMark, parseMoney, parseSide } from '#desk/imports/amounts.ts';
import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { askMapping, assumption, badCell } from '#desk/imports/notes.ts';
import { asExecutions, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { readTable } from '#desk/imports/table.ts';
import type { Row, Table } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';
import type { ImportMapping, ImportOptions } from '#shared/domain/import.ts';

import { cellsOf, sumUsd, unlessRefused, unreadable } from './cells.ts';
import type { Cells } from './cells.ts';

type Context = {
  readonly mapping: ImportMapping;
  readonly mark: DecimalMark;
  /** Fee columns that write costs as negative amounts. */
  readonly negativeFees: ReadonlySet<string>;
};

/** Side and quantity: from a side column, else from the sign of the quantity. A sign against the side is an error. */
function sizeOf(row: Row, cells: Cells, { mapping }: Context): { direction: 1 | -1; quantity: number } {
  const signed = cells.signedQuantity(mapping.quantity);
  const bySign = signed < 0 ? -1 : 1;
  const quantity = Math.abs(signed);
  if (mapping.side === null) return { direction: bySign, quantity };
  const direction = parseSide(cells.text(mapping.side));
  const cell = { line: row.line, field: mapping.side, value: row.get(mapping.side) };
  if (direction === null) cells.refuse(badCell(cell, 'a side such as Buy or Sell'));
  else if (signed < 0 && direction === 1) cells.refuse(badCell(cell, 'the side of a negative quantity'));
  return { direction: direction ?? 1, quantity };
}

function feeOf(cells: Cells, { mapping, negativeFees }: Context): number | null {
  return sumUsd(
    mapping.fees.map((column) => {
      const fee = cells.money(column);
      return fee === null || fee === 0 || !negativeFees.has(column) ? fee : -fee;
    }),
  );
}

function readExecution(row: Row, context: Context): RowReading {
  const { mapping } = context;
  const cells = cellsOf(row, context.mark);
  const { direction, quantity } = sizeOf(row, cells, context);
  const symbol = cells.symbol(mapping.symbol);
  const price = cells.price(mapping.price);
  const date = cells.text(mapping.date);
  const time = writtenTime(mapping.time === null ? date : `${date} ${cells.text(mapping.time)}`);
  const account = mapping.account === null ? null : cells.text(mapping.account);
  const id = mapping.executionId === null ? null : cells.text(mapping.executionId);
  const feeUsd = feeOf(cells, context);
  return unlessRefused(cells, () =>
    asExecutions({ line: row.line, id, account, symbol, direction, quantity, price, feeUsd, time }),
  );
}

function namedColumns(mapping: ImportMapping): readonly string[] {
  const { account, symbol, side, quantity, price, date, time, fees, executionId } = mapping;
  return [symbol, quantity, price, date, ...fees, account, side, time, executionId].filter((name) => name !== null);
}

/** Fee columns without a positive figure and with a negative one: they write a cost as money that went out. */
function negativeFeeColumns(table: Table, columns: readonly string[], mark: DecimalMark): ReadonlySet<string> {
  const signs = columns.map((column) => {
    let [hasCost, hasOther] = [false, false];
    for (const row of table.records) {
      const amount = parseMoney(row.get(column), mark);
      if (!amount.ok || amount.value === null) continue;
      if (amount.value < 0) hasCost = true;
      if (amount.value > 0) hasOther = true;
    }
    return { column, isNegative: hasCost && !hasOther };
  });
  return new Set(signs.filter(({ isNegative }) => isNegative).map(({ column }) => column));
}

function read(file: SourceFile, options: ImportOptions): RawImport {
  const table = readTable(file.text);
  const { mapping } = options;
  const ask = (reason?: string): RawImport => ({
    ...unreadable([], table.columns),
    questions: [askMapping(table.columns, reason)],
    rows: table.records.length,
  });
  if (mapping === undefined) return ask();
  const lacking = namedColumns(mapping).filter((column) => !table.has(column));
  if (lacking.length > 0) return ask(`The file has no column ${lacking.join(', ')}.`);
  function* figures(columns: readonly string[]): Iterable<string> {
    for (const row of table.records) for (const column of columns) yield row.get(column);
  }
  const mark = detectDecimalMark(figures([mapping.price, mapping.quantity, ...mapping.fees]), table.delimiter);
  const negativeFees = negativeFeeColumns(table, mapping.fees, mark);
  return {
    ...readRows(table, (row) => readExecution(row, { mapping, mark, negativeFees })),
    questions: [],
    assumptions: [...negativeFees].map((column) =>
      assumption('fees', `${column} holds no amount above zero: its negative amounts are taken as costs.`),
    ),
    columns: table.columns,
  };
}

/** Any file of executions, one a row, by a mapping of its columns that the trader gives. */
export const generic: FormatReader = {
  format: 'generic',
  title: 'Any file, by a mapping of its columns',
  recognise: () => 0,
  read,
};
