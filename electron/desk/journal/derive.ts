import { applyFill, applyOrderEvent, correctFills, openOrder } from '#shared/domain/order-life.ts';
import type { Subject } from '#shared/domain/annotation.ts';
import type { Fill, FillCorrection } from '#shared/domain/order.ts';
import { assertNever } from '#shared/result.ts';
import { type EpochMs, epochMs } from '#shared/units.ts';
import type { JournalEvent, JournalEventOf } from '#desk/ports/events.ts';
import { annotationRow, attachmentRow, labelRows } from './annotation-rows.ts';
import type { Database } from './connection.ts';
import { type DecisionFiling, createDecisionFiling } from './decision-filing.ts';
import { type FillKey, correctionOfBody, correctionRow, effectiveFill, outranks } from './corrections.ts';
import { createBooks, moneyOrNull } from './derive-books.ts';
import {
  type OrderRecord,
  decisionRow,
  fillOfRow,
  fillRow,
  orderOfBody,
  orderRow,
  originalFillOfRow,
} from './derived-rows.ts';
import { type DerivedRow, insertSql } from './derived-tables.ts';
import { type FillRows, createFillRows } from './fill-rows.ts';
import { prepareNamed } from './statements.ts';
import type { TradeChanges } from './trade-changes.ts';
import { type TextChange, annotationText, reasonText, textAfter, textOfRow, textRow } from './texts.ts';

const KEY = 'venue = @venue AND account = @account AND exec_key = @exec_key';
const SUBJECT = 'subject_kind = @subject_kind AND subject_id = @subject_id';

function statements(database: Database) {
  const rows = (sql: string) => prepareNamed(database, sql);
  return {
    instrument: rows('SELECT root, tick_value FROM instruments WHERE symbol = @symbol'),
    putInstrument: rows(
      `${insertSql('instruments')} ON CONFLICT (symbol)
       DO UPDATE SET seq = excluded.seq, root = excluded.root, tick_value = excluded.tick_value`,
    ),
    order: rows('SELECT seq, planned_risk_per_contract, body FROM orders WHERE client_order_id = @client_order_id'),
    addOrder: rows(insertSql('orders')),
    updateOrder: rows('UPDATE orders SET is_open = @is_open, body = @body WHERE seq = @seq'),
    fill: rows(`SELECT * FROM fills WHERE ${KEY}`),
    anyCorrection: rows('SELECT seq FROM corrections LIMIT 1'),
    putFill: rows(
      `UPDATE fills SET direction = @direction, quantity = @quantity, price = @price, fee = @fee, at = @at,
       version = @version, is_busted = @is_busted WHERE seq = @seq`,
    ),
    fillsOfOrder: rows(
      `SELECT f.*, e.at AS journaled_at FROM fills f JOIN events e ON e.seq = f.seq
       WHERE f.client_order_id = @client_order_id AND f.is_busted = 0 ORDER BY f.seq`,
    ),
    addCorrection: rows(insertSql('corrections')),
    corrections: rows(`SELECT body FROM corrections WHERE ${KEY}`),
    putAnnotation: rows(
      `${insertSql('annotations')} ON CONFLICT (subject_kind, subject_id)
       DO UPDATE SET seq = excluded.seq, at = excluded.at, rating = excluded.rating, body = excluded.body`,
    ),
    clearLabels: rows(`DELETE FROM labels WHERE ${SUBJECT}`),
    addLabel: rows(insertSql('labels')),
    addAttachment: rows(`${insertSql('attachments')} ON CONFLICT (sha256) DO NOTHING`),
    text: rows(`SELECT * FROM texts WHERE ${SUBJECT}`),
    clearText: rows(`DELETE FROM texts WHERE ${SUBJECT}`),
    putText: rows(
      `${insertSql('texts')} ON CONFLICT (subject_kind, subject_id) DO UPDATE SET at = excluded.at,
       labels = excluded.labels, note = excluded.note, reason = excluded.reason`,
    ),
  };
}

type Occurred<E> = { readonly seq: number; readonly at: EpochMs; readonly event: E };
type OccurredOf<K extends JournalEvent['kind']> = Occurred<JournalEventOf<K>>;

const keyRow = ({ venue, account, execKey }: FillKey): DerivedRow => ({ venue, account, exec_key: execKey });

const orderUpdate = (record: OrderRecord): DerivedRow => {
  const { seq = null, is_open: isOpen = null, body = null } = orderRow(record);
  return { seq, is_open: isOpen, body };
};

