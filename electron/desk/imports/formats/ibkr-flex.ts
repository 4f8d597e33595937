import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { FormatReader, RawImport, SourceFile, WrittenTime } from '#desk/imports/format.ts';
import { badCell, missingCell, notExecution, rowNote } from '#desk/imports/notes.ts';
import { asError, asExecutions, asSkipped, readEachRow } from '#desk/imports/rows.ts';
import type { RowReading, RowsRead } from '#desk/imports/rows.ts';
import { readRecords } from '#desk/imports/records.ts';
import { headerScore, tableOf } from '#desk/imports/table.ts';
import type { Row, Table } from '#desk/imports/table.ts';
import type { ImportRowNote } from '#shared/domain/import.ts';

import {
  cellsOf,
  columnName,
  costOf,
  fourDigitYear,
  missingColumns,
  savedMark,
  sumUsd,
  unlessRefused,
  unreadable,
} from './cells.ts';
import type { Cells } from './cells.ts';
import { specOfSymbol } from './closed-pair.ts';
import { flexFile, isTradesGroup, tradeScore } from './ibkr-flex-sections.ts';
import { assetClass, CANCELLED_REMEDY, contractSymbol, IBKR_ZONE } from './ibkr-terms.ts';
import { multiplierFault, MULTIPLIER_REMEDY, symbolIn } from './ibkr-terms.ts';

const ACCOUNT = ['ClientAccountID', 'Account ID', 'Account'];
const CURRENCY = ['CurrencyPrimary', 'Currency'];
const LEVEL = ['LevelOfDetail', 'Level Of Detail'];
const WHEN = ['DateTime', 'Date/Time'];
const DAY = ['TradeDate', 'Trade Date'];
const CLOCK = ['TradeTime', 'Trade Time'];
const PRICE = ['TradePrice', 'Trade Price', 'Price'];
const COMMISSION = ['IBCommission', 'Commission'];
const COMMISSION_CURRENCY = ['IBCommissionCurrency', 'Commission Currency'];
const TAXES = ['Taxes', 'Tax'];
const EXECUTION_IDS = [
  ['IBExecID', 'ExecID', 'Exec ID'],
  ['TradeID', 'Trade ID'],
];

const REMEDY = 'add the column to the section “Trades” (Executions) of the Flex query and run it again';

const SIDES: Readonly<Record<string, 1 | -1>> = { BUY: 1, BOT: 1, B: 1, SELL: -1, SLD: -1, S: -1 };

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** Minutes of the zone letters a query may write behind a time. */
const OFFSETS: Readonly<Record<string, number>> = { EST: -300, EDT: -240, UTC: 0, GMT: 0 };

/** `20260501` and `01-May-26` as 2026-05-01, `05/01/26` as 05/01/2026; any other form as written. */
function isoDay(day: string): string {
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(day);
  if (compact !== null) return compact.slice(1).join('-');
  const [, dd, name = '', yy = ''] = /^(\d{1,2})-([A-Za-z]{3})-(\d{2}|\d{4})$/.exec(day) ?? [];
  const month = MONTHS.indexOf(name.toUpperCase()) + 1;
  if (dd === undefined || month === 0) return fourDigitYear(day);
  return [yy.length === 2 ? `20${yy}` : yy, String(month).padStart(2, '0'), dd.padStart(2, '0')].join('-');
}

const clockTime = (clock: string): string => clock.replace(/^(\d{2})(\d{2})(\d{2})$/, '$1:$2:$3');

