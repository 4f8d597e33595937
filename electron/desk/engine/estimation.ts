import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { firstInvalid, firstInvalidItem, isNonNegative, isPositive, isProbability, outside } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { rawKelly } from './kelly.ts';
import { meanOf, sampleVariance } from './numerics.ts';
import { betaQuantile, regularizedIncompleteBeta } from './special.ts';

/** Wins out of n trades, and the parameters of the Beta prior of the win rate. */
export type WinRecord = {
  readonly wins: number;
  readonly trades: number;
  readonly priorWins: number;
  readonly priorLosses: number;
};

export type BetaPosterior = {
  readonly mean: number;
  readonly standardDeviation: number;
  /** Posterior quantiles of the win rate. */
  readonly q05: number;
  readonly q10: number;
  readonly q25: number;
  readonly q50: number;
};

/** Beta parameters after the data, or what is wrong with them. A posterior needs both above 0. */
function posteriorShapes(record: WinRecord): Result<{ readonly a: number; readonly b: number }, InvalidInput> {
  const { wins, trades, priorWins, priorLosses } = record;
  const a = priorWins + wins;
  const b = priorLosses + (trades - wins);
  const invalid = firstInvalid([
    ['trades', trades, isNonNegative(trades)],
    ['wins', wins, isNonNegative(wins) && wins <= trades],
    ['priorWins', priorWins, isNonNegative(priorWins) && a > 0],
    ['priorLosses', priorLosses, isNonNegative(priorLosses) && b > 0],
  ]);
  return invalid === null ? ok({ a, b }) : err(invalid);
}

/**
 * Posterior of the win rate, Beta(prior wins + wins, prior losses + losses).
 * @param record counts ≥ 0 with wins ≤ trades; prior ½, ½ is Jeffreys', 1, 1 uniform
 * @errors 'invalid-input' outside these domains or when the posterior is improper
 */
export function betaPosterior(record: WinRecord): Result<BetaPosterior, InvalidInput> {
  const shapes = posteriorShapes(record);
  if (!shapes.ok) return shapes;
  const { a, b } = shapes.value;
  const n = a + b;
  return ok({
    mean: a / n,
    standardDeviation: Math.sqrt(((a / n) * (b / n)) / (n + 1)),
    q05: betaQuantile(0.05, a, b),
    q10: betaQuantile(0.1, a, b),
    q25: betaQuantile(0.25, a, b),
    q50: betaQuantile(0.5, a, b),
  });
}

/**
 * Posterior probability that the win rate is above break-even, P(p > 1/(1+b) | data).
 * @param breakEven win rate of zero edge, in [0, 1]
 * @errors 'invalid-input' as betaPosterior, or for a break-even outside [0, 1]
 */
export function probEdgePositive(record: WinRecord, breakEven: number): Result<number, InvalidInput> {
  const shapes = posteriorShapes(record);
  if (!shapes.ok) return shapes;
  const invalid = firstInvalid([['breakEven', breakEven, isProbability(breakEven)]]);
  if (invalid !== null) return err(invalid);
  return ok(regularizedIncompleteBeta(shapes.value.b, shapes.value.a, 1 - breakEven));
}

/** Counts and sums of a sample; sums in any one unit (R or USD), losses as sizes ≥ 0, scratches outside. */
export type PayoffSample = {
  readonly wins: number;
  readonly sumWins: number;
  readonly losses: number;
  readonly sumLosses: number;
};

export type ShrunkPayoff = {
  /** Average win over average loss: ∞ without losses, 0 without wins. */
  readonly estimate: number;
  readonly shrunk: number;
  /** The smaller of both: shrinking never raises the ratio. */
  readonly used: number;
  /** Size of an average trade, the unit of the pseudo-trades. */
  readonly typicalSize: number;
};

/** Returns what is wrong with a sample, or null. A side without trades must have a zero sum. */
export const invalidSample = ({ wins, sumWins, losses, sumLosses }: PayoffSample): InvalidInput | null =>
  outside('wins', wins, isNonNegative(wins)) ??
  outside('losses', losses, isNonNegative(losses)) ??
  outside('sumWins', sumWins, isNonNegative(sumWins) && (wins > 0 || sumWins === 0)) ??
  outside('sumLosses', sumLosses, isNonNegative(sumLosses) && (losses > 0 || sumLosses === 0));

/** Average of trades whose sizes sum up to this; 0 for none. */
const averageOf = (sum: number, count: number): number => (count === 0 ? 0 : sum / count);

/**
 * Payoff ratio shrunk towards 1 by `pseudoTrades` wins and as many losses of typical size. Free of scale.
 * @param sample at least one trade, and one that is not of size 0
 * @param pseudoTrades m₀ ≥ 0; 0 switches the shrink off
 * @errors 'invalid-input' outside these domains: with no trades there is no ratio
 */
