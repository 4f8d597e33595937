import { describe, expect, test } from 'vitest';
import { fractionalKelly, growthRate, growthTable, kellyBinary, kellyGeneral } from '#desk/engine/kelly.ts';

const SPECIFICATION = { multiplier: 1, cap: 0.25, minFraction: 0.01 };
const THIRD = { multiplier: 1 / 3, cap: 0.25, minFraction: 0.01 };

describe('kellyBinary', () => {
  test.each([
    [0, 1.5, -1 / 1.5, 0],
    [1, 1.5, 1, 1],
    [0.6, 0, -Infinity, 0],
    [0, 0, -Infinity, 0],
    [0.6, Infinity, 0.6, 0.6],
    [1, 0, 0, 0],
    [1, Infinity, 1, 1],
    [0, Infinity, 0, 0],
  ])('is exact at the edge p = %d, b = %d', (p, b, raw, fraction) => {
    expect(kellyBinary(p, b)).toEqual({ ok: true, value: { raw, fraction } });
  });

  test.each([
    [NaN, 1.5, 'winProbability'],
    [-0.01, 1.5, 'winProbability'],
    [1.01, 1.5, 'winProbability'],
    [Infinity, 1.5, 'winProbability'],
    [0.6, NaN, 'payoffRatio'],
    [0.6, -1, 'payoffRatio'],
  ])('refuses p = %d, b = %d with the field and its value', (p, b, field) => {
    const value = field === 'winProbability' ? p : b;
    expect(kellyBinary(p, b)).toEqual({ ok: false, error: { code: 'invalid-input', field, value } });
  });
});

describe('kellyGeneral', () => {
  test('reports a negative edge as a negative number', () => {
    const result = kellyGeneral(0.3, 0.8, 1);
    expect(result.ok && result.value.perR).toBeCloseTo(-0.325, 12);
    expect(result.ok && result.value.perAverageLoss).toBeCloseTo(-0.26, 12);
  });

  test('follows the binary edges when wins are nothing', () => {
    expect(kellyGeneral(1, 1, 0)).toEqual({ ok: true, value: { perR: 0, perAverageLoss: 0 } });
    expect(kellyGeneral(0.9, 1, 0)).toEqual({ ok: true, value: { perR: -Infinity, perAverageLoss: -Infinity } });
  });

  test.each([
    [NaN, 1, 1],
    [0.5, 0, 1],
    [0.5, -1, 1],
    [0.5, 1, -1],
    [0.5, Infinity, 1],
  ])('refuses p = %d, loss %d, win %d', (p, loss, win) => {
    expect(kellyGeneral(p, loss, win)).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  });
});

describe('growthRate', () => {
  test('has no loss term at p = 1', () => {
    expect(growthRate(1, 1.5, 1)).toEqual({ ok: true, value: Math.log1p(1.5) });
  });

  test('is −∞ where one loss takes everything, never NaN', () => {
    expect(growthRate(0.6, 1, 1)).toEqual({ ok: true, value: -Infinity });
    expect(growthRate(0, 1, 1)).toEqual({ ok: true, value: -Infinity });
    expect(growthRate(0.6, Infinity, 1)).toEqual({ ok: true, value: -Infinity });
  });

  test('is 0 at f = 0, whatever the payoff', () => {
    expect(growthRate(0.6, Infinity, 0)).toEqual({ ok: true, value: 0 });
    expect(growthRate(0, Infinity, 0.5)).toEqual({ ok: true, value: Math.log1p(-0.5) });
  });

  test('keeps the sign at 1e-16', () => {
    const result = growthRate(0.68, 1.45, 1e-16);
    expect(result.ok && result.value).toBeCloseTo(6.66e-17, 30);
  });

  test.each([[-0.1], [1.1], [NaN]])('refuses the fraction %d', (fraction) => {
    expect(growthRate(0.6, 1, fraction)).toMatchObject({ ok: false, error: { field: 'fraction' } });
  });
});

