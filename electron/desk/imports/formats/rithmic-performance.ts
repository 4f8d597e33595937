import { parseSymbol } from '#desk/engine/futures/symbol.ts';
import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { assumption, pnlMismatch, rowNote } from '#desk/imports/notes.ts';
import { readRecords } from '#desk/imports/records.ts';
import type { Delimiter, RawRecord } from '#desk/imports/records.ts';
import { asExecutions, readEachRow } from '#desk/imports/rows.ts';
import type { RowReading, RowsRead } from '#desk/imports/rows.ts';
import { columnKey, tableOf } from '#desk/imports/table.ts';
import type { Row, Table } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';
import type { ImportAssumption, ImportOptions, ImportRowNote } from '#shared/domain/import.ts';

import { cellsOf, missingColumns, savedMark, unlessRefused, unreadable } from './cells.ts';
import type { Cells } from './cells.ts';
import { agrees, pairExecutions, pairGross, usdText } from './closed-pair.ts';
import type { ClosedPair, PairGross } from './closed-pair.ts';
import { zoneOfColumn } from './zone-names.ts';

const REQUIRED = [
  'Entry Order Number',
  'Entry Buy/Sell',
  'Entry Price',
  'Entry Time',
  'Exit Order Number',
  'Exit Price',
  'Exit Time',
  'Fill Size',
];
const PNL = 'Trade P&L';
const FEES = 'Commission & Fees';
const REMEDY = 'show the column in the Trader Performance window of R|Trader and export again';

const SIDES: Readonly<Record<string, 1 | -1>> = { B: 1, BUY: 1, LONG: 1, S: -1, SELL: -1, SHORT: -1 };

/** One contract of one account, and its trades. */
type Group = {
  readonly account: string | null;
  readonly symbol: string | null;
  readonly header: RawRecord;
  readonly rows: RawRecord[];
};

/** A damaged record that runs into a header is a row with a fault, and not that header. */
const isHeader = ({ cells, fault }: RawRecord): boolean =>
  fault === null && cells.some((cell) => columnKey(cell).includes('entryordernumber'));

/** The one text of a line that holds nothing else; null for a row. */
function aloneOf({ cells, fault }: RawRecord): string | null {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  return filled.length === 1 && fault === null ? (filled[0] ?? null) : null;
}

/** Only whether the text is a contract is asked, which no year changes. */
const isContract = (text: string): boolean => parseSymbol(text, 2000).ok;

type Draft = {
  readonly groups: Group[];
  readonly errors: ImportRowNote[];
  account: string | null;
  symbol: string | null;
  header: RawRecord | null;
};

function orphan({ line, cells }: RawRecord, message: string): ImportRowNote {
  return rowNote({ line, field: '', value: cells.join(' | '), message, remedy: 'export the whole report again' });
}

function takeRow(draft: Draft, record: RawRecord): void {
  const { header, symbol, account } = draft;
  if (header === null) draft.errors.push(orphan(record, 'the row stands before the names of its columns'));
  else if (symbol === null) draft.errors.push(orphan(record, 'no line above names the contract of this row'));
  else {
    const group = draft.groups.at(-1);
    if (group?.header === header && group.symbol === symbol && group.account === account) group.rows.push(record);
    else draft.groups.push({ account, symbol, header, rows: [record] });
  }
}

function take(draft: Draft, record: RawRecord): void {
  const alone = aloneOf(record);
  if (isHeader(record)) draft.header = record;
  // A number alone below a header is a row that was cut off, not the name of an account.
  else if (alone === null || (draft.header !== null && /^\d+$/.test(alone))) takeRow(draft, record);
  else if (isContract(alone)) draft.symbol = alone;
  else if (!/^(account|instrument)$/i.test(alone)) {
    draft.account = alone;
    draft.symbol = null;
  }
}

type Report = { readonly delimiter: Delimiter } & Pick<Draft, 'groups' | 'errors' | 'header'>;

function reportOf(file: SourceFile): Report {
  const { records, delimiter } = readRecords(file.text);
  const draft: Draft = { groups: [], errors: [], account: null, symbol: null, header: null };
  for (const record of records) take(draft, record);
  return { delimiter, ...draft };
}

type ColumnFinder = (name: string) => string;

/** Finds columns whose names hold a text: R|Trader adds units and zones to names. Every row asks again, so answers are kept. */
function finderOf({ columns }: Table): ColumnFinder {
  const keys = columns.map((column) => ({ column, key: columnKey(column) }));
  const found = new Map<string, string>();
  return (name) => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const asked = columnKey(name);
    const column = keys.find(({ key }) => key.includes(asked))?.column ?? name;
    found.set(name, column);
    return column;
  };
}

type Context = {
  readonly options: ImportOptions;
  readonly at: ColumnFinder;
  readonly mark: DecimalMark;
  readonly group: Group;
  /** How often each trade was seen: two partial exits may be equal in all they state. */
  readonly seen: Map<string, number>;
};

const zoneOf = (column: string): string | null => zoneOfColumn(column)?.zone ?? null;

