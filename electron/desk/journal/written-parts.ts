import { isFrozenWhole } from '#shared/frozen.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { compilePart } from './compiled-schema.ts';
import type { Database } from './connection.ts';
import { parseRecord } from './event-codec.ts';
import {
  type EventRecord,
  PART_SCHEMAS,
  type RecordedSnapshot,
  SHARED_PARTS,
  type SharedPart,
  type SharedParts,
} from './event-record.ts';

/**
 * A part is named for so many events after the one that holds it, and then written out again: a damaged event takes no
 * more with it, and nothing farther back is ever looked for.
 */
export const REACH = 500;

/** A part that an event holds, and how it is spelt. */
type Held = { readonly part: SharedPart; readonly value: object; readonly text: string };

const SPELL = {
  calibrator: compilePart(PART_SCHEMAS.calibrator).spell,
  config: compilePart(PART_SCHEMAS.config).spell,
  correlations: compilePart(PART_SCHEMAS.correlations).spell,
  exposures: compilePart(PART_SCHEMAS.exposures).spell,
};

/**
 * Which parts of decisions the newest events of a journal hold. It follows from these events alone: whoever appends the
 * same to the same journal stores the same bytes, after a restart as before.
 */
export class WrittenParts {
  readonly #newest;
  /** The events that hold what can never change, by itself; and all of them by how it is spelt, oldest first. */
  #byValue = new WeakMap<object, number>();
  readonly #byText = new Map(SHARED_PARTS.map((part) => [part, new Map<string, number>()] as const));
  #isRead = false;
  /** What the record just made holds. */
  #held: readonly Held[] = [];

  constructor(database: Database) {
    this.#newest = database.prepare<[number], { readonly seq: number; readonly body: string }>(
      `SELECT seq, body FROM events WHERE seq > ? AND kind = 'decision' ORDER BY seq`,
    );
  }

  /**
   * Returns what an event is to be stored as under `seq`: a decision names the parts that are near enough. Whether the
   * rest of it is a decision at all is for the schema to say.
   */
  recordOf(seq: number, event: JournalEvent): EventRecord {
    this.#held = [];
    if (event.kind !== 'decision') return event;
    if (!this.#isRead) this.#readNewest(seq);
    const held: Held[] = [];
    const same: NonNullable<RecordedSnapshot['same']> = {};
    const { calibrator, config, correlations, exposures, ...rest } = event.snapshot;
    const parts = { calibrator, config, correlations, exposures };
    const own: Partial<Record<SharedPart, object>> = {};
    for (const part of SHARED_PARTS) {
      const value = parts[part];
      const at = this.#placeOf(seq, { part, value }, held);
      if (at === null) own[part] = value;
      else same[part] = at;
    }
    this.#held = held;
    if (Object.keys(same).length === 0) return event;
    return { ...event, snapshot: { ...rest, ...(own as Partial<SharedParts>), same } };
  }

  /** The record just made is stored under `seq`. */
  keep(seq: number): void {
    for (const one of this.#held) this.#note(seq, one);
    this.#held = [];
  }

  /** The newest events may be others than they were: some were rolled back, or came another way. */
  forget(): void {
    this.#isRead = false;
    this.#held = [];
  }

  #readNewest(next: number): void {
    this.#byValue = new WeakMap();
    for (const known of this.#byText.values()) known.clear();
    for (const { seq, body } of this.#newest.all(next - REACH)) {
      const record = parseRecord(body);
      if (record.kind !== 'decision') continue;
      for (const part of SHARED_PARTS) {
        const value = record.snapshot[part];
        const text = value === undefined ? null : SPELL[part](value);
        if (value !== undefined && text !== null) this.#note(seq, { part, value, text });
      }
    }
    this.#isRead = true;
  }

  #note(seq: number, { part, value, text }: Held): void {
    const known = this.#byText.get(part);
    if (known === undefined) return;
    if (isFrozenWhole(value)) this.#byValue.set(value, seq);
    known.delete(text);
    known.set(text, seq);
    for (const [oldest, at] of known) {
      if (seq - at < REACH) break;
      known.delete(oldest);
    }
  }

  /** The event that holds a part; null when none near enough does. What is spelt for it is added to `held` then. */
  #placeOf(seq: number, { part, value }: Pick<Held, 'part' | 'value'>, held: Held[]): number | null {
    const own = this.#byValue.get(value);
    if (own !== undefined && seq - own < REACH) return own;
    const text = SPELL[part](value);
    if (text === null) return null;
    const at = this.#byText.get(part)?.get(text);
    if (at === undefined || seq - at >= REACH) {
      held.push({ part, value, text });
      return null;
    }
    if (isFrozenWhole(value)) this.#byValue.set(value, at);
    return at;
  }
}
