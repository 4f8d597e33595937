import { assertNever } from '#shared/result.ts';
import type { JournalEvent, JournalEventKind, JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import { compileSchema } from './compiled-schema.ts';
import { type EventRecord, eventRecordSchema } from './event-record.ts';
import { createRepeatedParts } from './repeated-parts.ts';

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

/** What the index of events by kind is limited to. It is used only where the condition says so too. */
export const indexedKinds = (events: string): string => `${events}.kind <> 'decision' AND ${events}.kind <> 'fill'`;

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
    case 'fill-correction':
      return event.correction.execKey;
    case 'risk-check':
      return event.recommendationId ?? event.clientOrderId;
    case 'breaker-tripped':
      return event.latch.code;
    case 'breaker-rearmed':
      return event.code;
    case 'difference-resolved':
      return event.difference.id;
    case 'import':
      return event.importId;
    case 'import-mapping':
      return event.name;
    case 'annotation':
      return event.subject.id;
    case 'attachment':
      return event.attachment.sha256;
    case 'calibration':
      return event.calibrator.version;
    case 'reconciliation':
    case 'kill':
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

const compiled = compileSchema(eventRecordSchema);

/**
 * Checks a record against its schema and spells it canonically, in one pass. Null where it is not certain that the
 * schema takes it as it is.
 */
export const spellRecord = (record: EventRecord): string | null =>
  record.kind === 'fill' ? spellFill(record) : compiled.spell(record);

/** Fills come by the ten thousand: one in canonical order is spelt at once, and not put together field by field. */
function spellFill(record: JournalEventOf<'fill'>): string | null {
  if (!compiled.takes(record)) return null;
  const { account, at, clientOrderId, direction, execKey, fee, price, quantity, receivedAt, symbol, venue } =
    record.fill;
  const sorted: JournalEventOf<'fill'> = {
    fill: { account, at, clientOrderId, direction, execKey, fee, price, quantity, receivedAt, symbol, venue },
    kind: 'fill',
  };
  const text = JSON.stringify(sorted);
  // Half a surrogate pair, which JSON escapes, is another character in canonical JSON.
  return text.includes('\\ud') ? compiled.spell(record) : text;
}

/** Settings, correlations and contracts are the same in thousands of decisions. */
const repeated = createRepeatedParts('snapshot', ['config', 'correlations', 'instrument']);

/** Reads a stored body and checks it against its schema. Throws when it is not what the desk writes. */
export function parseRecord(body: string): EventRecord {
  const given = repeated.parse(body);
  // In its own order of fields, which is the canonical one, where the schema takes it as it is.
  if (!compiled.takes(given)) return eventRecordSchema.parse(given);
  repeated.keep(body, given);
  return given as EventRecord;
}

/** Narrows an event that was selected by its kind. */
export const ofKind = <K extends JournalEventKind>(
  stored: StoredEvent,
  kinds: readonly K[],
): StoredEvent<JournalEventOf<K>> => {
  const { event } = stored;
  const isOfKind = (e: typeof event): e is JournalEventOf<K> => (kinds as readonly string[]).includes(e.kind);
  if (!isOfKind(event)) throw new Error(`event ${stored.seq} is a ${event.kind}, not ${kinds.join(' or ')}`);
  return { ...stored, event };
};
