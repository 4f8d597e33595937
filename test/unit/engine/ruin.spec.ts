import { describe, expect, it } from 'vitest';

import {
  expectedMaxDrawdownPositiveDrift,
  expectedMaxDrawdownZeroDrift,
  lundbergRuin,
  probEverReach,
  probUpBeforeDown,
  ruinBound,
  ruinExponent,
  tradesToDouble,
} from '#desk/engine/ruin.ts';

const coin = (p: number, b: number) => ({ values: [b, -1], probabilities: [p, 1 - p] });

describe('falling to a level', () => {
  it('happens with probability x at full Kelly and for sure from twice that', () => {
    expect(probEverReach(1, 0.3)).toEqual({ ok: true, value: 0.3 });
    expect(probEverReach(2, 0.01)).toEqual({ ok: true, value: 1 });
    expect(probEverReach(5, 0.01)).toEqual({ ok: true, value: 1 });
  });

  it('is certain at or above the start and impossible without a bet', () => {
    expect(probEverReach(0.5, 1)).toEqual({ ok: true, value: 1 });
    expect(probEverReach(0.5, 1.2)).toEqual({ ok: true, value: 1 });
    expect(probEverReach(0, 0.99)).toEqual({ ok: true, value: 0 });
  });

  it('refuses NaN and negative figures', () => {
    expect(probEverReach(NaN, 0.5)).toMatchObject({ error: { code: 'invalid-input', field: 'fractionOfKelly' } });
    expect(probEverReach(-0.1, 0.5).ok).toBe(false);
    expect(probEverReach(1, -0.1).ok).toBe(false);
  });
});

describe('up before down', () => {
  it('passes smoothly through twice Kelly, where wealth is a martingale of its logarithm', () => {
    const at = (c: number) => probUpBeforeDown(c, { up: 4, down: 0.5 });
    for (const c of [2 - 1e-9, 2, 2 + 1e-9]) {
      const result = at(c);
      expect(result.ok && result.value).toBeCloseTo(1 / 3, 8);
    }
  });

  it('tends to certainty as the bet shrinks, without overflow', () => {
    expect(probUpBeforeDown(1e-4, { up: 2, down: 0.5 })).toEqual({ ok: true, value: 1 });
  });

  it('refuses levels on the wrong side of the start', () => {
    expect(probUpBeforeDown(1, { up: 0.9, down: 0.5 }).ok).toBe(false);
    expect(probUpBeforeDown(1, { up: 2, down: 1 }).ok).toBe(false);
    expect(probUpBeforeDown(1, { up: 2, down: 0 }).ok).toBe(false);
    expect(probUpBeforeDown(0, { up: 2, down: 0.5 }).ok).toBe(false);
  });
});

describe('the ruin exponent of discrete trades', () => {
  it('is 0 when over-bet, and the bound then says nothing', () => {
    expect(ruinExponent(coin(0.6, 1), 0.4)).toEqual({ ok: true, value: 0 });
    expect(ruinExponent(coin(0.4, 1), 0.1)).toEqual({ ok: true, value: 0 });
    expect(ruinExponent(coin(0.6, 1), 1)).toEqual({ ok: true, value: 0 });
    expect(ruinBound(0, 0.5)).toBe(1);
  });

  it('has no finite value when nothing can be lost', () => {
    expect(ruinExponent(coin(0.6, 1), 0)).toEqual({ ok: true, value: null });
    expect(ruinExponent({ values: [1, 2] }, 0.5)).toEqual({ ok: true, value: null });
    expect(ruinBound(null, 0.5)).toBe(0);
  });

  it('ignores outcomes of probability 0 and takes equal weights when none are given', () => {
    const impossible = ruinExponent({ values: [1, -1, -50], probabilities: [0.6, 0.4, 0] }, 0.1);
    expect(impossible).toEqual(ruinExponent(coin(0.6, 1), 0.1));
    expect(ruinExponent({ values: [1, 1, 1, -1, -1] }, 0.1)).toMatchObject({ ok: true });
  });

  it('approaches the continuous 2/c − 1 for small edges', () => {
    const exponent = ruinExponent(coin(0.501, 1), 0.5 * 0.002);
    expect(exponent.ok && exponent.value).toBeCloseTo(3, 4);
  });

  it('refuses probabilities that are none', () => {
    for (const probabilities of [[0.6, 0.5], [1.2, -0.2], [NaN, 0.4], [1]]) {
      expect(ruinExponent({ values: [1, -1], probabilities }, 0.1).ok).toBe(false);
    }
    expect(ruinExponent({ values: [] }, 0.1).ok).toBe(false);
    expect(ruinExponent(coin(0.6, 1), -0.1).ok).toBe(false);
  });
});

