import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile } from '#desk/imports/format.ts';
import { badCell, notExecution, rowNote } from '#desk/imports/notes.ts';
import { readRecords } from '#desk/imports/records.ts';
import type { Delimiter, RawRecord } from '#desk/imports/records.ts';
import { asError, asExecutions, asSkipped, readEachRow } from '#desk/imports/rows.ts';
import type { RowReading, RowsRead } from '#desk/imports/rows.ts';
import { tableOf } from '#desk/imports/table.ts';
import type { Row, Table } from '#desk/imports/table.ts';
import { writtenTime } from '#desk/imports/times.ts';
import type { ImportRowNote } from '#shared/domain/import.ts';

import { cellsOf, costOf, missingColumns, savedMark, unlessRefused, unreadable } from './cells.ts';
import type { Cells } from './cells.ts';
import { specOfSymbol } from './closed-pair.ts';
import { assetClass, CANCELLED_REMEDY, contractSymbol, IBKR_ZONE, MULTIPLIER_REMEDY } from './ibkr-terms.ts';
import { multiplierFault, symbolIn } from './ibkr-terms.ts';

const NOTIONAL = ['Notional Value', 'Proceeds'];
const REQUIRED = ['Symbol', 'Date/Time', 'Quantity', 'T. Price'];

/** Sections whose rows move a position without a trade: what the desk cannot follow must be seen. */
const MOVES = /^(corporate actions|transfers|position transfers|option exercises)/i;

/** One header of the trades and the records below it: columns differ by asset class. */
type Group = { readonly header: RawRecord; readonly rows: RawRecord[] };

type Statement = {
  readonly delimiter: Delimiter;
  readonly account: string | null;
  readonly groups: readonly Group[];
  /** Rows of the trades that hold none (subtotals), and of other sections that move positions. */
  readonly skipped: readonly ImportRowNote[];
  readonly errors: readonly ImportRowNote[];
};

const cell = (record: RawRecord, index: number): string => record.cells[index]?.trim() ?? '';

type Draft = { groups: Group[]; skipped: ImportRowNote[]; errors: ImportRowNote[] };

function takeTrade(draft: Draft, record: RawRecord): void {
  const kind = cell(record, 1);
  const group = draft.groups.at(-1);
  if (kind === 'Header') draft.groups.push({ header: record, rows: [] });
  else if (kind !== 'Data' && record.fault === null) draft.skipped.push(notExecution(record.line, 'Trades', kind));
  else if (group === undefined) {
    const message = 'a trade stands before the header of its columns';
    draft.errors.push(rowNote({ line: record.line, field: 'Trades', message, remedy: 'export the statement again' }));
  } else group.rows.push(record);
}

function unknownSection(record: RawRecord): ImportRowNote {
  const message = 'this row belongs to no section of the statement';
  const remedy = 'export the statement again';
  return rowNote({ line: record.line, field: 'section', value: cell(record, 0), message, remedy });
}

function statementOf(file: SourceFile): Statement {
  const { records, delimiter } = readRecords(file.text);
  const draft: Draft = { groups: [], skipped: [], errors: [] };
  let account: string | null = null;
  const sections = new Set<string>();
  for (const record of records) {
    const section = cell(record, 0);
    if (cell(record, 1) === 'Header') sections.add(section);
    if (section === 'Trades') takeTrade(draft, record);
    else if (record.fault !== null) draft.errors.push(record.fault);
    // Whether it was a trade cannot be told: a row is never left out without a word.
    else if (!sections.has(section)) draft.errors.push(unknownSection(record));
    else if (cell(record, 1) !== 'Data') continue;
    else if (MOVES.test(section)) draft.skipped.push(notExecution(record.line, 'section', section));
    // A consolidated statement adds words behind the account.
    else if (section === 'Account Information' && cell(record, 2) === 'Account') {
      account = /^\S+/.exec(cell(record, 3))?.[0] ?? null;
    }
  }
  return { delimiter, account, ...draft };
}

/** What the rows of a table are read with. */
type Context = {
  readonly mark: DecimalMark;
  readonly account: string | null;
  /** Account and symbol of which the statement lists whole orders: their single executions must not count again. */
  readonly ordered: ReadonlySet<string>;
};

const heldBy = (row: Row): string => `${row.get('Account')}\n${row.get('Symbol')}`;

/** Reason for which a row holds no execution of the desk's; null when it does. */
function reasonToSkip(row: Row, ordered: ReadonlySet<string>): ImportRowNote | null {
  const { line } = row;
  const judged = assetClass(row.get('Asset Category'));
  const value = row.get('Asset Category');
  if (!judged.isHeld) return rowNote({ line, field: 'Asset Category', value, message: judged.reason });
  const kind = row.get('DataDiscriminator');
  const isDetail = /^(trade|execution)$/i.test(kind);
  if (isDetail && ordered.has(heldBy(row))) {
    return rowNote({ line, field: 'DataDiscriminator', value: kind, message: 'counted with the order it belongs to' });
  }
  if (kind !== '' && kind !== 'Order' && !isDetail) return notExecution(line, 'DataDiscriminator', kind);
  const currency = row.get('Currency');
  if (currency === 'USD' || currency === '') return null;
  return rowNote({ line, field: 'Currency', value: currency, message: `${currency}: the desk keeps its books in USD` });
}

