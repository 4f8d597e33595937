import { applyFill, applyOrderEvent, openOrder } from '#shared/domain/order-life.ts';
import type { Fill } from '#shared/domain/order.ts';
import { type EpochMs, type Money, money } from '#shared/units.ts';
import type { StoredEvent } from '#desk/ports/events.ts';
import {
  DERIVED_TABLE_NAMES,
  type DerivedRow,
  type DerivedTable,
  type OrderRecord,
  fillRow,
  insertSql,
  lotRow,
  orderRow,
  tradeRow,
} from './derived-rows.ts';
import type { Database } from './connection.ts';
import { EVENT_COLUMNS, type EventRow, decodeEvent } from './event-codec.ts';
import { groupBy } from './group-by.ts';
import { type BookFill, deriveBook } from './round-trips.ts';

type FoldState = {
  readonly instruments: Map<string, { readonly seq: number; readonly root: string; readonly tickValue: Money }>;
  readonly decisions: Map<string, { readonly seq: number; readonly statusSeq: number | null }>;
  readonly orders: Map<string, OrderRecord>;
  readonly fills: { readonly seq: number; readonly at: EpochMs; readonly fill: Fill }[];
};

/** The rows every derived table must hold, each table in the order of its key. */
export type DerivedTables = Readonly<Record<DerivedTable, readonly DerivedRow[]>>;

/** Takes all events of a journal in order, and says what the derived tables must be. Shares no SQL with the writer. */
export type Fold = { readonly add: (stored: StoredEvent) => void; readonly tables: () => DerivedTables };

function updateOrder(state: FoldState, id: string, change: (record: OrderRecord) => OrderRecord): boolean {
  const record = state.orders.get(id);
  if (record === undefined) return false;
  state.orders.set(id, change(record));
  return true;
}

function addFill(state: FoldState, { seq, at }: StoredEvent, fill: Fill): void {
  state.fills.push({ seq, at, fill });
  if (fill.clientOrderId === null) return;
  updateOrder(state, fill.clientOrderId, (record) => ({ ...record, order: applyFill(record.order, fill, at) }));
}

function add(state: FoldState, stored: StoredEvent): void {
  const { seq, at, event } = stored;
  if (event.kind === 'instrument') {
    const { symbol, root, tickValue } = event.instrument;
    state.instruments.set(symbol, { seq, root, tickValue });
  } else if (event.kind === 'decision') {
    state.decisions.set(event.recommendationId, { seq, statusSeq: null });
  } else if (event.kind === 'recommendation') {
    const decision = state.decisions.get(event.recommendationId);
    if (decision === undefined) throw new Error(`recommendation ${event.recommendationId} has no decision`);
    state.decisions.set(event.recommendationId, { ...decision, statusSeq: seq });
  } else if (event.kind === 'intent') {
    const id = event.terms.clientOrderId;
    const earlier = state.fills.filter(({ fill }) => fill.clientOrderId === id);
    const order = earlier.reduce((folded, f) => applyFill(folded, f.fill, f.at), openOrder(event.terms, at));
    state.orders.set(id, { seq, order, plannedRiskPerContract: event.plannedRiskPerContract });
  } else if (event.kind === 'order') {
    const isKnown = updateOrder(state, event.clientOrderId, (record) => ({
      ...record,
      order: applyOrderEvent(record.order, event.event, at),
    }));
    if (!isKnown) throw new Error(`order ${event.clientOrderId} has no intent`);
  } else if (event.kind === 'fill') {
    addFill(state, stored, event.fill);
  }
}

const compareText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function bookTables(state: FoldState): Pick<DerivedTables, 'lots' | 'trades'> {
  const originOf = (fill: Fill) => {
    const record = fill.clientOrderId === null ? undefined : state.orders.get(fill.clientOrderId);
    const risk = record?.plannedRiskPerContract ?? null;
    return {
      recommendationId: record?.order.recommendationId ?? null,
      plannedRiskPerContract: risk === null ? null : money(risk),
    };
  };
  const books = groupBy(state.fills, ({ fill }) => JSON.stringify([fill.account, fill.symbol]));
  const lots: DerivedRow[] = [];
  const trades: DerivedRow[] = [];
  for (const booked of books) {
    const { account, symbol } = booked[0].fill;
    const instrument = state.instruments.get(symbol);
    const terms = instrument === undefined ? null : { account, symbol, ...instrument };
    const fills: readonly BookFill[] = booked.map(({ fill }) => ({ ...fill, ...originOf(fill) }));
    const book = deriveBook(fills, terms);
    book.lots.forEach((lot, position) => lots.push(lotRow({ account, symbol }, position, lot)));
    for (const trade of book.trades) trades.push(tradeRow(trade));
  }
  const byBook = (a: DerivedRow, b: DerivedRow): number =>
    compareText(String(a['account']), String(b['account'])) || compareText(String(a['symbol']), String(b['symbol']));
  lots.sort((a, b) => byBook(a, b) || Number(a['position']) - Number(b['position']));
  trades.sort((a, b) => compareText(String(a['id']), String(b['id'])));
  return { lots, trades };
}

function tables(state: FoldState): DerivedTables {
  const bySeq = (a: DerivedRow, b: DerivedRow): number => Number(a['seq']) - Number(b['seq']);
  const instruments = [...state.instruments].map(([symbol, { seq, root, tickValue }]): DerivedRow => ({
    symbol,
    seq,
    root,
    tick_value: tickValue,
  }));
  const decisions = [...state.decisions].map(([id, { seq, statusSeq }]): DerivedRow => ({
    seq,
    recommendation_id: id,
    status_seq: statusSeq,
  }));
  return {
    instruments: instruments.sort((a, b) => compareText(String(a['symbol']), String(b['symbol']))),
    decisions: decisions.sort(bySeq),
    orders: [...state.orders.values()].map(orderRow).sort(bySeq),
    fills: state.fills.map(({ seq, fill }) => fillRow(seq, fill)),
    ...bookTables(state),
  };
}

/** Starts an empty fold. */
export function startFold(): Fold {
  const state: FoldState = { instruments: new Map(), decisions: new Map(), orders: new Map(), fills: [] };
  return { add: (stored) => add(state, stored), tables: () => tables(state) };
}

/** Replaces every derived table by what the events say. The caller holds the transaction. */
export function rebuildDerived(database: Database): void {
  const fold = startFold();
  const events = database.prepare<[], EventRow>(`SELECT ${EVENT_COLUMNS} FROM events e ORDER BY e.seq`);
  for (const row of events.iterate()) fold.add(decodeEvent(row));
  const derived = fold.tables();
  for (const table of DERIVED_TABLE_NAMES) {
    database.exec(`DELETE FROM ${table}`);
    const insert = database.prepare<[DerivedRow]>(insertSql(table));
    for (const row of derived[table]) insert.run(row);
  }
}
