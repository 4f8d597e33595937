import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { firstInvalidItem, invalidInput, isCount } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { correlation, finiteOrNull, moments } from './moments.ts';
import { normCdf, normPpf } from './special.ts';

const EULER_GAMMA = 0.577215664901532861;
const POWER_LEVEL = 0.95;
const POWER = 0.8;

/** A Sharpe ratio per period (never annual) with the shape of the returns it comes from. */
export type SharpeSample = {
  readonly sharpe: number;
  /** Number of returns. */
  readonly n: number;
  readonly skew: number;
  /** Non-excess: 3 for a normal. */
  readonly kurt: number;
};

function refuseSample({ sharpe, n, skew, kurt }: SharpeSample): InvalidInput | null {
  if (!isCount(n)) return invalidInput('n', n);
  return firstInvalidItem('sample', [sharpe, skew, kurt], Number.isFinite);
}

/** 1 − γ₃·SR + (γ₄ − 1)/4·SR²: n times the variance of the Sharpe estimate. */
const radicand = ({ sharpe, skew, kurt }: Omit<SharpeSample, 'n'>): number =>
  1 - skew * sharpe + ((kurt - 1) / 4) * sharpe ** 2;

/**
 * Returns the probability that the true per-period Sharpe ratio exceeds a benchmark.
 * Null when the variance term is not positive or there are fewer than two returns.
 * @errors 'invalid-input' when a figure is not finite or n is not a count
 * @source Bailey and López de Prado 2012: Φ[(SR − SR*)·√(n−1)/√(1 − γ₃SR + (γ₄−1)/4·SR²)]
 */
export function psr(sample: SharpeSample, benchmark = 0): Result<number | null, InvalidInput> {
  const refusal = refuseSample(sample) ?? firstInvalidItem('benchmark', [benchmark], Number.isFinite);
  if (refusal !== null) return err(refusal);
  const variance = radicand(sample);
  if (!(variance > 0) || sample.n < 2) return ok(null);
  return ok(finiteOrNull(normCdf(((sample.sharpe - benchmark) * Math.sqrt(sample.n - 1)) / Math.sqrt(variance))));
}

/** How many policies and parameters were tried, and how their annual Sharpe ratios spread (variance). */
export type Trials = { readonly count: number; readonly varSharpeAnn: number };

export type DeflatedSharpe = { readonly sr0PerPeriod: number; readonly dsr: number | null };

/** Expected largest of `count` standard normals; one draw has mean 0, and the approximation starts at two. */
function expectedMaximum(count: number): number {
  if (count <= 1) return 0;
  const largest = (1 - EULER_GAMMA) * normPpf(1 - 1 / count) + EULER_GAMMA * normPpf(1 - 1 / (count * Math.E));
  return Math.max(0, largest);
}

/**
 * Returns the per-period Sharpe ratio that the best of so many skill-less trials would show, and the probability that
 * the sample's true ratio exceeds it.
 * @param sample per-period ratio and shape of the selected book
 * @param trials every policy tried, count ≥ 1, variance of their annual ratios ≥ 0
 * @errors 'invalid-input' when a figure is out of its domain
 * @source Bailey and López de Prado 2014: √V·[(1−γ)Z(1−1/N) + γZ(1−1/(Ne))]
 */
export function deflatedSharpe(
  sample: SharpeSample,
  trials: Trials,
  periodsPerYear: number,
): Result<DeflatedSharpe, InvalidInput> {
  if (!(Number.isFinite(periodsPerYear) && periodsPerYear > 0))
    return err(invalidInput('periodsPerYear', periodsPerYear));
  if (!(Number.isFinite(trials.count) && trials.count >= 1)) return err(invalidInput('trials.count', trials.count));
  if (!(Number.isFinite(trials.varSharpeAnn) && trials.varSharpeAnn >= 0)) {
    return err(invalidInput('trials.varSharpeAnn', trials.varSharpeAnn));
  }
  const sr0PerPeriod = Math.sqrt(trials.varSharpeAnn / periodsPerYear) * expectedMaximum(trials.count);
  const dsr = psr(sample, sr0PerPeriod);
  return dsr.ok ? ok({ sr0PerPeriod, dsr: dsr.value }) : dsr;
}

/**
 * Returns how many returns it takes to show, at the given confidence, that the Sharpe ratio exceeds the benchmark.
 * Null when it does not exceed it (no length suffices) or the variance term is not positive.
 * @param confidence in [0.5, 1)
 * @errors 'invalid-input' when a figure is out of its domain
 * @source Bailey and López de Prado 2012: 1 + (1 − γ₃SR + (γ₄−1)/4·SR²)·(z/(SR − SR*))²
 */
