import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { firstInvalidItem, invalidInput, isCount } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { moments } from './moments.ts';
import { meanOf, neumaierSum, roundedOff, wholeSum } from './numerics.ts';
import type { Prng } from './prng.ts';
import { quantileOfSorted } from './quantile.ts';
import { eachResample } from './resample-kernel.ts';

/** Shape of a resample: `length` indices into a series of `n`, in blocks of `meanBlock` on average. */
export type ResampleShape = { readonly n: number; readonly length: number; readonly meanBlock: number };

/**
 * Writes one stationary-bootstrap resample into `target`, continuing the generator's stream. The caller has checked
 * n ≥ 1. A mean block of 1 (or less, as Politis and White may give) is the i.i.d. bootstrap: one draw per index.
 */
export function drawStationaryIndices(
  target: Int32Array,
  { n, meanBlock }: Omit<ResampleShape, 'length'>,
  prng: Pick<Prng, 'nextDouble' | 'index'>,
): void {
  const restart = 1 / meanBlock;
  let current = 0;
  for (let i = 0; i < target.length; i += 1) {
    const starts = i === 0 || meanBlock <= 1 || prng.nextDouble() < restart;
    current += 1;
    if (starts) current = prng.index(n);
    else if (current === n) current = 0;
    target[i] = current;
  }
}

/** The first part of a resample's shape that no resample can have, or null. */
export function refuseShape({ n, length, meanBlock }: ResampleShape): InvalidInput | null {
  if (!isCount(n, 1)) return invalidInput('n', n);
  if (!isCount(length)) return invalidInput('length', length);
  return Number.isFinite(meanBlock) && meanBlock > 0 ? null : invalidInput('meanBlock', meanBlock);
}

/**
 * Returns the indices of one stationary-bootstrap resample: the first is ⌊u·n⌋; each next one restarts with
 * probability 1/meanBlock, else follows its predecessor, wrapping at n.
 * @errors 'invalid-input' when n < 1, length < 0 or meanBlock is not positive
 * @source Politis and Romano 1994
 */
export function stationaryBootstrapIndices(shape: ResampleShape, prng: Prng): Result<readonly number[], InvalidInput> {
  const refusal = refuseShape(shape);
  if (refusal !== null) return err(refusal);
  const indices = new Int32Array(shape.length);
  drawStationaryIndices(indices, shape, prng);
  return ok([...indices]);
}

/** Mean blocks for the stationary and the circular bootstrap; `m` is the lag beyond which correlation counts as 0. */
export type BlockLength = { readonly stationary: number; readonly circular: number; readonly m: number };

type Autocovariances = { readonly covariance: readonly number[]; readonly correlation: readonly number[] };

/** Σ values[t + lag]·others[t] over t from 0 to count − 1: the bits of `neumaierSum` over the products. */
function sumOfProducts(
  values: Float64Array,
  others: Float64Array,
  { lag, count }: { readonly lag: number; readonly count: number },
): number {
  let sum = 0;
  let lost = 0;
  for (let t = 0; t < count; t += 1) {
    const product = (values[t + lag] ?? NaN) * (others[t] ?? NaN);
    const next = sum + product;
    lost += roundedOff(sum, product, next);
    sum = next;
  }
  return wholeSum(sum, lost);
}

/** Autocovariances (divided by n) and absolute correlations of lags 0 to maxLag, the latter over trimmed ends. */
function autocovariances(values: readonly number[], maxLag: number): Autocovariances {
  const n = values.length;
  const centre = neumaierSum(values) / n;
  const e = Float64Array.from(values, (value) => value - centre);
  const covariance: number[] = [];
  const correlation: number[] = [];
  for (let lag = 0; lag <= maxLag; lag += 1) {
    const cross = sumOfProducts(e, e, { lag, count: n - lag });
    const kept = Math.max(0, n - lag - 1);
    const tail = sumOfProducts(e.subarray(n - kept), e.subarray(n - kept), { lag: 0, count: kept });
    const head = sumOfProducts(e, e, { lag: 0, count: kept });
    covariance.push(cross / n);
    correlation.push(Math.abs(cross) / Math.sqrt(tail * head));
  }
  return { covariance, correlation };
}

/** Twice the lag before the first run of `run` insignificant correlations, at least 2, at most maxLag. */
function truncationLag(correlation: readonly number[], { run, n }: { run: number; n: number }): number {
  const maxLag = correlation.length - 1;
  const critical = 2 * Math.sqrt(Math.log10(n) / n);
  for (let lag = run; lag <= maxLag; lag += 1) {
    const isQuiet = correlation.slice(lag - run, lag).every((r) => r < critical);
    if (isQuiet) return Math.min(2 * Math.max(lag - run, 1), maxLag);
  }
  return maxLag;
}

