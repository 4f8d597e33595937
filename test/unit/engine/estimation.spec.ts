import { describe, expect, test } from 'vitest';
import {
  bakerMcHale,
  betaPosterior,
  logPayoffSE,
  netPayoff,
  probEdgePositive,
  shrinkToBreakEven,
  shrunkPayoff,
} from '#desk/engine/estimation.ts';

const UNIFORM = { priorWins: 1, priorLosses: 1 };

describe('betaPosterior', () => {
  test('is the prior without trades', () => {
    const result = betaPosterior({ wins: 0, trades: 0, ...UNIFORM });
    expect(result.ok && result.value.mean).toBe(0.5);
    expect(result.ok && result.value.q25).toBeCloseTo(0.25, 12);
  });

  test.each([
    [{ wins: 5, trades: 4, ...UNIFORM }, 'wins'],
    [{ wins: -1, trades: 4, ...UNIFORM }, 'wins'],
    [{ wins: NaN, trades: 4, ...UNIFORM }, 'wins'],
    [{ wins: 1, trades: Infinity, ...UNIFORM }, 'trades'],
    [{ wins: 0, trades: 4, priorWins: 0, priorLosses: 1 }, 'priorWins'],
    [{ wins: 4, trades: 4, priorWins: 1, priorLosses: 0 }, 'priorLosses'],
  ])('refuses %j', (record, field) => {
    expect(betaPosterior(record)).toMatchObject({ ok: false, error: { code: 'invalid-input', field } });
  });
});

test('the chance of an edge is certain at break-even 0 and impossible at 1', () => {
  const record = { wins: 3, trades: 10, ...UNIFORM };
  expect(probEdgePositive(record, 0)).toEqual({ ok: true, value: 1 });
  expect(probEdgePositive(record, 1)).toEqual({ ok: true, value: 0 });
  expect(probEdgePositive(record, 1.2)).toMatchObject({ error: { field: 'breakEven' } });
});

describe('shrunkPayoff', () => {
  test('is finite without losses and 0 without wins', () => {
    expect(shrunkPayoff({ wins: 15, sumWins: 30, losses: 0, sumLosses: 0 }, 10)).toMatchObject({
      value: { estimate: Infinity, shrunk: 1, used: 1 },
    });
    expect(shrunkPayoff({ wins: 0, sumWins: 0, losses: 8, sumLosses: 8 }, 10)).toMatchObject({
      value: { estimate: 0, shrunk: 1, used: 0 },
    });
  });

  test('is the estimate itself when switched off', () => {
    expect(shrunkPayoff({ wins: 2, sumWins: 6, losses: 4, sumLosses: 4 }, 0)).toMatchObject({
      value: { estimate: 3, shrunk: 3, used: 3 },
    });
  });

  test.each([
    [{ wins: 0, sumWins: 0, losses: 0, sumLosses: 0 }, 10, 'trades'],
    [{ wins: 3, sumWins: 0, losses: 3, sumLosses: 0 }, 10, 'sumWins'],
    [{ wins: 0, sumWins: 3, losses: 3, sumLosses: 1 }, 10, 'sumWins'],
    [{ wins: 3, sumWins: 3, losses: 3, sumLosses: -3 }, 10, 'sumLosses'],
    [{ wins: NaN, sumWins: 3, losses: 3, sumLosses: 3 }, 10, 'wins'],
    [{ wins: 3, sumWins: 3, losses: 3, sumLosses: 3 }, -1, 'pseudoTrades'],
  ])('refuses %j with %d pseudo-trades', (sample, pseudoTrades, field) => {
    expect(shrunkPayoff(sample, pseudoTrades)).toMatchObject({ ok: false, error: { code: 'invalid-input', field } });
  });
});

