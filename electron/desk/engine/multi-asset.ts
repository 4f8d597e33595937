import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { firstInvalid, firstInvalidItem, isNonNegative, isPositive, isProbability } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { cholesky, isCorrelation, solveCholesky, squareOf } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { FRACTION_TOLERANCE, neumaierSum } from './numerics.ts';

export type MultiAssetInput = {
  /** Expected excess returns per period. */
  readonly mean: readonly number[];
  /** Standard deviations of the same period, > 0. */
  readonly volatility: readonly number[];
  readonly correlation: Matrix;
  /** Multiplier λ, ≥ 0. */
  readonly fraction: number;
};

/** Leverage per asset (1 = equity once, negative = short), before and after λ; growth per period of the scaled one. */
export type MultiAssetKelly = {
  readonly full: readonly number[];
  readonly scaled: readonly number[];
  readonly growth: number;
  /** Sum of absolute scaled leverages. */
  readonly gross: number;
};

/** The correlations leave a riskless combination: Σ has no inverse and the optimum no bound. */
export type SingularCovariance = { readonly code: 'singular-covariance' };

const dot = (a: readonly number[], b: readonly number[]): number => neumaierSum(a.map((x, i) => x * (b[i] ?? NaN)));

/**
 * Growth-optimal leverage of correlated assets in continuous time: f = λ·Σ⁻¹μ, growth fᵀμ − ½fᵀΣf. Long and short.
 * High correlations with unequal means blow it up (quant.md MK3): shrink Σ first, cap gross, use as information only.
 * @errors 'invalid-input' for an empty list, sizes that differ, NaN, volatility ≤ 0; 'singular-covariance'
 * @source Merton 1969; Thorp 2006 section 8.4
 */
export function multiAssetKelly(input: MultiAssetInput): Result<MultiAssetKelly, InvalidInput | SingularCovariance> {
  const { mean, volatility, correlation, fraction } = input;
  const invalid =
    firstInvalid([
      ['mean.length', mean.length, mean.length > 0],
      ['volatility.length', volatility.length, volatility.length === mean.length],
      ['correlation', correlation.length, isCorrelation(correlation, mean.length)],
      ['fraction', fraction, isNonNegative(fraction)],
    ]) ??
    firstInvalidItem('mean', mean, Number.isFinite) ??
    firstInvalidItem('volatility', volatility, isPositive);
  if (invalid !== null) return err(invalid);
  // Solved in units of volatility: the correlation matrix has the better condition.
  const factor = cholesky(correlation);
  if (factor === null) return err({ code: 'singular-covariance' });
  const sharpe = mean.map((mu, i) => mu / (volatility[i] ?? NaN));
  const full = solveCholesky(factor, sharpe).map((weight, i) => weight / (volatility[i] ?? NaN));
  const scaled = full.map((weight) => weight * fraction);
  const risk = scaled.map((weight, i) => weight * (volatility[i] ?? NaN));
  const variance = dot(
    risk,
    correlation.map((row) => dot(row, risk)),
  );
  const growth = dot(scaled, mean) - variance / 2;
  return ok({ full, scaled, growth, gross: neumaierSum(scaled.map(Math.abs)) });
}

/** Equal correlation of every pair of n assets. */
export const equicorrelation = (n: number, rho: number): Matrix => squareOf(n, (i, j) => (i === j ? 1 : rho));

/** A binary bet: wins b per unit staked with probability p, else loses the stake. */
export type BinaryBet = { readonly winProbability: number; readonly payoffRatio: number };

/** One joint outcome of two bets: its probability and the net result per unit of each. */
type JointOutcome = { readonly probability: number; readonly first: number; readonly second: number };

export type SimultaneousKelly = {
  /** Fractions of equity staked on each bet, ≥ 0, together ≤ 1. */
  readonly fractions: readonly [number, number];
  /** Expected growth of log equity. */
  readonly growth: number;
  /** Probability that both win, clamped to what the two win probabilities allow (Fréchet bounds). */
  readonly bothWin: number;
};

function bothWinProbability(p1: number, p2: number, phi: number): number {
  const joint = p1 * p2 + phi * Math.sqrt(p1 * (1 - p1) * p2 * (1 - p2));
  return Math.min(Math.min(p1, p2), Math.max(Math.max(0, p1 + p2 - 1), joint));
}

