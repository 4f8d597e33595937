import { durationText } from '#shared/format/numbers.ts';
import { CLOCK_SKEW_LIMIT_MS, CLOCK_SKEW_WARN_MS } from '#desk/engine/risk-limits.ts';
import type { ExecutionContext } from './context.ts';

/** What this computer's clock is ahead of the venue's (behind: below 0), and by how much it is off at least. */
export type Skew = { readonly ms: number; readonly atLeastMs: number };

/**
 * Returns how the clock stands against the venue's at this moment; null where the venue does not say what time it has.
 * The time since the reading is counted by the monotonic clock, so that a wall clock that is set shows at once.
 */
export function skewOf({ broker, clock }: Pick<ExecutionContext, 'broker' | 'clock'>): Skew | null {
  const reading = broker.venueTime?.() ?? null;
  if (reading === null) return null;
  const ms = Math.round(clock.now() - (reading.at + clock.monotonic() - reading.monotonicMs));
  return { ms, atLeastMs: Math.max(0, Math.abs(ms) - Math.ceil(reading.withinMs)) };
}

const LOOK_MS = 1_000;
const NOTICE = 'clock-skew';

/** Watches this computer's clock: against the venue's, and against the time that has passed. */
export interface ClockGuard {
  watch(): void;
  stop(): void;
}

export type ClockGuardParts = {
  /** The clock was set, or the machine slept: what is known of the venue may be of another time. */
  readonly onJump: () => void;
};

/** Returns the guard of one desk's clock. */
export function createClockGuard(context: ExecutionContext, { onJump }: ClockGuardParts): ClockGuard {
  const { clock, notices } = context;
  let stop: () => void = () => undefined;
  const aheadOfCount = (): number => clock.now() - clock.monotonic();

  const tell = (): void => {
    const skew = skewOf(context);
    if (skew === null || skew.atLeastMs <= CLOCK_SKEW_WARN_MS) {
      notices.clear(NOTICE);
      return;
    }
    const isBlocking = skew.atLeastMs > CLOCK_SKEW_LIMIT_MS;
    const off = `It is ${durationText(Math.abs(skew.ms))} ${skew.ms > 0 ? 'ahead of' : 'behind'} the broker's`;
    const limit = durationText(CLOCK_SKEW_LIMIT_MS);
    notices.raise({
      id: NOTICE,
      level: isBlocking ? 'error' : 'warn',
      title: isBlocking ? 'The clock of this computer is wrong; no entries' : 'The clock of this computer is off',
      detail: isBlocking
        ? `${off}, more than ${limit}: nothing new is sent. Closing and cancelling work.`
        : `${off}; beyond ${limit} nothing new is sent.`,
      remedy: 'Set the clock, or let the system set it from the network.',
    });
  };

  return {
    watch: () => {
      stop();
      let before = aheadOfCount();
      stop = clock.every(LOOK_MS, () => {
        const now = aheadOfCount();
        const jumpedMs = Math.abs(now - before);
        before = now;
        tell();
        if (jumpedMs > CLOCK_SKEW_WARN_MS) onJump();
      });
    },
    stop: () => stop(),
  };
}
