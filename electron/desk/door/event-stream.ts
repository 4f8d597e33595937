import type { PayloadOf, Publish, TopicName } from '#shared/contract/index.ts';

/** One published event. `seq` grows by exactly one from event to event. */
export type StreamEvent = {
  readonly [N in TopicName]: { readonly seq: number; readonly topic: N; readonly payload: PayloadOf<N> };
}[TopicName];

export type StreamListener = (event: StreamEvent) => void;

/** What a subscriber learns at once: where the stream stands, and whether everything after `after` was replayed. */
export type Subscription = { readonly seq: number; readonly isComplete: boolean; stop(): void };

/** The desk's events, numbered, with a bounded memory of the newest so that a short disconnection misses nothing. */
export interface EventStream {
  readonly publish: Publish;
  /** Number of the newest event, or the number before the first. */
  seq(): number;
  /**
   * Replays what came after `after` (null: nothing, from now on), then passes on every new event until `stop`.
   * `isComplete` is false when the ring no longer holds all of it, or when `after` is not of this stream: then nothing
   * is replayed and the subscriber must fetch a snapshot.
   */
  subscribe(after: number | null, listener: StreamListener): Subscription;
}

export type EventStreamOptions = {
  /** How many events are kept for replay. */
  readonly capacity?: number;
  /** Number before the first event. */
  readonly firstSeq?: number;
  /** Told when a listener throws; the listener is dropped, the others go on. */
  readonly onListenerError?: (error: unknown) => void;
};

const DEFAULT_CAPACITY = 4096;
/** Room for this many events per millisecond between two starts. */
const SEQ_PER_MS = 1000;

/**
 * Makes an event stream with a ring of recent events.
 * By default numbers begin at a base taken from the start time, so that the numbers of two starts never overlap: a client
 * that outlives a restart of the desk is told to fetch a snapshot, and never takes an old number for a new one.
 */
export function createEventStream(options: EventStreamOptions = {}): EventStream {
  const capacity = options.capacity ?? DEFAULT_CAPACITY;
  const ring: StreamEvent[] = [];
  const listeners = new Set<StreamListener>();
  let last = options.firstSeq ?? Date.now() * SEQ_PER_MS;

  const deliver = (listener: StreamListener, event: StreamEvent): void => {
    try {
      listener(event);
    } catch (error) {
      // One broken client must not stop the desk from telling the others.
      listeners.delete(listener);
      options.onListenerError?.(error);
    }
  };

  return {
    publish: (topic, payload) => {
      last += 1;
      const event = { seq: last, topic, payload } as StreamEvent;
      ring[last % capacity] = event;
      for (const listener of [...listeners]) deliver(listener, event);
    },
    seq: () => last,
    subscribe: (after, listener) => {
      let seen = after ?? last;
      const eventAfter = (seq: number): StreamEvent | null => {
        const event = ring[(seq + 1) % capacity];
        return event?.seq === seq + 1 ? event : null;
      };
      let next = seen < last ? eventAfter(seen) : null;
      // Step by step, since a listener may itself publish: what it adds is replayed too.
      while (next !== null) {
        seen = next.seq;
        listener(next);
        next = eventAfter(seen);
      }
      listeners.add(listener);
      return { seq: last, isComplete: seen === last, stop: () => listeners.delete(listener) };
    },
  };
}
