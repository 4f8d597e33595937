import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { logLoss } from './calibration-scores.ts';
import { firstInvalid, invalidForecasts, invalidInput, isProbability } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { isotonicFit, isotonicPredict } from './isotonic.ts';
import type { IsotonicMap } from './isotonic.ts';
import { fitLogistic } from './logistic.ts';
import type { LogisticFit } from './logistic.ts';
import { logit, sigmoid } from './probability.ts';

export { isotonicFit, isotonicPredict } from './isotonic.ts';

/** Scores of 0 and 1 have no finite feature; a fit holds them this far inside. */
const SCORE_MARGIN = 1e-12;

const insideScore = (score: number): number => Math.min(1 - SCORE_MARGIN, Math.max(SCORE_MARGIN, score));

/** A loss this small means every outcome is predicted: the fit has no finite optimum. */
const SEPARATED_LOSS = 1e-9;

/** Why no map was fitted: the optimum lies at infinity, or nothing distinguishes the scores. */
export type Degeneracy = 'ONE_CLASS' | 'SEPARABLE' | 'CONSTANT_SCORE';

/** Names what keeps 0/1 outcomes from being calibrated on these scores, or null. */
function degeneracyOf(scores: readonly number[], outcomes: readonly number[]): Degeneracy | null {
  const range = { lowWin: Infinity, highWin: -Infinity, lowLoss: Infinity, highLoss: -Infinity };
  scores.forEach((score, i) => {
    if (outcomes[i] === 1) {
      range.lowWin = Math.min(range.lowWin, score);
      range.highWin = Math.max(range.highWin, score);
    } else {
      range.lowLoss = Math.min(range.lowLoss, score);
      range.highLoss = Math.max(range.highLoss, score);
    }
  });
  if (range.lowWin === Infinity || range.lowLoss === Infinity) return 'ONE_CLASS';
  const isConstant = Math.min(range.lowWin, range.lowLoss) === Math.max(range.highWin, range.highLoss);
  if (isConstant) return 'CONSTANT_SCORE';
  return range.highLoss <= range.lowWin || range.highWin <= range.lowLoss ? 'SEPARABLE' : null;
}

const invalidSample = (scores: readonly number[], outcomes: readonly number[]): InvalidInput | null =>
  firstInvalid([['scores.length', scores.length, scores.length > 0]]) ?? invalidForecasts(scores, outcomes);

/** Identity: raw scores are used as they are, and the reason says why. */
export type NoFit = { readonly isFitted: false; readonly reason: Degeneracy };

export type PlattMap = { readonly a: number; readonly b: number };

export type PlattFit =
  | NoFit
  | (PlattMap & {
      readonly isFitted: true;
      /** Platt's soft targets of wins and losses. */
      readonly targetWin: number;
      readonly targetLoss: number;
      readonly negativeLogLikelihood: number;
    });

/**
 * Fits p = 1/(1 + exp(a·s + b)) on s = logit(score); the identity is a = −1, b = 0.
 * @param scores raw probabilities in [0, 1], at least one
 * @param outcomes 0 or 1, same length and order
 * @errors 'invalid-input' outside these domains
 * @source Platt 1999; Lin, Lin & Weng 2007
 */
export function plattFit(scores: readonly number[], outcomes: readonly number[]): Result<PlattFit, InvalidInput> {
  const invalid = invalidSample(scores, outcomes);
  if (invalid !== null) return err(invalid);
  const reason = degeneracyOf(scores, outcomes);
  if (reason !== null) return ok({ isFitted: false, reason });
  const wins = outcomes.filter((y) => y === 1).length;
  const losses = outcomes.length - wins;
  const targetWin = (wins + 1) / (wins + 2);
  const targetLoss = 1 / (losses + 2);
  const rows = scores.map((score, i) => ({
    features: [logit(insideScore(score)), 1],
    target: outcomes[i] === 1 ? targetWin : targetLoss,
  }));
  const { coefficients, negativeLogLikelihood } = fitLogistic(rows, [0, Math.log((wins + 1) / (losses + 1))]);
  const [slope = 0, intercept = 0] = coefficients;
  return ok({ isFitted: true, a: -slope, b: -intercept, targetWin, targetLoss, negativeLogLikelihood });
}

/** Coefficient times feature; 0 times an infinite feature is 0. */
const term = (coefficient: number, feature: number): number => (coefficient === 0 ? 0 : coefficient * feature);

