import type { Clock } from '#desk/ports/clock.ts';

/** New connections of the whole desk in any one second. */
const MOST_PER_SECOND = 5;
const SECOND_MS = 1_000;

/** Lets new connections through, few enough a second that no venue takes them for an attack. */
export type ConnectionBudget = {
  /** Resolves when a connection may be made; rejects when `signal` is aborted first. */
  readonly admit: (signal: AbortSignal) => Promise<void>;
};

/** Returns the budget that all connections of one desk share. */
export function createConnectionBudget(clock: Clock, most = MOST_PER_SECOND): ConnectionBudget {
  /** When the last connections were, or will be, let through: each waits for the one `most` before it. */
  const slots: number[] = [];
  return {
    admit: (signal) => {
      const now = clock.now();
      const before = slots.length < most ? null : (slots.at(-most) ?? null);
      // A clock that is set back must not hold connections up for longer than the second it is about.
      const at = before === null ? now : Math.min(now + SECOND_MS * most, Math.max(now, before + SECOND_MS));
      slots.push(at);
      if (slots.length > most) slots.shift();
      if (at <= now) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const cancel = clock.after(at - now, () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        });
        const onAbort = (): void => {
          cancel();
          reject(new Error('the desk stopped waiting for the connection', { cause: signal.reason }));
        };
        if (signal.aborted) onAbort();
        else signal.addEventListener('abort', onAbort, { once: true });
      });
    },
  };
}