/** Date and clock of a row in any form the query's settings allow; null, and the problem recorded, without either. */
function timeOf(row: Row, cells: Cells): WrittenTime {
  const written = row.has(WHEN) ? cells.text(WHEN) : `${cells.text(DAY)} ${cells.text(CLOCK)}`;
  const [, day = '', clock = '', letters = ''] =
    /^([^\s;,]+)[\s;,]+(\d[\d:.]*)(?:\s*([A-Z]{3}))?$/.exec(written.trim()) ?? [];
  if (day === '') {
    const field = columnName(row, row.has(WHEN) ? WHEN : DAY);
    cells.refuse(badCell({ line: row.line, field, value: written }, 'a date with its time of day'));
  }
  const offset = OFFSETS[letters];
  if (letters !== '' && offset === undefined) {
    cells.refuse(badCell({ line: row.line, field: columnName(row, WHEN), value: written }, 'in a zone the desk knows'));
  }
  return { text: `${isoDay(day)} ${clockTime(clock)}`, offsetMinutes: offset ?? null, zone: IBKR_ZONE };
}

/** Reason for which a row holds no execution of the desk's; null when it does. */
function reasonToSkip(row: Row): ImportRowNote | null {
  const { line } = row;
  const level = row.get(LEVEL);
  if (level !== '' && !/^execution$/i.test(level)) return notExecution(line, 'LevelOfDetail', level);
  const value = row.get('AssetClass');
  const judged = assetClass(value);
  const isOption = row.get('Put/Call') !== '' || row.get('Strike') !== '';
  if (value === '' && isOption) {
    return rowNote({ line, field: 'Put/Call', value: row.get('Put/Call'), message: 'the desk holds no options' });
  }
  if (value !== '' && !judged.isHeld) return rowNote({ line, field: 'AssetClass', value, message: judged.reason });
  const currency = row.get(CURRENCY);
  if (currency === '' || currency === 'USD') return null;
  const field = columnName(row, CURRENCY);
  return rowNote({ line, field, value: currency, message: `${currency}: the desk keeps its books in USD` });
}

/** The row takes an earlier trade back: IBKR writes it as a trade the other way. */
function cancellation(row: Row): ImportRowNote | null {
  const side = row.get('Buy/Sell');
  const type = row.get('TransactionType');
  const marks = row.get('Notes/Codes').split(';');
  const isCancelled = /\(ca\.?\)/i.test(side) || /cancel/i.test(type) || marks.some((mark) => mark.trim() === 'Ca');
  if (!isCancelled) return null;
  return badCell({ line: row.line, field: 'Buy/Sell', value: side }, 'a trade that stands', CANCELLED_REMEDY);
}

function directionOf(row: Row, cells: Cells, signed: number): 1 | -1 {
  const bySign = signed > 0 ? 1 : -1;
  if (!row.has('Buy/Sell')) return bySign;
  const side = cells.word('Buy/Sell', SIDES, 'BUY or SELL');
  if (side === 1 && bySign === -1) {
    const field = { line: row.line, field: 'Quantity', value: row.get('Quantity') };
    cells.refuse(badCell(field, 'the quantity of a purchase', 'the side and the sign of the quantity contradict'));
  }
  return side ?? bySign;
}

function checkMultiplier(row: Row, cells: Cells): void {
  const multiplier = cells.money('Multiplier');
  const spec = specOfSymbol(contractSymbol(row.get('Symbol')));
  if (multiplier === null || spec === null || /^STK$/i.test(row.get('AssetClass'))) return;
  const message = multiplierFault(spec, multiplier);
  if (message === null) return;
  const value = row.get('Multiplier');
  cells.refuse(rowNote({ line: row.line, field: 'Multiplier', value, message, remedy: MULTIPLIER_REMEDY }));
}

function feeOf(row: Row, cells: Cells): number | null {
  const currency = row.get(COMMISSION_CURRENCY);
  const fee = costOf(sumUsd([cells.money(COMMISSION), cells.money(TAXES)]));
  if (fee === null || fee === 0 || currency === '' || currency === 'USD') return fee;
  const field = { line: row.line, field: columnName(row, COMMISSION_CURRENCY), value: currency };
  cells.refuse(
    badCell(field, 'USD', 'the desk keeps its books in USD: remove the row, or state its commission in USD'),
  );
  return fee;
}

