import { describe, expect, test } from 'vitest';
import { calibrationScores, logLossOf, wilsonInterval } from '#desk/engine/calibration-scores.ts';

describe('calibrationScores', () => {
  test('has no skill to speak of when all outcomes are the same', () => {
    expect(calibrationScores([0.6, 0.7], [1, 1])).toMatchObject({ value: { brierSkill: null, uncertainty: 0 } });
  });

  test('puts certainty in the last bin and an edge in the upper one', () => {
    const result = calibrationScores([0, 0.3, 0.7, 1], [0, 0, 1, 1]);
    expect(result.ok && result.value.bins.map(({ bin }) => bin)).toEqual([0, 3, 7, 9]);
    expect(0.29 * 100).toBeLessThan(29);
    expect(calibrationScores([0.29], [1], { bins: 100 })).toMatchObject({ value: { bins: [{ bin: 29 }] } });
  });

  test('clips the probability of what happened at 1e-12', () => {
    expect(calibrationScores([1], [0])).toMatchObject({ value: { logLoss: -Math.log(1e-12), brier: 1 } });
    expect(logLossOf(0, 1)).toBe(-Math.log(1e-12));
    expect(logLossOf(1e-15, 0)).toBeCloseTo(1e-15, 25);
  });

  test('gives each bin its interval', () => {
    const result = calibrationScores([0.61, 0.65, 0.69], [1, 0, 1]);
    const expected = wilsonInterval(2, 3, 0.9);
    expect(result.ok && result.value.bins[0]?.interval).toEqual(expected.ok && expected.value);
  });

  test.each([
    [[], [], {}, 'probabilities.length'],
    [[0.5], [0.5], {}, 'outcomes[0]'],
    [[NaN], [1], {}, 'probabilities[0]'],
    [[0.5], [1, 0], {}, 'outcomes.length'],
    [[0.5], [1], { bins: 0 }, 'bins'],
    [[0.5], [1], { bins: 2.5 }, 'bins'],
    [[0.5], [1], { clip: NaN }, 'clip'],
  ])('refuses %j with %j and %j', (probabilities, outcomes, options, field) => {
    expect(calibrationScores(probabilities, outcomes, options)).toMatchObject({ ok: false, error: { field } });
  });
});

describe('wilsonInterval', () => {
  test('touches 0 and 1 at the ends only', () => {
    expect(wilsonInterval(0, 10, 0.9)).toMatchObject({ value: { lower: 0 } });
    expect(wilsonInterval(10, 10, 0.9)).toMatchObject({ value: { upper: 1 } });
    const inner = wilsonInterval(1, 10, 0.9);
    expect(inner.ok && inner.value.lower).toBeGreaterThan(0);
  });

  test.each([
    [1, 0, 0.9, 'trials'],
    [3, 2, 0.9, 'successes'],
    [-1, 2, 0.9, 'successes'],
    [1, 2, 1, 'confidence'],
    [1, 2, NaN, 'confidence'],
  ])('refuses %d of %d at %d', (successes, trials, confidence, field) => {
    expect(wilsonInterval(successes, trials, confidence)).toMatchObject({ ok: false, error: { field } });
  });
});
