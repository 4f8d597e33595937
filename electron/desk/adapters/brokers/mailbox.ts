import type { BrokerEvent } from '#desk/ports/broker.ts';

/** Holds a broker's events back until its book has settled. */
export interface Mailbox {
  readonly put: (event: BrokerEvent) => void;
  readonly deliver: () => void;
  readonly listen: (listener: (event: BrokerEvent) => void) => () => void;
}

/**
 * Delivers events only after the book has settled, in order. A listener that acts on an event (cancels, submits) adds
 * to the same queue and never sees a family half changed.
 */
export function createMailbox(): Mailbox {
  const listeners = new Set<(event: BrokerEvent) => void>();
  const queue: BrokerEvent[] = [];
  let isDelivering = false;
  return {
    put: (event) => void queue.push(event),
    deliver: () => {
      if (isDelivering) return;
      isDelivering = true;
      try {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          for (const listener of listeners) listener(next);
        }
      } finally {
        isDelivering = false;
      }
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