export function shrunkPayoff(sample: PayoffSample, pseudoTrades: number): Result<ShrunkPayoff, InvalidInput> {
  const { wins, sumWins, losses, sumLosses } = sample;
  const invalid =
    invalidSample(sample) ??
    outside('pseudoTrades', pseudoTrades, isNonNegative(pseudoTrades)) ??
    outside('trades', wins + losses, wins + losses > 0) ??
    outside('sumWins', sumWins, sumWins + sumLosses > 0);
  if (invalid !== null) return err(invalid);
  const typicalSize = (sumWins + sumLosses) / (wins + losses);
  const padding = pseudoTrades * typicalSize;
  const estimate = averageOf(sumWins, wins) / averageOf(sumLosses, losses);
  const shrunk =
    averageOf(sumWins + padding, wins + pseudoTrades) / averageOf(sumLosses + padding, losses + pseudoTrades);
  return ok({ estimate, shrunk, used: Math.min(estimate, shrunk), typicalSize });
}

/** Weight of n trades of evidence against a prior worth n₀: n/(n + n₀). A prior of 0 switches the shrink off: 1. */
export const evidenceWeight = (trades: number, priorTrades: number): number =>
  priorTrades === 0 ? 1 : trades / (trades + priorTrades);

export type BreakEvenShrink = {
  readonly weight: number;
  /** Posterior mean win probability under a prior at break-even. */
  readonly shrunkProbability: number;
  /** Unclamped Kelly at that probability; the same number as weightedKelly. */
  readonly kellyOfShrunk: number;
  readonly weightedKelly: number;
};

/**
 * Shrinks a win probability to break-even, 1/(1+b), as n trades against a prior of n₀. Kelly is linear in p and 0 at
 * break-even, so this is the plug-in Kelly fraction times n/(n + n₀).
 * @param estimate win probability in [0, 1], payoff ratio in [0, ∞]
 * @param trades n ≥ 0
 * @param priorTrades n₀ ≥ 0
 * @errors 'invalid-input' for NaN and outside these domains
 * @source Browne & Whitt 1996
 */
export function shrinkToBreakEven(
  estimate: { readonly winProbability: number; readonly payoffRatio: number },
  trades: number,
  priorTrades: number,
): Result<BreakEvenShrink, InvalidInput> {
  const { winProbability, payoffRatio } = estimate;
  const invalid = firstInvalid([
    ['winProbability', winProbability, isProbability(winProbability)],
    ['payoffRatio', payoffRatio, payoffRatio >= 0],
    ['trades', trades, isNonNegative(trades)],
    ['priorTrades', priorTrades, isNonNegative(priorTrades)],
  ]);
  if (invalid !== null) return err(invalid);
  const weight = evidenceWeight(trades, priorTrades);
  const breakEven = 1 / (1 + payoffRatio);
  const shrunkProbability = weight * winProbability + (1 - weight) * breakEven;
  return ok({
    weight,
    shrunkProbability,
    kellyOfShrunk: rawKelly(shrunkProbability, payoffRatio),
    weightedKelly: weight === 0 ? 0 : weight * rawKelly(winProbability, payoffRatio),
  });
}

export type NetPayoff = {
  readonly gross: number;
  /** After costs; negative when the cost exceeds the average win. */
  readonly net: number;
  /** Unclamped Kelly fractions. Net is −∞ when no win survives its cost. */
  readonly kellyGross: number;
  readonly kellyNet: number;
};

/** Averages before costs and the cost of one round turn, all in one unit per contract; losses as sizes. */
export type GrossPayoff = {
  readonly averageWin: number;
  readonly averageLoss: number;
  readonly roundTurnCost: number;
};

/**
 * Payoff ratio before and after costs, (W − c)/(L + c), and what the cost does to the Kelly fraction.
 * @param payoff averageWin ≥ 0, averageLoss > 0, roundTurnCost ≥ 0
 * @param winProbability in [0, 1]
 * @errors 'invalid-input' for NaN and outside these domains
 */
export function netPayoff(payoff: GrossPayoff, winProbability: number): Result<NetPayoff, InvalidInput> {
  const { averageWin, averageLoss, roundTurnCost } = payoff;
  const invalid = firstInvalid([
    ['averageWin', averageWin, isNonNegative(averageWin)],
    ['averageLoss', averageLoss, isPositive(averageLoss)],
    ['roundTurnCost', roundTurnCost, isNonNegative(roundTurnCost)],
    ['winProbability', winProbability, isProbability(winProbability)],
  ]);
  if (invalid !== null) return err(invalid);
  const gross = averageWin / averageLoss;
  const net = (averageWin - roundTurnCost) / (averageLoss + roundTurnCost);
  const kellyNet = net < 0 ? -Infinity : rawKelly(winProbability, net);
  return ok({ gross, net, kellyGross: rawKelly(winProbability, gross), kellyNet });
}

