export type ThrottleTimers = {
  readonly now: () => number;
  readonly later: (run: () => void, delayMs: number) => () => void;
};

export type ThrottleOptions = {
  /** Requests within this time after the first are answered by one run. */
  readonly settleMs: number;
  /** Least time between two runs. */
  readonly everyMs: number;
  readonly timers?: ThrottleTimers;
};

const BROWSER_TIMERS: ThrottleTimers = {
  now: () => Date.now(),
  later: (run, delayMs) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Runs something soon after it is asked for, and rarely however often it is asked for. The last request is never lost. */
export function createThrottle(run: () => void, { settleMs, everyMs, timers = BROWSER_TIMERS }: ThrottleOptions) {
  let cancel: (() => void) | null = null;
  let lastAt = -Infinity;
  const fire = () => {
    cancel = null;
    lastAt = timers.now();
    run();
  };
  return {
    request: () => {
      cancel ??= timers.later(fire, Math.max(settleMs, lastAt + everyMs - timers.now()));
    },
    /** Runs at once; a waiting request is answered by it. */
    now: () => {
      cancel?.();
      fire();
    },
    stop: () => {
      cancel?.();
      cancel = null;
    },
  };
}
