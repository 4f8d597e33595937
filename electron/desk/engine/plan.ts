import type { Bar } from '#shared/domain/market.ts';
import type { TradePlan } from '#shared/domain/sizing.ts';
import { ticks, type Direction, type Ticks } from '#shared/units.ts';

import { COMPARISON_TOLERANCE } from './numerics.ts';

/** Bars the average true range is smoothed over. */
export const ATR_BARS = 14;

/** Where stop and target go, in multiples of ATR; a stop is never nearer than `minStopTicks`. */
export type Planning = {
  readonly stopAtr: number;
  readonly targetAtr: number;
  readonly minStopTicks: number;
};

/** The part of the price a bar moved through, the gap from the previous close included. */
const trueRange = (bar: Bar, previousClose: number): number =>
  Math.max(bar.high, previousClose) - Math.min(bar.low, previousClose);

/**
 * Returns Wilder's average true range in ticks: the mean of the first `period` true ranges, then smoothed by 1/period.
 * @param bars completed bars, oldest first
 * @returns null with fewer than period + 1 bars: a true range needs the close before it
 * @source Wilder 1978
 */
export function averageTrueRange(bars: readonly Bar[], period: number = ATR_BARS): number | null {
  if (bars.length <= period) return null;
  // Asked for every symbol with every bar: nothing is made on the way, not even the steps of an iterator.
  let first = 0;
  let average = 0;
  for (let i = 1; i < bars.length; i += 1) {
    const bar = bars[i];
    const previous = bars[i - 1];
    const range = bar === undefined || previous === undefined ? NaN : trueRange(bar, previous.close);
    if (i <= period) first += range;
    else average += (range - average) / period;
    if (i === period) average = first / period;
  }
  return average;
}

/**
 * Plans a trade at the close of the newest bar: stop and target at multiples of ATR(14). Distances are whole ticks,
 * rounded so that neither risk is understated nor reward overstated: the stop away from the price, the target toward it.
 * @param bars completed bars only, oldest first: the bar that is still forming has no place here
 * @param planning stopAtr and targetAtr > 0, minStopTicks an integer > 0
 * @returns null when there are too few bars or the planning is out of domain: no stop, no trade
 */
export function planTrade(bars: readonly Bar[], planning: Planning): TradePlan | null {
  const { stopAtr, targetAtr, minStopTicks } = planning;
  const atr = averageTrueRange(bars);
  const last = bars.at(-1);
  const isPlanned = stopAtr > 0 && targetAtr > 0 && Number.isInteger(minStopTicks) && minStopTicks > 0;
  if (atr === null || last === undefined || !isPlanned) return null;
  const stopDistance = Math.max(minStopTicks, Math.ceil(stopAtr * atr - COMPARISON_TOLERANCE));
  const targetDistance = Math.max(1, Math.floor(targetAtr * atr + COMPARISON_TOLERANCE));
  if (!Number.isSafeInteger(stopDistance) || !Number.isSafeInteger(targetDistance)) return null;
  return { entry: last.close, stopDistance, targetDistance };
}

/** Returns the prices of a plan for a direction, in ticks. */
export function planPrices(
  plan: { readonly entry: Ticks; readonly stopDistance: number; readonly targetDistance: number },
  direction: Direction,
): { readonly entry: Ticks; readonly stop: Ticks; readonly target: Ticks } {
  return {
    entry: plan.entry,
    stop: ticks(plan.entry - direction * plan.stopDistance),
    target: ticks(plan.entry + direction * plan.targetDistance),
  };
}
