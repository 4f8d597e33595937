import { type EpochMs, epochMs } from '#shared/units.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';

type Timer = { at: number; readonly order: number; readonly task: () => void };

/** A clock that moves only when told. */
export type VirtualClock = Clock & { readonly advanceTo: (time: number) => void };

/** A Thursday, 14:00 UTC. */
export const START = Date.UTC(2026, 0, 15, 14);

export function createVirtualClock(start: number = START): VirtualClock {
  let now = start;
  let order = 0;
  const timers = new Set<Timer>();
  const after = (delayMs: number, task: () => void): (() => void) => {
    const timer = { at: now + delayMs, order: (order += 1), task };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    now: (): EpochMs => epochMs(now),
    monotonic: () => now,
    after,
    every: (periodMs, task) => {
      let stop = after(periodMs, function again() {
        task();
        stop = after(periodMs, again);
      });
      return () => stop();
    },
    advanceTo: (time) => {
      for (;;) {
        const [next] = [...timers].filter((t) => t.at <= time).sort((a, b) => a.at - b.at || a.order - b.order);
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.task();
      }
      now = Math.max(now, time);
    },
  };
}

/** Identifiers that count. */
export function createCountingIds(): Ids {
  let count = 0;
  return { next: () => String((count += 1)).padStart(26, '0') };
}
