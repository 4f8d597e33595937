import { clampCorrelation, DEFAULT_EWMA_LAMBDA, DEFAULT_PRIOR_STRENGTH, FLAT_VARIANCE } from './correlation.ts';
import { neumaierSum } from './numerics.ts';
import { productSums } from './pair-kernel.ts';

/** Simple returns of one underlying, oldest first, and what every pair takes of them. */
export type Moves = {
  readonly returns: Float64Array;
  /** 'still': none of them is other than 0; 'flat': their squares have lost their digits; 'invalid': one is no number. */
  readonly kind: 'moving' | 'still' | 'flat' | 'invalid';
  /** Zero-mean, weighted by recency. */
  readonly volatility: number;
};

/** Weights of so many periods, oldest first, and their sum. */
type Weights = { readonly weights: Float64Array; readonly total: number };

let kept: Weights = { weights: new Float64Array(), total: 0 };

function weightsOf(periods: number): Weights {
  if (kept.weights.length !== periods) {
    const weights = Float64Array.from({ length: periods }, (_, t) => DEFAULT_EWMA_LAMBDA ** (periods - 1 - t));
    kept = { weights, total: neumaierSum(weights) };
  }
  return kept;
}

/**
 * Weighted mean of the products of two series of one length. The sum is that of `neumaierSum` to the last bit: what an
 * addition rounds away is one number, here found without asking which of its terms is larger.
 * @source Knuth, The Art of Computer Programming 2, 4.2.2, theorem B
 */
function covariance(a: Float64Array, b: Float64Array): number {
  const { weights, total } = weightsOf(a.length);
  let [sum, compensation] = [0, 0];
  for (let t = 0; t < weights.length; t++) {
    const value = (weights[t] ?? NaN) * ((a[t] ?? NaN) * (b[t] ?? NaN));
    const next = sum + value;
    const added = next - sum;
    compensation += sum - (next - added) + (value - added);
    sum = next;
  }
  return (Number.isFinite(sum) ? sum + compensation : sum) / total;
}

/** @param closes of the same days for all whose pairs are taken, oldest first, length ≥ 2 */
export function movesOf(closes: readonly number[]): Moves {
  const returns = new Float64Array(closes.length - 1);
  let isStill = true;
  for (let t = 0; t < returns.length; t += 1) {
    const move = (closes[t + 1] ?? NaN) / (closes[t] ?? NaN) - 1;
    if (!Number.isFinite(move)) return { returns, kind: 'invalid', volatility: NaN };
    isStill &&= move === 0;
    returns[t] = move;
  }
  if (isStill) return { returns, kind: 'still', volatility: 0 };
  const variance = covariance(returns, returns);
  return { returns, kind: variance > FLAT_VARIANCE ? 'moving' : 'flat', volatility: Math.sqrt(variance) };
}

/**
 * Returns the shrunk correlation of two moving underlyings: the figure `portfolioCorrelation` gives the pair, to the last
 * bit, without the others. NaN where the returns are too large to be multiplied.
 */
export const pairCorrelation = (a: Moves, b: Moves, prior: number): number =>
  shrinkage(a.returns.length)(covariance(a.returns, b.returns) / (a.volatility * b.volatility), prior);

/** How an estimate from so many periods is pulled to what is assumed. */
function shrinkage(periods: number): (correlation: number, prior: number) => number {
  const delta = DEFAULT_PRIOR_STRENGTH / (periods + DEFAULT_PRIOR_STRENGTH);
  return (correlation, prior) => (1 - delta) * clampCorrelation(correlation) + delta * prior;
}

/**
 * Returns `pairCorrelation` of every pair, row by row, with anything on the diagonal; null where one is no number.
 * @param moves of one length   @param priorOf of two by their places, the first before the second
 */
export function allPairs(moves: readonly Moves[], priorOf: (i: number, j: number) => number): Float64Array | null {
  const size = moves.length;
  const table = new Float64Array(size * size);
  const volatility = Float64Array.from(moves, (one) => one.volatility);
  const periods = moves[0]?.returns.length ?? 0;
  const { weights, total } = weightsOf(periods);
  const shrunk = shrinkage(periods);
  const rowOf = productSums(
    moves.map(({ returns }) => returns),
    weights,
  );
  for (let i = 0; i < size; i += 1) {
    const sums = rowOf(i);
    const own = volatility[i] ?? NaN;
    for (let j = i + 1; j < size; j += 1) {
      const correlation = (sums[j] ?? NaN) / total / (own * (volatility[j] ?? NaN));
      const rho = shrunk(correlation, priorOf(i, j));
      if (!Number.isFinite(rho)) return null;
      table[i * size + j] = rho;
      table[j * size + i] = rho;
    }
  }
  return table;
}
