import { circuitBreaker } from '#desk/engine/breaker.ts';
import { calibrationScores, wilsonInterval } from '#desk/engine/calibration-scores.ts';
import { betaCalibrationFit, isotonicFit, plattFit, predictCalibrated } from '#desk/engine/calibration.ts';
import type { BetaFit, CalibrationMap, PlattFit } from '#desk/engine/calibration.ts';
import { modelWeights, pageHinkley, riskAdjustedCusum } from '#desk/engine/drift.ts';
import { combineConfidence, poolProbabilities } from '#desk/engine/probability.ts';
import type { Opinion } from '#desk/engine/probability.ts';
import type { Result } from '#shared/result.ts';
import { nullableNumberAt, numberAt, numberOr, numbersAt, recordAt, recordsAt, withDataset } from './fields.ts';
import type { VectorContext, VectorInput, VectorRegistry } from './types.ts';

const INVALID = { error: 'INVALID_INPUT' } as const;

const answer = <T>(result: Result<T, unknown>, fields: (value: T) => unknown): unknown =>
  result.ok ? fields(result.value) : INVALID;

const same = (value: unknown): unknown => value;

/** Scores at which fitted maps are read off, by their names in the vectors. */
const READ_OFF = ['0.55', '0.6', '0.68', '0.75', '0.9'] as const;

const readOff = (map: CalibrationMap): unknown =>
  Object.fromEntries(READ_OFF.map((name) => [name, predictCalibrated(map, Number(name))]));

/** A direction that is none of −1, 0, 1 reaches the engine as it is: the gate must refuse it. */
function opinionOf(input: VectorInput, field: string): Opinion | null {
  const opinion = recordAt(input, field);
  if (opinion === null) return null;
  return { direction: numberAt(opinion, 'dir') as Opinion['direction'], confidence: numberAt(opinion, 'conf') };
}

function gate(input: VectorInput): unknown {
  const signal = combineConfidence({
    lstm: opinionOf(input, 'lstm'),
    ensemble: opinionOf(input, 'ensemble'),
    weights: { lstm: numberOr(input, 'wLstm', 0.4), ensemble: numberOr(input, 'wEnsemble', 0.6) },
    threshold: numberOr(input, 'threshold', 0.6),
  });
  const p = signal.neutral ? signal.displayProbability : signal.winProbability;
  return { neutral: signal.neutral, p, direction: signal.direction, reason: signal.reason, combined: signal.combined };
}

const plattFields = (fit: PlattFit): unknown => {
  const [a, b] = fit.isFitted ? [fit.a, fit.b] : [-1, 0];
  return {
    A: a,
    B: b,
    slope: -a,
    intercept: -b,
    mode: fit.isFitted ? 'fitted' : 'identity',
    reason: fit.isFitted ? 'FITTED' : fit.reason,
    tPos: fit.isFitted ? fit.targetWin : null,
    tNeg: fit.isFitted ? fit.targetLoss : null,
    nll: fit.isFitted ? fit.negativeLogLikelihood : null,
    pred: readOff(fit.isFitted ? { kind: 'platt', a, b } : { kind: 'none' }),
  };
};

const betaMode = (fixed: readonly string[]): string => (fixed.length === 0 ? 'unconstrained' : `${fixed.join('=')}=0`);

const betaFields = (fit: BetaFit): unknown => {
  const { a, b, c } = fit.isFitted ? fit : { a: 1, b: 1, c: 0 };
  return {
    a,
    b,
    c,
    mode: fit.isFitted ? betaMode(fit.fixed) : 'identity',
    reason: fit.isFitted ? 'FITTED' : fit.reason,
    unconstrained: fit.isFitted ? fit.unconstrained : null,
    pred: readOff(fit.isFitted ? { kind: 'beta', a, b, c } : { kind: 'none' }),
  };
};

const scoresOf = (input: VectorInput, context: VectorContext) => {
  const set = withDataset(input, context);
  return { scores: numbersAt(set, 'score'), outcomes: numbersAt(set, 'y') };
};

