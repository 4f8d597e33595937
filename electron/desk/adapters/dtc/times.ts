import { type EpochMs, epochMs } from '#shared/units.ts';

/**
 * Returns a time of the protocol in UTC milliseconds; null when it is not set. Servers of different ages send seconds,
 * milliseconds and microseconds in the same field: which it is shows in its size.
 * @source protocols.md 1.9
 */
export function timeOf(value: number | undefined): EpochMs | null {
  if (value === undefined || value <= 0) return null;
  if (value > 1e14) return epochMs(Math.round(value / 1_000));
  return epochMs(Math.round(value > 1e11 ? value : value * 1_000));
}

/** Whole seconds, as requests take them. */
export const secondsOf = (at: number): number => Math.floor(at / 1_000);