function pairOf(cells: Cells, { at, group }: Context): ClosedPair {
  const side = (name: 'Entry' | 'Exit') => ({
    price: cells.price(at(`${name} Price`)),
    time: writtenTime(cells.text(at(`${name} Time`)), zoneOf(at(`${name} Time`))),
  });
  return {
    line: cells.line,
    id: `${cells.text(at('Entry Order Number'))}-${cells.text(at('Exit Order Number'))}`,
    account: group.account,
    symbol: group.symbol ?? '',
    direction: cells.word(at('Entry Buy/Sell'), SIDES, 'B or S') ?? 1,
    quantity: cells.quantity(at('Fill Size')),
    entry: side('Entry'),
    exit: side('Exit'),
    feeUsd: cells.money(at(FEES)),
  };
}

/** Orders fill in parts, so the same two may stand in several rows: equal ones are counted. */
function keyed(pair: ClosedPair, seen: Map<string, number>): ClosedPair {
  const key = JSON.stringify([pair.account, pair.symbol, pair.id, pair.quantity, pair.entry, pair.exit]);
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  const fill = `${pair.entry.time.text}/${pair.entry.price}>${pair.exit.time.text}/${pair.exit.price}x${pair.quantity}`;
  return { ...pair, id: `${pair.id}@${fill}${count === 1 ? '' : `#${count}`}` };
}

/** The file may state the result before costs or after them; the prices, contracts and costs must make one of both. */
function isOurs(gross: PairGross, stated: number, feeUsd: number | null): boolean {
  return agrees(gross, stated) || agrees(gross, stated + (feeUsd ?? 0));
}

function readTrade(row: Row, context: Context): RowReading {
  const cells = cellsOf(row, context.mark);
  const pair = pairOf(cells, context);
  const field = context.at(PNL);
  const stated = cells.money(field);
  const gross = pairGross(pair, context.options);
  if (gross !== null && stated !== null && !isOurs(gross, stated, pair.feeUsd)) {
    const cell = { line: row.line, field, value: row.get(field) };
    cells.refuse(pnlMismatch(cell, usdText(gross.usd), 'before costs, by the contract table'));
  }
  return unlessRefused(cells, () => asExecutions(...pairExecutions(keyed(pair, context.seen))));
}

function readGroup(table: Table, rest: Omit<Context, 'at' | 'mark'>): RowsRead {
  const at = finderOf(table);
  const named = { headerLine: table.headerLine, has: (name: unknown) => table.has(at(String(name))) };
  const errors = missingColumns(named, REQUIRED, REMEDY);
  if (errors.length > 0) return { executions: [], skipped: [], errors, rows: table.records.length };
  const figures = ['Entry Price', 'Exit Price', PNL, FEES].map(at);
  const context = { ...rest, at, mark: savedMark(table, figures) };
  return readEachRow(table.records, (row) => readTrade(row, context));
}

function assumptionsOf(header: RawRecord): readonly ImportAssumption[] {
  const pairing = 'Each row is a closed trade: it becomes an entry and an exit, costs shared between them.';
  const column = header.cells.find((cell) => columnKey(cell).includes('entrytime'))?.trim() ?? '';
  const named = zoneOfColumn(column);
  const zone = named?.zone ?? null;
  if (named === null || zone === null) return [assumption('pairing', pairing)];
  const text = `The column “${column}” says ${named.abbreviation}, taken as ${zone} with its summer time.`;
  return [assumption('pairing', pairing), assumption('time-zone', text)];
}

function read(file: SourceFile, options: ImportOptions): RawImport {
  const report = reportOf(file);
  const { header } = report;
  if (header === null) {
    const message = 'the file has no header with Entry Order Number';
    return unreadable([rowNote({ line: 1, field: 'Entry Order Number', message, remedy: REMEDY }), ...report.errors]);
  }
  const seen = new Map<string, number>();
  const parts = report.groups.map((group) =>
    readGroup(tableOf(group.header, group.rows, report), { options, group, seen }),
  );
  return {
    executions: parts.flatMap((part) => part.executions),
    skipped: parts.flatMap((part) => part.skipped),
    errors: [...report.errors, ...parts.flatMap((part) => part.errors)],
    questions: [],
    assumptions: assumptionsOf(header),
    rows: report.errors.length + parts.reduce((sum, part) => sum + part.rows, 0),
    columns: header.cells.map((cell) => cell.trim()),
  };
}

const HEAD = 20;

function recognise(file: SourceFile): number {
  const { records } = readRecords(file.text, { limit: HEAD });
  const header = records.find(isHeader);
  if (header === undefined) return 0;
  const keys = header.cells.map(columnKey);
  const found = REQUIRED.filter((name) => keys.some((key) => key.includes(columnKey(name))));
  return found.length / REQUIRED.length;
}

/** The trade performance report of Rithmic's R|Trader: account and contract on lines of their own above the trades. */
export const rithmicPerformance: FormatReader = {
  format: 'rithmic-performance',
  title: 'Rithmic R|Trader performance',
  recognise,
  read,
};
