import { applyFill, applyOrderEvent, openOrder } from '#shared/domain/order-life.ts';
import type { Fill } from '#shared/domain/order.ts';
import { type EpochMs, epochMs, money } from '#shared/units.ts';
import { assertNever } from '#shared/result.ts';
import type { JournalEvent, JournalEventOf } from '#desk/ports/events.ts';
import type { Database } from './connection.ts';
import {
  type BookKey,
  type DerivedRow,
  type OrderRecord,
  fillOfRow,
  fillRow,
  insertSql,
  lotOfRow,
  lotRow,
  orderOfBody,
  orderRow,
  tradeRow,
} from './derived-rows.ts';
import { type BookFill, type BookTerms, type Lot, bookFill, compareFills, deriveBook, tradeOf } from './round-trips.ts';

const BOOK = 'account = @account AND symbol = @symbol';

function statements(database: Database) {
  const rows = (sql: string) => database.prepare<[DerivedRow], DerivedRow>(sql);
  return {
    instrument: rows('SELECT root, tick_value FROM instruments WHERE symbol = @symbol'),
    putInstrument: rows(
      `${insertSql('instruments')} ON CONFLICT (symbol)
       DO UPDATE SET seq = excluded.seq, root = excluded.root, tick_value = excluded.tick_value`,
    ),
    addDecision: rows(insertSql('decisions')),
    closeDecision: rows('UPDATE decisions SET status_seq = @seq WHERE recommendation_id = @recommendation_id'),
    order: rows('SELECT seq, planned_risk_per_contract, body FROM orders WHERE client_order_id = @client_order_id'),
    addOrder: rows(insertSql('orders')),
    updateOrder: rows('UPDATE orders SET is_open = @is_open, body = @body WHERE seq = @seq'),
    addFill: rows(insertSql('fills')),
    hasFill: rows('SELECT 1 FROM fills WHERE venue = @venue AND account = @account AND exec_key = @exec_key'),
    fillsOfOrder: rows(
      `SELECT f.*, e.at AS journaled_at FROM fills f JOIN events e ON e.seq = f.seq
       WHERE f.client_order_id = @client_order_id ORDER BY f.seq`,
    ),
    lastOfBook: rows(
      `SELECT at, exec_key, venue FROM fills WHERE ${BOOK} ORDER BY at DESC, exec_key DESC, venue DESC LIMIT 1`,
    ),
    fillsOfBook: rows(
      `SELECT f.*, o.recommendation_id, o.planned_risk_per_contract
       FROM fills f LEFT JOIN orders o ON o.client_order_id = f.client_order_id
       WHERE f.account = @account AND f.symbol = @symbol`,
    ),
    accounts: rows('SELECT DISTINCT account FROM fills WHERE symbol = @symbol'),
    lots: rows(`SELECT * FROM lots WHERE ${BOOK} ORDER BY position`),
    clearLots: rows(`DELETE FROM lots WHERE ${BOOK}`),
    addLot: rows(insertSql('lots')),
    clearTrades: rows(`DELETE FROM trades WHERE ${BOOK}`),
    addTrade: rows(insertSql('trades')),
    tryTrade: rows(`${insertSql('trades')} ON CONFLICT (id) DO NOTHING`),
  };
}

type Statements = ReturnType<typeof statements>;

const moneyOrNull = (value: unknown) => (value === null || value === undefined ? null : money(Number(value)));
const textOrNull = (value: string | number | null | undefined) =>
  value === null || value === undefined ? null : String(value);

function findOrder(sql: Statements, clientOrderId: string): OrderRecord | null {
  const row = sql.order.get({ client_order_id: clientOrderId });
  if (row === undefined) return null;
  return {
    seq: Number(row['seq']),
    order: orderOfBody(String(row['body'])),
    plannedRiskPerContract: moneyOrNull(row['planned_risk_per_contract']),
  };
}

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
  lots.forEach((lot, position) => sql.addLot.run(lotRow(book, position, lot)));
}

/** Derives one book again from all its fills. */
function rederive(sql: Statements, book: BookKey): void {
  const { lots, trades } = deriveBook(sql.fillsOfBook.all(book).map(bookFillOfRow), termsOf(sql, book));
  writeLots(sql, book, lots);
  sql.clearTrades.run(book);
  for (const trade of trades) sql.addTrade.run(tradeRow(trade));
}

/** Books the newest fill of a book on its open lots. False when a trade id is taken: then the book is derived again. */
function bookNewest(sql: Statements, book: BookKey, fill: BookFill): boolean {
  const booked = bookFill(sql.lots.all(book).map(lotOfRow), fill);
  writeLots(sql, book, booked.lots);
  const terms = termsOf(sql, book);
  if (terms === null) return true;
  return booked.matches.every((match) => sql.tryTrade.run(tradeRow(tradeOf(match, terms, 0))).changes === 1);
}

