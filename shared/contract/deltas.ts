import { z } from 'zod';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { applyChanges, changesBetween } from './changes.ts';
import type { WireEvent } from './frames.ts';
import { contract, isTopic } from './index.ts';
import type { PayloadOf, TopicName } from './index.ts';

/**
 * Both ends of a wire remember the last payload of each key of a topic that has a key, so that the next one travels as
 * what changed. They remember and forget alike: the same number of payloads, the one unchanged for longest goes first.
 * A fresh subscription begins with nothing on either side.
 */
const HELD = 2_000;

type Base = { readonly seq: number; readonly payload: unknown };

function bases() {
  const held = new Map<string, Base>();
  return {
    get: (topic: string, key: string): Base | undefined => held.get(`${topic} ${key}`),
    set: (topic: string, key: string, base: Base): void => {
      const name = `${topic} ${key}`;
      held.delete(name);
      held.set(name, base);
      const [oldest] = held.keys();
      if (held.size > HELD && oldest !== undefined) held.delete(oldest);
    },
    forget: (topic: string, key: string): void => void held.delete(`${topic} ${key}`),
    clear: (): void => held.clear(),
  };
}

/** How the payloads of a topic are told apart, where they travel as changes. */
function keyedTopic(topic: TopicName): { readonly schema: z.ZodObject; readonly key: string } | null {
  const entry = contract[topic];
  return 'key' in entry && entry.payload instanceof z.ZodObject ? { schema: entry.payload, key: entry.key } : null;
}

function keyIn(payload: unknown, key: string): string | null {
  const value: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, key) : undefined;
  return typeof value === 'string' ? value : null;
}

/** The desk's end: turns events into what is sent. */
export function createDeltaWriter() {
  const held = bases();
  return {
    write: <N extends TopicName>(seq: number, topic: N, payload: PayloadOf<N>): WireEvent => {
      const whole = { as: 'whole', topic, payload } as const;
      const keyed = keyedTopic(topic);
      const key = keyed === null ? null : keyIn(payload, keyed.key);
      if (keyed === null || key === null) return whole;
      const base = held.get(topic, key);
      held.set(topic, key, { seq, payload });
      const changes = base === undefined ? null : changesBetween(keyed.schema, base.payload, payload);
      if (base === undefined || changes === null) return whole;
      return { as: 'changes', topic, key, base: base.seq, set: [...changes.set], unset: [...changes.unset] };
    },
    clear: () => held.clear(),
  };
}

/** Why an event could not be read. After `lost-base` the subscription must begin anew. */
export type Unreadable = { readonly code: 'no-topic' | 'unfit' | 'lost-base'; readonly cause: unknown };

/** The page's end: turns what came back into events, checked against the contract. */
export function createDeltaReader() {
  const held = bases();
  const changed = (
    seq: number,
    event: Extract<WireEvent, { as: 'changes' }>,
    topic: TopicName,
  ): Result<unknown, Unreadable> => {
    const keyed = keyedTopic(topic);
    const base = held.get(topic, event.key);
    if (keyed === null || base?.seq !== event.base) {
      return err({ code: 'lost-base', cause: `no ${event.key} of ${event.base}` });
    }
    // What is held passed this very schema.
    const applied = applyChanges(keyed.schema, base.payload as Record<string, unknown>, event);
    if (!applied.ok) {
      held.forget(topic, event.key);
      return err({ code: 'unfit', cause: applied.error });
    }
    held.set(topic, event.key, { seq, payload: applied.value });
    return ok(applied.value);
  };
  const whole = (seq: number, payload: unknown, topic: TopicName): Result<unknown, Unreadable> => {
    const parsed = contract[topic].payload.safeParse(payload);
    if (!parsed.success) return err({ code: 'unfit', cause: parsed.error });
    const keyed = keyedTopic(topic);
    const key = keyed === null ? null : keyIn(parsed.data, keyed.key);
    if (key !== null) held.set(topic, key, { seq, payload: parsed.data });
    return ok(parsed.data);
  };
  return {
    read: (seq: number, event: WireEvent): Result<unknown, Unreadable> => {
      const { topic } = event;
      if (!isTopic(topic)) return err({ code: 'no-topic', cause: 'no such topic' });
      return event.as === 'whole' ? whole(seq, event.payload, topic) : changed(seq, event, topic);
    },
    clear: () => held.clear(),
  };
}
