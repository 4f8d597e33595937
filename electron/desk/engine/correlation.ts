import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { contractSpec, underlyingRoot } from './futures/contract-table.ts';
import { firstInvalid, invalidInput, isNonNegative } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { at, isCorrelation, squareOf } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { neumaierSum } from './numerics.ts';
import { checkReturns } from './return-table.ts';
import type { FlatSeries, ReturnTable } from './return-table.ts';

/** Decay per day (half-life 22.8 days), prior strength in observations, and days of history (quant.md 5.3). */
export const DEFAULT_EWMA_LAMBDA = 0.97;
export const DEFAULT_PRIOR_STRENGTH = 60;
export const CORRELATION_DAYS = 120;

export type EwmaCorrelation = {
  /** Symmetric, ones on the diagonal, [i][j] of the columns of the returns. */
  readonly correlation: Matrix;
  /** Zero-mean standard deviation per period of each column. */
  readonly volatility: readonly number[];
};

/** Returns whose squares are this small have lost their digits to underflow. */
export const FLAT_VARIANCE = 1e-200;

export const clampCorrelation = (value: number): number => Math.min(1, Math.max(-1, value));

/**
 * Exponentially weighted correlation with zero mean and weights λ^(T−1−t) normalised to 1, so no start-up bias.
 * @param returns returns[t][k], oldest first, simple returns per period of series k, all of the same periods
 * @param lambda decay per period in (0, 1]; 1 weighs all alike
 * @errors 'invalid-input' for an empty or ragged table, NaN, λ outside (0, 1]; 'flat-series' when a column does not move
 * @source RiskMetrics 1996
 */
export function ewmaCorrelation(
  returns: ReturnTable,
  lambda: number = DEFAULT_EWMA_LAMBDA,
): Result<EwmaCorrelation, InvalidInput | FlatSeries> {
  const checked = checkReturns(returns, 1);
  if (!checked.ok) return checked;
  if (!(lambda > 0 && lambda <= 1)) return err(invalidInput('lambda', lambda));
  const weights = returns.map((_, t) => lambda ** (returns.length - 1 - t));
  const total = neumaierSum(weights);
  // The product of the two returns first: it is the same both ways, so the matrix is symmetric to the last bit.
  const product = (t: number, i: number, j: number): number => at(returns, t, i) * at(returns, t, j);
  const covariance = squareOf(
    checked.value,
    (i, j) => neumaierSum(returns.map((_, t) => (weights[t] ?? NaN) * product(t, i, j))) / total,
  );
  const flat = covariance.findIndex((row, i) => !((row[i] ?? NaN) > FLAT_VARIANCE));
  if (flat >= 0) return err({ code: 'flat-series', index: flat });
  const volatility = covariance.map((row, i) => Math.sqrt(row[i] ?? NaN));
  const correlation = squareOf(checked.value, (i, j) =>
    i === j ? 1 : clampCorrelation(at(covariance, i, j) / ((volatility[i] ?? NaN) * (volatility[j] ?? NaN))),
  );
  return ok({ correlation, volatility });
}

export type ShrunkCorrelation = { readonly correlation: Matrix; readonly delta: number };

export type ShrinkInput = {
  readonly estimate: Matrix;
  readonly prior: Matrix;
  /** Observations behind the estimate, ≥ 0; with 0 the prior stands alone. */
  readonly observations: number;
  /** Observations the prior is worth, ≥ 0; not both 0. */
  readonly priorStrength?: number;
};

/**
 * Pulls an estimated correlation toward a prior: (1 − δ)·estimate + δ·prior, δ = n0/(n + n0). A convex combination of
 * positive semidefinite matrices is one.
 * @errors 'invalid-input' when a matrix is no correlation, sizes differ, or a count is negative or NaN
 */
export function shrinkCorrelation(input: ShrinkInput): Result<ShrunkCorrelation, InvalidInput> {
  const { estimate, prior, observations, priorStrength = DEFAULT_PRIOR_STRENGTH } = input;
  const n = estimate.length;
  const invalid = firstInvalid([
    ['observations', observations, isNonNegative(observations)],
    ['priorStrength', priorStrength, isNonNegative(priorStrength) && observations + priorStrength > 0],
    ['estimate', n, isCorrelation(estimate, n)],
    ['prior', prior.length, isCorrelation(prior, n)],
  ]);
  if (invalid !== null) return err(invalid);
  const delta = priorStrength / (observations + priorStrength);
  const mix = (i: number, j: number): number => (1 - delta) * at(estimate, i, j) + delta * at(prior, i, j);
  return ok({ delta, correlation: squareOf(n, (i, j) => (i === j ? 1 : mix(i, j))) });
}

/** Products refined from each other; natural gas is not one of them. */
const CRUDE_AND_PRODUCTS: ReadonlySet<string> = new Set(['CL', 'RB', 'HO']);

const PRIOR = { sameUnderlying: 1, equity: 0.85, rates: 0.85, crudeAndProducts: 0.8, metals: 0.6, fx: 0.6, other: 0.2 };

/** What is assumed of a root hangs on this. */
export type PriorTraits = { readonly underlying: string; readonly group: string | null; readonly isCrude: boolean };

/** Finds what is assumed of a root, once for the many pairs it is in. */
export function priorTraits(root: string): PriorTraits {
  const underlying = underlyingRoot(root);
  const group = contractSpec(underlying)?.group ?? null;
  return { underlying, group, isCrude: CRUDE_AND_PRODUCTS.has(underlying) };
}

