import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { logLossOf } from './calibration-scores.ts';
import {
  firstInvalid,
  firstInvalidItem,
  invalidForecasts,
  invalidInput,
  isNonNegative,
  isPositive,
  isProbability,
} from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { neumaierSum } from './numerics.ts';

/** One resolved prediction: each model's probability of the event (same order as the weights), and 0 or 1. */
export type ResolvedForecasts = { readonly probabilities: readonly number[]; readonly outcome: number };

/** Learning rate η ≥ 0, share α in [0, 1] that returns to the prior after each step, and the bounds of a weight. */
export type WeightRule = {
  readonly learningRate: number;
  readonly priorShare: number;
  readonly bounds?: { readonly lowest: number; readonly highest: number };
};

const DEFAULT_BOUNDS = { lowest: 0.1, highest: 0.9 } as const;

function normalise(weights: readonly number[]): readonly number[] {
  const total = neumaierSum(weights);
  return weights.map((w) => w / total);
}

/** w·exp(−η·loss), normalised; the largest exponent is taken out so that nothing underflows to 0/0. */
function exponentiate(
  weights: readonly number[],
  forecasts: ResolvedForecasts,
  learningRate: number,
): readonly number[] {
  const exponents = weights.map(
    (w, i) => Math.log(w) - learningRate * logLossOf(forecasts.probabilities[i] ?? 0, forecasts.outcome),
  );
  const largest = Math.max(...exponents);
  return normalise(exponents.map((exponent) => Math.exp(exponent - largest)));
}

function invalidResolved(sequence: readonly ResolvedForecasts[], models: number): InvalidInput | null {
  for (const [t, { probabilities, outcome }] of sequence.entries()) {
    const invalid =
      firstInvalid([
        [`sequence[${t}].probabilities.length`, probabilities.length, probabilities.length === models],
        [`sequence[${t}].outcome`, outcome, outcome === 0 || outcome === 1],
      ]) ?? firstInvalidItem(`sequence[${t}].probabilities`, probabilities, isProbability);
    if (invalid !== null) return invalid;
  }
  return null;
}

/**
 * Model weights that learn from log loss: exponentiate, normalise, share to the prior, clamp, renormalise. Advisory:
 * they do not drive size. η = 1 with α = 0 is Bayesian model averaging, up to the clamp.
 * @param sequence resolved predictions, oldest first
 * @param prior weights ≥ 0, not all 0; normalised
 * @returns the weights after each prediction, in the order of the prior
 * @errors 'invalid-input' outside these domains
 * @source Herbster & Warmuth 1998, sharing to the prior instead of uniformly
 */
export function modelWeights(
  sequence: readonly ResolvedForecasts[],
  prior: readonly number[],
  { learningRate, priorShare, bounds = DEFAULT_BOUNDS }: WeightRule,
): Result<readonly (readonly number[])[], InvalidInput> {
  const { lowest, highest } = bounds;
  const total = neumaierSum(prior);
  const invalid =
    firstInvalidItem('prior', prior, isNonNegative) ??
    firstInvalid([
      ['prior', total, total > 0],
      ['learningRate', learningRate, isNonNegative(learningRate)],
      ['priorShare', priorShare, isProbability(priorShare)],
      ['bounds.lowest', lowest, isNonNegative(lowest)],
      ['bounds.highest', highest, isPositive(highest) && highest >= lowest],
    ]) ??
    invalidResolved(sequence, prior.length);
  if (invalid !== null) return err(invalid);
  const start = normalise(prior);
  let weights = start;
  return ok(
    sequence.map((forecasts) => {
      const learned = exponentiate(weights, forecasts, learningRate);
      const shared = learned.map((w, i) => (1 - priorShare) * w + priorShare * (start[i] ?? 0));
      weights = normalise(shared.map((w) => Math.min(highest, Math.max(lowest, w))));
      return weights;
    }),
  );
}

/** Tolerated drift per observation; alarm level and the observations needed before an alarm counts. */
export type PageHinkleyRule = {
  readonly delta: number;
  readonly alarmAbove?: number;
  readonly minObservations?: number;
};

export type PageHinkley = {
  /** The statistic after each prediction. */
  readonly statistic: readonly number[];
  /** Mean Brier score of all predictions; null for none. */
  readonly finalMean: number | null;
  /** Index of the first alarm, or null. */
  readonly alarmAt: number | null;
};

