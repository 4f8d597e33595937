import { z } from 'zod';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { applyChanges, changesBetween } from './changes.ts';
import type { WireEvent } from './frames.ts';
import { contract, isTopic } from './index.ts';
import type { PayloadOf, TopicName } from './index.ts';

/**
 * Both ends of a wire remember the last payload of each key of a topic that has a key, so that the next one travels as
 * what changed. They remember and forget alike: the same number of payloads a topic, the one unchanged for longest goes
 * first.
 * A fresh subscription begins with nothing on either side.
 */
const HELD = 2_000;

type Base = { readonly seq: number; readonly payload: unknown };

/** The payloads held of one topic, by key. */
function bases() {
  const held = new Map<string, { seq: number; payload: unknown }>();
  /** Numbers rise: the smallest is of what is unchanged for longest. */
  const forgetOldest = (): void => {
    let [oldest, least] = ['', Infinity];
    for (const [key, { seq }] of held) if (seq < least) [oldest, least] = [key, seq];
    held.delete(oldest);
  };
  return {
    get: (key: string): Base | undefined => held.get(key),
    set: (key: string, { seq, payload }: Base): void => {
      const known = held.get(key);
      if (known === undefined) {
        held.set(key, { seq, payload });
        if (held.size > HELD) forgetOldest();
      } else [known.seq, known.payload] = [seq, payload];
    },
    forget: (key: string): void => void held.delete(key),
    clear: (): void => held.clear(),
  };
}

/** How the payloads of a topic are told apart, where they travel as changes. */
type Keyed = { readonly schema: z.ZodObject; readonly key: string };

const KEYED: ReadonlyMap<TopicName, Keyed> = new Map(
  Object.keys(contract)
    .filter(isTopic)
    .flatMap((topic) => {
      const entry = contract[topic];
      const isKeyed = 'key' in entry && entry.payload instanceof z.ZodObject;
      return isKeyed ? [[topic, { schema: entry.payload, key: entry.key }] as const] : [];
    }),
);

/** What each keyed topic holds. */
function holding() {
  const topics = new Map([...KEYED].map(([topic, keyed]) => [topic, { ...keyed, held: bases() }]));
  return {
    of: (topic: TopicName) => topics.get(topic),
    clear: (): void => {
      for (const { held } of topics.values()) held.clear();
    },
  };
}

function keyIn(payload: unknown, key: string): string | null {
  const value: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, key) : undefined;
  return typeof value === 'string' ? value : null;
}

/** The desk's end: turns events into what is sent. */
export function createDeltaWriter() {
  const topics = holding();
  return {
    write: <N extends TopicName>(seq: number, topic: N, payload: PayloadOf<N>): WireEvent => {
      const whole = { as: 'whole', topic, payload } as const;
      const keyed = topics.of(topic);
      const key = keyed === undefined ? null : keyIn(payload, keyed.key);
      if (keyed === undefined || key === null) return whole;
      const base = keyed.held.get(key);
      const changes = base === undefined ? null : changesBetween(keyed.schema, base.payload, payload);
      const since = base?.seq;
      keyed.held.set(key, { seq, payload });
      if (since === undefined || changes === null) return whole;
      return { as: 'changes', topic, key, base: since, set: [...changes.set], unset: [...changes.unset] };
    },
    clear: topics.clear,
  };
}

/** Why an event could not be read. After `lost-base` the subscription must begin anew. */
export type Unreadable = { readonly code: 'no-topic' | 'unfit' | 'lost-base'; readonly cause: unknown };

/** The page's end: turns what came back into events, checked against the contract. */
export function createDeltaReader() {
  const topics = holding();
  const changed = (
    seq: number,
    event: Extract<WireEvent, { as: 'changes' }>,
    topic: TopicName,
  ): Result<unknown, Unreadable> => {
    const keyed = topics.of(topic);
    const base = keyed?.held.get(event.key);
    if (keyed === undefined || base?.seq !== event.base) {
      return err({ code: 'lost-base', cause: `no ${event.key} of ${event.base}` });
    }
    // What is held passed this very schema.
    const applied = applyChanges(keyed.schema, base.payload as Record<string, unknown>, event);
    if (!applied.ok) {
      keyed.held.forget(event.key);
      return err({ code: 'unfit', cause: applied.error });
    }
    keyed.held.set(event.key, { seq, payload: applied.value });
    return ok(applied.value);
  };
  const whole = (seq: number, payload: unknown, topic: TopicName): Result<unknown, Unreadable> => {
    const parsed = contract[topic].payload.safeParse(payload);
    if (!parsed.success) return err({ code: 'unfit', cause: parsed.error });
    const keyed = topics.of(topic);
    const key = keyed === undefined ? null : keyIn(parsed.data, keyed.key);
    if (key !== null) keyed?.held.set(key, { seq, payload: parsed.data });
    return ok(parsed.data);
  };
  return {
    read: (seq: number, event: WireEvent): Result<unknown, Unreadable> => {
      const { topic } = event;
      if (!isTopic(topic)) return err({ code: 'no-topic', cause: 'no such topic' });
      return event.as === 'whole' ? whole(seq, event.payload, topic) : changed(seq, event, topic);
    },
    clear: topics.clear,
  };
}
