import type { Fill, Trade } from '#shared/domain/order.ts';
import { type Money, money } from '#shared/units.ts';
import type { Database } from './connection.ts';
import { type BookKey, fillOfRow, lotOfRow, lotRow, tradeRow } from './derived-rows.ts';
import { type DerivedRow, insertSql } from './derived-tables.ts';
import {
  type BookFill,
  type BookTerms,
  type FillOrder,
  type Lot,
  bookFill,
  compareFills,
  deriveBook,
  tradeOf,
} from './round-trips.ts';
import { rowInsert } from './statements.ts';
import { ALL_TRADES, type TradeChanges } from './trade-changes.ts';
import { addDays, dayKey, dayRow, mergeDays } from './trade-days.ts';

const BOOK = 'account = @account AND symbol = @symbol';
const DAY = `is_imported = @is_imported AND session_day = @session_day AND ${BOOK}
  AND direction = @direction AND outcome = @outcome`;

function statements(database: Database) {
  const rows = (sql: string) => database.prepare<[DerivedRow], DerivedRow>(sql);
  return {
    instrument: rows('SELECT root, tick_value FROM instruments WHERE symbol = @symbol'),
    accounts: rows('SELECT DISTINCT account FROM fills WHERE symbol = @symbol'),
    lastOfBook: rows(
      `SELECT at, exec_key, venue FROM fills WHERE ${BOOK} AND is_busted = 0
       ORDER BY at DESC, exec_key DESC, venue DESC LIMIT 1`,
    ),
    fillsOfBook: rows(
      `SELECT f.*, o.recommendation_id, o.planned_risk_per_contract
       FROM fills f LEFT JOIN orders o ON o.client_order_id = f.client_order_id
       WHERE f.account = @account AND f.symbol = @symbol AND f.is_busted = 0`,
    ),
    lots: rows(`SELECT * FROM lots WHERE ${BOOK} ORDER BY position`),
    clearLots: rows(`DELETE FROM lots WHERE ${BOOK}`),
    addLot: rowInsert(database, 'lots'),
    clearTrades: rows(`DELETE FROM trades WHERE ${BOOK}`),
    addTrade: rowInsert(database, 'trades'),
    tryTrade: rowInsert(database, 'trades', 'ON CONFLICT (id) DO NOTHING'),
    clearDays: rows(`DELETE FROM trade_days WHERE ${BOOK}`),
    day: rows(`SELECT * FROM trade_days WHERE ${DAY}`),
    putDay: rows(insertSql('trade_days').replace('INSERT', 'INSERT OR REPLACE')),
  };
}

type Statements = ReturnType<typeof statements>;

/** What the order of a fill adds to it: whose recommendation it was, and what it was planned to risk. */
export type FillOrigin = Pick<BookFill, 'recommendationId' | 'plannedRiskPerContract'>;

export const moneyOrNull = (value: unknown): Money | null =>
  value === null || value === undefined ? null : money(Number(value));
const textOrNull = (value: string | number | null | undefined) =>
  value === null || value === undefined ? null : String(value);

const bookFillOfRow = (row: DerivedRow): BookFill => ({
  ...fillOfRow(row),
  recommendationId: textOrNull(row['recommendation_id']),
  plannedRiskPerContract: moneyOrNull(row['planned_risk_per_contract']),
});

function termsOf(sql: Statements, book: BookKey): BookTerms | null {
  const row = sql.instrument.get({ symbol: book.symbol });
  if (row === undefined) return null;
  return { ...book, root: String(row['root']), tickValue: money(Number(row['tick_value'])) };
}

function writeLots(sql: Statements, book: BookKey, lots: readonly Lot[]): void {
  sql.clearLots.run(book);
  lots.forEach((lot, position) => sql.addLot(lotRow(book, position, lot)));
}

/** Derives one book again from all its fills. */
function rederive(sql: Statements, book: BookKey): void {
  const { lots, trades } = deriveBook(sql.fillsOfBook.all(book).map(bookFillOfRow), termsOf(sql, book));
  writeLots(sql, book, lots);
  sql.clearTrades.run(book);
  for (const trade of trades) sql.addTrade(tradeRow(trade));
  sql.clearDays.run(book);
  for (const row of mergeDays(trades)) sql.putDay.run(row);
}

