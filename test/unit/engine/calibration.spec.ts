import { describe, expect, test } from 'vitest';
import {
  betaCalibrationFit,
  calibrate,
  fitCalibrator,
  isotonicFit,
  isotonicPredict,
  plattFit,
  predictCalibrated,
} from '#desk/engine/calibration.ts';
import type { CalibrationMap } from '#desk/engine/calibration.ts';
import { createPrng } from '#desk/engine/prng.ts';

/** Scores in [.5, .95] whose outcomes come true with the probability `truth` gives them. */
function record(count: number, truth: (score: number) => number, seed = 7) {
  const random = createPrng(seed);
  const scores = Array.from({ length: count }, () => 0.5 + 0.45 * random.nextDouble());
  return { scores, outcomes: scores.map((score) => (random.nextDouble() < truth(score) ? 1 : 0)) };
}

const DEGENERATE = [
  { name: 'only wins', scores: [0.6, 0.7], outcomes: [1, 1], reason: 'ONE_CLASS' },
  { name: 'only losses', scores: [0.6, 0.7], outcomes: [0, 0], reason: 'ONE_CLASS' },
  { name: 'wins above losses', scores: [0.6, 0.7, 0.8], outcomes: [0, 1, 1], reason: 'SEPARABLE' },
  { name: 'wins below losses', scores: [0.6, 0.7, 0.8], outcomes: [1, 1, 0], reason: 'SEPARABLE' },
  { name: 'touching at one score', scores: [0.6, 0.7, 0.7, 0.8], outcomes: [0, 0, 1, 1], reason: 'SEPARABLE' },
  { name: 'one score only', scores: [0.7, 0.7], outcomes: [0, 1], reason: 'CONSTANT_SCORE' },
];

describe('fits', () => {
  test.each(DEGENERATE)('stay the identity on $name', ({ scores, outcomes, reason }) => {
    expect(plattFit(scores, outcomes)).toEqual({ ok: true, value: { isFitted: false, reason } });
    expect(betaCalibrationFit(scores, outcomes)).toEqual({ ok: true, value: { isFitted: false, reason } });
  });

  test('survive scores of 0 and 1', () => {
    const scores = [0, 1, 0.5, 0.6, 1, 0];
    const outcomes = [0, 1, 1, 0, 0, 1];
    const platt = plattFit(scores, outcomes);
    const beta = betaCalibrationFit(scores, outcomes);
    expect(platt.ok && platt.value.isFitted && Number.isFinite(platt.value.a + platt.value.b)).toBe(true);
    expect(beta.ok && beta.value.isFitted && Number.isFinite(beta.value.a + beta.value.b + beta.value.c)).toBe(true);
  });

  test('hold both beta slopes at 0 when scores point the wrong way', () => {
    const { scores, outcomes } = record(400, (score) => 1.4 - score);
    const fit = betaCalibrationFit(scores, outcomes);
    const rate = outcomes.filter((y) => y === 1).length / 400;
    expect(fit).toMatchObject({ value: { isFitted: true, a: 0, b: 0, fixed: ['a', 'b'] } });
    expect(fit.ok && fit.value.isFitted && fit.value.c).toBeCloseTo(Math.log(rate / (1 - rate)), 9);
  });

  test('keep a finite map where only two free slopes could separate the outcomes', () => {
    const fit = betaCalibrationFit([0.1, 0.4, 0.5, 0.6, 0.9], [0, 1, 1, 1, 0]);
    expect(fit).toMatchObject({ value: { isFitted: true, unconstrained: null } });
    expect(fit.ok && fit.value.isFitted && Math.min(fit.value.a, fit.value.b)).toBe(0);
  });

  test('recover the map the outcomes were drawn from', () => {
    const { scores, outcomes } = record(
      40_000,
      (score) => 1 / (1 + Math.exp(-0.6 * Math.log(score / (1 - score)) + 0.1)),
    );
    const fit = plattFit(scores, outcomes);
    expect(fit.ok && fit.value.isFitted && fit.value.a).toBeCloseTo(-0.6, 1);
    expect(fit.ok && fit.value.isFitted && fit.value.b).toBeCloseTo(0.1, 1);
  });

  test.each([
    [[], [], 'scores.length'],
    [[0.5, NaN], [0, 1], 'probabilities[1]'],
    [[0.5, 1.1], [0, 1], 'probabilities[1]'],
    [[0.5, 0.6], [0, 2], 'outcomes[1]'],
    [[0.5, 0.6], [0], 'outcomes.length'],
  ])('refuse %j with %j', (scores, outcomes, field) => {
    expect(plattFit(scores, outcomes)).toMatchObject({ ok: false, error: { field } });
    expect(betaCalibrationFit(scores, outcomes)).toMatchObject({ ok: false, error: { field } });
  });
});