/** Index of the first value that passes, or null. */
function firstIndex(values: readonly number[], passes: (value: number, index: number) => boolean): number | null {
  const index = values.findIndex(passes);
  return index < 0 ? null : index;
}

/**
 * Page-Hinkley test on the Brier score (p − y)²: m grows by the excess over the running mean less delta, and the
 * statistic is m over its lowest value so far, 0 included. A generic detector; the CUSUM below is the default.
 * @param probabilities in [0, 1], oldest first; may be empty
 * @param outcomes 0 or 1, same length and order
 * @param rule delta ≥ 0; default alarm above 2 after 30 observations
 * @errors 'invalid-input' outside these domains
 * @source Page 1954
 */
export function pageHinkley(
  probabilities: readonly number[],
  outcomes: readonly number[],
  { delta, alarmAbove = 2, minObservations = 30 }: PageHinkleyRule,
): Result<PageHinkley, InvalidInput> {
  const invalid =
    firstInvalid([
      ['delta', delta, isNonNegative(delta)],
      ['alarmAbove', alarmAbove, isNonNegative(alarmAbove)],
      ['minObservations', minObservations, isNonNegative(minObservations)],
    ]) ?? invalidForecasts(probabilities, outcomes);
  if (invalid !== null) return err(invalid);
  let sum = 0;
  let m = 0;
  let lowest = 0;
  const statistic = probabilities.map((p, t) => {
    const score = (p - (outcomes[t] ?? 0)) ** 2;
    sum += score;
    m += score - sum / (t + 1) - delta;
    lowest = Math.min(lowest, m);
    return m - lowest;
  });
  return ok({
    statistic,
    finalMean: statistic.length === 0 ? null : sum / statistic.length,
    alarmAt: firstIndex(statistic, (value, t) => t + 1 >= minObservations && value > alarmAbove),
  });
}

/** Odds ratio the CUSUM looks for: the win odds are this multiple of what the model says. */
export const DEFAULT_ODDS_RATIO = 0.6;

/** Log-likelihood ratio of "the win odds are R times the model's" after one outcome. */
const cusumIncrement = (probability: number, outcome: number, oddsRatio: number): number =>
  outcome * Math.log(oddsRatio) - Math.log1p((oddsRatio - 1) * probability);

/**
 * One step of the risk-adjusted CUSUM, for a running watch: max(0, S + W).
 * @param statistic S ≥ 0 before the prediction; 0 at the start and after an acknowledged reset
 * @param forecast a resolved prediction, probability in [0, 1] and outcome 0 or 1
 * @param oddsRatio R > 0
 * @errors 'invalid-input' outside these domains
 */
export function cusumStep(
  statistic: number,
  forecast: { readonly probability: number; readonly outcome: number },
  oddsRatio: number = DEFAULT_ODDS_RATIO,
): Result<number, InvalidInput> {
  if (!isNonNegative(statistic)) return err(invalidInput('statistic', statistic));
  const step = riskAdjustedCusum([forecast.probability], [forecast.outcome], oddsRatio);
  return step.ok ? ok(Math.max(0, statistic + (step.value.increments[0] ?? 0))) : step;
}

export type RiskAdjustedCusum = { readonly increments: readonly number[]; readonly statistic: readonly number[] };

/**
 * Risk-adjusted CUSUM of a model's own probabilities: W = y ln R − ln(1 − p + R p), S = max(0, S + W). Each prediction
 * is judged by its own p, so no window is needed. With R = 0.6: warn at 2, trip at 3.
 * @param probabilities in [0, 1], oldest first; may be empty
 * @param outcomes 0 or 1, same length and order
 * @param oddsRatio R > 0
 * @errors 'invalid-input' outside these domains
 * @source Steiner, Cook, Farewell & Treasure 2000
 */
export function riskAdjustedCusum(
  probabilities: readonly number[],
  outcomes: readonly number[],
  oddsRatio: number = DEFAULT_ODDS_RATIO,
): Result<RiskAdjustedCusum, InvalidInput> {
  const invalid =
    firstInvalid([['oddsRatio', oddsRatio, isPositive(oddsRatio)]]) ?? invalidForecasts(probabilities, outcomes);
  if (invalid !== null) return err(invalid);
  const increments = probabilities.map((p, t) => cusumIncrement(p, outcomes[t] ?? 0, oddsRatio));
  let running = 0;
  const statistic = increments.map((w) => (running = Math.max(0, running + w)));
  return ok({ increments, statistic });
}
