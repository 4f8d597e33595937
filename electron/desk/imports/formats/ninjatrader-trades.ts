import { parseSide } from '#desk/imports/amounts.ts';
import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { assumption, badCell, pnlMismatch } from '#desk/imports/notes.ts';
import { asExecutions, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { headerScore, readColumns, readTable } from '#desk/imports/table.ts';
import type { Row } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';
import type { ImportOptions } from '#shared/domain/import.ts';

import { cellsOf, missingColumns, sumUsd, unlessRefused, unreadable } from './cells.ts';
import type { Cells } from './cells.ts';
import { agrees, pairExecutions, pairGross, usdText } from './closed-pair.ts';
import type { ClosedPair } from './closed-pair.ts';
import { ACCOUNT, COMMISSION, FEES, INSTRUMENT, markOf, QUANTITY } from './ninjatrader-terms.ts';

const SIDE = ['Market pos.', 'Market position', 'Pos. marché.'];
const ENTRY_PRICE = ['Entry price', "Prix d'entrée"];
const EXIT_PRICE = ['Exit price', 'Prix de sortie'];
const ENTRY_TIME = ['Entry time', "Heure d'entrée"];
const EXIT_TIME = ['Exit time', 'Heure de sortie'];
const PROFIT = 'Profit';
const REQUIRED = [INSTRUMENT, SIDE, QUANTITY, ENTRY_PRICE, EXIT_PRICE, ENTRY_TIME, EXIT_TIME, PROFIT];
const FIGURES = [ENTRY_PRICE, EXIT_PRICE, PROFIT, COMMISSION, ...FEES];

type Context = {
  readonly options: ImportOptions;
  readonly mark: DecimalMark;
  /** Times a pair was met so far: trade numbers start anew in every export, so equal trades are counted. */
  readonly met: Map<string, number>;
};

/** Key of a trade from its own values, as written, with its ordinal among equal trades of the file. */
function idOf(row: Row, { met }: Context): string {
  const parts = [ACCOUNT, INSTRUMENT, SIDE, QUANTITY, ENTRY_PRICE, EXIT_PRICE, ENTRY_TIME, EXIT_TIME];
  const key = ['pair', ...parts.map((column) => row.get(column))].join('|');
  const ordinal = (met.get(key) ?? 0) + 1;
  met.set(key, ordinal);
  return `${key}|${ordinal}`;
}

function pairOf(row: Row, cells: Cells, context: Context): ClosedPair {
  const direction = parseSide(cells.text(SIDE));
  if (direction === null) {
    cells.refuse(badCell({ line: row.line, field: 'Market pos.', value: row.get(SIDE) }, 'Long or Short'));
  }
  return {
    line: row.line,
    id: idOf(row, context),
    account: row.get(ACCOUNT) === '' ? null : row.get(ACCOUNT),
    symbol: cells.symbol(INSTRUMENT),
    direction: direction ?? 1,
    quantity: cells.quantity(QUANTITY),
    entry: { price: cells.price(ENTRY_PRICE), time: writtenTime(cells.text(ENTRY_TIME)) },
    exit: { price: cells.price(EXIT_PRICE), time: writtenTime(cells.text(EXIT_TIME)) },
    feeUsd: sumUsd([COMMISSION, ...FEES].map(cells.money)),
  };
}

/**
 * Checks the profit of the file against the prices. NinjaTrader takes the commission off it, and the other fees in the
 * versions that list them; without a commission template it takes off nothing.
 */
function checkProfit(cells: Cells, pair: ClosedPair, { row, options }: { row: Row; options: ImportOptions }): void {
  const stated = cells.money(PROFIT);
  const gross = pairGross(pair, options);
  if (gross === null || stated === null) return;
  const candidates = [0, cells.money(COMMISSION) ?? 0, pair.feeUsd ?? 0];
  if (candidates.some((cost) => agrees({ ...gross, usd: gross.usd - cost }, stated))) return;
  const ours = `${usdText(gross.usd)} before fees and ${usdText(gross.usd - (pair.feeUsd ?? 0))} after`;
  const cell = { line: row.line, field: PROFIT, value: row.get(PROFIT) };
  cells.refuse(pnlMismatch(cell, ours, 'by the contract table; the grid must show profit in currency'));
}

function readTrade(row: Row, context: Context): RowReading {
  const cells = cellsOf(row, context.mark);
  const pair = pairOf(row, cells, context);
  cells.text(PROFIT);
  if (cells.problem() === null) checkProfit(cells, pair, { row, options: context.options });
  return unlessRefused(cells, () => asExecutions(...pairExecutions(pair)));
}

function read(file: SourceFile, options: ImportOptions): RawImport {
  const table = readTable(file.text);
  const missing = missingColumns(table, REQUIRED);
  if (missing.length > 0) return unreadable(missing, table.columns);
  const context = { options, mark: markOf(table, FIGURES), met: new Map<string, number>() };
  return {
    ...readRows(table, (row) => readTrade(row, context)),
    questions: [],
    assumptions: [
      assumption('pairing', 'Each row is a closed trade: it becomes an entry and an exit, fees shared between them.'),
    ],
    columns: table.columns,
  };
}

/** The Trades grid of NinjaTrader 8 (Trade Performance): one row is one closed trade. */
export const ninjatraderTrades: FormatReader = {
  format: 'ninjatrader-trades',
  title: 'NinjaTrader trades',
  recognise: (file) => headerScore(readColumns(file.text), REQUIRED),
  read,
};
