import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { circuitBreaker } from '#desk/engine/breaker.ts';
import { calibrationScores, wilsonInterval } from '#desk/engine/calibration-scores.ts';
import {
  betaCalibrationFit,
  betaPredict,
  calibrate,
  fitCalibrator,
  isotonicFit,
  plattFit,
} from '#desk/engine/calibration.ts';
import { modelWeights, pageHinkley, riskAdjustedCusum } from '#desk/engine/drift.ts';
import { combineConfidence, poolProbabilities } from '#desk/engine/probability.ts';
import type { Opinion } from '#desk/engine/probability.ts';
import type { Result } from '#shared/result.ts';

const RUNS = { numRuns: 2000 };
const FITS = { numRuns: 1000 };

const valueOf = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(`unexpected error ${JSON.stringify(result.error)}`);
  return result.value;
};

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const probability = between(0, 1);
const direction = fc.constantFrom<Opinion['direction']>(-1, 0, 1);
const anyNumber = fc.oneof(fc.double(), probability, fc.constantFrom(NaN, Infinity, -Infinity, -1, 2));
const anyOpinion = fc.option(fc.record({ direction, confidence: fc.oneof(probability, probability, anyNumber) }));
const outcome = fc.constantFrom(0, 1);
const forecasts = (minLength: number, maxLength: number) =>
  fc
    .array(fc.tuple(probability, outcome), { minLength, maxLength })
    .map((pairs) => ({ p: pairs.map(([p]) => p), y: pairs.map(([, y]) => y) }));
const scored = (minLength: number, maxLength: number) =>
  fc
    .array(fc.tuple(between(0.01, 0.99), outcome), { minLength, maxLength })
    .map((pairs) => ({ p: pairs.map(([p]) => p), y: pairs.map(([, y]) => y) }));

describe('the gate', () => {
  test('leaves nothing to size from on a veto', () => {
    fc.assert(
      fc.property(anyOpinion, anyOpinion, anyNumber, (lstm, ensemble, threshold) => {
        const signal = combineConfidence({ lstm, ensemble, weights: { lstm: 0.4, ensemble: 0.6 }, threshold });
        expect(signal.neutral).toBe(signal.reason !== 'OK');
        if (!signal.neutral) return;
        expect(signal.direction).toBe(0);
        expect('winProbability' in signal).toBe(false);
      }),
      RUNS,
    );
  });

  test('always vetoes disagreement, a flat opinion, a missing one and a number that is none', () => {
    fc.assert(
      fc.property(anyOpinion, anyOpinion, (lstm, ensemble) => {
        const signal = combineConfidence({ lstm, ensemble, weights: { lstm: 0.4, ensemble: 0.6 }, threshold: 0 });
        const isSound = (opinion: Opinion | null): boolean =>
          opinion !== null && opinion.direction !== 0 && opinion.confidence >= 0 && opinion.confidence <= 1;
        const mayPass = isSound(lstm) && isSound(ensemble) && lstm?.direction === ensemble?.direction;
        expect(signal.neutral).toBe(!mayPass);
      }),
      RUNS,
    );
  });

  test('passes only two valid, agreeing opinions whose pooled confidence reaches the threshold', () => {
    fc.assert(
      fc.property(anyOpinion, anyOpinion, probability, (lstm, ensemble, threshold) => {
        const signal = combineConfidence({ lstm, ensemble, weights: { lstm: 0.4, ensemble: 0.6 }, threshold });
        if (signal.neutral) return;
        expect(lstm?.direction === ensemble?.direction && signal.direction === lstm?.direction).toBe(true);
        const [x, y] = [lstm?.confidence ?? NaN, ensemble?.confidence ?? NaN];
        expect(signal.combined).toBeGreaterThanOrEqual(Math.max(threshold - 1e-9, Math.min(x, y) - 1e-12));
        expect(signal.combined).toBeLessThanOrEqual(Math.max(x, y) + 1e-12);
      }),
      RUNS,
    );
  });
});