export function minTrackRecord(
  sample: Omit<SharpeSample, 'n'>,
  benchmark: number,
  confidence: number,
): Result<number | null, InvalidInput> {
  const refusal = refuseSample({ ...sample, n: 0 }) ?? firstInvalidItem('benchmark', [benchmark], Number.isFinite);
  if (refusal !== null) return err(refusal);
  if (!(confidence >= 0.5 && confidence < 1)) return err(invalidInput('confidence', confidence));
  const variance = radicand(sample);
  const excess = sample.sharpe - benchmark;
  if (!(variance > 0) || excess <= 0) return ok(null);
  return ok(finiteOrNull(1 + variance * (normPpf(confidence) / excess) ** 2));
}

/** Two books over the same days. Ratios per period; undefined is null. */
export type PairedComparison = {
  readonly n: number;
  /** Mean of ln(1 + kelly) − ln(1 + fixed). */
  readonly meanDiffLog: number | null;
  readonly sdDiffLog: number | null;
  readonly t: number | null;
  /** Days until a difference of this mean and spread is provable at 5 % one-sided with power 80 %. */
  readonly nForPower80: number | null;
  readonly sharpeKelly: number | null;
  readonly sharpeFixed: number | null;
  readonly corr: number | null;
  readonly memmelZ: number | null;
};

/** Below this, the variance of the Sharpe difference is rounding noise of two books that differ by a factor only. */
const DEGENERATE_VARIANCE = 1e-14;

/** Memmel's statistic for the difference of two Sharpe ratios under i.i.d. normal returns. */
function memmelZ(sharpe: readonly [number | null, number | null], rho: number | null, n: number): number | null {
  const [first, second] = sharpe;
  if (first === null || second === null || rho === null) return null;
  const cross = 2 * first * second * rho ** 2;
  const variance = 2 - 2 * rho + (first ** 2 + second ** 2 - cross) / 2;
  return variance <= DEGENERATE_VARIANCE ? null : ((first - second) * Math.sqrt(n)) / Math.sqrt(variance);
}

const perDeviation = (mean: number | null, sd: number | null): number | null =>
  mean === null || sd === null || sd === 0 ? null : mean / sd;

/** The log-growth differences ln(1 + kelly) − ln(1 + fixed), per day, oldest first. */
export const logGrowthDifferences = (kelly: readonly number[], fixed: readonly number[]): readonly number[] =>
  kelly.map((r, t) => Math.log1p(r) - Math.log1p(fixed[t] ?? NaN));

/** The first return that two paired series cannot have (≤ −1, not finite, or without a partner), or null. */
export function refusePair(kelly: readonly number[], fixed: readonly number[]): InvalidInput | null {
  if (kelly.length !== fixed.length) return invalidInput('fixed.length', fixed.length);
  const broken = firstInvalidItem('kelly', kelly, Number.isFinite) ?? firstInvalidItem('fixed', fixed, Number.isFinite);
  if (broken !== null) return broken;
  const ruinous = [...kelly, ...fixed].find((r) => r <= -1);
  return ruinous === undefined ? null : invalidInput('return', ruinous);
}

/**
 * Compares two books day by day: log-growth difference with its t and the days a verdict needs, per-period Sharpe
 * ratios, and Memmel's z (reported, not decided on).
 * @param kelly simple returns per day, oldest first, each > −1
 * @param fixed the benchmark's, same days
 * @errors 'invalid-input' when lengths differ or a return is not finite or ≤ −1
 * @source Memmel 2003; n₈₀ = ((z.₉₅ + z.₈)·s/m)²
 */
export function pairedComparison(
  kelly: readonly number[],
  fixed: readonly number[],
): Result<PairedComparison, InvalidInput> {
  const refusal = refusePair(kelly, fixed);
  if (refusal !== null) return err(refusal);
  const n = kelly.length;
  const difference = moments(logGrowthDifferences(kelly, fixed));
  const [k, f] = [moments(kelly), moments(fixed)];
  const sharpeKelly = perDeviation(k.mean, k.sdSample);
  const sharpeFixed = perDeviation(f.mean, f.sdSample);
  const corr = correlation(kelly, fixed);
  const signal = perDeviation(difference.mean, difference.sdSample);
  const zSum = normPpf(POWER_LEVEL) + normPpf(POWER);
  return ok({
    n,
    meanDiffLog: difference.mean,
    sdDiffLog: difference.sdSample,
    t: signal === null ? null : signal * Math.sqrt(n),
    nForPower80: signal === null ? null : finiteOrNull((zSum / signal) ** 2),
    sharpeKelly,
    sharpeFixed,
    corr,
    memmelZ: memmelZ([sharpeKelly, sharpeFixed], corr, n),
  });
}
