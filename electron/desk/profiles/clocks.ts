import { monotonicFactory } from 'ulid';
import { epochMs, type EpochMs } from '#shared/units.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';

type Timer = {
  at: number;
  readonly order: number;
  readonly period: number | null;
  /** The longest it may be waited for: a machine's clock that is set back must not hold everything up. */
  readonly longest: number;
  readonly task: () => void;
};

/** A clock that starts on virtual time and can be handed over to the machine's clock, once. */
export interface DeskClock extends Clock {
  /** Moves virtual time forward and runs what falls due, in order. Has no effect on a live clock. */
  advanceTo(time: EpochMs): void;
  /** From now on the machine's time; timers already set go on, at their own times. */
  goLive(): void;
  stop(): void;
}

/**
 * Returns a clock standing at `start`; timers run only when it is advanced, until `goLive`.
 * @param offsetMs what a live clock is ahead of the machine's: 0 but in a simulation that was told when it is
 */
export function createClock(start: EpochMs, offsetMs = 0): DeskClock {
  let virtualNow: number | null = start;
  const machineNow = (): number => Date.now() + offsetMs;
  let counter = 0;
  const timers = new Set<Timer>();
  const handles = new Map<Timer, NodeJS.Timeout>();

  const now = (): EpochMs => epochMs(virtualNow ?? machineNow());
  /** Virtual time never goes back; from its end on the machine's own count goes on from there. */
  let liveFrom = { reading: 0, count: 0 };
  const monotonic = (): number => virtualNow ?? liveFrom.reading + performance.now() - liveFrom.count;

  const finish = (timer: Timer): void => {
    if (timer.period === null) timers.delete(timer);
    else timer.at = Math.max(timer.at + timer.period, now());
  };
  const arm = (timer: Timer): void => {
    const handle = setTimeout(
      () => {
        finish(timer);
        timer.task();
        if (timers.has(timer)) arm(timer);
      },
      Math.min(timer.longest, Math.max(0, timer.at - machineNow())),
    );
    handles.set(timer, handle);
  };
  const cancel = (timer: Timer): void => {
    timers.delete(timer);
    clearTimeout(handles.get(timer));
    handles.delete(timer);
  };
  const add = (delayMs: number, period: number | null, task: () => void): (() => void) => {
    counter += 1;
    const timer: Timer = { at: now() + delayMs, order: counter, period, longest: delayMs, task };
    timers.add(timer);
    if (virtualNow === null) arm(timer);
    return () => cancel(timer);
  };
  const nextDue = (until: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.at > until) continue;
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  };

  return {
    now,
    monotonic,
    after: (delayMs, task) => add(delayMs, null, task),
    every: (periodMs, task) => add(periodMs, periodMs, task),
    advanceTo: (time) => {
      if (virtualNow === null) return;
      for (let timer = nextDue(time); timer !== undefined; timer = nextDue(time)) {
        virtualNow = Math.max(virtualNow, timer.at);
        const due = timer;
        finish(due);
        // A periodic timer must move on even when its period is zero.
        if (due.period === 0) due.at += 1;
        due.task();
      }
      virtualNow = Math.max(virtualNow, time);
    },
    goLive: () => {
      if (virtualNow === null) return;
      liveFrom = { reading: Math.max(virtualNow, machineNow()), count: performance.now() };
      virtualNow = null;
      for (const timer of timers) arm(timer);
    },
    stop: () => {
      for (const timer of [...timers]) cancel(timer);
    },
  };
}

/**
 * Returns ULIDs, sortable in the order they were made. Give `random` (a seeded generator of [0, 1)) for a run that must
 * be repeatable; without it the platform's secure generator is used.
 */
export function createIds(clock: Clock, random?: () => number): Ids {
  const make = random === undefined ? monotonicFactory() : monotonicFactory(random);
  return { next: () => make(clock.now()) };
}