/** 1/(1 + exp(a·logit(score) + b)); NaN for NaN. */
export const plattPredict = ({ a, b }: PlattMap, score: number): number => sigmoid(-(term(a, logit(score)) + b));

/** logit p = a ln s − b ln(1−s) + c with a, b ≥ 0; the identity is 1, 1, 0. */
export type BetaMap = { readonly a: number; readonly b: number; readonly c: number };

export type BetaFit =
  | NoFit
  | (BetaMap & {
      readonly isFitted: true;
      /** Slopes held at 0 so that the map stays monotone. */
      readonly fixed: readonly ('a' | 'b')[];
      /** Without the bounds; null when two free slopes separate the outcomes and grow without end. */
      readonly unconstrained: BetaMap | null;
      readonly negativeLogLikelihood: number;
    });

/** Fits the beta map with only the named slopes free. */
function fitBeta(
  scores: readonly number[],
  outcomes: readonly number[],
  free: readonly ('a' | 'b')[],
): BetaMap & Pick<LogisticFit, 'negativeLogLikelihood'> {
  const rows = scores.map((raw, i) => {
    const score = insideScore(raw);
    const features = free.map((name) => (name === 'a' ? Math.log(score) : -Math.log1p(-score)));
    return { features: [...features, 1], target: outcomes[i] ?? 0 };
  });
  const { coefficients, negativeLogLikelihood } = fitLogistic(rows, new Array<number>(free.length + 1).fill(0));
  const slope = (name: 'a' | 'b'): number => (free.includes(name) ? (coefficients[free.indexOf(name)] ?? 0) : 0);
  return { a: slope('a'), b: slope('b'), c: coefficients.at(-1) ?? 0, negativeLogLikelihood };
}

/** Refits with one slope at 0, or both when the other then turns negative. */
function refitBeta(
  scores: readonly number[],
  outcomes: readonly number[],
  kept: 'a' | 'b',
): BetaMap & Pick<LogisticFit, 'negativeLogLikelihood'> & { readonly fixed: readonly ('a' | 'b')[] } {
  const single = fitBeta(scores, outcomes, [kept]);
  if (single[kept] >= 0) return { ...single, fixed: [kept === 'a' ? 'b' : 'a'] };
  return { ...fitBeta(scores, outcomes, []), fixed: ['a', 'b'] };
}

/**
 * Beta calibration by maximum likelihood on 0/1 outcomes. A negative slope is refitted at 0.
 * @param scores raw probabilities in [0, 1], at least one
 * @param outcomes 0 or 1, same length and order
 * @errors 'invalid-input' outside these domains
 * @source Kull, Silva Filho & Flach 2017
 */
export function betaCalibrationFit(
  scores: readonly number[],
  outcomes: readonly number[],
): Result<BetaFit, InvalidInput> {
  const invalid = invalidSample(scores, outcomes);
  if (invalid !== null) return err(invalid);
  const reason = degeneracyOf(scores, outcomes);
  if (reason !== null) return ok({ isFitted: false, reason });
  const full = fitBeta(scores, outcomes, ['a', 'b']);
  const isAtInfinity = full.negativeLogLikelihood < SEPARATED_LOSS;
  const unconstrained = isAtInfinity ? null : { a: full.a, b: full.b, c: full.c };
  if (full.a < 0) return ok({ isFitted: true, ...refitBeta(scores, outcomes, 'b'), unconstrained });
  if (full.b < 0) return ok({ isFitted: true, ...refitBeta(scores, outcomes, 'a'), unconstrained });
  return ok({ isFitted: true, ...full, fixed: [], unconstrained });
}

/** The beta map at a score; NaN for NaN. */
export const betaPredict = ({ a, b, c }: BetaMap, score: number): number =>
  sigmoid(term(a, Math.log(score)) - term(b, Math.log1p(-score)) + c);

/** Any map from raw to calibrated probability; 'none' is the identity. */
export type CalibrationMap =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'platt' } & PlattMap)
  | ({ readonly kind: 'beta' } & BetaMap)
  | ({ readonly kind: 'isotonic' } & IsotonicMap);

/** The two-sided estimate of a map: an honest number for display and scoring, never for size. */
export function predictCalibrated(map: CalibrationMap, score: number): number {
  switch (map.kind) {
    case 'none':
      return score;
    case 'platt':
      return plattPredict(map, score);
    case 'beta':
      return betaPredict(map, score);
    case 'isotonic':
      return isotonicPredict(map, score);
  }
}

