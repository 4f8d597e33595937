import { describe, expect, it } from 'vitest';

import { quantile, quantileOfSorted } from '#desk/engine/quantile.ts';

describe('type-7 quantiles', () => {
  it('interpolate between order statistics', () => {
    // R: quantile(c(15, 20, 35, 40, 50), c(.05, .3, .4, .5, 1), type = 7)
    const values = [40, 15, 50, 20, 35];
    expect(quantile(values, 0.05)).toBeCloseTo(16, 12);
    expect(quantile(values, 0.3)).toBeCloseTo(23, 12);
    expect(quantile(values, 0.4)).toBeCloseTo(29, 12);
    expect([quantile(values, 0), quantile(values, 0.5), quantile(values, 1)]).toEqual([15, 35, 50]);
  });

  it('sort numbers as numbers and leave the argument alone', () => {
    const values = [10, 9, -1];
    expect(quantile(values, 0)).toBe(-1);
    expect(values).toEqual([10, 9, -1]);
  });

  it('of one value are that value, of none are null', () => {
    expect(quantile([3], 0.9)).toBe(3);
    expect(quantile([], 0.5)).toBeNull();
    expect(quantileOfSorted([], 0)).toBeNull();
  });
});
