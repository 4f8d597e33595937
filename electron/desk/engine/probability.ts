import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import type { Direction } from '#shared/units.ts';
import { firstInvalid, firstInvalidItem, invalidInput, isNonNegative, isProbability } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { COMPARISON_TOLERANCE, neumaierSum } from './numerics.ts';

/** One model's answer: −1 short, 0 flat, +1 long, and the probability in [0, 1] that the direction is right. */
export type Opinion = { readonly direction: -1 | 0 | 1; readonly confidence: number };

export type Veto = 'MODEL_MISSING' | 'INVALID' | 'FLAT' | 'DISAGREE' | 'LOW_CONFIDENCE';

/**
 * The gated signal. A veto has no win probability, so nothing can be sized from it: at b = 1.45 the formula would still
 * bet 15.5 % on its 0.5, which is for display only.
 */
export type Signal =
  | {
      readonly neutral: false;
      readonly reason: 'OK';
      readonly direction: Direction;
      /** Pooled confidence, before calibration. */
      readonly winProbability: number;
      readonly combined: number;
    }
  | {
      readonly neutral: true;
      readonly reason: Veto;
      readonly direction: 0;
      readonly displayProbability: 0.5;
      /** The pooled confidence that was too low; null when it was never formed. */
      readonly combined: number | null;
    };

export type GateInput = {
  readonly lstm: Opinion | null;
  readonly ensemble: Opinion | null;
  /** Non-negative; normalised when they do not sum to 1. */
  readonly weights: { readonly lstm: number; readonly ensemble: number };
  /** Lowest combined confidence that passes, in [0, 1]; equality passes (tolerance 1e-9). */
  readonly threshold: number;
};

const veto = (reason: Veto, combined: number | null = null): Signal => ({
  neutral: true,
  reason,
  direction: 0,
  displayProbability: 0.5,
  combined,
});

const DIRECTIONS: readonly number[] = [-1, 0, 1];

const isOpinion = ({ direction, confidence }: Opinion): boolean =>
  isProbability(confidence) && DIRECTIONS.includes(direction);

const isWeight = (weight: number): boolean => isNonNegative(weight);

/**
 * Combines two opinions into one signal or a veto. Tests in this order: missing, invalid, flat, disagree, low
 * confidence. One model missing is a veto, not a re-weighting. Weights or a threshold out of domain are 'INVALID' too.
 */
export function combineConfidence({ lstm, ensemble, weights, threshold }: GateInput): Signal {
  if (lstm === null || ensemble === null) return veto('MODEL_MISSING');
  const total = weights.lstm + weights.ensemble;
  const isConfigured = isWeight(weights.lstm) && isWeight(weights.ensemble) && total > 0 && isProbability(threshold);
  if (!isOpinion(lstm) || !isOpinion(ensemble) || !isConfigured) return veto('INVALID');
  if (lstm.direction === 0 || ensemble.direction === 0) return veto('FLAT');
  if (lstm.direction !== ensemble.direction) return veto('DISAGREE');
  const pooled = (weights.lstm * lstm.confidence + weights.ensemble * ensemble.confidence) / total;
  const combined = Math.min(1, pooled);
  if (combined < threshold - COMPARISON_TOLERANCE) return veto('LOW_CONFIDENCE', combined);
  return { neutral: false, reason: 'OK', direction: lstm.direction, winProbability: combined, combined };
}

/** ln(p/(1−p)): −∞ at 0, ∞ at 1. */
export const logit = (p: number): number => Math.log(p) - Math.log1p(-p);

/** 1/(1+e^−z), the inverse of logit; 0 at −∞, 1 at ∞. */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** `logarithmic` is null when forecasts of 0 and of 1 contradict each other. */
export type Pools = { readonly linear: number; readonly logarithmic: number | null };

/**
 * Linear pool Σ wᵢpᵢ and logarithmic pool σ(Σ wᵢ logit pᵢ), weights normalised.
 * @param probabilities of the same event, each in [0, 1], at least one
 * @param weights ≥ 0, same length and order, not all 0
 * @errors 'invalid-input' outside these domains
 * @source Genest & Zidek 1986; Ranjan & Gneiting 2010
 */
export function poolProbabilities(
  probabilities: readonly number[],
  weights: readonly number[],
): Result<Pools, InvalidInput> {
  const total = neumaierSum(weights);
  const invalid =
    firstInvalidItem('probabilities', probabilities, isProbability) ??
    firstInvalidItem('weights', weights, isWeight) ??
    firstInvalid([
      ['weights.length', weights.length, weights.length === probabilities.length],
      ['weights', total, total > 0],
    ]);
  if (invalid !== null) return err(invalid);
  const terms = probabilities
    .map((p, i) => ({ p, weight: (weights[i] ?? 0) / total }))
    .filter(({ weight }) => weight > 0);
  if (terms.length === 0) return err(invalidInput('weights', total));
  const linear = Math.min(1, neumaierSum(terms.map(({ p, weight }) => weight * p)));
  const logarithmic = sigmoid(neumaierSum(terms.map(({ p, weight }) => weight * logit(p))));
  return ok({ linear, logarithmic: Number.isNaN(logarithmic) ? null : logarithmic });
}