/**
 * The probability that may be sized from: min(raw, calibrated). A short record with a high base rate would raise it;
 * calibration may only reduce.
 * @param raw pooled confidence in [0, 1]
 * @errors 'invalid-input' when raw is out of domain, or the map gives no probability (corrupt coefficients)
 */
export function calibrate(map: CalibrationMap, raw: number): Result<number, InvalidInput> {
  if (!isProbability(raw)) return err(invalidInput('raw', raw));
  const calibrated = predictCalibrated(map, raw);
  if (!isProbability(calibrated)) return err(invalidInput('calibrated', calibrated));
  return ok(Math.min(raw, calibrated));
}

/** Resolved predictions from which each method is used. */
export const CALIBRATION_STEPS = { platt: 50, beta: 300, isotonic: 1000 } as const;

/** Share of the record, oldest first, that the choice between beta and isotonic is trained on. */
const TRAINING_SHARE = 0.7;

export type CalibrationChoice = {
  readonly map: CalibrationMap;
  readonly reason: 'FITTED' | 'TOO_FEW' | Degeneracy;
  readonly observations: number;
};

const betaMapOf = (fit: BetaFit): CalibrationMap =>
  fit.isFitted ? { kind: 'beta', a: fit.a, b: fit.b, c: fit.c } : { kind: 'none' };

/** True when isotonic has the smaller log loss on the newest part of the record, fitted on the part before. */
function doesIsotonicWin(scores: readonly number[], outcomes: readonly number[]): Result<boolean, InvalidInput> {
  const split = Math.floor(scores.length * TRAINING_SHARE);
  const beta = betaCalibrationFit(scores.slice(0, split), outcomes.slice(0, split));
  const isotonic = isotonicFit(scores.slice(0, split), outcomes.slice(0, split));
  if (!beta.ok) return beta;
  if (!isotonic.ok) return isotonic;
  const lossOf = (map: CalibrationMap): number =>
    logLoss(
      scores.slice(split).map((score) => predictCalibrated(map, score)),
      outcomes.slice(split),
    );
  return ok(lossOf({ kind: 'isotonic', ...isotonic.value }) < lossOf(betaMapOf(beta.value)));
}

/**
 * Fits the calibrator the record is large enough for: below 50 none (the evidence weight already shrinks), then Platt,
 * from 300 beta, from 1000 isotonic if it wins on time-ordered validation log loss.
 * @param scores pooled confidences in [0, 1], oldest first
 * @param outcomes 1 when the planned trade would have netted above 0, else 0; same order
 * @errors 'invalid-input' outside these domains
 */
export function fitCalibrator(
  scores: readonly number[],
  outcomes: readonly number[],
): Result<CalibrationChoice, InvalidInput> {
  const invalid = invalidForecasts(scores, outcomes);
  if (invalid !== null) return err(invalid);
  const observations = scores.length;
  const none = { kind: 'none' } as const;
  if (observations < CALIBRATION_STEPS.platt) return ok({ map: none, reason: 'TOO_FEW', observations });
  const reason = degeneracyOf(scores, outcomes);
  if (reason !== null) return ok({ map: none, reason, observations });
  const map = fitBySize(scores, outcomes);
  return map.ok ? ok({ map: map.value, reason: 'FITTED', observations }) : map;
}

function fitBySize(scores: readonly number[], outcomes: readonly number[]): Result<CalibrationMap, InvalidInput> {
  if (scores.length < CALIBRATION_STEPS.beta) {
    const platt = plattFit(scores, outcomes);
    if (!platt.ok) return platt;
    return ok(platt.value.isFitted ? { kind: 'platt', a: platt.value.a, b: platt.value.b } : { kind: 'none' });
  }
  if (scores.length >= CALIBRATION_STEPS.isotonic) {
    const wins = doesIsotonicWin(scores, outcomes);
    if (!wins.ok) return wins;
    const isotonic = isotonicFit(scores, outcomes);
    if (wins.value && isotonic.ok) return ok({ kind: 'isotonic', ...isotonic.value });
  }
  const beta = betaCalibrationFit(scores, outcomes);
  return beta.ok ? ok(betaMapOf(beta.value)) : beta;
}
