import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { assumption, badCell, pnlMismatch } from '#desk/imports/notes.ts';
import { asExecutions, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { headerScore, readColumns, readTable } from '#desk/imports/table.ts';
import type { Row } from '#desk/imports/table.ts';
import { readTime, writtenTime } from '#desk/imports/times.ts';
import type { ImportOptions } from '#shared/domain/import.ts';

import { cellsOf, missingColumns, unlessRefused, unreadable } from './cells.ts';
import type { Cells } from './cells.ts';
import { agrees, pairExecutions, pairGross, specOfSymbol, usdText } from './closed-pair.ts';
import type { ClosedPair } from './closed-pair.ts';
import { usualOrder } from './usual-order.ts';
import type { UsualOrder } from './usual-order.ts';

const BOUGHT = 'boughtTimestamp';
const SOLD = 'soldTimestamp';
const REQUIRED = ['symbol', 'buyFillId', 'sellFillId', 'qty', 'buyPrice', 'sellPrice', 'pnl', BOUGHT, SOLD];
/** Columns that no other program's export has. */
const TELLING = [...REQUIRED, '_priceFormat', '_tickSize', 'duration'];

type Context = { readonly options: ImportOptions; readonly order: UsualOrder };

/** Wall time in milliseconds, of whatever zone: to tell which of two times of a row is the earlier. */
function wallMs(text: string, { options }: Context): number | null {
  const time = readTime(
    { ...writtenTime(text), zone: 'UTC' },
    { timeZone: null, dateOrder: options.dateOrder ?? null },
  );
  return time.ok ? time.value.at : null;
}

function pairOf(cells: Cells, context: Context): ClosedPair {
  const [bought, sold] = [context.order.date(cells.text(BOUGHT)), context.order.date(cells.text(SOLD))];
  const [boughtMs, soldMs] = [wallMs(bought, context), wallMs(sold, context)];
  // Undated rows fail when their times are resolved; until then the side does not matter.
  const isShort = boughtMs !== null && soldMs !== null && soldMs < boughtMs;
  const buy = { price: cells.price('buyPrice'), time: writtenTime(bought) };
  const sell = { price: cells.price('sellPrice'), time: writtenTime(sold) };
  return {
    line: cells.line,
    // One fill closes several others, or is closed by several: only the pair is unique.
    id: `pair|${cells.text('buyFillId')}-${cells.text('sellFillId')}`,
    account: null,
    symbol: cells.symbol('symbol'),
    direction: isShort ? -1 : 1,
    quantity: cells.quantity('qty'),
    entry: isShort ? sell : buy,
    exit: isShort ? buy : sell,
    feeUsd: null,
  };
}

const REMEDY = 'check the contract: a wrong tick is a wrong trade';

/** Compares what the row itself says of its contract with the contract table. */
function check(cells: Cells, row: Row, { pair, options }: { pair: ClosedPair; options: ImportOptions }): void {
  const spec = specOfSymbol(pair.symbol);
  const tickSize = Number(row.get('_tickSize'));
  if (spec !== null && row.get('_tickSize') !== '' && Math.abs(tickSize / spec.tickSize - 1) > 1e-6) {
    const cell = { line: row.line, field: '_tickSize', value: row.get('_tickSize') };
    cells.refuse(badCell(cell, `the tick of ${spec.root}, ${spec.tickSize} by the contract table`, REMEDY));
  }
  const stated = cells.money('pnl');
  const gross = pairGross(pair, options);
  if (gross !== null && stated !== null && !agrees(gross, stated)) {
    const cell = { line: row.line, field: 'pnl', value: row.get('pnl') };
    cells.refuse(pnlMismatch(cell, usdText(gross.usd), 'before fees, by the contract table'));
  }
}

function readPair(row: Row, context: Context): RowReading {
  const cells = cellsOf(row);
  const pair = pairOf(cells, context);
  if (row.get('pnl') === '') cells.text('pnl');
  check(cells, row, { pair, options: context.options });
  return unlessRefused(cells, () => asExecutions(...pairExecutions(pair)));
}

function* timesOf(rows: readonly Row[]): Iterable<string> {
  for (const row of rows) {
    yield row.get(BOUGHT);
    yield row.get(SOLD);
  }
}

function read(file: SourceFile, options: ImportOptions): RawImport {
  const table = readTable(file.text);
  const missing = missingColumns(table, REQUIRED);
  if (missing.length > 0) return unreadable(missing, table.columns);
  const order = usualOrder(timesOf(table.records), options, { order: 'MDY', program: 'Tradovate' });
  return {
    ...readRows(table, (row) => readPair(row, { options, order })),
    questions: [],
    assumptions: [
      ...order.assumptions,
      assumption('pairing', 'Each row pairs a buy with a sell: the earlier one is the entry, the other the exit.'),
    ],
    columns: table.columns,
  };
}

/** The performance report of Tradovate: one row is one closed pair of fills, before fees. */
export const tradovatePerformance: FormatReader = {
  format: 'tradovate-performance',
  title: 'Tradovate performance',
  recognise: (file) => headerScore(readColumns(file.text), TELLING),
  read,
};
