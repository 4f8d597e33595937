import { describe, expect, test } from 'vitest';
import {
  compoundEquity,
  floorContracts,
  neumaierSum,
  roundDecimal,
  sampleVariance,
  toTicks,
} from '#desk/engine/numerics.ts';
import { exactSum } from '#test/support/vectors/exact.ts';

const text = (x: number, digits: number): string => {
  const result = roundDecimal(x, digits);
  return result.ok ? result.value : result.error.field;
};

describe('neumaierSum', () => {
  test('keeps what cancellation would lose', () => {
    expect(neumaierSum([1, 1e100, 1, -1e100])).toBe(2);
    expect(neumaierSum([1e16, 1, -1e16])).toBe(1);
  });

  test('is 0 for nothing and passes non-finite values through', () => {
    expect(neumaierSum([])).toBe(0);
    expect(neumaierSum([1, Infinity])).toBe(Infinity);
    expect(neumaierSum([-Infinity, 1])).toBe(-Infinity);
    expect(neumaierSum([Infinity, -Infinity])).toBeNaN();
    expect(neumaierSum([NaN])).toBeNaN();
  });

  test('agrees with the exactly rounded sum on a thousand decimals', () => {
    const values = Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1000) / 100 - 4.9);
    expect(neumaierSum(values)).toBe(exactSum(values));
  });
});

test('sample variance needs two values and survives a large mean', () => {
  expect(sampleVariance([5])).toBeNull();
  expect(sampleVariance([1e9 + 1, 1e9 + 2, 1e9 + 3])).toBe(1);
});

describe('roundDecimal', () => {
  test('rounds the shortest decimal half away from zero', () => {
    expect(text(1.005, 2)).toBe('1.01');
    expect(text(-1.005, 2)).toBe('-1.01');
    expect(text(2.5, 0)).toBe('3');
    expect(text(0.15, 1)).toBe('0.2');
    expect(text(9.9999999, 6)).toBe('10.000000');
    expect(text(1.0049999, 2)).toBe('1.00');
  });

  test('prints zero without a sign', () => {
    expect(text(-4e-7, 6)).toBe('0.000000');
    expect(text(-0, 2)).toBe('0.00');
    expect(text(-5e-7, 6)).toBe('-0.000001');
  });

  test('writes very large and very small numbers in full', () => {
    expect(text(1e21, 2)).toBe('1000000000000000000000.00');
    expect(text(1.5e-10, 12)).toBe('0.000000000150');
    expect(text(5e-324, 3)).toBe('0.000');
  });

  test('refuses what is not a number of decimals or not finite', () => {
    expect(text(NaN, 2)).toBe('x');
    expect(text(Infinity, 2)).toBe('x');
    expect(text(1, -1)).toBe('digits');
    expect(text(1, 1.5)).toBe('digits');
  });
});

describe('floorContracts', () => {
  test('counts a whole contract that float64 leaves a hair short', () => {
    expect(floorContracts(100_000, 0.29, 1000)).toEqual({ ok: true, value: 29 });
    expect(floorContracts(100_000, 0.2899, 1000)).toEqual({ ok: true, value: 28 });
  });

  test('is 0, never negative, without equity', () => {
    expect(floorContracts(0, 0.1, 400)).toEqual({ ok: true, value: 0 });
    expect(floorContracts(-5000, 0.1, 400)).toEqual({ ok: true, value: 0 });
  });

  test.each([
    [NaN, 0.1, 400, 'equity'],
    [Infinity, 0.1, 400, 'equity'],
    [1e5, NaN, 400, 'fraction'],
    [1e5, -0.1, 400, 'fraction'],
    [1e5, 15.3, 400, 'fraction'],
    [1e5, 0.1, 0, 'capitalPerContract'],
    [1e5, 0.1, -400, 'capitalPerContract'],
    [1e5, 0.1, NaN, 'capitalPerContract'],
    [1e5, 0.1, 1e-300, 'capitalPerContract'],
  ])('refuses equity %d, fraction %d, capital %d', (equity, fraction, capital, field) => {
    expect(floorContracts(equity, fraction, capital)).toMatchObject({
      ok: false,
      error: { code: 'invalid-input', field },
    });
  });
});

describe('compoundEquity', () => {
  test('leaves the start alone without periods, and loses all at −100 %', () => {
    expect(compoundEquity(1000, [0.01], 0)).toEqual({ ok: true, value: 1000 });
    expect(compoundEquity(1000, [], 5)).toEqual({ ok: true, value: 1000 });
    expect(compoundEquity(1000, [0.5, -1], 3)).toEqual({ ok: true, value: 0 });
  });

  test('refuses to lose more than everything', () => {
    expect(compoundEquity(1000, [0.01, -1.1], 1)).toMatchObject({ ok: false, error: { field: 'pattern[1]' } });
    expect(compoundEquity(-1, [0.01], 1)).toMatchObject({ ok: false, error: { field: 'start' } });
    expect(compoundEquity(1000, [0.01], 1.5)).toMatchObject({ ok: false, error: { field: 'repeats' } });
  });
});

describe('toTicks', () => {
  test('finds the tick behind a quotient that is not quite whole', () => {
    expect(toTicks(1.08455, 0.00005)).toEqual({ ok: true, value: 21691 });
    expect(toTicks(-37.63, 0.01)).toEqual({ ok: true, value: -3763 });
    expect(Object.is(toTicks(-0, 0.25).ok && 0, 0)).toBe(true);
  });

  test('refuses a price off the grid and says where it lies', () => {
    expect(toTicks(21_000.1, 0.25)).toEqual({
      ok: false,
      error: { code: 'off-tick', price: 21_000.1, tickSize: 0.25, quotient: 84_000.4 },
    });
    expect(toTicks(100 + 2e-6 * 0.25, 0.25).ok).toBe(false);
    expect(toTicks(100 + 0.5e-6 * 0.25, 0.25)).toEqual({ ok: true, value: 400 });
  });

  test('refuses prices and tick sizes that are no numbers', () => {
    expect(toTicks(NaN, 0.25)).toMatchObject({ error: { code: 'invalid-input', field: 'price' } });
    expect(toTicks(1, 0)).toMatchObject({ error: { field: 'tickSize' } });
    expect(toTicks(1, -0.25)).toMatchObject({ error: { field: 'tickSize' } });
    expect(toTicks(1e300, 0.25)).toMatchObject({ error: { code: 'invalid-input', field: 'price' } });
  });
});
