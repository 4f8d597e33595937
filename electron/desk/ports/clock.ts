import type { EpochMs } from '#shared/units.ts';

/** The one source of time. Live it is the machine's clock, in warm-up and replay a virtual one. */
export interface Clock {
  /** UTC epoch milliseconds. */
  now(): EpochMs;
  /**
   * Milliseconds that only grow, whatever the wall clock is set to: for ages and waits. Only differences mean something.
   */
  monotonic(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /** Runs `task` every `periodMs`; the returned function stops it. */
  every(periodMs: number, task: () => void): () => void;
}

/** Makes identifiers: ULIDs, sortable by time. Seeded in replay, so that a replay is repeatable. */
export interface Ids {
  next(): string;
}
