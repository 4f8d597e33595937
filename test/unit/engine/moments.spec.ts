import { describe, expect, it } from 'vitest';

import { correlation, moments } from '#desk/engine/moments.ts';

describe('moments', () => {
  it('of a fair coin have kurtosis 1, of a normal shape 3: kurtosis is not excess', () => {
    expect(moments([1, -1, 1, -1])).toMatchObject({ mean: 0, sdPopulation: 1, skew: 0, kurt: 1 });
    // Three-point Gauss-Hermite nodes carry the normal's first five moments.
    const nodes = [...new Array<number>(4).fill(0), Math.sqrt(3), -Math.sqrt(3)];
    expect(moments(nodes).kurt).toBeCloseTo(3, 12);
  });

  it('use n − 1 for the sample and n for the population', () => {
    const { sdSample, sdPopulation } = moments([1, 2, 3, 4]);
    expect(sdSample).toBeCloseTo(Math.sqrt(5 / 3), 14);
    expect(sdPopulation).toBeCloseTo(Math.sqrt(5 / 4), 14);
  });

  it('see through the rounding noise of a constant series', () => {
    for (const value of [0.1, 0.0003, 1e6 / 3, 0]) {
      expect(moments(new Array<number>(60).fill(value))).toMatchObject({ sdSample: 0, skew: null, kurt: null });
    }
  });

  it('are null where the sample cannot define them', () => {
    expect(moments([])).toEqual({ n: 0, mean: null, sdSample: null, sdPopulation: null, skew: null, kurt: null });
    expect(moments([2])).toEqual({ n: 1, mean: 2, sdSample: null, sdPopulation: 0, skew: null, kurt: null });
  });

  it('keep a small spread around a large mean', () => {
    const values = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16];
    expect(moments(values).sdSample).toBeCloseTo(Math.sqrt(30), 6);
  });

  it('correlate exactly at the ends and not at all with a flat series', () => {
    expect(correlation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 14);
    expect(correlation([1, 2, 3], [6, 4, 2])).toBeCloseTo(-1, 14);
    expect(correlation([1, 2, 3], [5, 5, 5])).toBeNull();
    expect(correlation([], [])).toBeNull();
  });
});
