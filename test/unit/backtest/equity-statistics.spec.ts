import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { equityStatistics, returnsOf, tradeFigures, trialsOf } from '#desk/backtest/equity-statistics.ts';
import { wholeMonths } from '#desk/backtest/standing-verdict.ts';
import { deflatedSharpe, psr } from '#desk/engine/sharpe.ts';

type Vectors = { readonly datasets: Readonly<Record<string, readonly number[]>> };
const { datasets } = JSON.parse(readFileSync('test/fixtures/quant-vectors.json', 'utf8')) as Vectors;
const TRIALS = { count: 13, varSharpeAnn: 0.3 };

/** The bugs that quant.md 7 lists, each with the figure it gives when it is not there. */
describe('statistics of a policy', () => {
  it('divide the downside by all days, not by the losing ones (Sortino)', () => {
    const { sortino } = equityStatistics(datasets['RET60'] ?? [], TRIALS);
    expect(sortino.value).toBeCloseTo(-2.12147191848, 10);
  });

  it('have no Sortino ratio without a losing day: null with its reason, never 0 or infinity', () => {
    const { sortino, maxDrawdown, calmar } = equityStatistics([0.01, 0.02, 0.01, 0.03], TRIALS);
    expect(sortino).toEqual({ value: null, reason: 'no day lost' });
    expect(maxDrawdown).toBe(0);
    expect(calmar.value).toBeNull();
  });

  it('use kurtosis that is not in excess: 3 for a normal', () => {
    const { kurtosis, skew } = equityStatistics(datasets['RET60'] ?? [], TRIALS);
    expect(kurtosis.value).toBeCloseTo(4.59875025414, 10);
    expect(skew.value).toBeCloseTo(-0.875492196722, 10);
  });

  it('put the Sharpe ratio of a period into PSR, not the annual one', () => {
    const returns = datasets['RET60'] ?? [];
    const figures = equityStatistics(returns, TRIALS);
    const sample = {
      sharpe: (figures.sharpe.value ?? 0) / Math.sqrt(252),
      ...{ n: returns.length, skew: figures.skew.value ?? 0, kurt: figures.kurtosis.value ?? 0 },
    };
    const [right, annual] = [psr(sample), psr({ ...sample, sharpe: figures.sharpe.value ?? 0 })];
    if (!right.ok || !annual.ok) throw new Error('the sample is in its domain');
    expect(figures.psr.value).toBeCloseTo(right.value ?? NaN, 12);
    expect(Math.abs((right.value ?? 0) - (annual.value ?? 0))).toBeGreaterThan(0.1);
  });

  it('deflate with the spread of the trials: the root of V is in SR0 (DS3)', () => {
    const sample = { sharpe: 1.5 / Math.sqrt(250), n: 250, skew: -0.4, kurt: 5 };
    const found = deflatedSharpe(sample, { count: 13, varSharpeAnn: 0.3 }, 250);
    if (!found.ok) throw new Error('the sample is in its domain');
    expect(found.value.sr0PerPeriod).toBeCloseTo(0.059005204918, 10);
    expect(found.value.dsr).toBeCloseTo(0.709894564248, 10);
  });

  it('measure drawdown from the start on, the first day included', () => {
    const returns = returnsOf(100, Float64Array.from([90, 95, 120, 60]));
    const { maxDrawdown, days, totalReturn } = equityStatistics(returns, TRIALS);
    expect(returns[0]).toBeCloseTo(-0.1, 12);
    expect([days, maxDrawdown, totalReturn].map((x) => Number(x.toFixed(9)))).toEqual([4, 0.5, -0.4]);
  });

  it('do not annualise a few weeks', () => {
    const { cagr } = equityStatistics([0.01, -0.01, 0.02], TRIALS);
    expect(cagr).toEqual({ value: null, reason: 'annualising fewer than 63 days is noise' });
  });

  it('keep a total loss finite', () => {
    const returns = returnsOf(100, Float64Array.from([50, -20, -20]));
    expect(returns.every((r) => Number.isFinite(r) && r > -1)).toBe(true);
    expect(JSON.stringify(equityStatistics(returns, TRIALS))).not.toMatch(/NaN|Infinity/);
  });
});

describe('statistics of trades', () => {
  it('leave scratches out of payoff and in expectancy, and SQN out below 30 trades (TR1)', () => {
    const { trades, longestLosingStreak } = tradeFigures(datasets['R20'] ?? [], 0.05);
    expect(trades).toMatchObject({ trades: 20, wins: 9, losses: 10, scratches: 1 });
    expect(trades.payoff.value).toBeCloseTo(1.64164164164, 10);
    expect(trades.expectancy.value).toBeCloseTo(0.264, 12);
    expect(trades.sqn).toEqual({ value: null, reason: 'needs 30 trades' });
    expect(longestLosingStreak).toBe(2);
  });

  it('have no profit factor without a loss (TR3)', () => {
    const { trades } = tradeFigures(datasets['R_noLoss'] ?? [], 0);
    expect(trades.profitFactor).toEqual({ value: null, reason: 'needs a loss' });
  });
});

describe('trials and months', () => {
  it('count every policy, and spread only over those with a ratio', () => {
    expect(trialsOf([1, 2, null, 3])).toEqual({ count: 4, varSharpeAnn: 1 });
    expect(trialsOf([null])).toEqual({ count: 1, varSharpeAnn: 0 });
  });

  it('let a verdict stand at the end of the last whole month', () => {
    expect(wholeMonths(['2026-01-30', '2026-02-02', '2026-02-27', '2026-03-02'])).toBe(3);
    expect(wholeMonths(['2026-01-30'])).toBe(0);
    expect(wholeMonths([])).toBe(0);
  });
});