/**
 * Returns the automatic mean block length of a series, oldest first. Below 1 it means: use i.i.d. resampling.
 * Null when the series is flat or has too few values (under 8) for the lags the rule looks at.
 * @errors 'invalid-input' when a value is not finite
 * @source Politis and White 2004, with the correction of Patton, Politis and White 2009
 */
export function politisWhiteBlockLength(values: readonly number[]): Result<BlockLength | null, InvalidInput> {
  const refusal = firstInvalidItem('values', values, Number.isFinite);
  if (refusal !== null) return err(refusal);
  const n = values.length;
  const run = Math.max(5, Math.floor(Math.log10(n)));
  const maxLag = Math.ceil(Math.sqrt(n)) + run;
  if (maxLag > n || moments(values).sdPopulation === 0) return ok(null);
  const { covariance, correlation } = autocovariances(values, maxLag);
  const m = truncationLag(correlation, { run, n });
  const lags = covariance.slice(1, m + 1).map((c, i) => {
    const window = (i + 1) / m <= 0.5 ? 1 : 2 * (1 - (i + 1) / m);
    return { weighted: 2 * window * c, slope: 2 * window * (i + 1) * c };
  });
  const longRun = (covariance[0] ?? 0) + neumaierSum(lags.map((lag) => lag.weighted));
  const slope = neumaierSum(lags.map((lag) => lag.slope));
  if (longRun === 0) return ok(null);
  const longest = Math.ceil(Math.min(3 * Math.sqrt(n), n / 3));
  const block = (scale: number): number =>
    Math.min(Math.cbrt((2 * slope ** 2) / (scale * longRun ** 2)) * Math.cbrt(n), longest);
  return ok({ stationary: block(2), circular: block(4 / 3), m });
}

export type MeanInterval = {
  readonly mean: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** (1 + #{m* − m ≥ m})/(B + 1), for the alternative that the mean is positive. */
  readonly pOneSided: number | null;
};

export type BootstrapSettings = {
  readonly meanBlock: number;
  /** Number of resamples, B ≥ 1. */
  readonly resamples: number;
  readonly seed: number;
  /** Two-sided coverage in (0, 1). */
  readonly confidence: number;
};

/** The first setting that no bootstrap can have, or null. */
export function refuseBootstrap(settings: BootstrapSettings): InvalidInput | null {
  const { confidence, resamples, seed } = settings;
  if (!(confidence > 0 && confidence < 1)) return invalidInput('confidence', confidence);
  if (!isCount(resamples, 1)) return invalidInput('resamples', resamples);
  if (!Number.isSafeInteger(seed)) return invalidInput('seed', seed);
  return refuseShape({ n: 1, length: 1, meanBlock: settings.meanBlock });
}

/** The type-7 quantiles that leave (1 − confidence)/2 of the values on either side; null for no values. */
export function percentileInterval(
  values: Float64Array,
  confidence: number,
): { readonly lower: number | null; readonly upper: number | null } {
  const sorted = values.toSorted();
  const tail = (1 - confidence) / 2;
  return { lower: quantileOfSorted(sorted, tail), upper: quantileOfSorted(sorted, 1 - tail) };
}

/**
 * Returns the percentile interval (type-7 quantiles) of the mean of a series under the stationary bootstrap.
 * All figures are null for an empty series. Same seed, same bits.
 * @errors 'invalid-input' when a value is not finite or a setting is out of its domain
 * @source Politis and Romano 1994
 */
export function stationaryBootstrapMeanCI(
  values: readonly number[],
  settings: BootstrapSettings,
): Result<MeanInterval, InvalidInput> {
  const refusal = firstInvalidItem('values', values, Number.isFinite) ?? refuseBootstrap(settings);
  if (refusal !== null) return err(refusal);
  const observed = meanOf(values);
  if (observed === null) return ok({ mean: null, lower: null, upper: null, pOneSided: null });
  const means = new Float64Array(settings.resamples);
  eachResample(
    { values: Float64Array.from(values), columns: 1 },
    settings,
    ({ mean }, draw) => (means[draw] = mean(0)),
  );
  return ok(meanInterval(observed, means, settings));
}

/** The percentile interval and one-sided p of a mean whose resamples were drawn. */
export function meanInterval(observed: number, means: Float64Array, settings: BootstrapSettings): MeanInterval {
  const asExtreme = means.reduce((count, m) => (m - observed >= observed ? count + 1 : count), 0);
  return {
    mean: observed,
    ...percentileInterval(means, settings.confidence),
    pOneSided: (1 + asExtreme) / (settings.resamples + 1),
  };
}
