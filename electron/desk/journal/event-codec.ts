import { assertNever } from '#shared/result.ts';
import { epochMs } from '#shared/units.ts';
import { type JournalEvent, type StoredEvent, journalEventSchema } from '#desk/ports/events.ts';

/** A row of `events` as read. */
export type EventRow = {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly body: string;
  readonly hash: string;
};

/** Columns every reader of whole events selects, in a query that names the table `e`. */
export const EVENT_COLUMNS = 'e.seq, e.at, e.kind, e.body, e.hash';

/** What an event is about: the key a reader with a database viewer would look for. Null when it has none. */
export function subjectOf(event: JournalEvent): string | null {
  switch (event.kind) {
    case 'instrument':
      return event.instrument.symbol;
    case 'model-version':
      return event.model;
    case 'decision':
    case 'recommendation':
    case 'outcome':
      return event.recommendationId;
    case 'intent':
      return event.terms.clientOrderId;
    case 'order':
      return event.clientOrderId;
    case 'fill':
      return event.fill.execKey;
    case 'opened':
    case 'started':
    case 'stopped':
    case 'config':
    case 'trading-state':
    case 'equity':
    case 'notice':
      return null;
    default:
      return assertNever(event);
  }
}

/** Reads a stored event and checks it against its schema. Throws when the row is not what the desk writes. */
export function decodeEvent(row: EventRow): StoredEvent {
  const event = journalEventSchema.parse(JSON.parse(row.body));
  return { seq: row.seq, at: epochMs(row.at), event, hash: row.hash };
}