export type ShrunkKelly = {
  /** Kelly fraction, not below 0. */
  readonly fraction: number;
  /** Variance of the estimated fraction. */
  readonly variance: number;
  /** f²/(f² + variance), in [0, 1]. */
  readonly multiplier: number;
  readonly shrunkFraction: number;
};

/** A win probability and a payoff ratio with their standard errors; that of ln b is 0 when b is taken as known. */
export type UncertainBet = {
  readonly winProbability: number;
  readonly payoffRatio: number;
  readonly probabilityError: number;
  readonly logPayoffError?: number;
};

/**
 * Kelly fraction shrunk for estimation error, f·f²/(f² + Var f), with Var f = ((b+1)/b)²σ_p² + (q/b)²σ_ln b².
 * Without an edge nothing is bet: the original lets the bettor change sides, a trader cannot.
 * @param bet p in [0, 1], b in [0, ∞], errors ≥ 0
 * @errors 'invalid-input' for NaN and outside these domains
 * @source Baker & McHale 2013 (quadratic form); the term in ln b is a delta-method extension
 */
export function bakerMcHale(bet: UncertainBet): Result<ShrunkKelly, InvalidInput> {
  const { winProbability, payoffRatio, probabilityError, logPayoffError = 0 } = bet;
  const invalid = firstInvalid([
    ['winProbability', winProbability, isProbability(winProbability)],
    ['payoffRatio', payoffRatio, payoffRatio >= 0],
    ['probabilityError', probabilityError, isNonNegative(probabilityError)],
    ['logPayoffError', logPayoffError, isNonNegative(logPayoffError)],
  ]);
  if (invalid !== null) return err(invalid);
  const fraction = Math.max(0, rawKelly(winProbability, payoffRatio));
  const scaledError = (error: number, sensitivity: number): number => (error === 0 ? 0 : error * sensitivity);
  const ofProbability = scaledError(probabilityError, 1 + 1 / payoffRatio);
  const ofPayoff = winProbability === 1 ? 0 : scaledError(logPayoffError, (1 - winProbability) / payoffRatio);
  const variance = ofProbability ** 2 + ofPayoff ** 2;
  const multiplier = fraction === 0 ? 0 : fraction ** 2 / (fraction ** 2 + variance);
  return ok({ fraction, variance, multiplier, shrunkFraction: multiplier * fraction });
}

export type LogPayoffError = {
  readonly payoffRatio: number;
  /** Standard error of ln b; null when a side has fewer than two trades. */
  readonly standardError: number | null;
  /** Lower 25 % and 16 % bounds of b; null with it. */
  readonly lower25: number | null;
  readonly lower16: number | null;
};

/** The 25 % quantile of the standard normal, as size. */
const Z25 = 0.674489750196;

/**
 * Payoff ratio with its uncertainty on the log scale, Var ln b = s_w²/(n_w w̄²) + s_l²/(n_l l̄²).
 * @param wins sizes > 0 of winning trades, any order, at least one
 * @param losses sizes > 0 of losing trades, same unit
 * @errors 'invalid-input' for an empty list or a size that is not positive
 */
export function logPayoffSE(wins: readonly number[], losses: readonly number[]): Result<LogPayoffError, InvalidInput> {
  const invalid =
    firstInvalidItem('wins', wins, isPositive) ??
    firstInvalidItem('losses', losses, isPositive) ??
    firstInvalid([
      ['wins.length', wins.length, wins.length > 0],
      ['losses.length', losses.length, losses.length > 0],
    ]);
  if (invalid !== null) return err(invalid);
  const payoffRatio = (meanOf(wins) ?? NaN) / (meanOf(losses) ?? NaN);
  const ofWins = relativeVarianceOfMean(wins);
  const ofLosses = relativeVarianceOfMean(losses);
  if (ofWins === null || ofLosses === null)
    return ok({ payoffRatio, standardError: null, lower25: null, lower16: null });
  const standardError = Math.sqrt(ofWins + ofLosses);
  const lower = (z: number): number => payoffRatio * Math.exp(-z * standardError);
  return ok({ payoffRatio, standardError, lower25: lower(Z25), lower16: lower(1) });
}

function relativeVarianceOfMean(values: readonly number[]): number | null {
  const mean = meanOf(values);
  const variance = sampleVariance(values);
  return mean === null || variance === null ? null : variance / (values.length * mean * mean);
}
