import { DeskError } from '#shared/contract/errors.ts';
import type { ExportFormat, ExportKind, TradeQuery, TradeRow } from '#shared/contract/journal-views.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Fill } from '#shared/domain/order.ts';
import { sessionDay } from '#shared/session-day.ts';
import { type Journal, IMPORTED } from '#desk/ports/journal.ts';
import { journaledInstruments } from '#desk/profiles/instruments.ts';
import { annotationCells, price, sideWord, time, usd } from './export-cells.ts';
import { DECISION_COLUMNS, decisionCells, decisionRows } from './export-decisions.ts';
import { boolean, csvText, float, jsonText, type Row, text } from './table-text.ts';

export type TableKind = Exclude<ExportKind, 'archive'>;

/** Rows taken from the journal at once. */
const PAGE = 500;
type Instruments = ReadonlyMap<string, Instrument>;

function tradeCells(trade: TradeRow, instruments: Instruments): Row {
  const instrument = instruments.get(trade.symbol);
  return {
    id: text(trade.id),
    account: text(trade.account),
    isImported: boolean(trade.isImported),
    symbol: text(trade.symbol),
    root: text(trade.root),
    side: text(sideWord(trade.direction)),
    quantity: float(trade.quantity),
    entryAt: time(trade.entryAt),
    exitAt: time(trade.exitAt),
    sessionDay: text(trade.sessionDay),
    entryPrice: price(instrument, trade.entryPrice),
    exitPrice: price(instrument, trade.exitPrice),
    grossUsd: usd(trade.gross),
    feesUsd: usd(trade.fees),
    netUsd: usd(trade.net),
    plannedRiskUsd: usd(trade.plannedRisk),
    r: float(trade.r),
    maeUsd: usd(trade.mae),
    mfeUsd: usd(trade.mfe),
    recommendationId: text(trade.recommendationId),
    ...annotationCells(trade.annotation),
  };
}

const TRADE_COLUMNS = [
  'id',
  'account',
  'isImported',
  'symbol',
  'root',
  'side',
  'quantity',
  'entryAt',
  'exitAt',
  'sessionDay',
  'entryPrice',
  'exitPrice',
  'grossUsd',
  'feesUsd',
  'netUsd',
  'plannedRiskUsd',
  'r',
  'maeUsd',
  'mfeUsd',
  'recommendationId',
  'tags',
  'setup',
  'mistakes',
  'rating',
  'note',
] as const;

/** Pages of trades, oldest exit first: what closes meanwhile comes at the end and shifts nothing. */
function* tradeRows(journal: Journal, filter: TradeQuery): Generator<readonly TradeRow[]> {
  const sort = { by: 'exit', isDescending: false } as const;
  for (let offset = 0; ; offset += PAGE) {
    const { trades } = journal.tradePage({ filter, sort, limit: PAGE, offset });
    if (trades.length > 0) yield trades;
    if (trades.length < PAGE) return;
  }
}

const FILL_COLUMNS = [
  'execKey',
  'venue',
  'account',
  'isImported',
  'symbol',
  'side',
  'quantity',
  'price',
  'feeUsd',
  'at',
  'receivedAt',
  'sessionDay',
  'clientOrderId',
] as const;

function fillCells(fill: Fill, instruments: Instruments): Row {
  return {
    execKey: text(fill.execKey),
    venue: text(fill.venue),
    account: text(fill.account),
    isImported: boolean(fill.account.startsWith(IMPORTED)),
    symbol: text(fill.symbol),
    side: text(fill.direction > 0 ? 'buy' : 'sell'),
    quantity: float(fill.quantity),
    price: price(instruments.get(fill.symbol), fill.price),
    feeUsd: usd(fill.fee),
    at: time(fill.at),
    receivedAt: time(fill.receivedAt),
    sessionDay: text(sessionDay(fill.at)),
    clientOrderId: text(fill.clientOrderId),
  };
}