/** The derived tables of one journal, and the statements that keep them. */
class Tables {
  readonly #sql: ReturnType<typeof statements>;
  readonly books: ReturnType<typeof createBooks>;
  readonly fills: FillRows;
  readonly filing: DecisionFiling;
  /** There are corrections, or there were before a rollback; null: not asked yet. */
  #isCorrected: boolean | null = null;

  constructor(database: Database, changes: TradeChanges) {
    this.#sql = statements(database);
    this.books = createBooks(database, changes);
    this.fills = createFillRows(database);
    this.filing = createDecisionFiling(database);
  }

  hasCorrection(correction: FillCorrection): boolean {
    const { body = null } = correctionRow(0, correction);
    return this.#sql.corrections.all(keyRow(correction)).some((row) => row['body'] === body);
  }

  instrument({ seq, event: { instrument } }: OccurredOf<'instrument'>): void {
    const { symbol, root, tickValue } = instrument;
    const before = this.#sql.instrument.get({ symbol });
    this.#sql.putInstrument.run({ symbol, seq, root, tick_value: tickValue });
    if (before !== undefined && before['root'] === root && before['tick_value'] === tickValue) return;
    this.fills.write();
    this.books.touchSymbol(symbol);
  }

  decision({ seq, at, event }: OccurredOf<'decision'>): void {
    const { recommendationId: id } = event;
    if (!this.filing.add(decisionRow(seq, at, event))) throw new Error(`recommendation ${id} already has a decision`);
  }

  recommendation({ seq, at, event }: OccurredOf<'recommendation'>): void {
    const { recommendationId: id, state, reason } = event;
    if (!this.filing.close(id, state, seq)) throw new Error(`recommendation ${id} has no decision`);
    if (reason !== null) this.#write({ kind: 'recommendation', id }, reasonText(reason), at);
  }

  intent({ seq, at, event }: OccurredOf<'intent'>): void {
    const { terms, plannedRiskPerContract } = event;
    if (this.#order(terms.clientOrderId) !== null) {
      throw new Error(`order ${terms.clientOrderId} already has an intent: an order is journaled and sent once`);
    }
    this.fills.write();
    // A fill can be known before its intent only in an import; it is booked on the order in the order of arrival.
    const earlier = this.#sql.fillsOfOrder.all({ client_order_id: terms.clientOrderId });
    const order = earlier.reduce(
      (folded, row) => applyFill(folded, fillOfRow(row), epochMs(Number(row['journaled_at']))),
      openOrder(terms, at),
    );
    this.#sql.addOrder.run(orderRow({ seq, order, plannedRiskPerContract }));
    for (const row of earlier) this.books.touch({ account: String(row['account']), symbol: String(row['symbol']) });
  }

  order({ at, event }: OccurredOf<'order'>): void {
    const record = this.#order(event.clientOrderId);
    if (record === null) throw new Error(`order ${event.clientOrderId} has no intent`);
    this.#sql.updateOrder.run(orderUpdate({ ...record, order: applyOrderEvent(record.order, event.event, at) }));
  }

  fill({ seq, at, event: { fill } }: OccurredOf<'fill'>): void {
    const correction = this.#correctionOf(fill);
    const effective = effectiveFill({ fill, correction });
    this.fills.add({ seq, fill, correction });
    if (effective === null) return;
    const record = this.#orderOf(fill);
    if (record !== null) {
      this.#sql.updateOrder.run(orderUpdate({ ...record, order: applyFill(record.order, effective, at) }));
    }
    const origin = {
      recommendationId: record?.order.recommendationId ?? null,
      plannedRiskPerContract: moneyOrNull(record?.plannedRiskPerContract),
    };
    this.books.book(effective, origin);
  }

  correction({ seq, at, event: { correction } }: OccurredOf<'fill-correction'>): void {
    this.fills.write();
    const before = this.#correctionOf(correction);
    this.#sql.addCorrection.run(correctionRow(seq, correction));
    this.#isCorrected = true;
    const row = this.#sql.fill.get(keyRow(correction));
    // A correction may come before its fill, and after one that counts over it.
    if (row === undefined || !outranks(correction, before)) return;
    const fill = originalFillOfRow(row);
    const { direction, quantity, price, fee, at: filledAt, version, is_busted } = fillRow(0, fill, correction);
    const effective = { direction, quantity, price, fee, at: filledAt, version, is_busted };
    this.#sql.putFill.run({ ...(effective as DerivedRow), seq: row['seq'] ?? null });
    const record = this.#orderOf(fill);
    if (record !== null) {
      const fills = this.#sql.fillsOfOrder.all({ client_order_id: fill.clientOrderId }).map(fillOfRow);
      this.#sql.updateOrder.run(orderUpdate({ ...record, order: correctFills(record.order, fills, at) }));
    }
    this.books.touch(fill);
  }

