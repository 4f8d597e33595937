import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { invalidInput } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { at, squareOf } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { neumaierSum } from './numerics.ts';
import { checkReturns } from './return-table.ts';
import type { FlatSeries, ReturnTable } from './return-table.ts';

/** A covariance pulled toward a target: sigma = δ·target + (1 − δ)·sample, both per period with divisor T. */
export type ShrunkCovariance = { readonly delta: number; readonly sigma: Matrix; readonly sample: Matrix };

export type ConstantCorrelationShrinkage = ShrunkCovariance & {
  /** Mean sample correlation of all pairs. */
  readonly rBar: number;
  readonly phi: number;
  readonly rho: number;
  readonly gamma: number;
};

/** Squared distance from the target, relative to the sample, below which it is rounding and nothing is left to shrink. */
const GAMMA_TOLERANCE = 1e-28;

function demean(returns: ReturnTable, series: number): ReturnTable {
  const means = Array.from(
    { length: series },
    (_, k) => neumaierSum(returns.map((row) => row[k] ?? NaN)) / returns.length,
  );
  return returns.map((row) => row.map((value, k) => value - (means[k] ?? NaN)));
}

/** Mean over time of a product of powers of two centred series. */
const momentOf = (centred: ReturnTable, of: (row: readonly number[]) => number): number =>
  neumaierSum(centred.map(of)) / centred.length;

const sumOver = (n: number, element: (i: number, j: number) => number): number =>
  neumaierSum(squareOf(n, element).flat());

const mixOf = (sample: Matrix, target: (i: number, j: number) => number, delta: number): Matrix =>
  squareOf(sample.length, (i, j) => delta * target(i, j) + (1 - delta) * at(sample, i, j));

const sampleOf = (centred: ReturnTable, n: number): Matrix =>
  squareOf(n, (i, j) => momentOf(centred, (row) => (row[i] ?? NaN) * (row[j] ?? NaN)));

/** Asymptotic variances of the sample covariances (φ) and their covariances with the target (ρ), as in covCor.m. */
function asymptotics(centred: ReturnTable, sample: Matrix, rBar: number): { phi: number; rho: number } {
  const n = sample.length;
  const sd = (i: number): number => Math.sqrt(at(sample, i, i));
  const phiOf = (i: number, j: number): number =>
    momentOf(centred, (row) => ((row[i] ?? NaN) * (row[j] ?? NaN)) ** 2) - at(sample, i, j) ** 2;
  const thetaOf = (i: number, j: number): number =>
    momentOf(centred, (row) => (row[i] ?? NaN) ** 3 * (row[j] ?? NaN)) - at(sample, i, i) * at(sample, i, j);
  const diagonal = sumOver(n, (i, j) => (i === j ? phiOf(i, i) : 0));
  const offDiagonal = sumOver(n, (i, j) => (i === j ? 0 : (sd(j) / sd(i)) * thetaOf(i, j)));
  return { phi: sumOver(n, phiOf), rho: diagonal + rBar * offDiagonal };
}

/**
 * Shrinks a sample covariance toward the matrix of equal correlations.
 * @param returns returns[t][k], T ≥ 2 periods, at least 2 series
 * @returns δ = clip((φ − ρ)/(γ·T), 0, 1); 0 when the sample is its own target (two series)
 * @errors 'invalid-input' for a table too small, ragged or not finite; 'flat-series' when a series has no variance
 * @source Ledoit & Wolf 2004, "Honey, I Shrunk the Sample Covariance Matrix" and the authors' covCor.m
 */
export function ledoitWolfConstantCorrelation(
  returns: ReturnTable,
): Result<ConstantCorrelationShrinkage, InvalidInput | FlatSeries> {
  const checked = checkReturns(returns, 2);
  if (!checked.ok) return checked;
  const n = checked.value;
  if (n < 2) return err(invalidInput('returns[0].length', n));
  const centred = demean(returns, n);
  const sample = sampleOf(centred, n);
  const flat = sample.findIndex((row, i) => !((row[i] ?? NaN) > 0));
  if (flat >= 0) return err({ code: 'flat-series', index: flat });
  const sdProduct = (i: number, j: number): number => Math.sqrt(at(sample, i, i)) * Math.sqrt(at(sample, j, j));
  const rBar = sumOver(n, (i, j) => (i === j ? 0 : at(sample, i, j) / sdProduct(i, j))) / (n * (n - 1));
  const target = (i: number, j: number): number => (i === j ? at(sample, i, i) : rBar * sdProduct(i, j));
  const gamma = sumOver(n, (i, j) => (at(sample, i, j) - target(i, j)) ** 2);
  const { phi, rho } = asymptotics(centred, sample, rBar);
  const isTarget = gamma <= GAMMA_TOLERANCE * sumOver(n, (i, j) => at(sample, i, j) ** 2);
  const delta = isTarget ? 0 : Math.min(1, Math.max(0, (phi - rho) / gamma / returns.length));
  return ok({ rBar, phi, rho, gamma, delta, sigma: mixOf(sample, target, delta), sample });
}

export type IdentityShrinkage = ShrunkCovariance & {
  /** Mean sample variance: the target is μ times the identity. */
  readonly mu: number;
};

/**
 * Shrinks a sample covariance toward a multiple of the identity.
 * @param returns returns[t][k], T ≥ 2 periods, at least 1 series
 * @returns δ = min(β², d²)/d²; 0 when the sample is its own target
 * @errors 'invalid-input' for a table too small, ragged or not finite
 * @source Ledoit & Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices"
 */
export function ledoitWolfIdentity(returns: ReturnTable): Result<IdentityShrinkage, InvalidInput> {
  const checked = checkReturns(returns, 2);
  if (!checked.ok) return checked;
  const n = checked.value;
  const centred = demean(returns, n);
  const sample = sampleOf(centred, n);
  const mu = neumaierSum(sample.map((row, i) => row[i] ?? NaN)) / n;
  const target = (i: number, j: number): number => (i === j ? mu : 0);
  const distance = sumOver(n, (i, j) => (at(sample, i, j) - target(i, j)) ** 2);
  const spread = sumOver(
    n,
    (i, j) => momentOf(centred, (row) => ((row[i] ?? NaN) * (row[j] ?? NaN)) ** 2) - at(sample, i, j) ** 2,
  );
  const isTarget = distance <= GAMMA_TOLERANCE * sumOver(n, (i, j) => at(sample, i, j) ** 2);
  const delta = isTarget ? 0 : Math.min(spread / returns.length, distance) / distance;
  return ok({ mu, delta, sigma: mixOf(sample, target, delta), sample });
}