function applyInstrument(sql: Statements, seq: number, { instrument }: JournalEventOf<'instrument'>): void {
  const { symbol, root, tickValue } = instrument;
  const before = sql.instrument.get({ symbol });
  sql.putInstrument.run({ symbol, seq, root, tick_value: tickValue });
  if (before !== undefined && before['root'] === root && before['tick_value'] === tickValue) return;
  for (const row of sql.accounts.all({ symbol })) rederive(sql, { account: String(row['account']), symbol });
}

function applyIntent(sql: Statements, seq: number, { at, event }: Occurred<'intent'>): void {
  const { terms, plannedRiskPerContract } = event;
  if (findOrder(sql, terms.clientOrderId) !== null) {
    throw new Error(`order ${terms.clientOrderId} already has an intent: an order is journaled and sent once`);
  }
  // A fill can be known before its intent only in an import; it is booked on the order in the order of arrival.
  const earlier = sql.fillsOfOrder.all({ client_order_id: terms.clientOrderId });
  const order = earlier.reduce(
    (folded, row) => applyFill(folded, fillOfRow(row), epochMs(Number(row['journaled_at']))),
    openOrder(terms, at),
  );
  sql.addOrder.run(orderRow({ seq, order, plannedRiskPerContract }));
  for (const row of earlier) rederive(sql, { account: String(row['account']), symbol: String(row['symbol']) });
}

function applyOrder(sql: Statements, { at, event }: Occurred<'order'>): void {
  const record = findOrder(sql, event.clientOrderId);
  if (record === null) throw new Error(`order ${event.clientOrderId} has no intent`);
  sql.updateOrder.run(orderUpdate({ ...record, order: applyOrderEvent(record.order, event.event, at) }));
}

const orderUpdate = (record: OrderRecord): DerivedRow => {
  const { seq = null, is_open: isOpen = null, body = null } = orderRow(record);
  return { seq, is_open: isOpen, body };
};

const isNewest = (sql: Statements, fill: Fill): boolean => {
  const last = sql.lastOfBook.get({ account: fill.account, symbol: fill.symbol });
  if (last === undefined) return true;
  const lastKey = { at: Number(last['at']), execKey: String(last['exec_key']), venue: String(last['venue']) };
  return compareFills(lastKey as Fill, fill) < 0;
};

function applyFillEvent(sql: Statements, seq: number, { at, event: { fill } }: Occurred<'fill'>): void {
  const fits = isNewest(sql, fill);
  sql.addFill.run(fillRow(seq, fill));
  const record = fill.clientOrderId === null ? null : findOrder(sql, fill.clientOrderId);
  if (record !== null) sql.updateOrder.run(orderUpdate({ ...record, order: applyFill(record.order, fill, at) }));
  const book = { account: fill.account, symbol: fill.symbol };
  const origin = {
    recommendationId: record?.order.recommendationId ?? null,
    plannedRiskPerContract: moneyOrNull(record?.plannedRiskPerContract),
  };
  if (!fits || !bookNewest(sql, book, { ...fill, ...origin })) rederive(sql, book);
}

function applyRecommendation(sql: Statements, seq: number, event: JournalEventOf<'recommendation'>): void {
  const { changes } = sql.closeDecision.run({ seq, recommendation_id: event.recommendationId });
  if (changes === 0) throw new Error(`recommendation ${event.recommendationId} has no decision`);
}

type Occurred<K extends JournalEvent['kind']> = { readonly at: EpochMs; readonly event: JournalEventOf<K> };

export type Deriver = {
  /** Updates the derived tables for an event that was just stored under `seq`, inside the same transaction. */
  readonly apply: (seq: number, at: EpochMs, event: JournalEvent) => void;
  readonly hasFill: (fill: Pick<Fill, 'venue' | 'account' | 'execKey'>) => boolean;
};

/**
 * Keeps the derived tables in step with the events. Throws on an event that contradicts what is stored: a second
 * intent of one order, a report on an order without an intent, a second decision under one id.
 */
export function createDeriver(database: Database): Deriver {
  const sql = statements(database);
  return {
    hasFill: ({ venue, account, execKey }) => sql.hasFill.get({ venue, account, exec_key: execKey }) !== undefined,
    apply: (seq, at, event) => {
      switch (event.kind) {
        case 'instrument':
          applyInstrument(sql, seq, event);
          break;
        case 'decision':
          sql.addDecision.run({ seq, recommendation_id: event.recommendationId, status_seq: null });
          break;
        case 'recommendation':
          applyRecommendation(sql, seq, event);
          break;
        case 'intent':
          applyIntent(sql, seq, { at, event });
          break;
        case 'order':
          applyOrder(sql, { at, event });
          break;
        case 'fill':
          applyFillEvent(sql, seq, { at, event });
          break;
        case 'opened':
        case 'started':
        case 'stopped':
        case 'config':
        case 'model-version':
        case 'trading-state':
        case 'outcome':
        case 'equity':
        case 'notice':
          break;
        default:
          assertNever(event);
      }
    },
  };
}
