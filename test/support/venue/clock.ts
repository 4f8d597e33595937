import { type EpochMs, epochMs } from '#shared/units.ts';
import type { Clock } from '#desk/ports/clock.ts';

type Timer = { at: number; readonly order: number; readonly task: () => void; readonly owner: Set<Timer> };

/** A clock for one process of several: when the process dies, its timers die with it. */
export type ProcessClock = Clock & {
  readonly kill: () => void;
  /** The wall clock of this process is set, forwards or back; its timers go on by the time that has passed. */
  readonly jump: (ms: number) => void;
  /** The machine sleeps: no timer of this process runs until it wakes, and then each as late as it slept. */
  readonly sleep: () => void;
  readonly wake: () => void;
};

/** Virtual time that several processes share. It moves only when told, and lets promises run between two timers. */
export type SteppedClock = Clock & {
  /** Runs what falls due in the next `ms`, one timer at a time, and after each what was waiting for it. */
  readonly advance: (ms: number) => Promise<void>;
  /** A clock that shows this time and keeps timers of its own. */
  readonly forProcess: () => ProcessClock;
};

/** Lets every promise that can go on go on. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Makes a clock that stands at `start`. */
export function createSteppedClock(start: number): SteppedClock {
  let now = start;
  let count = 0;
  const timers = new Set<Timer>();

  const nextDue = (until: number): Timer | null => {
    let next: Timer | null = null;
    for (const timer of timers) {
      if (timer.at > until) continue;
      if (next === null || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  };
  const clockOf = (own: Set<Timer>): Clock => {
    const after: Clock['after'] = (delayMs, task) => {
      count += 1;
      const timer: Timer = { at: now + Math.max(0, delayMs), order: count, task, owner: own };
      timers.add(timer);
      own.add(timer);
      return () => {
        timers.delete(timer);
        own.delete(timer);
      };
    };
    return {
      now: (): EpochMs => epochMs(now),
      monotonic: () => now,
      after,
      every: (periodMs, task) => {
        let isStopped = false;
        let stop = after(periodMs, function again() {
          // Set before the task, so that the task can stop it.
          stop = after(periodMs, again);
          task();
          if (isStopped) stop();
        });
        return () => {
          isStopped = true;
          stop();
        };
      },
    };
  };

  return {
    ...clockOf(new Set()),
    forProcess: () => {
      const own = new Set<Timer>();
      let isDead = false;
      let skewMs = 0;
      let asleepSince: number | null = null;
      const clock = clockOf(own);
      return {
        ...clock,
        now: () => epochMs(now + skewMs),
        jump: (ms) => {
          skewMs += ms;
        },
        sleep: () => {
          asleepSince = now;
          for (const timer of own) timers.delete(timer);
        },
        wake: () => {
          const sleptMs = now - (asleepSince ?? now);
          asleepSince = null;
          for (const timer of own) {
            timer.at += sleptMs;
            timers.add(timer);
          }
        },
        after: (delayMs, task) => (isDead ? () => undefined : clock.after(delayMs, task)),
        every: (periodMs, task) => (isDead ? () => undefined : clock.every(periodMs, task)),
        kill: () => {
          isDead = true;
          for (const timer of own) timers.delete(timer);
        },
      };
    },
    advance: async (ms) => {
      const until = now + ms;
      await settled();
      for (let timer = nextDue(until); timer !== null; timer = nextDue(until)) {
        timers.delete(timer);
        timer.owner.delete(timer);
        now = Math.max(now, timer.at);
        timer.task();
        await settled();
      }
      now = until;
    },
  };
}
