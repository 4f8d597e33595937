import { describe, expect, it } from 'vitest';

import {
  bestOf,
  chooseFolds,
  combinationsOf,
  foldsOf,
  rankCorrelation,
  rankOf,
  scoreOf,
} from '#desk/backtest/folds.ts';

const plan = { folds: 3, inSampleShare: 0.4, window: 'anchored' } as const;

describe('folds', () => {
  it('follow one another without a gap, and the last one takes the rest', () => {
    expect(foldsOf(102, plan)).toEqual([
      { from: 0, split: 40, to: 60 },
      { from: 0, split: 60, to: 80 },
      { from: 0, split: 80, to: 102 },
    ]);
  });

  it('look back on as many days as at first where the window rolls', () => {
    expect(foldsOf(102, { ...plan, window: 'rolling' })?.map(({ from }) => from)).toEqual([0, 20, 40]);
  });

  it('are none where days are too few to choose on, or to trade', () => {
    expect(foldsOf(49, plan)).toBeNull();
    expect(foldsOf(50, { ...plan, folds: 7 })).toBeNull();
    expect(foldsOf(0, plan)).toBeNull();
  });
});

describe('a choice', () => {
  const series = (early: number, late: number) => [...Array<number>(40).fill(early), ...Array<number>(20).fill(late)];
  const days = [{ from: 0, split: 40, to: 60 }];

  it('is made on the days in sample alone', () => {
    const [fold] = chooseFolds(days, [series(0.001, 0.009), series(0.002, -0.009)], 'growth');
    expect(fold).toMatchObject({ chosen: 1, rank: 2, inSampleDays: 40, outOfSampleDays: 20 });
    expect(fold?.inSample[1]).toBeCloseTo(252 * Math.log(1.002), 12);
    expect(fold?.outOfSample[1]).toBeCloseTo(252 * Math.log(0.991), 12);
  });

  it('is the most careful of equal ones, and of none that is defined', () => {
    expect(bestOf([0.1, 0.1])).toBe(0);
    expect(bestOf([null, 0.1, null])).toBe(1);
    expect(bestOf([null, null])).toBe(0);
    expect(combinationsOf({ multipliers: [1, 0.25], evidenceTrades: [30, 0], lookBackDays: [90] })[0]).toEqual({
      ...{ multiplier: 0.25, evidenceTrades: 0, lookBackDays: 90 },
    });
  });

  it('has no Sharpe ratio on days that do not differ', () => {
    expect(scoreOf([0, 0, 0], 'sharpe')).toBeNull();
    expect(scoreOf([0, 0, 0], 'growth')).toBe(0);
    expect(scoreOf([], 'growth')).toBeNull();
  });
});

describe('ranks', () => {
  it('count from the best, ties at their mean', () => {
    expect([0, 1, 2, 3].map((i) => rankOf([3, 1, 3, 2], i))).toEqual([1.5, 4, 1.5, 3]);
    expect(rankOf([null, 1], 0)).toBeNull();
  });

  it('correlate as Spearman says', () => {
    // d = (0, 1, −1, 0): 1 − 6·2/(4·15).
    expect(rankCorrelation([1, 2, 3, 4], [10, 30, 20, 40])).toBeCloseTo(0.8, 12);
    expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBe(-1);
    expect(rankCorrelation([1, 2, null], [3, 2, 1])).toBeNull();
    expect(rankCorrelation([1, 1, 1], [3, 2, 1])).toBeNull();
  });
});