test('pools lie between the forecasts', () => {
  const pairs = fc.array(fc.tuple(between(0.001, 0.999), between(0.01, 5)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(pairs, (terms) => {
      const p = terms.map(([x]) => x);
      const pools = valueOf(
        poolProbabilities(
          p,
          terms.map(([, w]) => w),
        ),
      );
      for (const pool of [pools.linear, pools.logarithmic ?? NaN]) {
        expect(pool >= Math.min(...p) - 1e-12 && pool <= Math.max(...p) + 1e-12).toBe(true);
      }
    }),
    RUNS,
  );
});

describe('calibration', () => {
  test('isotonic output is monotone and keeps the mean', () => {
    fc.assert(
      fc.property(forecasts(1, 80), ({ p, y }) => {
        const fit = valueOf(isotonicFit(p, y));
        fit.y.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(fit.y[i - 1] ?? 0));
        const at = new Map(fit.x.map((x, i) => [x, fit.y[i] ?? NaN]));
        const fitted = p.reduce((sum, x) => sum + (at.get(x) ?? NaN), 0);
        expect(fitted).toBeCloseTo(
          y.reduce<number>((sum, value) => sum + value, 0),
          9,
        );
      }),
      RUNS,
    );
  });

  test('isotonic fits no worse than any other monotone shift of itself', () => {
    fc.assert(
      fc.property(forecasts(2, 40), between(-0.2, 0.2), between(0, 1), ({ p, y }, shift, from) => {
        const fit = valueOf(isotonicFit(p, y));
        const at = new Map(fit.x.map((x, i) => [x, fit.y[i] ?? NaN]));
        const error = (of: (x: number) => number): number =>
          p.reduce((sum, x, i) => sum + (of(x) - (y[i] ?? 0)) ** 2, 0);
        const base = (x: number): number => at.get(x) ?? NaN;
        const raised = (x: number): number => (x >= from ? Math.max(base(x), base(x) + shift) : base(x));
        expect(error(base)).toBeLessThanOrEqual(error(raised) + 1e-12);
      }),
      RUNS,
    );
  });

  test('never raises a probability', () => {
    fc.assert(
      fc.property(scored(50, 120), probability, ({ p, y }, raw) => {
        const { map } = valueOf(fitCalibrator(p, y));
        const used = valueOf(calibrate(map, raw));
        expect(used >= 0 && used <= raw).toBe(true);
      }),
      FITS,
    );
  });

  test('a fitted beta map is monotone, a fitted Platt map finite', () => {
    fc.assert(
      fc.property(scored(3, 60), probability, probability, ({ p, y }, x1, x2) => {
        const beta = valueOf(betaCalibrationFit(p, y));
        const platt = valueOf(plattFit(p, y));
        expect(beta.isFitted).toBe(platt.isFitted);
        if (!beta.isFitted || !platt.isFitted) return;
        expect(Math.min(beta.a, beta.b)).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(platt.a) && Number.isFinite(platt.b)).toBe(true);
        const [low, high] = [betaPredict(beta, Math.min(x1, x2)), betaPredict(beta, Math.max(x1, x2))];
        expect(low).toBeLessThanOrEqual(high);
      }),
      FITS,
    );
  });

  test('a Platt fit keeps the sum of its soft targets', () => {
    fc.assert(
      fc.property(scored(3, 60), ({ p, y }) => {
        const fit = valueOf(plattFit(p, y));
        if (!fit.isFitted) return;
        const predicted = p.reduce((sum, s) => sum + 1 / (1 + Math.exp(fit.a * Math.log(s / (1 - s)) + fit.b)), 0);
        const targets = y.reduce<number>((sum, value) => sum + (value === 1 ? fit.targetWin : fit.targetLoss), 0);
        expect(predicted).toBeCloseTo(targets, 8);
      }),
      FITS,
    );
  });
});

