import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { firstInvalid, isNonNegative, isPositive, isProbability, outside } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { FRACTION_TOLERANCE } from './numerics.ts';

/** `raw` may be negative or −∞; `fraction` is raw held in [0, 1]. */
export type BinaryKelly = { readonly raw: number; readonly fraction: number };

/**
 * f* = p − q/b for arguments already known to be in their domain; 0 at p = 1, b = 0, where it is undefined.
 * In that order: one division and two subtractions, absolute error below 1e-12 for b ≥ 0.001.
 */
export function rawKelly(winProbability: number, payoffRatio: number): number {
  if (winProbability === 1 && payoffRatio === 0) return 0;
  return winProbability - (1 - winProbability) / payoffRatio;
}

const invalidBet = (winProbability: number, payoffRatio: number): InvalidInput | null =>
  firstInvalid([
    ['winProbability', winProbability, isProbability(winProbability)],
    ['payoffRatio', payoffRatio, payoffRatio >= 0],
  ]);

/**
 * Growth-optimal fraction of equity to lose when one average loss occurs.
 * @param winProbability unitless, in [0, 1]
 * @param payoffRatio average net win over average net loss, unitless, in [0, ∞]
 * @returns p = 0 gives −1/b, p = 1 gives 1, b = 0 gives −∞, b = ∞ gives p, both p = 1 and b = 0 give 0
 * @errors 'invalid-input' for NaN and outside these domains: never a number, a 0 would hide a data bug
 * @source Kelly 1956; Thorp 2006: f* = p − (1−p)/b
 */
export function kellyBinary(winProbability: number, payoffRatio: number): Result<BinaryKelly, InvalidInput> {
  const invalid = invalidBet(winProbability, payoffRatio);
  if (invalid !== null) return err(invalid);
  const raw = rawKelly(winProbability, payoffRatio);
  return ok({ raw, fraction: Math.min(1, Math.max(0, raw)) });
}

/** `perR` is the fraction of equity at risk per 1R of stop distance, `perAverageLoss` the binary formula's number. */
export type GeneralKelly = { readonly perR: number; readonly perAverageLoss: number };

/**
 * Kelly fraction for losses of size a and wins of size w, in R: p/a − q/w per 1R, and a times that.
 * A negative edge gives negative numbers: clamping is the caller's. w = 0 gives −∞, or 0 when p = 1 as well.
 * @param winProbability in [0, 1]
 * @param averageLossR size of the average loss in R, > 0
 * @param averageWinR size of the average win in R, in [0, ∞]
 * @errors 'invalid-input' for NaN and outside these domains
 * @source Thorp 2006
 */
export function kellyGeneral(
  winProbability: number,
  averageLossR: number,
  averageWinR: number,
): Result<GeneralKelly, InvalidInput> {
  const invalid = firstInvalid([
    ['winProbability', winProbability, isProbability(winProbability)],
    ['averageLossR', averageLossR, isPositive(averageLossR)],
    ['averageWinR', averageWinR, averageWinR >= 0],
  ]);
  if (invalid !== null) return err(invalid);
  if (winProbability === 1 && averageWinR === 0) return ok({ perR: 0, perAverageLoss: 0 });
  const perR = winProbability / averageLossR - (1 - winProbability) / averageWinR;
  return ok({ perR, perAverageLoss: averageLossR * perR });
}

/** g(f) for arguments in their domain; −∞ where one loss takes everything or more. */
function growthAt(winProbability: number, payoffRatio: number, fraction: number): number {
  if (fraction === 0) return 0;
  if (winProbability < 1 && fraction >= 1) return -Infinity;
  const ofLosses = winProbability === 1 ? 0 : (1 - winProbability) * Math.log1p(-fraction);
  const ofWins = winProbability === 0 ? 0 : winProbability * Math.log1p(payoffRatio * fraction);
  return ofWins + ofLosses;
}

/**
 * Expected growth of log equity per trade, g(f) = p·ln(1 + bf) + q·ln(1 − f), through log1p.
 * @param winProbability in [0, 1]
 * @param payoffRatio in [0, ∞]
 * @param fraction of equity lost in a loss, in [0, 1]; at 1 the result is −∞ unless p = 1, which has no loss term
 * @errors 'invalid-input' for NaN and outside these domains
 * @source Kelly 1956
 */
export function growthRate(
  winProbability: number,
  payoffRatio: number,
  fraction: number,
): Result<number, InvalidInput> {
  const invalid =
    invalidBet(winProbability, payoffRatio) ?? firstInvalid([['fraction', fraction, isProbability(fraction)]]);
  return invalid === null ? ok(growthAt(winProbability, payoffRatio, fraction)) : err(invalid);
}

/**
 * Betting `multiplier` times the optimum: growth −∞ when one loss would take all equity. `ratio` is the growth kept
 * (null without an edge), `smallEdgeRatio` its limit c(2 − c).
 */
export type GrowthRow = {
  readonly multiplier: number;
  readonly fraction: number;
  readonly growth: number;
  readonly ratio: number | null;
  readonly smallEdgeRatio: number;
};

