import { meanOf, neumaierSum } from './numerics.ts';

/** A spread at or below this, relative to max(1, |mean|), is rounding noise of a constant series. */
const DEGENERATE_SPREAD = 1e-15;

/** The number, or null when it overflowed: what leaves the engine is finite or null. */
export const finiteOrNull = (x: number): number | null => (Number.isFinite(x) ? x : null);

/** Moments of a sample. `null` marks what the sample cannot define: never 0, never NaN. */
export type Moments = {
  readonly n: number;
  readonly mean: number | null;
  /** Standard deviation with n − 1; 0 for a constant series, null below two values. */
  readonly sdSample: number | null;
  /** Standard deviation with n; 0 for a constant series. */
  readonly sdPopulation: number | null;
  /** m₃/m₂^1.5 of population moments; null for a flat series. */
  readonly skew: number | null;
  /** m₄/m₂² of population moments, non-excess (3 for a normal); null for a flat series. */
  readonly kurt: number | null;
};

/**
 * Returns mean, spread, skew and kurtosis of finite values, two-pass and compensated (never E[x²] − E[x]²).
 * A constant series is recognised whatever its rounding noise, and then has neither skew nor kurtosis. What overflows
 * is null.
 */
export function moments(values: readonly number[]): Moments {
  const n = values.length;
  const centre = finiteOrNull(meanOf(values) ?? NaN);
  if (centre === null) return { n, mean: null, sdSample: null, sdPopulation: null, skew: null, kurt: null };
  const residuals = values.map((value) => value - centre);
  const squares = neumaierSum(residuals.map((e) => e * e));
  if (!Number.isFinite(squares)) return { n, mean: centre, sdSample: null, sdPopulation: null, skew: null, kurt: null };
  const noise = DEGENERATE_SPREAD * Math.max(1, Math.abs(centre));
  const spread = Math.sqrt(squares / n);
  if (n < 2 || Math.sqrt(squares / (n - 1)) <= noise) {
    return { n, mean: centre, sdSample: n < 2 ? null : 0, sdPopulation: 0, skew: null, kurt: null };
  }
  // Standardised first: the third and fourth powers of small returns would lose range.
  const scores = residuals.map((e) => e / spread);
  return {
    n,
    mean: centre,
    sdSample: Math.sqrt(squares / (n - 1)),
    sdPopulation: spread,
    skew: neumaierSum(scores.map((z) => z ** 3)) / n,
    kurt: neumaierSum(scores.map((z) => z ** 4)) / n,
  };
}

/**
 * Returns Pearson's correlation of two series of one length; null when either is flat or they are shorter than two.
 */
export function correlation(x: readonly number[], y: readonly number[]): number | null {
  const a = moments(x);
  const b = moments(y);
  if (a.mean === null || b.mean === null || a.sdPopulation === 0 || b.sdPopulation === 0) return null;
  const [meanX, meanY] = [a.mean, b.mean];
  const covariance = neumaierSum(x.map((value, t) => (value - meanX) * ((y[t] ?? NaN) - meanY))) / x.length;
  const rho = covariance / ((a.sdPopulation ?? NaN) * (b.sdPopulation ?? NaN));
  return Math.min(1, Math.max(-1, rho));
}