function isotonic(input: VectorInput, context: VectorContext): unknown {
  const set = withDataset(input, context);
  const x = numbersAt(set, set['x'] === undefined ? 'score' : 'x');
  return answer(isotonicFit(x, numbersAt(set, 'y')), (map) => ({
    ...map,
    pred: readOff({ kind: 'isotonic', ...map }),
  }));
}

const calibration: VectorRegistry = {
  plattFit: (input, context) => {
    const { scores, outcomes } = scoresOf(input, context);
    return answer(plattFit(scores, outcomes), plattFields);
  },
  plattPredict: (input) => {
    const map = { kind: 'platt', a: numberAt(input, 'A'), b: numberAt(input, 'B') } as const;
    const predicted = numbersAt(input, 'score').map((score) => predictCalibrated(map, score));
    return predicted.some(Number.isNaN) ? INVALID : predicted;
  },
  betaCalibrationFit: (input, context) => {
    const { scores, outcomes } = scoresOf(input, context);
    return answer(betaCalibrationFit(scores, outcomes), betaFields);
  },
  isotonicFit: isotonic,
};

function scores(input: VectorInput, context: VectorContext): unknown {
  const set = withDataset(input, context);
  const options = { bins: numberOr(set, 'bins', 10), clip: numberOr(set, 'eps', 1e-12) };
  return answer(calibrationScores(numbersAt(set, 'p'), numbersAt(set, 'y'), options), (found) => ({
    brier: found.brier,
    logLoss: found.logLoss,
    reliability: found.reliability,
    resolution: found.resolution,
    uncertainty: found.uncertainty,
    wbv: found.withinBinVariance,
    wbc: found.withinBinCovariance,
    ece: found.calibrationError,
    mce: found.maxCalibrationError,
    brierSkill: found.brierSkill,
    bins: found.bins.map(({ bin, count, meanProbability, frequency, interval }) => ({
      bin,
      n: count,
      meanP: meanProbability,
      freq: frequency,
      ...interval,
    })),
  }));
}

const breaker = (input: VectorInput): unknown =>
  circuitBreaker({
    cusum: nullableNumberAt(input, 'cusum'),
    resolved: numberAt(input, 'nResolved'),
    brier100: nullableNumberAt(input, 'brier100'),
    calibrationError100: nullableNumberAt(input, 'ece100'),
    predictionAgeMs: numberAt(input, 'predictionAgeMs'),
    dayLoss: numberAt(input, 'dayLossFraction'),
    drawdown: numberAt(input, 'drawdownFraction'),
  });

const monitoring: VectorRegistry = {
  calibrationScores: scores,
  wilsonInterval: (input) =>
    answer(wilsonInterval(numberAt(input, 'k'), numberAt(input, 'n'), numberAt(input, 'confidence')), same),
  modelWeights: (input) => {
    const sequence = recordsAt(input, 'sequence').map((step) => ({
      probabilities: numbersAt(step, 'p'),
      outcome: numberAt(step, 'y'),
    }));
    const rule = { learningRate: numberAt(input, 'eta'), priorShare: numberAt(input, 'alpha') };
    return answer(modelWeights(sequence, numbersAt(input, 'w0'), rule), same);
  },
  pageHinkley: (input) =>
    answer(
      pageHinkley(numbersAt(input, 'p'), numbersAt(input, 'y'), { delta: numberAt(input, 'delta') }),
      ({ statistic, finalMean, alarmAt }) => ({ stat: statistic, finalMean, alarmAt }),
    ),
  riskAdjustedCusum: (input) =>
    answer(
      riskAdjustedCusum(numbersAt(input, 'p'), numbersAt(input, 'y'), numberAt(input, 'oddsRatio')),
      ({ increments, statistic }) => ({ W: increments, stat: statistic }),
    ),
  circuitBreaker: breaker,
};

/** Gate, pools, calibration, scores, drift and breaker. */
export const probabilityVectors: VectorRegistry = {
  combineConfidence: gate,
  poolProbabilities: (input) =>
    answer(poolProbabilities(numbersAt(input, 'p'), numbersAt(input, 'w')), ({ linear, logarithmic }) => ({
      linear,
      logPool: logarithmic,
    })),
  ...calibration,
  ...monitoring,
};
