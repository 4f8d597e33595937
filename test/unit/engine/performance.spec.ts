import { describe, expect, it } from 'vitest';

import { drawdown, underwater } from '#desk/engine/drawdown.ts';
import { equityCurve, performance } from '#desk/engine/performance.ts';

const measure = (returns: readonly number[], settings = { periodsPerYear: 252 }) => {
  const result = performance(returns, settings);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe('Sortino', () => {
  const returns = [0.02, -0.01, 0.03, -0.02, 0, 0.01];

  it('divides the squared shortfalls by all periods, not by the losing ones', () => {
    const { downsideDev, sortinoAnn } = measure(returns);
    const expected = Math.sqrt((0.01 ** 2 + 0.02 ** 2) / 6);
    expect(downsideDev).toBeCloseTo(expected, 15);
    expect(sortinoAnn).toBeCloseTo((0.005 / expected) * Math.sqrt(252), 10);
    expect(downsideDev).not.toBeCloseTo(Math.sqrt((0.01 ** 2 + 0.02 ** 2) / 2), 4);
  });

  it('measures shortfall against the acceptable return, and so does its numerator', () => {
    const result = performance(returns, { periodsPerYear: 252, minimumAcceptable: 0.01 });
    const expected = Math.sqrt((0.02 ** 2 + 0.03 ** 2 + 0.01 ** 2) / 6);
    expect(result.ok && result.value.downsideDev).toBeCloseTo(expected, 15);
    expect(result.ok && result.value.sortinoAnn).toBeCloseTo((-0.005 / expected) * Math.sqrt(252), 10);
  });

  it('is null without downside, with the reason: never infinite, never 0', () => {
    const result = measure([0.01, 0.02, 0]);
    expect(result).toMatchObject({ downsideDev: 0, sortinoAnn: null, undefinedBecause: { sortinoAnn: 'NO_DOWNSIDE' } });
  });
});

describe('Sharpe', () => {
  it('uses the sample deviation, per period and per year', () => {
    const { sharpePeriod, sharpeAnn } = measure([0.01, -0.01, 0.02, 0]);
    const sd = Math.sqrt((2 * 0.005 ** 2 + 2 * 0.015 ** 2) / 3);
    expect(sharpePeriod).toBeCloseTo(0.005 / sd, 12);
    expect(sharpeAnn).toBeCloseTo((0.005 / sd) * Math.sqrt(252), 10);
  });

  it('is lower when flat days are kept than when they are dropped', () => {
    const active = [0.01, -0.005, 0.02, -0.01];
    const kept = measure([...active, 0, 0, 0, 0]);
    expect(kept.sharpeAnn).toBeLessThan(measure(active).sharpeAnn!);
  });

  it('is null for a constant series, whose deviation is only rounding', () => {
    const constant = measure(new Array<number>(40).fill(0.001));
    expect(constant).toMatchObject({ volAnn: 0, sharpePeriod: null, sharpeAnn: null, skew: null, kurt: null });
    expect(constant.undefinedBecause).toMatchObject({ sharpeAnn: 'NO_VARIATION' });
  });

  it('rises with the mean, which is not growth: +100 % and −50 % by turns grow nothing', () => {
    const result = measure([1, -0.5, 1, -0.5]);
    expect(result.mean).toBe(0.25);
    expect(result.sharpePeriod).toBeGreaterThan(0);
    expect(result.cagr).toBeCloseTo(0, 14);
  });
});

describe('growth and drawdown', () => {
  it('counts the start as a peak', () => {
    expect(measure([-0.1, 0.05])).toMatchObject({ peakIndex: 0, troughIndex: 1 });
    expect(measure([-0.1, 0.05]).maxDrawdown).toBeCloseTo(0.1, 15);
  });

  it('reports the first index that attains the peak and counts periods below it', () => {
    const fall = drawdown([1, 2, 1.5, 2, 1, 1.5, 2, 1.9]);
    expect(fall).toMatchObject({ maxDrawdown: 0.5, peakIndex: 1, troughIndex: 4, maxUnderwaterPeriods: 2 });
  });

  it('counts time under water up to the end when there is no recovery', () => {
    expect(drawdown([1, 2, 1.9, 1.8, 1.95]).maxUnderwaterPeriods).toBe(3);
  });

  it('keeps the first of two equal falls', () => {
    expect(drawdown([1, 0.5, 1, 0.5]).troughIndex).toBe(1);
  });

  it('averages the ulcer index over all points, the start included', () => {
    expect(drawdown([1, 0.8, 1]).ulcerIndexPct).toBeCloseTo(100 * Math.sqrt(0.04 / 3), 12);
    expect(underwater([1, 0.8, 1.2, 0.6])).toEqual([0, expect.closeTo(0.2, 12), 0, expect.closeTo(0.5, 12)]);
  });

  it('has no peak, no Calmar and no ulcer ratio without a fall', () => {
    const result = measure([0.01, 0, 0.02]);
    expect(result).toMatchObject({ maxDrawdown: 0, peakIndex: null, troughIndex: null, calmar: null, upi: null });
    expect(result.undefinedBecause).toMatchObject({ calmar: 'NO_DRAWDOWN', upi: 'NO_DRAWDOWN' });
  });

  it('puts total loss at −100 % a year and leaves growth of a negative equity undefined', () => {
    expect(measure([0.1, -1, 0.2])).toMatchObject({ cagr: -1, finalEquity: 0, maxDrawdown: 1 });
    expect(measure([0.1, -1.5])).toMatchObject({ cagr: null, undefinedBecause: { cagr: 'EQUITY_NOT_POSITIVE' } });
    // Two losses beyond everything multiply into a positive equity that nobody has.
    expect(measure([-1.5, -3]).cagr).toBeNull();
  });

  it('marks annual figures of less than a quarter as noise, and still gives them', () => {
    expect(measure(new Array<number>(62).fill(0.001)).isTooShortToAnnualise).toBe(true);
    expect(measure(new Array<number>(63).fill(0.001)).isTooShortToAnnualise).toBe(false);
    expect(measure([0.01]).cagr).toBeCloseTo(1.01 ** 252 - 1, 10);
  });
});

describe('thin series', () => {
  it('of no periods define nothing but the flat start', () => {
    const result = measure([]);
    expect(result).toMatchObject({ n: 0, finalEquity: 1, totalReturn: 0, maxDrawdown: 0, mean: null, cagr: null });
    expect(result).toMatchObject({ volAnn: null, sharpeAnn: null, downsideDev: null, sortinoAnn: null, upi: null });
    expect(result.undefinedBecause.sharpeAnn).toBe('NO_PERIODS');
    expect(equityCurve([])).toEqual([1]);
  });

  it('of one period have no sample deviation', () => {
    const result = measure([-0.01]);
    expect(result).toMatchObject({ sdSample: null, sdPopulation: 0, volAnn: null, sharpeAnn: null });
    expect(result.undefinedBecause).toMatchObject({ volAnn: 'ONE_PERIOD', sharpePeriod: 'ONE_PERIOD' });
  });

  it('with NaN or without a year are refused', () => {
    expect(performance([0.1, NaN], { periodsPerYear: 252 })).toMatchObject({ error: { field: 'returns[1]' } });
    for (const periodsPerYear of [0, -1, NaN, Infinity]) expect(performance([0.1], { periodsPerYear }).ok).toBe(false);
  });
});