function jointOutcomes(bets: readonly [BinaryBet, BinaryBet], bothWin: number): readonly JointOutcome[] {
  const [{ winProbability: p1, payoffRatio: b1 }, { winProbability: p2, payoffRatio: b2 }] = bets;
  return [
    { probability: bothWin, first: b1, second: b2 },
    { probability: p1 - bothWin, first: b1, second: -1 },
    { probability: p2 - bothWin, first: -1, second: b2 },
    { probability: 1 - p1 - p2 + bothWin, first: -1, second: -1 },
    // Differences of probabilities leave rounding where the outcome cannot happen.
  ].filter(({ probability }) => probability > FRACTION_TOLERANCE);
}

/** A concave problem's slope in one variable: −∞ where the account could be wiped out. */
function slope(outcomes: readonly JointOutcome[], stakes: readonly [number, number], of: 'first' | 'second'): number {
  const terms = outcomes.map(({ probability, first, second }) => {
    const wealth = 1 + stakes[0] * first + stakes[1] * second;
    const result = of === 'first' ? first : second;
    return { wealth, term: (probability * result) / wealth };
  });
  return terms.some(({ wealth }) => wealth <= 0) ? -Infinity : neumaierSum(terms.map(({ term }) => term));
}

/** Where a decreasing function crosses zero in [0, high]: 0 when it starts at or below zero, high when it never does. */
function crossing(decreasing: (x: number) => number, high: number): number {
  if (!(decreasing(0) > FRACTION_TOLERANCE)) return 0;
  if (decreasing(high) >= 0) return high;
  let [low, top] = [0, high];
  for (let i = 0; i < 100 && low < (low + top) / 2 && (low + top) / 2 < top; i++) {
    const middle = (low + top) / 2;
    if (decreasing(middle) > 0) low = middle;
    else top = middle;
  }
  return low;
}

/** Best second stake for a first one, and the slope of the best growth along the first (envelope theorem). */
function bestReply(outcomes: readonly JointOutcome[], first: number): { second: number; slope: number } {
  const room = 1 - first;
  const second = crossing((stake) => slope(outcomes, [first, stake], 'second'), room);
  const along = slope(outcomes, [first, second], 'first');
  // At the edge of the budget one more on the first is one less on the second.
  const isAtEdge = second >= room && room > 0;
  return { second, slope: isAtEdge ? along - slope(outcomes, [first, second], 'second') : along };
}

/**
 * Stakes that maximise E ln(1 + f₁R₁ + f₂R₂) for two bets at the same time, f ≥ 0 and f₁ + f₂ ≤ 1: both stops can be
 * hit, even where the table says they never are. Two equal bets that always win and lose together share one bet's stake.
 * @param phi correlation of the two outcomes in [−1, 1]; clamped to what the win probabilities allow
 * @errors 'invalid-input' for p outside [0, 1], b < 0, φ outside [−1, 1], NaN
 * @source Kelly 1956 on the joint outcome table (quant.md 5.5)
 */
export function simultaneousKelly(
  bets: readonly [BinaryBet, BinaryBet],
  phi: number,
): Result<SimultaneousKelly, InvalidInput> {
  const invalid = firstInvalid([
    ...bets.flatMap(({ winProbability, payoffRatio }, i) => [
      [`bets[${i}].winProbability`, winProbability, isProbability(winProbability)] as const,
      [`bets[${i}].payoffRatio`, payoffRatio, isNonNegative(payoffRatio)] as const,
    ]),
    ['phi', phi, phi >= -1 && phi <= 1],
  ]);
  if (invalid !== null) return err(invalid);
  const bothWin = bothWinProbability(bets[0].winProbability, bets[1].winProbability, phi);
  const outcomes = jointOutcomes(bets, bothWin);
  const fractions = bestStakes(outcomes);
  const growth = neumaierSum(
    outcomes.map((o) => o.probability * Math.log1p(fractions[0] * o.first + fractions[1] * o.second)),
  );
  return ok({ fractions, growth, bothWin });
}

function bestStakes(outcomes: readonly JointOutcome[]): readonly [number, number] {
  if (outcomes.every(({ first, second }) => first === second)) {
    const stake = crossing((total) => slope(outcomes, [total, 0], 'first'), 1);
    return [stake / 2, stake / 2];
  }
  const first = crossing((stake) => bestReply(outcomes, stake).slope, 1);
  return [first, bestReply(outcomes, first).second];
}