/** The conditions of a filter that only a closed trade can meet. */
const isOfTrades = ({ outcome, tag, setup, mistake, minRating, text: words }: TradeQuery): boolean =>
  [outcome, tag, setup, mistake, minRating, words].some((condition) => condition !== undefined && condition !== '');

/** Keys of the executions the trades of a filter are made of, as `account|symbol|execKey`. */
function keysOfTrades(journal: Journal, filter: TradeQuery): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const page of tradeRows(journal, filter)) {
    for (const { id, account, symbol } of page) {
      const book = `${account}|${symbol}|`;
      // A venue's key may hold the separator itself: every way to read the id is let in, and only real keys match.
      const parts = id.slice(book.length).split('|').slice(0, -1);
      for (let i = 1; i < parts.length; i += 1) {
        keys.add(`${book}${parts.slice(0, i).join('|')}`);
        keys.add(`${book}${parts.slice(i).join('|')}`);
      }
    }
  }
  return keys;
}

function* fillRows(journal: Journal, filter: TradeQuery, instruments: Instruments): Generator<readonly Fill[]> {
  const { symbol, account, root, direction, fromDay, toDay } = filter;
  const origin = filter.origin ?? (account?.startsWith(IMPORTED) === true ? 'imported' : 'own');
  const keys = isOfTrades(filter) ? keysOfTrades(journal, filter) : null;
  const isWanted = (fill: Fill): boolean => {
    if (keys !== null) return keys.has(`${fill.account}|${fill.symbol}|${fill.execKey}`);
    const day = sessionDay(fill.at);
    return (
      (account === undefined || fill.account === account) &&
      (root === undefined || instruments.get(fill.symbol)?.root === root) &&
      (direction === undefined || fill.direction === direction) &&
      (fromDay === undefined || day >= fromDay) &&
      (toDay === undefined || day <= toDay)
    );
  };
  const fills = journal.fills({ origin, ...(symbol !== undefined && { symbol }) });
  for (let i = 0; i < fills.length; i += PAGE) {
    const wanted = fills.slice(i, i + PAGE).filter(isWanted);
    if (wanted.length > 0) yield wanted;
  }
}

function* mapped<T>(pages: Iterable<readonly T[]>, cells: (one: T) => Row): Generator<readonly Row[]> {
  for (const page of pages) yield page.map(cells);
}

function tableOf(journal: Journal, what: TableKind, filter: TradeQuery): [readonly string[], Iterable<readonly Row[]>] {
  const instruments = journaledInstruments(journal);
  switch (what) {
    case 'trades':
      return [TRADE_COLUMNS, mapped(tradeRows(journal, filter), (one) => tradeCells(one, instruments))];
    case 'fills':
      return [FILL_COLUMNS, mapped(fillRows(journal, filter, instruments), (one) => fillCells(one, instruments))];
    case 'decisions':
      return [DECISION_COLUMNS, mapped(decisionRows(journal, filter), decisionCells)];
  }
}

/**
 * Writes trades, fills or decisions of a journal as CSV or JSON, page by page: nothing is held whole. Times are UTC in
 * ISO 8601, money and prices exact decimals (a price in its contract's own), R and fractions in full precision.
 * A filter of trades narrows fills to those of the trades it means, and decisions by what a decision has.
 * @errors DeskError 'invalid-input' when decisions are filtered by a result, which they do not have
 */
export function* exportTable(
  journal: Journal,
  table: { readonly what: TableKind; readonly format: ExportFormat; readonly filter?: TradeQuery | undefined },
): Generator<string> {
  const { what, format, filter = {} } = table;
  if (what === 'decisions' && filter.outcome !== undefined) {
    throw new DeskError({
      code: 'invalid-input',
      field: 'filter.outcome',
      value: filter.outcome,
      message: 'A decision has no result; the trades made of it have.',
      remedy: 'Export trades, or leave the result out of the filter.',
    });
  }
  const [columns, pages] = tableOf(journal, what, filter);
  if (format === 'csv') yield* csvText(columns, pages);
  else yield* jsonText(what === 'decisions' ? [...columns, 'decision'] : columns, pages);
}
