import type { Fill, Trade } from '#shared/domain/order.ts';
import { type EpochMs, type Money, money } from '#shared/units.ts';
import type { Database } from './connection.ts';
import { type BookKey, fillOfRow, isImported, lotOfRow, lotRow, tradeRow } from './derived-rows.ts';
import { type DerivedRow, DERIVED_TABLES, insertSql } from './derived-tables.ts';
import {
  type BookFill,
  type BookTerms,
  type FillOrder,
  type Lot,
  OpenLots,
  bookFill,
  compareFills,
  deriveBook,
  tradeOf,
} from './round-trips.ts';
import { ACCOUNTS } from './fill-rows.ts';
import { indexesAside } from './indexes-aside.ts';
import { PairMap } from './pair-map.ts';
import { type RowValue, prepareNamed, rowInsert } from './statements.ts';
import { ALL_TRADES, type TradeChanges } from './trade-changes.ts';
import { DaySums, mergeDays } from './trade-days.ts';

const BOOK = 'account = @account AND symbol = @symbol';
const DAY = `is_imported = @is_imported AND session_day = @session_day AND ${BOOK}
  AND direction = @direction AND outcome = @outcome`;

/** SQL of the accounts that hold, or held, a contract. */
export const ACCOUNTS_OF_SYMBOL = `SELECT account FROM (${ACCOUNTS}) a
  WHERE EXISTS (SELECT 1 FROM fills f WHERE f.account = a.account AND f.symbol = @symbol AND f.is_busted = 0)`;

/** SQL of the newest fill of a book. */
export const LAST_OF_BOOK = `SELECT at, exec_key, venue FROM fills WHERE ${BOOK} AND is_busted = 0
  ORDER BY at DESC, exec_key DESC, venue DESC LIMIT 1`;

/** SQL that removes the trades of a book, which are found among those of the contract. */
export const CLEAR_TRADES = `DELETE FROM trades WHERE is_imported = @is_imported AND ${BOOK}`;