describe('ruin at a fixed size', () => {
  it("is the gambler's ruin (q/p)^N for even bets", () => {
    const result = lundbergRuin({ values: [50, -50], probabilities: [0.52, 0.48] }, 1000);
    expect(result.ok && result.value.bound).toBeCloseTo((0.48 / 0.52) ** 20, 13);
  });

  it('is certain without an edge and impossible without losses', () => {
    expect(lundbergRuin(coin(0.5, 1), 20)).toEqual({ ok: true, value: { theta: 0, bound: 1 } });
    expect(lundbergRuin(coin(0.2, 1), 20)).toEqual({ ok: true, value: { theta: 0, bound: 1 } });
    expect(lundbergRuin({ values: [1, 2] }, 20)).toEqual({ ok: true, value: { theta: null, bound: 0 } });
  });

  it('does not depend on the unit of money', () => {
    const dollars = lundbergRuin({ values: [145, -100], probabilities: [0.55, 0.45] }, 1000);
    const cents = lundbergRuin({ values: [14_500, -10_000], probabilities: [0.55, 0.45] }, 100_000);
    expect(cents.ok && dollars.ok && cents.value.bound / dollars.value.bound).toBeCloseTo(1, 11);
  });
});

describe('expected drawdown and doubling', () => {
  it('is zero without risk and undefined where the asymptotic does not reach', () => {
    expect(expectedMaxDrawdownZeroDrift(0, 0.01)).toEqual({ ok: true, value: 0 });
    expect(expectedMaxDrawdownPositiveDrift({ periods: 100, mu: 0.001, sigma: 0 })).toEqual({ ok: true, value: 0 });
    expect(expectedMaxDrawdownPositiveDrift({ periods: 10, mu: 1e-4, sigma: 0.01 })).toEqual({ ok: true, value: null });
    expect(expectedMaxDrawdownPositiveDrift({ periods: 10, mu: -0.1, sigma: 0.01 }).ok).toBe(false);
  });

  it('agrees with the second form of the same asymptotic', () => {
    const [periods, mu, sigma] = [5000, 0.0008, 0.012];
    const result = expectedMaxDrawdownPositiveDrift({ periods, mu, sigma });
    const other = (sigma ** 2 / mu) * (0.63519 + Math.log(periods) / 2 + Math.log(mu / sigma));
    expect(result.ok && result.value! / other).toBeCloseTo(1, 4);
  });

  it('never doubles without growth', () => {
    const bet = { winProbability: 0.6, payoffRatio: 1, fraction: 0.1 };
    expect(tradesToDouble({ ...bet, winProbability: 0.5 })).toEqual({ ok: true, value: null });
    expect(tradesToDouble({ ...bet, fraction: 0 })).toEqual({ ok: true, value: null });
    expect(tradesToDouble({ ...bet, fraction: 1 })).toEqual({ ok: true, value: null });
    expect(tradesToDouble({ ...bet, winProbability: 1, fraction: 1 })).toEqual({ ok: true, value: 1 });
    expect(tradesToDouble({ ...bet, fraction: NaN }).ok).toBe(false);
  });
});
