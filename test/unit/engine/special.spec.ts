import { describe, expect, test } from 'vitest';
import { betaQuantile, logGamma, normCdf, normPpf, regularizedIncompleteBeta } from '#desk/engine/special.ts';

/** Reference values: mpmath 1.3 at 50 digits. */
const within = (got: number, expected: number, relative: number): void => {
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
};

describe('normCdf', () => {
  test('keeps its relative accuracy in the lower tail', () => {
    within(normCdf(-10), 7.619853024160527e-24, 1e-13);
    within(normCdf(-30), 4.906713927148187e-198, 1e-12);
  });

  test('is continuous where the method changes', () => {
    expect(normCdf(2) - normCdf(2 - 1e-12)).toBeLessThan(1e-12);
    within(normCdf(-2), 0.022750131948179207, 1e-14);
  });

  test('knows its limits', () => {
    expect([normCdf(0), normCdf(Infinity), normCdf(-Infinity)]).toEqual([0.5, 1, 0]);
    expect(normCdf(NaN)).toBeNaN();
  });
});

describe('normPpf', () => {
  test.each([1e-300, 1e-20, 1e-6, 0.01, 0.02425, 0.3, 0.5, 0.9, 0.999999])(
    'inverts the distribution function at %d',
    (p) => {
      within(normCdf(normPpf(p)), p, 1e-12);
    },
  );

  test('is odd around one half and infinite at the ends', () => {
    expect(normPpf(0.5)).toBe(0);
    expect(normPpf(0.75)).toBe(-normPpf(0.25));
    expect([normPpf(0), normPpf(1)]).toEqual([-Infinity, Infinity]);
    expect([normPpf(-0.1), normPpf(1.1), normPpf(NaN)]).toEqual([NaN, NaN, NaN]);
  });
});

test('logGamma matches factorials, halves and tiny arguments', () => {
  within(logGamma(171), 706.5730622457874, 1e-15);
  within(logGamma(0.5), 0.5 * Math.log(Math.PI), 1e-14);
  within(logGamma(1e-5), 11.512919692895826, 1e-14);
  expect(Math.abs(logGamma(1))).toBeLessThan(1e-14);
  expect([logGamma(0), logGamma(-1), logGamma(NaN)]).toEqual([NaN, NaN, NaN]);
});

describe('regularizedIncompleteBeta', () => {
  test('stays accurate for thousands of trades', () => {
    within(regularizedIncompleteBeta(5000, 3000, 0.62), 0.17773206624208331, 1e-12);
  });

  test('has its closed forms', () => {
    within(regularizedIncompleteBeta(1, 1, 0.37), 0.37, 1e-14);
    within(regularizedIncompleteBeta(3, 1, 0.5), 0.125, 1e-14);
    within(regularizedIncompleteBeta(0.5, 0.5, 0.25), 1 / 3, 1e-14);
    expect([regularizedIncompleteBeta(2, 3, 0), regularizedIncompleteBeta(2, 3, 1)]).toEqual([0, 1]);
  });

  test('is NaN outside its domain', () => {
    expect(regularizedIncompleteBeta(0, 1, 0.5)).toBeNaN();
    expect(regularizedIncompleteBeta(1, -1, 0.5)).toBeNaN();
    expect(regularizedIncompleteBeta(1, 1, 1.5)).toBeNaN();
    expect(regularizedIncompleteBeta(1, Infinity, 0.5)).toBeNaN();
  });
});

describe('betaQuantile', () => {
  test.each([
    [0.05, 19, 13],
    [0.001, 0.5, 10],
    [0.9, 150, 60],
    [0.5, 5000, 3000],
    [0.05, 0.3, 0.2],
  ])('inverts the distribution at %d for Beta(%d, %d)', (p, a, b) => {
    within(regularizedIncompleteBeta(a, b, betaQuantile(p, a, b)), p, 1e-11);
  });

  test('reaches its ends and refuses the rest', () => {
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
    expect(betaQuantile(1.1, 2, 3)).toBeNaN();
    expect(betaQuantile(0.5, 0, 3)).toBeNaN();
  });
});
