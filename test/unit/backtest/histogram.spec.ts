import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramOf } from '#desk/backtest/histogram.ts';
import { axisOf, fullest, isOverflow, isUp } from '#renderer/src/features/performance/histogram.ts';
import { R_BIN } from '#shared/domain/performance-history.ts';

describe('the distribution of R', () => {
  it('counts every trade once, zero being an edge', () => {
    const r = [-1, -0.01, 0, 0.24, 0.25, 1.49, 1.5];
    const bins = histogramOf(r);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(r.length);
    expect(bins.every(({ from, to }) => (from ?? 0) >= 0 || (to ?? 0) <= 0)).toBe(true);
    expect(bins.filter(({ count }) => count > 0).map(({ from, count }) => [from, count])).toEqual([
      [-1, 1],
      [-0.25, 1],
      [0, 2],
      [0.25, 1],
      [1.25, 1],
      [1.5, 1],
    ]);
  });

  it('gathers what is beyond the axis in one bar a side', () => {
    const bins = histogramOf([-7, -3.5, 0.1, 5, 12]);
    expect(bins[0]).toEqual({ from: null, to: -3, count: 2 });
    expect(bins.at(-1)).toEqual({ from: 5, to: null, count: 2 });
    expect(bins.filter((bin) => !isOverflow(bin))).toHaveLength(8 / R_BIN);
    expect(axisOf(bins)).toEqual({ low: -3, high: 5 });
    expect([bins[0], bins.at(-1)].map((bin) => bin && isUp(bin))).toEqual([false, true]);
  });

  it('has an axis without trades and no fullest bar', () => {
    expect(histogramOf([]).every(({ count }) => count === 0)).toBe(true);
    expect(fullest(histogramOf([]))).toBeNull();
    expect(fullest(histogramOf([0.3, 0.3, 1]))?.from).toBe(0.25);
  });

  it('loses no trade, whatever its R', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })), (r) => {
        expect(histogramOf(r).reduce((sum, { count }) => sum + count, 0)).toBe(r.length);
      }),
      { numRuns: 300 },
    );
  });
});
