import { describe, expect, it } from 'vitest';

import { tradeStats } from '#desk/engine/trade-stats.ts';

const measure = (R: readonly number[], scratchR = 0) => {
  const result = tradeStats(R, scratchR);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe('trade statistics', () => {
  it('keep scratches out of payoff and profit factor and in expectancy', () => {
    const stats = measure([2, -1, 0.04, -0.05], 0.05);
    expect(stats).toMatchObject({ wins: 1, losses: 1, scratches: 2, winRate: 0.25, winRateExScratch: 0.5 });
    expect(stats).toMatchObject({ profitFactor: 2, payoffRatio: 2 });
    expect(stats.expectancy).toBeCloseTo(0.99 / 4, 15);
  });

  it('count a trade of exactly zero as a scratch even without a band', () => {
    expect(measure([0, 1, -1])).toMatchObject({ wins: 1, losses: 1, scratches: 1 });
  });

  it('end a streak at a scratch', () => {
    expect(measure([1, 1, 0.01, 1, -1, -1, -1, 0, -1], 0.05)).toMatchObject({ maxConsecWins: 2, maxConsecLosses: 3 });
  });

  it('have no payoff and no profit factor without losses', () => {
    expect(measure([1, 2])).toMatchObject({ profitFactor: null, payoffRatio: null, avgLoss: null, winRate: 1 });
  });

  it('have a profit factor of 0 and no payoff without wins', () => {
    expect(measure([-1, -2])).toMatchObject({ profitFactor: 0, payoffRatio: null, avgWin: null, avgLoss: 1.5 });
  });

  it('have no win rate when every trade is a scratch', () => {
    expect(measure([0.01, -0.01], 0.05)).toMatchObject({ winRateExScratch: null, profitFactor: null, scratches: 2 });
  });

  it('define nothing but counts for no trades, and no spread for one', () => {
    expect(measure([])).toMatchObject({ n: 0, winRate: null, expectancy: null, sdR: null, sqn: null, sqn100: null });
    expect(measure([1.5])).toMatchObject({ n: 1, expectancy: 1.5, sdR: null, sqn: null });
    expect(measure([1, 1, 1])).toMatchObject({ sdR: 0, sqn: null, sqn100: null });
  });

  it('cap the system quality number at a hundred trades', () => {
    const stats = measure(Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? -1 : 1)));
    expect(stats.sqn! / stats.sqn100!).toBeCloseTo(2, 12);
    const few = measure([1, -1, 1]);
    expect(few.sqn).toBe(few.sqn100);
  });

  it('refuse NaN and a negative band', () => {
    expect(tradeStats([1, NaN])).toMatchObject({ ok: false, error: { code: 'invalid-input', field: 'R[1]' } });
    expect(tradeStats([1], -0.1).ok).toBe(false);
  });
});
