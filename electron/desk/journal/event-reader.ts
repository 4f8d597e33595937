import { freezeWhole } from '#shared/frozen.ts';
import { epochMs } from '#shared/units.ts';
import type { JournalEvent, StoredEvent } from '#desk/ports/events.ts';
import type { Database } from './connection.ts';
import { type EventRow, parseRecord } from './event-codec.ts';
import { type EventRecord, type RecordedSnapshot, SHARED_PARTS, eventOf } from './event-record.ts';
import { REACH } from './written-parts.ts';

/** Decisions that are kept: no more than these can be named by the next one. */
const KEPT = REACH;

/** Reads the events of one journal. */
export interface EventReader {
  /** Throws when the row is not what the desk writes. */
  readonly read: (row: EventRow) => StoredEvent;
  /** The event of a record that is stored, or being stored, under this number. Throws where it names what is not there. */
  readonly eventOf: (seq: number, record: EventRecord) => JournalEvent;
  /** What was read may have been rolled back. */
  readonly forget: () => void;
}

/** Freezes what a snapshot holds of the parts that others name: they share it from then on. */
function frozenParts(snapshot: RecordedSnapshot): RecordedSnapshot {
  for (const part of SHARED_PARTS) if (snapshot[part] !== undefined) freezeWhole(snapshot[part]);
  return snapshot;
}

export function createEventReader(database: Database): EventReader {
  const bodyOf = database.prepare<[number], string>('SELECT body FROM events WHERE seq = ?').pluck();
  /** Snapshots as they are stored, by their events, the oldest reading first. */
  const kept = new Map<number, RecordedSnapshot>();
  let lastHeld: { readonly seq: number; readonly snapshot: RecordedSnapshot } | null = null;
  const keep = (seq: number, snapshot: RecordedSnapshot): RecordedSnapshot => {
    lastHeld = null;
    kept.delete(seq);
    kept.set(seq, snapshot);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return snapshot;
  };
  const load = (seq: number): RecordedSnapshot | null => {
    const body = bodyOf.get(seq);
    const record = body === undefined ? null : parseRecord(body);
    return record?.kind === 'decision' ? record.snapshot : null;
  };
  const held = (seq: number): RecordedSnapshot | null => {
    // A decision names the same event for most of its parts, and so does the next one.
    if (seq === lastHeld?.seq) return lastHeld.snapshot;
    const snapshot = kept.get(seq) ?? load(seq);
    if (snapshot === null) return null;
    lastHeld = { seq, snapshot: keep(seq, frozenParts(snapshot)) };
    return snapshot;
  };
  const holdsParts = ({ same }: RecordedSnapshot): boolean =>
    same === undefined || SHARED_PARTS.some((part) => same[part] === undefined);
  const make = (seq: number, record: EventRecord): JournalEvent => {
    const event = eventOf(seq, record, held);
    if (record.kind === 'decision' && holdsParts(record.snapshot)) keep(seq, record.snapshot);
    return event;
  };
  return {
    read: ({ seq, at, body, hash }) => ({ seq, at: epochMs(at), event: make(seq, parseRecord(body)), hash }),
    eventOf: make,
    forget: () => {
      kept.clear();
      lastHeld = null;
    },
  };
}
