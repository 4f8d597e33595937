import type { Attachment } from '#shared/domain/annotation.ts';
import type { Subject } from '#shared/domain/annotation.ts';
import type { Fill, FillCorrection } from '#shared/domain/order.ts';
import { applyFill, applyOrderEvent, correctFills, openOrder } from '#shared/domain/order-life.ts';
import { type EpochMs, type Money, money } from '#shared/units.ts';
import type { JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import { type AnnotationRecord, annotationRow, attachmentRow, labelRows } from './annotation-rows.ts';
import { type FillRecord, correctionRow, effectiveFill, fillKeyText, outranks } from './corrections.ts';
import { type OrderRecord, decisionRow, fillRow, lotRow, orderRow, tradeRow } from './derived-rows.ts';
import { DERIVED_TABLE_NAMES, type DerivedRow, type DerivedTable, compareRows } from './derived-tables.ts';
import { groupBy } from '#shared/group-by.ts';
import { type BookFill, deriveBook } from './round-trips.ts';
import { type SubjectText, type TextChange, annotationText, reasonText, textAfter, textRow } from './texts.ts';
import { mergeDays } from './trade-days.ts';

type StoredFill = FillRecord & { readonly at: EpochMs };
type About<T> = { readonly subject: Subject } & T;

type FoldState = {
  readonly instruments: Map<string, { readonly seq: number; readonly root: string; readonly tickValue: Money }>;
  readonly decisions: Map<string, DerivedRow>;
  readonly orders: Map<string, OrderRecord>;
  /** By key, in the order they were journaled. */
  readonly fills: Map<string, StoredFill>;
  readonly fillsByOrder: Map<string, string[]>;
  readonly corrections: { readonly seq: number; readonly correction: FillCorrection }[];
  /** What counts of each fill. */
  readonly lastCorrections: Map<string, FillCorrection>;
  readonly annotations: Map<string, AnnotationRecord>;
  readonly attachments: Map<string, { readonly seq: number; readonly attachment: Attachment }>;
  readonly texts: Map<string, About<{ readonly text: SubjectText }>>;
};

/** The rows every derived table must hold, each table in the order of its key. */
export type DerivedTables = Readonly<Record<DerivedTable, readonly DerivedRow[]>>;

/** Takes all events of a journal in order, and says what the derived tables must be. Shares no SQL with the writer. */
export type Fold = { readonly add: (stored: StoredEvent) => void; readonly tables: () => DerivedTables };

type Occurred<K extends StoredEvent['event']['kind']> = {
  readonly seq: number;
  readonly at: EpochMs;
  readonly event: JournalEventOf<K>;
};

function updateOrder(state: FoldState, id: string | null, change: (record: OrderRecord) => OrderRecord): boolean {
  const record = id === null ? undefined : state.orders.get(id);
  if (id === null || record === undefined) return false;
  state.orders.set(id, change(record));
  return true;
}

/** The fills of an order that count, in the order they were journaled. */
function effectiveFills(state: FoldState, orderId: string): readonly { readonly fill: Fill; readonly at: EpochMs }[] {
  return (state.fillsByOrder.get(orderId) ?? []).flatMap((key) => {
    const stored = state.fills.get(key);
    const fill = stored === undefined ? null : effectiveFill(stored);
    return stored === undefined || fill === null ? [] : [{ fill, at: stored.at }];
  });
}

function write(state: FoldState, subject: Subject, { change, at }: { change: TextChange; at: EpochMs }): void {
  const key = JSON.stringify([subject.kind, subject.id]);
  const text = textAfter(state.texts.get(key)?.text ?? null, change, at);
  if (text === null) state.texts.delete(key);
  else state.texts.set(key, { subject, text });
}

function addRecommendation(state: FoldState, { seq, at, event }: Occurred<'recommendation'>): void {
  const { recommendationId: id, reason } = event;
  const decision = state.decisions.get(id);
  if (decision === undefined) throw new Error(`recommendation ${id} has no decision`);
  state.decisions.set(id, { ...decision, state: event.state, status_seq: seq });
  if (reason !== null) write(state, { kind: 'recommendation', id }, { change: reasonText(reason), at });
}

function addIntent(state: FoldState, { seq, at, event }: Occurred<'intent'>): void {
  const id = event.terms.clientOrderId;
  const order = effectiveFills(state, id).reduce((o, f) => applyFill(o, f.fill, f.at), openOrder(event.terms, at));
  state.orders.set(id, { seq, order, plannedRiskPerContract: event.plannedRiskPerContract });
}

function addFill(state: FoldState, { seq, at, event: { fill } }: Occurred<'fill'>): void {
  const key = fillKeyText(fill);
  const correction = state.lastCorrections.get(key) ?? null;
  state.fills.set(key, { seq, at, fill, correction });
  const id = fill.clientOrderId;
  if (id === null) return;
  const ofOrder = state.fillsByOrder.get(id);
  if (ofOrder === undefined) state.fillsByOrder.set(id, [key]);
  else ofOrder.push(key);
  const effective = effectiveFill({ fill, correction });
  if (effective === null) return;
  updateOrder(state, id, (record) => ({ ...record, order: applyFill(record.order, effective, at) }));
}

function addCorrection(state: FoldState, { seq, at, event: { correction } }: Occurred<'fill-correction'>): void {
  state.corrections.push({ seq, correction });
  const key = fillKeyText(correction);
  if (!outranks(correction, state.lastCorrections.get(key) ?? null)) return;
  state.lastCorrections.set(key, correction);
  const stored = state.fills.get(key);
  if (stored === undefined) return;
  state.fills.set(key, { ...stored, correction });
  const id = stored.fill.clientOrderId;
  updateOrder(state, id, (record) => {
    const fills = effectiveFills(state, record.order.clientOrderId).map(({ fill }) => fill);
    return { ...record, order: correctFills(record.order, fills, at) };
  });
}

function addAnnotation(state: FoldState, { seq, at, event: { subject, body } }: Occurred<'annotation'>): void {
  state.annotations.set(JSON.stringify([subject.kind, subject.id]), { seq, at, subject, body });
  write(state, subject, { change: annotationText(body), at });
}

function add(state: FoldState, { seq, at, event }: StoredEvent): void {
  if (event.kind === 'instrument') {
    const { symbol, root, tickValue } = event.instrument;
    state.instruments.set(symbol, { seq, root, tickValue });
  } else if (event.kind === 'decision') {
    state.decisions.set(event.recommendationId, decisionRow(seq, at, event));
  } else if (event.kind === 'recommendation') {
    addRecommendation(state, { seq, at, event });
  } else if (event.kind === 'intent') {
    addIntent(state, { seq, at, event });
  } else if (event.kind === 'order') {
    const change = (record: OrderRecord): OrderRecord => ({
      ...record,
      order: applyOrderEvent(record.order, event.event, at),
    });
    if (!updateOrder(state, event.clientOrderId, change)) throw new Error(`order ${event.clientOrderId} has no intent`);
  } else if (event.kind === 'fill') {
    addFill(state, { seq, at, event });
  } else if (event.kind === 'fill-correction') {
    addCorrection(state, { seq, at, event });
  } else if (event.kind === 'annotation') {
    addAnnotation(state, { seq, at, event });
  } else if (event.kind === 'attachment') {
    const { attachment } = event;
    if (!state.attachments.has(attachment.sha256)) state.attachments.set(attachment.sha256, { seq, attachment });
  }
}

function bookTables(state: FoldState): Pick<DerivedTables, 'lots' | 'trades' | 'trade_days'> {
  const originOf = (fill: Fill) => {
    const record = fill.clientOrderId === null ? undefined : state.orders.get(fill.clientOrderId);
    const risk = record?.plannedRiskPerContract ?? null;
    return {
      recommendationId: record?.order.recommendationId ?? null,
      plannedRiskPerContract: risk === null ? null : money(risk),
    };
  };
  const fills = [...state.fills.values()].map(effectiveFill).filter((fill) => fill !== null);
  const books = groupBy(fills, ({ account, symbol }) => JSON.stringify([account, symbol]));
  const lots: DerivedRow[] = [];
  const trades: DerivedRow[] = [];
  const days: DerivedRow[] = [];
  for (const booked of books) {
    const { account, symbol } = booked[0];
    const instrument = state.instruments.get(symbol);
    const terms = instrument === undefined ? null : { account, symbol, ...instrument };
    const withOrigin: readonly BookFill[] = booked.map((fill) => ({ ...fill, ...originOf(fill) }));
    const book = deriveBook(withOrigin, terms);
    book.lots.forEach((lot, position) => lots.push(lotRow({ account, symbol }, position, lot)));
    for (const trade of book.trades) trades.push(tradeRow(trade));
    days.push(...mergeDays(book.trades));
  }
  return { lots, trades, trade_days: days };
}

function rows(state: FoldState): DerivedTables {
  const instruments = [...state.instruments].map(([symbol, { seq, root, tickValue }]): DerivedRow => ({
    symbol,
    seq,
    root,
    tick_value: tickValue,
  }));
  const annotations = [...state.annotations.values()];
  return {
    instruments,
    decisions: [...state.decisions.values()],
    orders: [...state.orders.values()].map(orderRow),
    fills: [...state.fills.values()].map(({ seq, fill, correction }) => fillRow(seq, fill, correction)),
    corrections: state.corrections.map(({ seq, correction }) => correctionRow(seq, correction)),
    ...bookTables(state),
    annotations: annotations.map(annotationRow),
    labels: annotations.flatMap(({ subject, body }) => labelRows(subject, body)),
    attachments: [...state.attachments.values()].map(({ seq, attachment }) => attachmentRow(seq, attachment)),
    texts: [...state.texts.values()].map(({ subject, text }) => textRow(subject, text)),
  };
}

function tables(state: FoldState): DerivedTables {
  const made = rows(state);
  const sorted = DERIVED_TABLE_NAMES.map((table) => [table, made[table].toSorted(compareRows(table))] as const);
  return { ...made, ...Object.fromEntries(sorted) };
}

/** Starts an empty fold. */
export function startFold(): Fold {
  const state: FoldState = {
    instruments: new Map(),
    decisions: new Map(),
    orders: new Map(),
    fills: new Map(),
    fillsByOrder: new Map(),
    corrections: [],
    lastCorrections: new Map(),
    annotations: new Map(),
    attachments: new Map(),
    texts: new Map(),
  };
  return { add: (stored) => add(state, stored), tables: () => tables(state) };
}