function readExecution(row: Row, mark: DecimalMark): RowReading {
  const reason = reasonToSkip(row);
  if (reason !== null) return asSkipped(reason);
  const cancelled = cancellation(row);
  if (cancelled !== null) return asError(cancelled);
  const cells = cellsOf(row, mark);
  const symbol = symbolIn(row.get('AssetClass'), cells.symbol('Symbol'));
  const time = timeOf(row, cells);
  const signed = cells.signedQuantity('Quantity');
  const direction = directionOf(row, cells, signed);
  const price = cells.price(PRICE);
  const feeUsd = feeOf(row, cells);
  checkMultiplier(row, cells);
  const id = EXECUTION_IDS.map((column) => row.get(column)).find((value) => value !== '') ?? null;
  const account = row.get(ACCOUNT) === '' ? null : row.get(ACCOUNT);
  const quantity = Math.abs(signed);
  return unlessRefused(cells, () =>
    asExecutions({ line: row.line, id, account, symbol, direction, quantity, price, feeUsd, time }),
  );
}

function readTrades(table: Table): RowsRead {
  const when = table.has(WHEN) ? WHEN : DAY;
  const clock = table.has(WHEN) || !table.has(DAY) ? [] : [CLOCK];
  const isDated = table.has(WHEN) || table.has(DAY);
  const errors = missingColumns(table, ['Symbol', 'Quantity', PRICE, isDated ? when : WHEN, ...clock], REMEDY);
  if (errors.length > 0) return { executions: [], skipped: [], errors, rows: table.records.length };
  const mark = savedMark(table, ['Quantity', PRICE, COMMISSION]);
  return readEachRow(table.records, (row) => readExecution(row, mark));
}

const readOthers = (table: Table, code: string | null): RowsRead =>
  readEachRow(table.records, (row) => asSkipped(notExecution(row.line, 'section', code ?? 'another section')));

function read(file: SourceFile): RawImport {
  const flex = flexFile(file.text);
  const groups = flex.groups.map((group) => {
    const table = tableOf(group.header, group.rows, { ...flex, relaxColumns: !isTradesGroup(group) });
    return isTradesGroup(group) ? readTrades(table) : readOthers(table, group.code);
  });
  const trades = flex.groups.find(isTradesGroup);
  if (trades === undefined) {
    const note = { ...missingCell(1, 'Trades'), message: 'the file has no section of trades', remedy: REMEDY };
    return unreadable([...flex.errors, note]);
  }
  return {
    executions: groups.flatMap((part) => part.executions),
    skipped: groups.flatMap((part) => part.skipped),
    errors: [...groups.flatMap((part) => part.errors), ...flex.errors],
    questions: [],
    assumptions: [],
    rows: groups.reduce((sum, part) => sum + part.rows, 0),
    columns: trades.header.cells.map((cell) => cell.trim()),
  };
}

const HEAD = 12;

/** Columns nearly every Flex query of trades has and no other export does. */
const MARKS = [['ClientAccountID'], ['CurrencyPrimary'], ['AssetClass'], ['IBExecID', 'TradeID'], ['IBCommission']];

function recognise(file: SourceFile): number {
  const { records } = readRecords(file.text, { limit: HEAD });
  const first = records[0]?.cells.slice(0, 2).map((cell) => cell.trim()) ?? [];
  if (first[0] === 'BOF' || first.includes('BOS')) return 1;
  if (first.includes('HEADER') && /^[A-Z]{4}$/.test(first.find((cell) => cell !== 'HEADER') ?? '')) return 1;
  const scores = records.map(({ cells }) => 0.6 * headerScore(cells, MARKS) + 0.4 * tradeScore(cells));
  const best = Math.max(0, ...scores);
  return best < 0.4 ? 0 : Math.min(1, best + 0.4);
}

/** A Flex query of Interactive Brokers as CSV: any columns in any order, with or without wrapper records. */
export const ibkrFlex: FormatReader = {
  format: 'ibkr-flex',
  title: 'Interactive Brokers Flex Query',
  recognise,
  read,
};