export type GrowthTable = {
  readonly optimalFraction: number;
  readonly optimalGrowth: number;
  readonly rows: readonly GrowthRow[];
  /** Fraction above the optimum where growth is zero again; null without an edge or without losses. */
  readonly breakEvenFraction: number | null;
  /** Trades to double equity at half the optimum; null without an edge. */
  readonly tradesToDoubleAtHalf: number | null;
};

const TABLE_MULTIPLIERS = [1 / 4, 1 / 3, 1 / 2, 1, 3 / 2, 2] as const;

/** The zero of g above the optimum, by bisection: g is positive at the optimum and −∞ at 1. */
function breakEvenFraction(winProbability: number, payoffRatio: number, optimal: number): number {
  let low = optimal;
  let high = 1;
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (growthAt(winProbability, payoffRatio, middle) > 0) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * What over- and under-betting does to growth.
 * @param winProbability in [0, 1]
 * @param payoffRatio finite, ≥ 0
 * @errors 'invalid-input' for NaN and outside these domains
 * @source Kelly 1956; MacLean, Ziemba & Blazenko 1992
 */
export function growthTable(winProbability: number, payoffRatio: number): Result<GrowthTable, InvalidInput> {
  const invalid =
    invalidBet(winProbability, payoffRatio) ?? firstInvalid([['payoffRatio', payoffRatio, isNonNegative(payoffRatio)]]);
  if (invalid !== null) return err(invalid);
  const optimalFraction = Math.max(0, rawKelly(winProbability, payoffRatio));
  const optimalGrowth = growthAt(winProbability, payoffRatio, optimalFraction);
  const hasEdge = optimalFraction > FRACTION_TOLERANCE && optimalGrowth > 0;
  const rows = TABLE_MULTIPLIERS.map((multiplier) => {
    const fraction = multiplier * optimalFraction;
    const growth = growthAt(winProbability, payoffRatio, fraction);
    const ratio = hasEdge ? growth / optimalGrowth : null;
    return { multiplier, fraction, growth, ratio, smallEdgeRatio: multiplier * (2 - multiplier) };
  });
  return ok({
    optimalFraction,
    optimalGrowth,
    rows,
    breakEvenFraction:
      hasEdge && winProbability < 1 ? breakEvenFraction(winProbability, payoffRatio, optimalFraction) : null,
    tradesToDoubleAtHalf: hasEdge ? Math.LN2 / growthAt(winProbability, payoffRatio, optimalFraction / 2) : null,
  });
}

export type LimitReason = 'OK' | 'CAPPED' | 'BELOW_MIN';

/** A scaled fraction (≥ 0) under its cap, then under the minimum: below it nothing, never rounded up. */
export function limitFraction(
  scaled: number,
  cap: number,
  minFraction: number,
): { readonly fraction: number; readonly reason: LimitReason } {
  const capped = Math.min(scaled, cap);
  if (!(capped >= minFraction - FRACTION_TOLERANCE)) return { fraction: 0, reason: 'BELOW_MIN' };
  return { fraction: capped, reason: scaled > cap + FRACTION_TOLERANCE ? 'CAPPED' : 'OK' };
}

/** Kelly multiplier ≥ 0; cap and minimum fraction of equity in [0, 1]. */
export type FractionLimits = { readonly multiplier: number; readonly cap: number; readonly minFraction: number };

/** Returns what is wrong with the limits, or null. */
export const invalidLimits = ({ multiplier, cap, minFraction }: FractionLimits): InvalidInput | null =>
  outside('multiplier', multiplier, isNonNegative(multiplier)) ??
  outside('cap', cap, isProbability(cap)) ??
  outside('minFraction', minFraction, isProbability(minFraction));

export type FractionalKelly = {
  /** Full Kelly, not below 0. */
  readonly full: number;
  /** After the multiplier. */
  readonly scaled: number;
  /** After cap and minimum: 0 or in [minFraction, cap]. */
  readonly fraction: number;
  readonly reason: LimitReason | 'NO_EDGE';
};

/**
 * Full Kelly × multiplier → cap → minimum, in that order: capping first would halve the example {.7, 1.5} at λ = 1/3.
 * 'CAPPED' only when the scaled fraction exceeds the cap; equal is 'OK'.
 * @errors 'invalid-input' for NaN, p outside [0, 1], b < 0, or limits outside their domains
 * @source Kelly 1956; MacLean, Ziemba & Blazenko 1992
 */
export function fractionalKelly(
  winProbability: number,
  payoffRatio: number,
  limits: FractionLimits,
): Result<FractionalKelly, InvalidInput> {
  const invalid = invalidBet(winProbability, payoffRatio) ?? invalidLimits(limits);
  if (invalid !== null) return err(invalid);
  const full = Math.max(0, rawKelly(winProbability, payoffRatio));
  const scaled = limits.multiplier * full;
  if (full <= FRACTION_TOLERANCE) return ok({ full, scaled, fraction: 0, reason: 'NO_EDGE' });
  return ok({ full, scaled, ...limitFraction(scaled, limits.cap, limits.minFraction) });
}
