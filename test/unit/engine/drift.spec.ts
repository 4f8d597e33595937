import { describe, expect, test } from 'vitest';
import { cusumStep, modelWeights, pageHinkley, riskAdjustedCusum } from '#desk/engine/drift.ts';

const BAYES = { learningRate: 1, priorShare: 0 };

describe('modelWeights', () => {
  test('never lets a model vanish or rule', () => {
    const sequence = Array.from({ length: 50 }, () => ({ probabilities: [0.99, 0.01], outcome: 1 }));
    const result = modelWeights(sequence, [0.4, 0.6], BAYES);
    expect(result.ok && result.value.at(-1)).toEqual([0.9, 0.1]);
  });

  test('survives certainty that proves wrong, at any learning rate', () => {
    const result = modelWeights([{ probabilities: [0, 0], outcome: 1 }], [0.4, 0.6], {
      learningRate: 1000,
      priorShare: 0,
    });
    expect(result.ok && result.value[0]?.[0]).toBeCloseTo(0.4, 12);
  });

  test('returns to the prior when everything is shared', () => {
    const result = modelWeights([{ probabilities: [0.9, 0.1], outcome: 1 }], [4, 6], {
      learningRate: 1,
      priorShare: 1,
    });
    expect(result.ok && result.value[0]?.[0]).toBeCloseTo(0.4, 12);
  });

  test('has no weights before the first prediction', () => {
    expect(modelWeights([], [0.4, 0.6], BAYES)).toEqual({ ok: true, value: [] });
  });

  test.each([
    [[{ probabilities: [0.5], outcome: 1 }], [0.4, 0.6], BAYES, 'sequence[0].probabilities.length'],
    [[{ probabilities: [0.5, NaN], outcome: 1 }], [0.4, 0.6], BAYES, 'sequence[0].probabilities[1]'],
    [[{ probabilities: [0.5, 0.5], outcome: 0.5 }], [0.4, 0.6], BAYES, 'sequence[0].outcome'],
    [[], [0, 0], BAYES, 'prior'],
    [[], [], BAYES, 'prior'],
    [[], [1, -1], BAYES, 'prior[1]'],
    [[], [0.4, 0.6], { learningRate: NaN, priorShare: 0 }, 'learningRate'],
    [[], [0.4, 0.6], { learningRate: 1, priorShare: 2 }, 'priorShare'],
  ])('refuses %j from %j under %j', (sequence, prior, rule, field) => {
    expect(modelWeights(sequence, prior, rule)).toMatchObject({ ok: false, error: { field } });
  });
});

describe('pageHinkley', () => {
  test('raises its alarm only after enough observations', () => {
    const good = Array.from({ length: 40 }, () => 0.9);
    const outcomes = good.map((_, t) => (t < 20 ? 1 : 0));
    const early = pageHinkley(good, outcomes, { delta: 0.02 });
    expect(early.ok && early.value.alarmAt).toBe(29);
    expect(early.ok && (early.value.statistic[27] ?? 0)).toBeGreaterThan(2);
    expect(pageHinkley(good, outcomes, { delta: 0.02, alarmAbove: 100 })).toMatchObject({ value: { alarmAt: null } });
  });

  test('has no mean of nothing', () => {
    expect(pageHinkley([], [], { delta: 0.02 })).toEqual({
      ok: true,
      value: { statistic: [], finalMean: null, alarmAt: null },
    });
    expect(pageHinkley([0.5], [NaN], { delta: 0.02 })).toMatchObject({ error: { field: 'outcomes[0]' } });
    expect(pageHinkley([0.5], [1], { delta: NaN })).toMatchObject({ error: { field: 'delta' } });
  });
});

describe('riskAdjustedCusum', () => {
  test('steps to the same value one prediction at a time', () => {
    const probabilities = [0.65, 0.7, 0.62, 0.68, 0.71];
    const outcomes = [0, 0, 1, 0, 0];
    const whole = riskAdjustedCusum(probabilities, outcomes);
    let running = 0;
    probabilities.forEach((probability, t) => {
      const next = cusumStep(running, { probability, outcome: outcomes[t] ?? 0 });
      running = next.ok ? next.value : NaN;
      expect(running).toBe(whole.ok && whole.value.statistic[t]);
    });
  });

  test('takes certainties and refuses the rest', () => {
    expect(riskAdjustedCusum([0, 1], [0, 1], 0.6)).toMatchObject({ value: { statistic: [0, 0] } });
    expect(riskAdjustedCusum([], [])).toEqual({ ok: true, value: { increments: [], statistic: [] } });
    expect(riskAdjustedCusum([0.5], [1], 0)).toMatchObject({ error: { field: 'oddsRatio' } });
    expect(riskAdjustedCusum([1.5], [1])).toMatchObject({ error: { field: 'probabilities[0]' } });
    expect(cusumStep(-1, { probability: 0.5, outcome: 1 })).toMatchObject({ error: { field: 'statistic' } });
    expect(cusumStep(NaN, { probability: 0.5, outcome: 1 })).toMatchObject({ error: { field: 'statistic' } });
  });
});
