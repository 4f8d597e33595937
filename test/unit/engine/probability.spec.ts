import { describe, expect, test } from 'vitest';
import { combineConfidence, poolProbabilities } from '#desk/engine/probability.ts';
import type { GateInput, Opinion } from '#desk/engine/probability.ts';

const opinion = (direction: Opinion['direction'], confidence: number): Opinion => ({ direction, confidence });

const gate = (lstm: Opinion | null, ensemble: Opinion | null, change: Partial<GateInput> = {}) =>
  combineConfidence({ lstm, ensemble, weights: { lstm: 0.4, ensemble: 0.6 }, threshold: 0.6, ...change });

describe('combineConfidence', () => {
  test('tests in order: missing, invalid, flat, disagree, low confidence', () => {
    expect(gate(null, opinion(0, NaN)).reason).toBe('MODEL_MISSING');
    expect(gate(opinion(1, 0.9), null).reason).toBe('MODEL_MISSING');
    expect(gate(opinion(0, NaN), opinion(1, 0.1)).reason).toBe('INVALID');
    expect(gate(opinion(0, 0.9), opinion(-1, 0.1)).reason).toBe('FLAT');
    expect(gate(opinion(1, 0.1), opinion(-1, 0.1)).reason).toBe('DISAGREE');
    expect(gate(opinion(-1, 0.1), opinion(-1, 0.1)).reason).toBe('LOW_CONFIDENCE');
  });

  test.each([NaN, -0.01, 1.01, Infinity])('refuses a confidence of %d', (confidence) => {
    expect(gate(opinion(1, confidence), opinion(1, 0.9)).reason).toBe('INVALID');
    expect(gate(opinion(1, 0.9), opinion(1, confidence)).reason).toBe('INVALID');
  });

  test('refuses a direction that is none', () => {
    const broken = { direction: 2, confidence: 0.9 } as unknown as Opinion;
    expect(gate(broken, broken).reason).toBe('INVALID');
  });

  test('passes equality in spite of binary fractions', () => {
    expect(0.4 * 0.65 + 0.6 * 0.7).toBeLessThan(0.68);
    const atThreshold = gate(opinion(-1, 0.65), opinion(-1, 0.7), { threshold: 0.68 });
    expect(atThreshold).toMatchObject({ neutral: false, direction: -1 });
    expect(gate(opinion(1, 0.6 - 3e-9), opinion(1, 0.6 - 3e-9)).reason).toBe('LOW_CONFIDENCE');
  });

  test('normalises weights', () => {
    const doubled = gate(opinion(1, 0.65), opinion(1, 0.7), { weights: { lstm: 4, ensemble: 6 } });
    expect(doubled.combined).toBeCloseTo(0.68, 12);
    const alone = gate(opinion(1, 0.65), opinion(1, 0.9), { weights: { lstm: 1, ensemble: 0 } });
    expect(alone.combined).toBe(0.65);
  });

  test.each([
    { weights: { lstm: 0, ensemble: 0 } },
    { weights: { lstm: -0.4, ensemble: 1.4 } },
    { weights: { lstm: NaN, ensemble: 0.6 } },
    { weights: { lstm: Infinity, ensemble: 0.6 } },
    { threshold: NaN },
    { threshold: 1.5 },
  ])('vetoes under the configuration %j', (change) => {
    expect(gate(opinion(1, 0.9), opinion(1, 0.9), change).reason).toBe('INVALID');
  });

  test('says what the confidence was when it was too low, and shows one half', () => {
    expect(gate(opinion(1, 0.59), opinion(1, 0.6))).toEqual({
      neutral: true,
      reason: 'LOW_CONFIDENCE',
      direction: 0,
      displayProbability: 0.5,
      combined: expect.closeTo(0.596, 12) as number,
    });
    expect(gate(opinion(1, 0.9), opinion(-1, 0.9)).combined).toBeNull();
  });
});

describe('poolProbabilities', () => {
  test('takes certainty, and leaves contradicting certainties undefined', () => {
    expect(poolProbabilities([1, 0.6], [0.4, 0.6])).toMatchObject({ value: { logarithmic: 1 } });
    expect(poolProbabilities([0, 0.6], [0.4, 0.6])).toMatchObject({ value: { logarithmic: 0 } });
    expect(poolProbabilities([0, 1], [0.5, 0.5])).toEqual({ ok: true, value: { linear: 0.5, logarithmic: null } });
    expect(poolProbabilities([0, 0.7], [0, 2])).toMatchObject({ value: { linear: 0.7 } });
  });

  test.each([
    [[], [], 'weights'],
    [[0.5], [0.5, 0.5], 'weights.length'],
    [[0.5, NaN], [0.5, 0.5], 'probabilities[1]'],
    [[0.5, 0.6], [0.5, -0.5], 'weights[1]'],
    [[0.5, 0.6], [0, 0], 'weights'],
  ])('refuses %j with weights %j', (probabilities, weights, field) => {
    expect(poolProbabilities(probabilities, weights)).toMatchObject({ ok: false, error: { field } });
  });
});