/** What an append needs of a book, read once: it books fill after fill on it, and writes what became of it at the end. */
type OpenBook = {
  readonly book: BookKey;
  readonly terms: BookTerms | null;
  lots: readonly Lot[];
  newest: FillOrder | null;
  /** Sums per day that changed, by their keys. */
  readonly days: Map<string, DerivedRow>;
};

function openBook(sql: Statements, book: BookKey): OpenBook {
  const last = sql.lastOfBook.get(book);
  return {
    book,
    terms: termsOf(sql, book),
    lots: sql.lots.all(book).map(lotOfRow),
    newest:
      last === undefined
        ? null
        : { at: Number(last['at']), execKey: String(last['exec_key']), venue: String(last['venue']) },
    days: new Map(),
  };
}

const isAfter = ({ newest }: OpenBook, fill: FillOrder): boolean => newest === null || compareFills(newest, fill) < 0;

/** Adds a trade to the sums of its day, after what is stored of them. */
function addToDay(sql: Statements, { days }: OpenBook, trade: Trade): void {
  const row = dayRow(trade);
  const key = dayKey(trade);
  const before = days.get(key) ?? sql.day.get(row);
  days.set(key, before === undefined ? row : addDays(before, row));
}

/** Books the newest fill of a book on its open lots. False when a trade id is taken: then the book is derived again. */
function bookNewest(sql: Statements, open: OpenBook, fill: BookFill): boolean {
  const booked = bookFill(open.lots, fill);
  [open.lots, open.newest] = [booked.lots, fill];
  const { terms } = open;
  if (terms === null) return true;
  return booked.matches.every((match) => {
    const trade = tradeOf(match, terms, 0);
    if (!sql.tryTrade(tradeRow(trade))) return false;
    addToDay(sql, open, trade);
    return true;
  });
}

function closeBook(sql: Statements, { book, lots, days }: OpenBook): void {
  writeLots(sql, book, lots);
  for (const row of days.values()) sql.putDay.run(row);
}

/** Lots, trades and sums per day, by book. */
export type Books = {
  /** Says whether a fill that is about to be stored comes after all others of its book. */
  readonly isNewest: (fill: Fill) => boolean;
  /** Books a stored fill when it is the newest of its book; else the book is derived again at `settle`. */
  readonly book: (fill: Fill, origin: FillOrigin, isNewest: boolean) => void;
  /** Marks a book to be derived again from all its fills. */
  readonly touch: (book: BookKey) => void;
  /** Marks the books of one contract, in every account. */
  readonly touchSymbol: (symbol: string) => void;
  /** Writes what became of the books, and derives marked ones again. Until then their rows are not to be read. */
  readonly settle: () => void;
  /** Drops books and marks: what made them was rolled back. */
  readonly forget: () => void;
};

/**
 * Keeps the books of a journal, and tells `changes` where their trades change. What an append does to a book is written
 * once, however many fills it books on it or times it is touched.
 */
export function createBooks(database: Database, changes: TradeChanges): Books {
  const sql = statements(database);
  const touched = new Map<string, BookKey>();
  const opened = new Map<string, OpenBook>();
  const keyOf = ({ account, symbol }: BookKey): string => `${account}\n${symbol}`;
  const touch = ({ account, symbol }: BookKey): void =>
    void touched.set(keyOf({ account, symbol }), { account, symbol });
  const open = ({ account, symbol }: BookKey): OpenBook => {
    const key = keyOf({ account, symbol });
    const known = opened.get(key) ?? openBook(sql, { account, symbol });
    opened.set(key, known);
    return known;
  };
  return {
    isNewest: (fill) => touched.has(keyOf(fill)) || isAfter(open(fill), fill),
    book: (fill, origin, fits) => {
      if (touched.has(keyOf(fill))) return;
      // The newest fill of its book closes trades at its own time, and leaves all others as they are.
      changes.note(fill.at);
      if (!fits || !bookNewest(sql, open(fill), { ...fill, ...origin })) touch(fill);
    },
    touch,
    touchSymbol: (symbol) => {
      for (const row of sql.accounts.all({ symbol })) touch({ account: String(row['account']), symbol });
    },
    settle: () => {
      if (touched.size > 0) changes.note(ALL_TRADES);
      for (const [key, one] of opened) if (!touched.has(key)) closeBook(sql, one);
      for (const book of touched.values()) rederive(sql, book);
      opened.clear();
      touched.clear();
    },
    forget: () => {
      opened.clear();
      touched.clear();
    },
  };
}