describe('scores', () => {
  test('the parts of the Brier score add up to it', () => {
    fc.assert(
      fc.property(forecasts(1, 100), fc.integer({ min: 1, max: 30 }), ({ p, y }, bins) => {
        const found = valueOf(calibrationScores(p, y, { bins }));
        const parts = found.reliability - found.resolution + found.uncertainty;
        const whole = parts + found.withinBinVariance - found.withinBinCovariance;
        expect(Math.abs(whole - found.brier)).toBeLessThanOrEqual(1e-13);
        expect(found.bins.reduce((sum, { count }) => sum + count, 0)).toBe(p.length);
        expect(found.calibrationError).toBeLessThanOrEqual(found.maxCalibrationError + 1e-15);
        expect(Number.isFinite(found.logLoss)).toBe(true);
      }),
      RUNS,
    );
  });

  test('a Wilson interval holds its proportion and mirrors with it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), probability, between(0.5, 0.999), (n, share, confidence) => {
        const k = Math.round(n * share);
        const { lower, upper } = valueOf(wilsonInterval(k, n, confidence));
        const mirror = valueOf(wilsonInterval(n - k, n, confidence));
        expect(lower <= k / n && k / n <= upper && lower >= 0 && upper <= 1).toBe(true);
        expect(Math.abs(lower - (1 - mirror.upper))).toBeLessThanOrEqual(1e-12);
      }),
      RUNS,
    );
  });
});

describe('drift', () => {
  test('weights stay within their bounds and sum to 1', () => {
    const step = fc.record({ probabilities: fc.tuple(probability, probability), outcome });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        between(0, 5),
        probability,
        (sequence, learningRate, priorShare) => {
          for (const weights of valueOf(modelWeights(sequence, [0.4, 0.6], { learningRate, priorShare }))) {
            expect(Math.abs(weights.reduce((sum, w) => sum + w, 0) - 1)).toBeLessThanOrEqual(1e-12);
            expect(weights.every((w) => w >= 0.1 - 1e-12 && w <= 0.9 + 1e-12)).toBe(true);
          }
        },
      ),
      RUNS,
    );
  });

  test('detectors are never negative and depend on the past only', () => {
    fc.assert(
      fc.property(forecasts(1, 80), fc.nat(), ({ p, y }, cut) => {
        const end = 1 + (cut % p.length);
        const cusum = valueOf(riskAdjustedCusum(p, y)).statistic;
        const page = valueOf(pageHinkley(p, y, { delta: 0.02 })).statistic;
        expect([...cusum, ...page].every((s) => s >= 0 && Number.isFinite(s))).toBe(true);
        expect(valueOf(riskAdjustedCusum(p.slice(0, end), y.slice(0, end))).statistic).toEqual(cusum.slice(0, end));
        expect(valueOf(pageHinkley(p.slice(0, end), y.slice(0, end), { delta: 0.02 })).statistic).toEqual(
          page.slice(0, end),
        );
      }),
      RUNS,
    );
  });
});

test('a breaker never lets an invalid number through, and worse numbers never loosen it', () => {
  const watch = fc.record({
    cusum: fc.oneof(between(0, 6), anyNumber),
    resolved: fc.nat({ max: 300 }),
    brier100: fc.oneof(probability, anyNumber),
    calibrationError100: fc.oneof(probability, anyNumber),
    predictionAgeMs: fc.oneof(between(0, 1e5), anyNumber),
    dayLoss: fc.oneof(between(0, 0.1), anyNumber),
    drawdown: fc.oneof(between(0, 0.5), anyNumber),
  });
  fc.assert(
    fc.property(watch, between(0, 1), (input, worse) => {
      const verdict = circuitBreaker(input);
      if (Object.values(input).some(Number.isNaN)) expect(verdict.level).toBe('HALT');
      expect([...verdict.reasons].sort()).toEqual(verdict.reasons);
      expect(verdict.multiplier).toBe({ NONE: 1, WARN: 0.5, HALT: 0 }[verdict.level]);
      const after = circuitBreaker({ ...input, drawdown: input.drawdown + worse, dayLoss: input.dayLoss + worse });
      if (input.drawdown >= 0) expect(after.multiplier).toBeLessThanOrEqual(verdict.multiplier);
    }),
    RUNS,
  );
});