/** Compares notional with price × quantity, so that a contract with another multiplier is not taken for ours. */
function checkNotional(row: Row, cells: Cells, price: number): void {
  const notional = cells.money(NOTIONAL);
  const spec = specOfSymbol(contractSymbol(row.get('Symbol')));
  if (spec === null || notional === null || notional === 0 || !(Math.abs(price) > 0)) return;
  const implied = Math.abs(notional / (price * cells.signedQuantity('Quantity')));
  // A price averaged over fills is rounded; a wrong multiplier is wrong by far more.
  if (Math.abs(implied - spec.pointValue) <= 0.005 * spec.pointValue) return;
  const field = row.has('Notional Value') ? 'Notional Value' : 'Proceeds';
  const message = multiplierFault(spec, implied) ?? '';
  cells.refuse(rowNote({ line: row.line, field, value: row.get(NOTIONAL), message, remedy: MULTIPLIER_REMEDY }));
}

function readOrder(row: Row, { account, ordered, mark }: Context): RowReading {
  const reason = reasonToSkip(row, ordered);
  if (reason !== null) return asSkipped(reason);
  const code = row.get('Code');
  if (code.split(';').some((mark) => mark.trim() === 'Ca')) {
    return asError(badCell({ line: row.line, field: 'Code', value: code }, 'a trade that stands', CANCELLED_REMEDY));
  }
  const cells = cellsOf(row, mark);
  const symbol = symbolIn(row.get('Asset Category'), cells.symbol('Symbol'));
  const time = writtenTime(cells.text('Date/Time').replace(/,\s*/, ' '), IBKR_ZONE);
  const signed = cells.signedQuantity('Quantity');
  const price = cells.price('T. Price');
  const feeUsd = costOf(cells.money('Comm/Fee'));
  if (/^futures/i.test(row.get('Asset Category'))) checkNotional(row, cells, Number(price));
  return unlessRefused(cells, () =>
    asExecutions({
      line: row.line,
      id: null,
      account: row.get('Account') === '' ? account : row.get('Account'),
      symbol,
      direction: signed > 0 ? 1 : -1,
      quantity: Math.abs(signed),
      price,
      feeUsd,
      time,
    }),
  );
}

const isHeldRow = (row: Row): boolean => assetClass(row.get('Asset Category')).isHeld;

function readGroup(table: Table, context: Omit<Context, 'mark'>): RowsRead {
  const missing = table.records.some(isHeldRow) ? missingColumns(table, REQUIRED, REMEDY) : [];
  if (missing.length > 0) return { executions: [], skipped: [], errors: missing, rows: table.records.length };
  const mark = savedMark(table, ['Quantity', 'T. Price', NOTIONAL, 'Comm/Fee']);
  return readEachRow(table.records, (row) => readOrder(row, { ...context, mark }));
}

const REMEDY = 'export the Activity Statement as CSV in English, with its Trades section unchanged';

function read(file: SourceFile): RawImport {
  const statement = statementOf(file);
  const tables = statement.groups.map(({ header, rows }) => tableOf(header, rows, statement));
  if (tables.length === 0) {
    const message = 'the statement has no section “Trades”';
    return unreadable([...statement.errors, rowNote({ line: 1, field: 'Trades', message, remedy: REMEDY })]);
  }
  const orders = tables.flatMap((t) => t.records.filter((row) => row.get('DataDiscriminator') === 'Order'));
  const context = { account: statement.account, ordered: new Set(orders.map(heldBy)) };
  const parts = tables.map((table) => readGroup(table, context));
  const byLine = (a: ImportRowNote, b: ImportRowNote): number => a.line - b.line;
  return {
    executions: parts.flatMap((part) => part.executions),
    skipped: [...statement.skipped, ...parts.flatMap((part) => part.skipped)].sort(byLine),
    errors: [...statement.errors, ...parts.flatMap((part) => part.errors)].sort(byLine),
    questions: [],
    assumptions: [],
    rows: statement.skipped.length + statement.errors.length + parts.reduce((sum, part) => sum + part.rows, 0),
    columns: tables[0]?.columns.slice(2) ?? [],
  };
}

/** Records looked at: the trades of a statement may follow long sections, its first lines always name it. */
const HEAD = 40;

/**
 * Says that a statement is written in another language than English, whose words for sections and columns are not
 * known; null for any other file.
 */
export function foreignStatement(file: SourceFile): ImportRowNote | null {
  const { records } = readRecords(file.text, { limit: HEAD });
  const isSection = (record: RawRecord): boolean => /^(Header|Data)$/.test(cell(record, 1)) && cell(record, 0) !== '';
  const [first] = records;
  if (first === undefined || records.length < 3 || !records.slice(0, 3).every(isSection)) return null;
  const names = new Set(readRecords(file.text).records.map((record) => cell(record, 0)));
  if (names.has('Trades') || names.has('Account Information')) return null;
  return rowNote({
    line: 1,
    field: cell(first, 0),
    message: 'this is an Interactive Brokers statement in another language than English',
    remedy:
      'set the language of the statement to English (Client Portal, Settings) and export it again, or use a Flex query',
  });
}

function recognise(file: SourceFile): number {
  const { records } = readRecords(file.text, { limit: HEAD });
  const isMember = (record: RawRecord): boolean => /^(Header|Data|SubTotal|Total)$/.test(cell(record, 1));
  if (!records.slice(0, 3).every(isMember) || records.length === 0) return 0;
  const isStatement = records.some((record) => cell(record, 0) === 'Statement' && cell(record, 1) === 'Header');
  const isTrades = records.some((record) => cell(record, 0) === 'Trades' && cell(record, 2) === 'DataDiscriminator');
  return isStatement || isTrades ? 1 : 0.3;
}

/** The Activity Statement of Interactive Brokers as CSV: sections one after another, a header for each asset class. */
export const ibkrActivity: FormatReader = {
  format: 'ibkr-activity',
  title: 'Interactive Brokers Activity Statement',
  recognise,
  read,
};