function statements(database: Database) {
  const rows = (sql: string) => prepareNamed(database, sql);
  return {
    instrument: rows('SELECT root, tick_value FROM instruments WHERE symbol = @symbol'),
    accounts: rows(ACCOUNTS_OF_SYMBOL),
    lastOfBook: rows(LAST_OF_BOOK),
    fillsOfBook: rows(
      `SELECT f.*, o.recommendation_id, o.planned_risk_per_contract
       FROM fills f LEFT JOIN orders o ON o.client_order_id = f.client_order_id
       WHERE f.account = @account AND f.symbol = @symbol AND f.is_busted = 0`,
    ),
    lots: rows(`SELECT * FROM lots WHERE ${BOOK} ORDER BY position`),
    clearLots: rows(`DELETE FROM lots WHERE ${BOOK}`),
    addLots: rowInsert(database, 'lots', DERIVED_TABLES.lots.columns),
    clearTrades: rows(CLEAR_TRADES),
    addTrades: rowInsert(database, 'trades', DERIVED_TABLES.trades.columns),
    tryTrades: rowInsert(database, 'trades', DERIVED_TABLES.trades.columns, 'ON CONFLICT (id) DO NOTHING'),
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

/** Field by field: it is made of every fill, and to copy all of one costs more than to book it. */
const bookFillOf = (fill: Fill, { recommendationId, plannedRiskPerContract }: FillOrigin): BookFill => ({
  execKey: fill.execKey,
  venue: fill.venue,
  direction: fill.direction,
  quantity: fill.quantity,
  price: fill.price,
  fee: fill.fee,
  at: fill.at,
  recommendationId,
  plannedRiskPerContract,
});

const bookFillOfRow = (row: DerivedRow): BookFill => ({
  ...fillOfRow(row),
  recommendationId: textOrNull(row['recommendation_id']),
  plannedRiskPerContract: moneyOrNull(row['planned_risk_per_contract']),
});

const tradeValues = (trade: Trade): readonly RowValue[] => Object.values(tradeRow(trade));

function termsOf(sql: Statements, book: BookKey): BookTerms | null {
  const row = sql.instrument.get({ symbol: book.symbol });
  if (row === undefined) return null;
  return { ...book, root: String(row['root']), tickValue: money(Number(row['tick_value'])) };
}

function writeLots(sql: Statements, book: BookKey, lots: readonly Lot[]): void {
  sql.clearLots.run(book);
  sql.addLots([...lots.entries()], ([position, lot]) => Object.values(lotRow(book, position, lot)));
}

/** Derives one book again from all its fills. */
function rederive(sql: Statements, book: BookKey): void {
  const { lots, trades } = deriveBook(sql.fillsOfBook.all(book).map(bookFillOfRow), termsOf(sql, book));
  writeLots(sql, book, lots);
  sql.clearTrades.run({ ...book, is_imported: isImported(book.account) ? 1 : 0 });
  sql.addTrades(trades, tradeValues);
  sql.clearDays.run(book);
  for (const row of mergeDays(trades)) sql.putDay.run(row);
}

/** What an append needs of a book, read once: it books fill after fill on it, and writes what became of it at the end. */
type OpenBook = {
  readonly terms: BookTerms | null;
  readonly lots: OpenLots;
  newest: FillOrder | null;
  /** Sums per day that changed, on top of what is stored of them. */
  readonly days: DaySums;
};

/** A book that an append has to do with. */
type Book = {
  readonly key: BookKey;
  /** Null before the first fill is booked. */
  open: OpenBook | null;
  /** It is derived again from all its fills. */
  isTouched: boolean;
};

/** A trade that is not in the table yet. */
type Waiting = { readonly book: Book; readonly trade: Trade };

function openBook(sql: Statements, book: BookKey): OpenBook {
  const last = sql.lastOfBook.get(book);
  return {
    terms: termsOf(sql, book),
    lots: new OpenLots(sql.lots.all(book).map(lotOfRow)),
    newest:
      last === undefined
        ? null
        : { at: Number(last['at']), execKey: String(last['exec_key']), venue: String(last['venue']) },
    days: new DaySums((row) => sql.day.get(row)),
  };
}

const isAfter = ({ newest }: OpenBook, fill: FillOrder): boolean => newest === null || compareFills(newest, fill) < 0;

/** Books the newest fill of a book on its open lots, and returns the trades it closes. */
function bookNewest({ lots, terms, days }: OpenBook, fill: BookFill): readonly Trade[] {
  const matches = bookFill(lots, fill);
  if (terms === null) return [];
  const trades = matches.map((match) => tradeOf(match, terms, 0));
  for (const trade of trades) days.add(trade);
  return trades;
}

function closeBook(sql: Statements, book: BookKey, { lots, days }: OpenBook): void {
  writeLots(sql, book, lots.all());
  for (const row of days.rows()) sql.putDay.run(row);
}

/** Lots, trades and sums per day, by book. */
export type Books = {
  /** Books a fill when it is the newest of its book; else the book is derived again at `settle`. */
  readonly book: (fill: Fill, origin: FillOrigin) => void;
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
 * once, however many fills it books on it or times it is touched. The fills of a book are in their table when it is
 * settled; one that is booked is not yet when its book is read.
 */
export function createBooks(database: Database, changes: TradeChanges): Books {
  const sql = statements(database);
  const addRows = indexesAside(database, 'trades');
  /** The books of an append, by account and symbol. */
  const books = new PairMap<Book>((account, symbol) => ({ key: { account, symbol }, open: null, isTouched: false }));
  let waiting: Waiting[] = [];
  /** The first exit of those trades. */
  let from: EpochMs | null = null;
  const touch = ({ account, symbol }: BookKey): void => {
    books.of(account, symbol).isTouched = true;
  };
  const forget = (): void => {
    books.clear();
    [waiting, from] = [[], null];
  };
  const writeTrades = (): void => {
    const added = waiting.filter(({ book }) => !book.isTouched);
    addRows(added.length, () => {
      // Where a trade of this id is there, the book has to be derived with an eye on all of them.
      for (const { book } of sql.tryTrades(added, ({ trade }) => tradeValues(trade))) book.isTouched = true;
    });
  };
  return {
    book: (fill, origin) => {
      const book = books.of(fill.account, fill.symbol);
      if (book.isTouched) return;
      book.open ??= openBook(sql, book.key);
      if (!isAfter(book.open, fill)) {
        book.isTouched = true;
        return;
      }
      // The newest fill of its book closes trades at its own time, if any, and leaves all others as they are.
      book.open.newest = fill;
      for (const trade of bookNewest(book.open, bookFillOf(fill, origin))) {
        if (from === null || trade.exitAt < from) from = trade.exitAt;
        waiting.push({ book, trade });
      }
    },
    touch,
    touchSymbol: (symbol) => {
      for (const row of sql.accounts.all({ symbol })) touch({ account: String(row['account']), symbol });
    },
    settle: () => {
      writeTrades();
      const all = books.all();
      const touched = all.filter(({ isTouched }) => isTouched);
      if (touched.length > 0) changes.note(ALL_TRADES);
      else if (from !== null) changes.note(from);
      for (const { key, open, isTouched } of all) if (open !== null && !isTouched) closeBook(sql, key, open);
      for (const { key } of touched) rederive(sql, key);
      forget();
    },
    forget,
  };
}
