import { SIMULATED_MARKET } from '#desk/adapters/market/character.ts';

/** A surprise is cut here, in standard deviations: a jump between two sessions says nothing about the drift. */
const MAX_SURPRISE = 3;

/**
 * Log odds that the market is in its rising regime, by the forward filter of a two-state hidden Markov model.
 * @param surprises  one-minute returns in standard deviations, oldest first
 * @param regimeMinutes  mean life of a regime that the model believes in
 * @source Hamilton 1989, two-state filter; normal densities with means ±driftRatio and unit variance
 */
export function regimeLogOdds(surprises: readonly number[], regimeMinutes: number): number {
  const turning = 0.5 * (1 - Math.exp(-2 / regimeMinutes));
  let logOdds = 0;
  for (const surprise of surprises) {
    const up = 1 / (1 + Math.exp(-logOdds));
    const predicted = up * (1 - turning) + (1 - up) * turning;
    const z = Math.max(-MAX_SURPRISE, Math.min(MAX_SURPRISE, surprise));
    logOdds = Math.log(predicted / (1 - predicted)) + 2 * SIMULATED_MARKET.driftRatio * z;
  }
  return logOdds;
}

/**
 * Probability that a Brownian motion with unit variance per minute and this drift gains `up` before it loses `down`.
 * @param drift  per minute, in standard deviations   @param up, down  distances in standard deviations, > 0
 * @source Karatzas and Shreve 1991, exit of (−down, up): (1 − e^(−2μ·down)) / (1 − e^(−2μ·(up+down)))
 */
export function reachProbability(drift: number, up: number, down: number): number {
  if (Math.abs(drift) < 1e-9) return down / (up + down);
  return Math.expm1(-2 * drift * down) / Math.expm1(-2 * drift * (up + down));
}

/** The plan whose success the models state: stop at 2 average ranges, target at 3. */
const STOP_RANGES = 2;
const TARGET_RANGES = 3;

/** Mean range of a Brownian minute in standard deviations: √(8/π). @source Feller 1951 */
export const MINUTE_RANGE = Math.sqrt(8 / Math.PI);

/** Minutes a planned trade lasts on average, over which the regime may turn and take the drift with it. */
const TRADE_MINUTES = 15;

/**
 * Chances that the planned long trade wins, that the planned short one wins, and that neither does: three events of
 * which exactly one happens.
 */
export function planChances(logOdds: number): { short: number; neutral: number; long: number } {
  const up = 1 / (1 + Math.exp(-logOdds));
  const decay = (2 * TRADE_MINUTES) / SIMULATED_MARKET.regimeMinutes;
  const drift = SIMULATED_MARKET.driftRatio * (-Math.expm1(-decay) / decay);
  const stop = STOP_RANGES * MINUTE_RANGE;
  const target = TARGET_RANGES * MINUTE_RANGE;
  const withDrift = reachProbability(drift, target, stop);
  const against = reachProbability(-drift, target, stop);
  const long = up * withDrift + (1 - up) * against;
  const short = (1 - up) * withDrift + up * against;
  return { short, neutral: 1 - long - short, long };
}