/** Returns `priorCorrelation` of the roots whose traits these are. */
export function priorBetween(a: PriorTraits, b: PriorTraits): number {
  if (a.underlying === b.underlying) return PRIOR.sameUnderlying;
  if (a.isCrude && b.isCrude) return PRIOR.crudeAndProducts;
  const { group } = a;
  if (group === null || group !== b.group) return PRIOR.other;
  if (group === 'equity' || group === 'rates' || group === 'metals' || group === 'fx') return PRIOR[group];
  return PRIOR.other;
}

/** Numbers for keys in the order they are first met. */
function numbered(keys: readonly string[]): { readonly of: Int32Array; readonly first: readonly number[] } {
  const known = new Map<string, number>();
  const first: number[] = [];
  const of = Int32Array.from(keys, (key, place) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, first.length);
    first.push(place);
    return first.length - 1;
  });
  return { of, first };
}

/** Returns `priorBetween` of all pairs of these, by their places: of so many that words take longer than numbers. */
export function priorsOf(all: readonly PriorTraits[]): (i: number, j: number) => number {
  const underlyings = numbered(all.map(({ underlying }) => underlying)).of;
  const { of: classes, first } = numbered(all.map(({ group, isCrude }) => `${group ?? ''} ${isCrude}`));
  const count = first.length;
  const between = Float64Array.from({ length: count * count }, (_, at) => {
    const [a, b] = [all[first[Math.floor(at / count)] ?? -1], all[first[at % count] ?? -1]];
    // Of two in one class: as of two underlyings.
    return a === undefined || b === undefined ? NaN : priorBetween(a, { ...b, underlying: '' });
  });
  return (i, j) =>
    underlyings[i] === underlyings[j]
      ? PRIOR.sameUnderlying
      : (between[(classes[i] ?? NaN) * count + (classes[j] ?? NaN)] ?? NaN);
}

/**
 * Returns the correlation of price changes assumed before any data: 1 on the same underlying (a mini and its micro are
 * one thing by identity), .85 within equity indices or Treasuries, .8 among CL/RB/HO, .6 within metals or currencies
 * against the dollar, .2 otherwise, unknown roots included. Symmetric.
 * @source quant.md 5.3, a judgement within the tested range
 */
export const priorCorrelation = (rootA: string, rootB: string): number =>
  priorBetween(priorTraits(rootA), priorTraits(rootB));

/** Correlations of named symbols: `rho[i][j]` belongs to `symbols[i]` and `symbols[j]`. */
export type CorrelationTable = { readonly symbols: readonly string[]; readonly rho: Matrix };

/** The prior of every pair of roots, row by row; each root is looked up once, and each pair. */
export function priorRows(roots: readonly string[]): number[][] {
  const traits = roots.map(priorTraits);
  const rows: number[][] = [];
  for (const [i, a] of traits.entries())
    rows.push(traits.map((b, j) => (j < i ? rows[j]?.[i] : undefined) ?? priorBetween(a, b)));
  return rows;
}

/** The prior of every pair of roots as a table. */
export const priorTable = (roots: readonly string[]): CorrelationTable => ({ symbols: roots, rho: priorRows(roots) });

/** Daily returns of underlyings over the same sessions: `returns[t][k]` of `underlyings[k]`, oldest first. */
export type UnderlyingReturns = { readonly underlyings: readonly string[]; readonly returns: ReturnTable };

/**
 * Returns the shrunk correlations of a list of roots. Each underlying is estimated once from its own returns and every
 * root takes its underlying's row, so a mini and its micro are exactly 1 with each other and alike with all others.
 * A pair with an underlying that has no returns, or flat ones, takes its prior; positive semidefiniteness is only
 * certain when no pair does, so do not invert the table.
 * @errors 'invalid-input' as `ewmaCorrelation`
 */
export function portfolioCorrelation(
  roots: readonly string[],
  history: UnderlyingReturns,
  { lambda = DEFAULT_EWMA_LAMBDA, priorStrength = DEFAULT_PRIOR_STRENGTH } = {},
): Result<CorrelationTable, InvalidInput> {
  const recent = history.returns.slice(-CORRELATION_DAYS);
  const moving = history.underlyings.flatMap((name, k) => (recent.some((row) => row[k] !== 0) ? [{ name, k }] : []));
  if (recent.length === 0 || moving.length === 0) return ok(priorTable(roots));
  const estimate = ewmaCorrelation(
    recent.map((row) => moving.map(({ k }) => row[k] ?? NaN)),
    lambda,
  );
  if (!estimate.ok) return estimate.error.code === 'flat-series' ? ok(priorTable(roots)) : err(estimate.error);
  const names = moving.map(({ name }) => underlyingRoot(name));
  const shrunk = shrinkCorrelation({
    estimate: estimate.value.correlation,
    prior: priorTable(names).rho,
    observations: recent.length,
    priorStrength,
  });
  if (!shrunk.ok) return shrunk;
  return ok({ symbols: roots, rho: squareOf(roots.length, (i, j) => pairOf(roots[i] ?? '', roots[j] ?? '')) });

  function pairOf(a: string, b: string): number {
    const [i, j] = [names.indexOf(underlyingRoot(a)), names.indexOf(underlyingRoot(b))];
    const isEstimated = shrunk.ok && i >= 0 && j >= 0 && i !== j;
    return isEstimated ? at(shrunk.value.correlation, i, j) : priorCorrelation(a, b);
  }
}
