import { describe, expect, test } from 'vitest';
import {
  decayWeights,
  journalWindow,
  recommendedFraction,
  riskDialMultiplier,
} from '#desk/engine/recommended-fraction.ts';
import type { FractionRequest } from '#desk/engine/recommended-fraction.ts';
import { epochMs } from '#shared/units.ts';

const REQUEST: FractionRequest = {
  winProbability: 0.68,
  sample: { wins: 36, sumWins: 52.2, losses: 24, sumLosses: 24 },
  resolvedPredictions: 200,
  limits: { multiplier: 1 / 3, cap: 0.25, minFraction: 0.01 },
  evidenceTrades: 30,
  payoffTrades: 10,
  minimum: { trades: 20, wins: 5, losses: 5 },
};

describe('recommendedFraction', () => {
  test('has nothing to say, not a guess, on a small sample', () => {
    for (const sample of [
      { wins: 0, sumWins: 0, losses: 0, sumLosses: 0 },
      { wins: 10, sumWins: 10, losses: 9, sumLosses: 9 },
      { wins: 4, sumWins: 10, losses: 40, sumLosses: 9 },
      { wins: 40, sumWins: 10, losses: 4, sumLosses: 9 },
    ]) {
      expect(recommendedFraction({ ...REQUEST, sample })).toEqual({
        ok: true,
        value: {
          status: 'INSUFFICIENT_SAMPLE',
          payoffRatio: null,
          full: null,
          weight: null,
          scaled: null,
          fraction: 0,
        },
      });
    }
  });

  test('accepts a sample exactly at its minimum', () => {
    const sample = { wins: 15, sumWins: 45, losses: 5, sumLosses: 5 };
    expect(recommendedFraction({ ...REQUEST, sample })).toMatchObject({ value: { status: 'OK' } });
  });

  test('without trades is insufficient even when no minimum is asked for', () => {
    const sample = { wins: 0, sumWins: 0, losses: 0, sumLosses: 0 };
    const minimum = { trades: 0, wins: 0, losses: 0 };
    expect(recommendedFraction({ ...REQUEST, sample, minimum })).toMatchObject({
      value: { status: 'INSUFFICIENT_SAMPLE' },
    });
  });

  test('bets nothing on a model without resolved predictions', () => {
    expect(recommendedFraction({ ...REQUEST, resolvedPredictions: 0 })).toMatchObject({
      value: { status: 'BELOW_MIN', weight: 0, fraction: 0 },
    });
  });

  test('refuses a NaN before it looks at the sample', () => {
    const sample = { wins: 0, sumWins: 0, losses: 0, sumLosses: 0 };
    expect(recommendedFraction({ ...REQUEST, sample, winProbability: NaN })).toMatchObject({
      ok: false,
      error: { code: 'invalid-input', field: 'winProbability' },
    });
  });

  test.each([
    [{ resolvedPredictions: NaN }, 'resolvedPredictions'],
    [{ evidenceTrades: -1 }, 'evidenceTrades'],
    [{ payoffTrades: NaN }, 'payoffTrades'],
    [{ limits: { ...REQUEST.limits, multiplier: NaN } }, 'multiplier'],
    [{ minimum: { ...REQUEST.minimum, wins: NaN } }, 'minimum.wins'],
    [{ sample: { ...REQUEST.sample, sumLosses: NaN } }, 'sumLosses'],
  ])('refuses %j', (change, field) => {
    expect(recommendedFraction({ ...REQUEST, ...change })).toMatchObject({ ok: false, error: { field } });
  });
});

describe('riskDialMultiplier', () => {
  test.each([
    [{ equityShare: 0, chance: 0.05, maxMultiplier: 1 / 3 }, 'equityShare'],
    [{ equityShare: 1, chance: 0.05, maxMultiplier: 1 / 3 }, 'equityShare'],
    [{ equityShare: 0.8, chance: 0, maxMultiplier: 1 / 3 }, 'chance'],
    [{ equityShare: 0.8, chance: 1, maxMultiplier: 1 / 3 }, 'chance'],
    [{ equityShare: 0.8, chance: NaN, maxMultiplier: 1 / 3 }, 'chance'],
    [{ equityShare: 0.8, chance: 0.05, maxMultiplier: 0 }, 'maxMultiplier'],
  ])('refuses %j', (dial, field) => {
    expect(riskDialMultiplier(dial)).toMatchObject({ ok: false, error: { code: 'invalid-input', field } });
  });

  test('holds the drawdown chance it was set to', () => {
    const result = riskDialMultiplier({ equityShare: 0.8, chance: 0.05, maxMultiplier: 1 });
    expect(result.ok && 0.8 ** (2 / result.value.multiplier - 1)).toBeCloseTo(0.05, 12);
  });
});

describe('decayWeights', () => {
  test('counts every trade once without decay', () => {
    expect(decayWeights([0, 3, 400], Infinity)).toMatchObject({ value: { weights: [1, 1, 1], effectiveTrades: 3 } });
    expect(decayWeights([], 15)).toMatchObject({ value: { weights: [], effectiveTrades: 0 } });
    expect(decayWeights([1e9], 1e-3)).toMatchObject({ value: { effectiveTrades: 0 } });
  });

  test('refuses trades from the future', () => {
    expect(decayWeights([0, -1], 15)).toMatchObject({ error: { field: 'ageDays[1]' } });
    expect(decayWeights([0], 0)).toMatchObject({ error: { field: 'halfLifeDays' } });
  });
});

test('the journal window is half-open and never sees the future', () => {
  const now = epochMs(100 * 86_400_000);
  const closes = [70 * 86_400_000, 70 * 86_400_000 + 1, now, now + 1].map(epochMs);
  expect(journalWindow(now, 30, closes)).toEqual({ ok: true, value: [false, true, true, false] });
  expect(journalWindow(now, 30, [])).toEqual({ ok: true, value: [] });
  expect(journalWindow(now, NaN, closes)).toMatchObject({ error: { field: 'lookBackDays' } });
});
