import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { assumption, badCell, pnlMismatch } from '#desk/imports/notes.ts';
import { asExecutions, readRows } from '#desk/imports/rows.ts';
import type { RowReading } from '#desk/imports/rows.ts';
import { headerScore, readColumns, readTable } from '#desk/imports/table.ts';
import type { Row } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';
import type { ImportOptions } from '#shared/domain/import.ts';

import { cellsOf, missingColumns, savedMark, sumUsd, unlessRefused, unreadable } from './cells.ts';
import type { Cells } from './cells.ts';
import { agrees, pairExecutions, pairGross, usdText } from './closed-pair.ts';
import type { ClosedPair } from './closed-pair.ts';
import { usualOrder } from './usual-order.ts';
import type { UsualOrder } from './usual-order.ts';

const REQUIRED = [
  'Id',
  'ContractName',
  'EnteredAt',
  'ExitedAt',
  'EntryPrice',
  'ExitPrice',
  'Fees',
  'PnL',
  'Size',
  'Type',
];

const SIDES: Readonly<Record<string, 1 | -1>> = { LONG: 1, SHORT: -1 };

function pairOf(cells: Cells, { date }: UsualOrder): ClosedPair {
  return {
    line: cells.line,
    id: cells.text('Id'),
    account: null,
    symbol: cells.symbol('ContractName'),
    direction: cells.word('Type', SIDES, 'Long or Short') ?? 1,
    quantity: cells.quantity('Size'),
    entry: { price: cells.price('EntryPrice'), time: writtenTime(date(cells.text('EnteredAt'))) },
    exit: { price: cells.price('ExitPrice'), time: writtenTime(date(cells.text('ExitedAt'))) },
    feeUsd: sumUsd([cells.money('Fees'), cells.money('Commissions')]),
  };
}

type Context = {
  readonly options: ImportOptions;
  readonly order: UsualOrder;
  readonly mark: DecimalMark;
  readonly seen: Set<string>;
};

function readTrade(row: Row, { options, order, mark, seen }: Context): RowReading {
  const cells = cellsOf(row, mark);
  const pair = pairOf(cells, order);
  const stated = cells.money('PnL');
  const gross = pairGross(pair, options);
  if (gross !== null && stated !== null && !agrees(gross, stated)) {
    const cell = { line: row.line, field: 'PnL', value: row.get('PnL') };
    cells.refuse(pnlMismatch(cell, usdText(gross.usd), 'before fees, by the contract table'));
  }
  if (seen.has(pair.id)) {
    const cell = { line: row.line, field: 'Id', value: pair.id };
    cells.refuse(badCell(cell, 'the id of one trade only', 'the row stands twice in the file: remove one'));
  }
  seen.add(pair.id);
  return unlessRefused(cells, () => asExecutions(...pairExecutions(pair)));
}

function read(file: SourceFile, options: ImportOptions): RawImport {
  const table = readTable(file.text);
  const missing = missingColumns(table, REQUIRED);
  if (missing.length > 0) return unreadable(missing, table.columns);
  const texts = table.records.flatMap((row) => [row.get('EnteredAt'), row.get('ExitedAt')]);
  const order = usualOrder(texts, options, { order: 'MDY', program: 'TopstepX' });
  const mark = savedMark(table, ['EntryPrice', 'ExitPrice', 'Fees', 'PnL', 'Commissions']);
  const context = { options, order, mark, seen: new Set<string>() };
  return {
    ...readRows(table, (row) => readTrade(row, context)),
    questions: [],
    assumptions: [
      ...order.assumptions,
      assumption('pairing', 'Each row is a closed trade: it becomes an entry and an exit, fees shared between them.'),
    ],
    columns: table.columns,
  };
}

/** The trades of TopstepX and other ProjectX firms: one row is one closed trade. */
export const topstepTrades: FormatReader = {
  format: 'topstep-trades',
  title: 'TopstepX trades',
  recognise: (file) => headerScore(readColumns(file.text), REQUIRED),
  read,
};
