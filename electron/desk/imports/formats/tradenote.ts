import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { rowNote } from '#desk/imports/notes.ts';
import { asExecutions, asSkipped, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { headerScore, readColumns, readTable } from '#desk/imports/table.ts';
import type { Row } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';
import type { ImportRowNote } from '#shared/domain/import.ts';

import { cellsOf, missingColumns, savedMark, sumUsd, unlessRefused, unreadable } from './cells.ts';
import { shareSymbol } from './share-symbol.ts';

const REQUIRED = ['T/D', 'Side', 'Symbol', 'Qty', 'Price', 'Exec Time'];
const COSTS = ['Comm', 'SEC', 'TAF', 'NSCC', 'Nasdaq', 'ECN Remove', 'ECN Add'];

/** Buy, sell, sell short, buy to cover. */
const SIDES: Readonly<Record<string, 1 | -1>> = { B: 1, S: -1, SS: -1, BC: 1 };

const SHARE = /^(stocks?|equity|etf)$/i;
const NOT_HELD = /^(call|put|options?|forex|crypto(currency)?)$/i;

/** Reason for which a row holds no execution of the desk's; null when it does. The template lets Type be anything. */
function reasonToSkip(row: Row): ImportRowNote | null {
  const type = row.get('Type');
  const currency = row.get('Currency');
  if (NOT_HELD.test(type)) {
    const message = `${type}: the desk holds futures and stocks only`;
    return rowNote({ line: row.line, field: 'Type', value: type, message });
  }
  if (currency === '' || currency.toUpperCase() === 'USD') return null;
  const message = `${currency}: the desk keeps its books in USD`;
  return rowNote({ line: row.line, field: 'Currency', value: currency, message });
}

function readExecution(row: Row, mark: DecimalMark): RowReading {
  const reason = reasonToSkip(row);
  if (reason !== null) return asSkipped(reason);
  const cells = cellsOf(row, mark);
  const direction = cells.word('Side', SIDES, 'one of B, S, SS, BC');
  const written = cells.symbol('Symbol');
  const symbol = SHARE.test(row.get('Type')) ? shareSymbol(written) : written;
  const quantity = cells.quantity('Qty');
  const price = cells.price('Price');
  const time = writtenTime(`${cells.text('T/D')} ${cells.text('Exec Time')}`);
  const feeUsd = sumUsd(COSTS.map(cells.money));
  const account = row.get('Account') === '' ? null : row.get('Account');
  return unlessRefused(cells, () =>
    asExecutions({
      line: row.line,
      id: null,
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

function read(file: SourceFile): RawImport {
  const table = readTable(file.text);
  const missing = missingColumns(table, REQUIRED);
  if (missing.length > 0) return unreadable(missing, table.columns);
  const mark = savedMark(table, ['Qty', 'Price', ...COSTS]);
  const rows = readRows(table, (row) => readExecution(row, mark));
  return { ...rows, questions: [], assumptions: [], columns: table.columns };
}

/** The template of the TradeNote journal, which other tools export to: one row is one execution. */
export const tradenote: FormatReader = {
  format: 'tradenote',
  title: 'TradeNote template',
  recognise: (file) => headerScore(readColumns(file.text), [...REQUIRED, 'S/D', 'Comm', 'ECN Add', 'Clr Broker']),
  read,
};