describe('growthTable', () => {
  test('has nothing to show without an edge', () => {
    const result = growthTable(0.4, 1);
    expect(result.ok && result.value).toMatchObject({
      optimalFraction: 0,
      optimalGrowth: 0,
      breakEvenFraction: null,
      tradesToDoubleAtHalf: null,
    });
    expect(result.ok && result.value.rows.every((row) => row.ratio === null && row.fraction === 0)).toBe(true);
  });

  test('shows ruin where the multiple exceeds all equity', () => {
    const result = growthTable(0.9, 5);
    expect(result.ok && result.value.rows.at(-1)).toMatchObject({ multiplier: 2, growth: -Infinity, ratio: -Infinity });
  });

  test('never falls back to zero growth without losses', () => {
    const result = growthTable(1, 2);
    expect(result.ok && result.value.breakEvenFraction).toBeNull();
    expect(result.ok && result.value.optimalGrowth).toBe(Math.log1p(2));
  });

  test('refuses an infinite payoff', () => {
    expect(growthTable(0.5, Infinity)).toMatchObject({ ok: false, error: { field: 'payoffRatio' } });
  });
});

describe('fractionalKelly', () => {
  test('caps after the multiplier', () => {
    const result = fractionalKelly(0.7, 1.5, THIRD);
    expect(result.ok && result.value.fraction).toBeCloseTo(1 / 6, 12);
    expect(result.ok && result.value.reason).toBe('OK');
  });

  test('is OK at the cap and CAPPED above it', () => {
    expect(fractionalKelly(0.5, 2, SPECIFICATION)).toMatchObject({ value: { fraction: 0.25, reason: 'OK' } });
    expect(fractionalKelly(0.6, 2, { ...SPECIFICATION, cap: 0.4 })).toMatchObject({ value: { reason: 'OK' } });
    expect(fractionalKelly(0.51, 2, SPECIFICATION)).toMatchObject({ value: { fraction: 0.25, reason: 'CAPPED' } });
  });

  test('lets the exact minimum pass and never rounds up to it', () => {
    const atMinimum = fractionalKelly(0.52, 1, { ...SPECIFICATION, multiplier: 0.25 });
    expect(atMinimum).toMatchObject({ value: { reason: 'OK' } });
    expect(0.05 * (0.6 - 0.4)).toBeLessThan(0.01);
    expect(fractionalKelly(0.6, 1, { ...SPECIFICATION, multiplier: 0.05 })).toMatchObject({ value: { reason: 'OK' } });
    expect(atMinimum.ok && atMinimum.value.fraction).toBeCloseTo(0.01, 12);
    expect(fractionalKelly(0.51, 1, THIRD)).toMatchObject({ value: { fraction: 0, reason: 'BELOW_MIN' } });
  });

  test('sees no edge where float64 leaves a crumb of one', () => {
    expect(0.4 - 0.6 / 1.5).toBeGreaterThan(0);
    expect(fractionalKelly(0.4, 1.5, SPECIFICATION)).toMatchObject({ value: { fraction: 0, reason: 'NO_EDGE' } });
    expect(fractionalKelly(0.5, 1, SPECIFICATION)).toMatchObject({ value: { full: 0, reason: 'NO_EDGE' } });
    expect(fractionalKelly(1, 0, SPECIFICATION)).toMatchObject({ value: { fraction: 0, reason: 'NO_EDGE' } });
  });

  test('gives nothing when the cap lies below the minimum', () => {
    expect(fractionalKelly(0.9, 2, { multiplier: 1, cap: 0.005, minFraction: 0.01 })).toMatchObject({
      value: { fraction: 0, reason: 'BELOW_MIN' },
    });
  });

  test.each([
    [{ ...THIRD, multiplier: NaN }, 'multiplier'],
    [{ ...THIRD, multiplier: -1 }, 'multiplier'],
    [{ ...THIRD, multiplier: Infinity }, 'multiplier'],
    [{ ...THIRD, cap: NaN }, 'cap'],
    [{ ...THIRD, cap: 25 }, 'cap'],
    [{ ...THIRD, minFraction: NaN }, 'minFraction'],
    [{ ...THIRD, minFraction: -0.01 }, 'minFraction'],
  ])('refuses %j', (limits, field) => {
    expect(fractionalKelly(0.6, 2, limits)).toMatchObject({ ok: false, error: { code: 'invalid-input', field } });
  });
});