describe('shrinkToBreakEven', () => {
  test('bets nothing without trades', () => {
    const result = shrinkToBreakEven({ winProbability: 0.7, payoffRatio: 1 }, 0, 30);
    expect(result).toMatchObject({ value: { weight: 0, shrunkProbability: 0.5, kellyOfShrunk: 0, weightedKelly: 0 } });
  });

  test('is switched off by a prior of 0', () => {
    expect(shrinkToBreakEven({ winProbability: 0.7, payoffRatio: 1 }, 0, 0)).toMatchObject({ value: { weight: 1 } });
  });

  test('keeps its identity at a payoff of 0', () => {
    expect(shrinkToBreakEven({ winProbability: 0.7, payoffRatio: 0 }, 10, 30)).toMatchObject({
      value: { kellyOfShrunk: -Infinity, weightedKelly: -Infinity },
    });
    expect(shrinkToBreakEven({ winProbability: 0.7, payoffRatio: 0 }, 0, 30)).toMatchObject({
      value: { kellyOfShrunk: 0, weightedKelly: 0 },
    });
  });

  test('refuses counts that are none', () => {
    const estimate = { winProbability: 0.7, payoffRatio: 1 };
    expect(shrinkToBreakEven(estimate, -1, 30)).toMatchObject({ error: { field: 'trades' } });
    expect(shrinkToBreakEven(estimate, 10, NaN)).toMatchObject({ error: { field: 'priorTrades' } });
    expect(shrinkToBreakEven({ ...estimate, payoffRatio: -1 }, 1, 1)).toMatchObject({
      error: { field: 'payoffRatio' },
    });
  });
});

describe('netPayoff', () => {
  test('leaves no bet when the cost eats the win', () => {
    expect(netPayoff({ averageWin: 4, averageLoss: 40, roundTurnCost: 5 }, 0.9)).toMatchObject({
      value: { net: -1 / 45, kellyNet: -Infinity },
    });
    expect(netPayoff({ averageWin: 5, averageLoss: 40, roundTurnCost: 5 }, 0.9)).toMatchObject({
      value: { net: 0, kellyNet: -Infinity },
    });
  });

  test('refuses a loss that is none', () => {
    expect(netPayoff({ averageWin: 4, averageLoss: 0, roundTurnCost: 5 }, 0.9)).toMatchObject({
      error: { field: 'averageLoss' },
    });
    expect(netPayoff({ averageWin: 4, averageLoss: 1, roundTurnCost: -5 }, 0.9)).toMatchObject({
      error: { field: 'roundTurnCost' },
    });
  });
});

describe('bakerMcHale', () => {
  test('does not shrink what is certain and does not bet what has no edge', () => {
    expect(bakerMcHale({ winProbability: 0.75, payoffRatio: 1, probabilityError: 0 })).toMatchObject({
      value: { fraction: 0.5, multiplier: 1, shrunkFraction: 0.5 },
    });
    expect(bakerMcHale({ winProbability: 0.3, payoffRatio: 1, probabilityError: 0.1 })).toMatchObject({
      value: { fraction: 0, multiplier: 0, shrunkFraction: 0 },
    });
    expect(bakerMcHale({ winProbability: 0.3, payoffRatio: 0, probabilityError: 0, logPayoffError: 0 })).toMatchObject({
      value: { fraction: 0, variance: 0, shrunkFraction: 0 },
    });
  });

  test('takes a boundless payoff', () => {
    expect(
      bakerMcHale({ winProbability: 0.6, payoffRatio: Infinity, probabilityError: 0.6, logPayoffError: 1 }),
    ).toMatchObject({
      value: { fraction: 0.6, multiplier: 0.5 },
    });
  });

  test('refuses a negative error', () => {
    expect(bakerMcHale({ winProbability: 0.6, payoffRatio: 1, probabilityError: -0.1 })).toMatchObject({
      error: { field: 'probabilityError' },
    });
    expect(
      bakerMcHale({ winProbability: 0.6, payoffRatio: 1, probabilityError: 0, logPayoffError: NaN }),
    ).toMatchObject({
      error: { field: 'logPayoffError' },
    });
  });
});

describe('logPayoffSE', () => {
  test('has no standard error with one trade on a side', () => {
    expect(logPayoffSE([2], [1, 1])).toEqual({
      ok: true,
      value: { payoffRatio: 2, standardError: null, lower25: null, lower16: null },
    });
  });

  test('is certain when all sizes are equal', () => {
    expect(logPayoffSE([2, 2], [1, 1])).toMatchObject({ value: { standardError: 0, lower25: 2, lower16: 2 } });
  });

  test('refuses empty sides and sizes that are not positive', () => {
    expect(logPayoffSE([], [1])).toMatchObject({ error: { field: 'wins.length' } });
    expect(logPayoffSE([1], [])).toMatchObject({ error: { field: 'losses.length' } });
    expect(logPayoffSE([1, 0], [1])).toMatchObject({ error: { field: 'wins[1]' } });
    expect(logPayoffSE([1], [-1])).toMatchObject({ error: { field: 'losses[0]' } });
  });
});