describe('isotonic', () => {
  test('pools ties first and interpolates between scores, constant outside', () => {
    const fit = isotonicFit([0.4, 0.2, 0.2], [1, 0, 1]);
    expect(fit).toEqual({ ok: true, value: { x: [0.2, 0.4], y: [0.5, 1] } });
    const map = { x: [0.2, 0.4], y: [0.5, 1] };
    expect(isotonicPredict(map, 0.3)).toBeCloseTo(0.75, 12);
    expect([isotonicPredict(map, 0), isotonicPredict(map, 0.2), isotonicPredict(map, 1)]).toEqual([0.5, 0.5, 1]);
    expect(isotonicPredict(map, NaN)).toBeNaN();
    expect(isotonicPredict({ x: [], y: [] }, 0.5)).toBeNaN();
  });

  test('refuses what it cannot order', () => {
    expect(isotonicFit([], [])).toMatchObject({ error: { field: 'x.length' } });
    expect(isotonicFit([1, NaN], [0, 1])).toMatchObject({ error: { field: 'x[1]' } });
    expect(isotonicFit([1, 2], [0])).toMatchObject({ error: { field: 'y.length' } });
  });
});

describe('calibrate', () => {
  test('may reduce a probability but never raise it', () => {
    expect(calibrate({ kind: 'platt', a: -1, b: -2 }, 0.6)).toEqual({ ok: true, value: 0.6 });
    const lower = calibrate({ kind: 'platt', a: -0.6, b: 0.05 }, 0.68);
    expect(lower.ok && lower.value).toBeCloseTo(0.5992312681030504, 12);
    expect(calibrate({ kind: 'none' }, 0.68)).toEqual({ ok: true, value: 0.68 });
  });

  test('refuses a probability that is none and a map that gives none', () => {
    expect(calibrate({ kind: 'none' }, NaN)).toMatchObject({ error: { code: 'invalid-input', field: 'raw' } });
    expect(calibrate({ kind: 'none' }, 1.2)).toMatchObject({ error: { field: 'raw' } });
    expect(calibrate({ kind: 'platt', a: NaN, b: 0 }, 0.6)).toMatchObject({ error: { field: 'calibrated' } });
    expect(calibrate({ kind: 'isotonic', x: [], y: [] }, 0.6)).toMatchObject({ error: { field: 'calibrated' } });
  });

  test.each<CalibrationMap>([
    { kind: 'platt', a: -1, b: 0 },
    { kind: 'beta', a: 1, b: 1, c: 0 },
    { kind: 'platt', a: 0, b: 0.3 },
    { kind: 'beta', a: 0, b: 0, c: 0.3 },
  ])('takes scores of 0 and 1 under %j', (map) => {
    for (const score of [0, 1]) expect(predictCalibrated(map, score)).toBeGreaterThanOrEqual(0);
    expect(calibrate(map, 1).ok).toBe(true);
  });
});

describe('fitCalibrator', () => {
  const overconfident = (score: number): number => score - 0.08;

  test.each([
    [0, 'none', 'TOO_FEW'],
    [49, 'none', 'TOO_FEW'],
    [50, 'platt', 'FITTED'],
    [299, 'platt', 'FITTED'],
    [300, 'beta', 'FITTED'],
    [999, 'beta', 'FITTED'],
  ])('with %d predictions uses %s', (count, kind, reason) => {
    const { scores, outcomes } = record(count, overconfident);
    expect(fitCalibrator(scores, outcomes)).toMatchObject({ value: { map: { kind }, reason, observations: count } });
  });

  test('takes isotonic only where it wins on the newest part', () => {
    const smooth = record(1200, overconfident);
    expect(fitCalibrator(smooth.scores, smooth.outcomes)).toMatchObject({ value: { map: { kind: 'beta' } } });
    const step = record(4000, (score) => (score < 0.7 ? 0.35 : score < 0.8 ? 0.9 : 0.92));
    expect(fitCalibrator(step.scores, step.outcomes)).toMatchObject({ value: { map: { kind: 'isotonic' } } });
  });

  test('says why there is none', () => {
    const scores = Array.from({ length: 60 }, (_, i) => 0.5 + i / 200);
    const wins = scores.map(() => 1);
    expect(fitCalibrator(scores, wins)).toMatchObject({ value: { map: { kind: 'none' }, reason: 'ONE_CLASS' } });
    const split = scores.map((_, i) => (i < 30 ? 0 : 1));
    expect(fitCalibrator(scores, split)).toMatchObject({ value: { map: { kind: 'none' }, reason: 'SEPARABLE' } });
    expect(fitCalibrator([0.5], [2])).toMatchObject({ error: { field: 'outcomes[0]' } });
  });
});
