import { randomUUID } from 'node:crypto';
import { createDeltaWriter } from '#shared/contract/deltas.ts';
import type { StreamEvent, Subscription } from './event-stream.ts';
import type { Door, LinkPort } from './link.ts';

/** Events that go in one frame at most. */
const MOST_EVENTS = 128;

/**
 * Passes the events of a desk on to one client, in order and without a gap. Those that are published in one go travel
 * together, and leave before anything that goes on later in the same turn: an approval is acknowledged before its order
 * is sent.
 */
export function sendEvents({ stream, onIncident }: Pick<Door, 'stream' | 'onIncident'>, port: LinkPort) {
  const deltas = createDeltaWriter();
  let subscription: Subscription | null = null;
  /** Events that the transport has not been given yet. */
  let waiting: StreamEvent[] = [];
  /** Number of the last event handed to the transport. */
  let sent = 0;
  let isPaused = false;

  const stop = (): void => {
    subscription?.stop();
    subscription = null;
    waiting = [];
  };
  /** What was to be sent is skipped, and the client is told to fetch a snapshot in its place. */
  const skip = (cause: unknown): void => {
    onIncident?.({ id: randomUUID(), operation: 'events', cause });
    stop();
    subscription = stream.subscribe(null, pass);
    sent = subscription.seq;
    deltas.clear();
    port.send({ kind: 'subscribed', seq: sent, isComplete: false });
  };
  const flush = (): void => {
    const [first] = waiting;
    if (first === undefined) return;
    if (port.isBusy?.() === true) {
      isPaused = true;
      stop();
      return;
    }
    const events = waiting;
    waiting = [];
    try {
      const written = events.map(({ seq, topic, payload }) => deltas.write(seq, topic, payload));
      port.send({ kind: 'events', seq: first.seq, events: written });
      sent = first.seq + events.length - 1;
    } catch (cause) {
      skip(cause);
    }
  };
  function pass(event: StreamEvent): void {
    if (isPaused) return;
    if (waiting.length === 0) queueMicrotask(flush);
    waiting.push(event);
    if (waiting.length >= MOST_EVENTS) flush();
  }
  /** Subscribes and says so before the first event, whatever is replayed. Silent when a pause was bridged completely. */
  const start = (after: number | null, isSilentWhenComplete: boolean): void => {
    stop();
    isPaused = false;
    const replay: StreamEvent[] = [];
    let isReplaying = true;
    const next = stream.subscribe(after, (event) => {
      if (isReplaying) replay.push(event);
      else pass(event);
    });
    isReplaying = false;
    subscription = next;
    sent = next.isComplete && after !== null ? after : next.seq;
    if (!(next.isComplete && isSilentWhenComplete)) {
      deltas.clear();
      port.send({ kind: 'subscribed', seq: sent, isComplete: next.isComplete });
    }
    for (const event of replay) pass(event);
  };

  return {
    /** Hands over what waits. */
    flush,
    start: (after: number | null) => start(after, false),
    resume: () => {
      if (isPaused && port.isBusy?.() !== true) start(sent, true);
    },
    stop: () => {
      isPaused = false;
      stop();
    },
  };
}