  annotation({ seq, at, event: { subject, body } }: OccurredOf<'annotation'>): void {
    this.#sql.putAnnotation.run(annotationRow({ seq, at, subject, body }));
    this.#sql.clearLabels.run({ subject_kind: subject.kind, subject_id: subject.id });
    for (const row of labelRows(subject, body)) this.#sql.addLabel.run(row);
    this.#write(subject, annotationText(body), at);
  }

  attachment({ seq, event: { attachment } }: OccurredOf<'attachment'>): void {
    this.#sql.addAttachment.run(attachmentRow(seq, attachment));
  }

  #write(subject: Subject, change: TextChange, at: EpochMs): void {
    const key = { subject_kind: subject.kind, subject_id: subject.id };
    const row = this.#sql.text.get(key);
    const text = textAfter(row === undefined ? null : textOfRow(row), change, at);
    if (text !== null) this.#sql.putText.run(textRow(subject, text));
    else if (row !== undefined) this.#sql.clearText.run(key);
  }

  #order(clientOrderId: string): OrderRecord | null {
    const row = this.#sql.order.get({ client_order_id: clientOrderId });
    if (row === undefined) return null;
    return {
      seq: Number(row['seq']),
      order: orderOfBody(String(row['body'])),
      plannedRiskPerContract: moneyOrNull(row['planned_risk_per_contract']),
    };
  }

  #orderOf(fill: Fill): OrderRecord | null {
    return fill.clientOrderId === null ? null : this.#order(fill.clientOrderId);
  }

  #correctionOf(key: FillKey): FillCorrection | null {
    // Most venues never correct anything: then there is nothing to look for.
    this.#isCorrected ??= this.#sql.anyCorrection.get({}) !== undefined;
    if (!this.#isCorrected) return null;
    const all = this.#sql.corrections.all(keyRow(key)).map((row) => correctionOfBody(String(row['body'])));
    return all.reduce<FillCorrection | null>((best, one) => (outranks(one, best) ? one : best), null);
  }
}

function applyEvent(tables: Tables, { seq, at, event }: Occurred<JournalEvent>): void {
  switch (event.kind) {
    case 'instrument':
      tables.instrument({ seq, at, event });
      break;
    case 'decision':
      tables.decision({ seq, at, event });
      break;
    case 'recommendation':
      tables.recommendation({ seq, at, event });
      break;
    case 'intent':
      tables.intent({ seq, at, event });
      break;
    case 'order':
      tables.order({ seq, at, event });
      break;
    case 'fill':
      tables.fill({ seq, at, event });
      break;
    case 'fill-correction':
      tables.correction({ seq, at, event });
      break;
    case 'annotation':
      tables.annotation({ seq, at, event });
      break;
    case 'attachment':
      tables.attachment({ seq, at, event });
      break;
    case 'opened':
    case 'started':
    case 'stopped':
    case 'config':
    case 'model-version':
    case 'calibration':
    case 'trading-state':
    case 'outcome':
    case 'equity':
    case 'notice':
    case 'risk-check':
    case 'breaker-tripped':
    case 'breaker-rearmed':
    case 'reconciliation':
    case 'difference-resolved':
    case 'kill':
    case 'import':
    case 'import-mapping':
      break;
    default:
      assertNever(event);
  }
}

export type Deriver = {
  /** Updates the derived tables for an event that was just stored under `seq`, inside the same transaction. */
  readonly apply: (seq: number, at: EpochMs, event: JournalEvent) => void;
  /** Ends what `apply` put off. Called before the transaction ends. */
  readonly settle: () => void;
  /** Drops what `apply` put off or remembers: the transaction was rolled back, or the tables were replaced. */
  readonly forget: () => void;
  /** Says whether a fill is new, which it is once: it is to be applied then. */
  readonly claimFill: (fill: FillKey) => boolean;
  readonly hasCorrection: (correction: FillCorrection) => boolean;
};

/**
 * Keeps the derived tables in step with the events. Throws on an event that contradicts what is stored: a second
 * intent of one order, a report on an order without an intent, a second decision under one id.
 */
export function createDeriver(database: Database, changes: TradeChanges): Deriver {
  const tables = new Tables(database, changes);
  return {
    apply: (seq, at, event) => applyEvent(tables, { seq, at, event }),
    settle: () => {
      tables.fills.write();
      tables.books.settle();
    },
    forget: () => {
      tables.fills.forget();
      tables.books.forget();
      tables.filing.forget();
    },
    claimFill: (fill) => tables.fills.claim(fill),
    hasCorrection: (correction) => tables.hasCorrection(correction),
  };
}
