import { epochMs, type EpochMs } from '#shared/units.ts';
import type { VenueTime } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';

/** A tight reading is kept this long before a looser one takes its place: clocks drift by far less meanwhile. */
const KEPT_MS = 60_000;

/** What a venue said of its clock. */
export type ToldTime = {
  /** Its clock, as it stands in the message. */
  readonly at: EpochMs;
  /**
   * `Clock.monotonic` when it was asked, for an answer. For a message that came by itself, when the message before it
   * did, or now where that is not known: the way here then counts as nothing, so `stepMs` must cover it.
   */
  readonly askedAt: number;
  /** The steps its clock is told in: 1,000 where whole seconds are told (cut off, not rounded). Default 1. */
  readonly stepMs?: number;
};

/** Keeps the best recent reading of a venue's clock, for `Broker.venueTime`. */
export interface VenueTimes {
  /** Call when the message is in. */
  read(told: ToldTime): void;
  current(): VenueTime | null;
  /** A new connection may lead to another machine. */
  forget(): void;
}

/**
 * Makes an empty keeper. As in NTP, the venue is taken to have read its clock half-way between question and answer; the
 * reading is off by at most half the time between them.
 */
export function createVenueTimes(clock: Pick<Clock, 'monotonic'>): VenueTimes {
  let kept: VenueTime | null = null;
  return {
    read: ({ at, askedAt, stepMs = 1 }) => {
      const heardAt = clock.monotonic();
      const half = Math.max(0, heardAt - askedAt) / 2;
      const withinMs = half + stepMs / 2;
      if (kept !== null && withinMs > kept.withinMs && heardAt - kept.monotonicMs < KEPT_MS) return;
      kept = { at: epochMs(Math.round(at + stepMs / 2)), monotonicMs: heardAt - half, withinMs };
    },
    current: () => kept,
    forget: () => {
      kept = null;
    },
  };
}
