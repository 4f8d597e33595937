import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { quantile, quantileOfSorted, quantiles } from '#desk/engine/quantile.ts';

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

describe('several quantiles at once', () => {
  const PS = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
  const SHAPES: readonly [string, fc.Arbitrary<number>][] = [
    ['of any numbers', fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })],
    ['of few different ones', fc.integer({ min: 0, max: 4 })],
  ];

  it.each(SHAPES)('are those of the sorted values, %s', (_, value) => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 400, size: 'max' }), (values) => {
        const before = [...values];
        const sorted = Float64Array.from(values).sort();
        // A zero may have either sign.
        expect(quantiles(values, PS)?.map((q) => q + 0)).toEqual(PS.map((p) => (quantileOfSorted(sorted, p) ?? 0) + 0));
        expect(values).toEqual(before);
      }),
    );
  });

  it('are found in values that rise, fall or are all alike', () => {
    const shapes = [
      (i: number) => i,
      (i: number) => -i,
      () => 7,
      (i: number) => i % 2,
      (i: number) => (i * 7919) % 10_007,
      (i: number) => Math.exp(((i * 7919) % 10_007) / 500) - 3,
      (i: number) => (i === 17 ? 1e300 : Math.sin(i)),
      (i: number) => (i % 3 === 0 ? -Number.MAX_VALUE : i % 3 === 1 ? Number.MAX_VALUE : i),
    ];
    for (const shape of shapes) {
      const values = Array.from({ length: 10_007 }, (_, i) => shape(i));
      const sorted = Float64Array.from(values).sort();
      expect(quantiles(values, PS)?.map((q) => q + 0)).toEqual(PS.map((p) => (quantileOfSorted(sorted, p) ?? 0) + 0));
    }
  });

  it('are null for no values', () => {
    expect(quantiles([], PS)).toBeNull();
  });
});
