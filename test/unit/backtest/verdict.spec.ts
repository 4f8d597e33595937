import { describe, expect, it } from 'vitest';

import { decideVerdict, sizingVerdict } from '#desk/backtest/verdict.ts';
import type { VerdictInput } from '#desk/backtest/verdict.ts';
import { createPrng } from '#desk/engine/prng.ts';

/** Daily returns with a drift: the same noise for every book, so that only sizing differs. */
const noise = (days: number, seed = 5) => {
  const prng = createPrng(seed);
  return Array.from({ length: days }, () => 0.01 * (prng.nextDouble() + prng.nextDouble() - 1));
};

const inputOf = (kelly: readonly number[], averageFraction: readonly number[]): VerdictInput => ({
  kelly,
  averageFraction,
  decisions: 150,
  trials: { count: 13, varSharpeAnn: 0.1 },
  periodsPerYear: 252,
  seed: 11,
});

const judge = (input: VerdictInput) => {
  const result = sizingVerdict(input);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

const base = noise(250);
const better = base.map((r) => r + 0.002);

describe('the verdict on Kelly sizing', () => {
  it('is for Kelly when growth, Sharpe, deflation and drawdown all hold', () => {
    const result = judge(
      inputOf(
        better,
        base.map((r, t) => r + (t % 2 ? 0.0003 : -0.0003)),
      ),
    );
    expect(result.verdict).toBe('KELLY BETTER');
    expect(result.growth.lower).toBeGreaterThan(0);
    expect(result.deflated!.dsr).toBeGreaterThanOrEqual(0.95);
    expect(result.proposal).toBeNull();
  });

  it('is for fixed sizing when growth is reliably worse, and proposes a quarter', () => {
    const result = judge(
      inputOf(
        base.map((r, t) => r - 0.002 + (t % 3) * 1e-4),
        base,
      ),
    );
    expect(result.verdict).toBe('FIXED BETTER');
    expect(result.growth.upper).toBeLessThan(0);
    expect(result.proposal).toEqual({ sizing: 'fixed', multiplier: 0.25 });
  });

  it('is open when the interval holds zero, and says how many days it would take', () => {
    const result = judge(inputOf(noise(250, 0), noise(250, 1)));
    expect(result.verdict).toBe('INCONCLUSIVE');
    expect(result.n80).toBe(result.comparison.nForPower80);
    expect(result.n80).toBeGreaterThan(250);
  });

  it('is withheld below 100 decisions or 60 days, with the figures there are', () => {
    expect(judge({ ...inputOf(better, base), decisions: 99 }).verdict).toBe('INSUFFICIENT');
    const short = judge(inputOf(better.slice(0, 59), base.slice(0, 59)));
    expect(short).toMatchObject({ verdict: 'INSUFFICIENT', days: 59, conditions: { hasEnoughDays: false } });
    expect(short.growth.lower).not.toBeNull();
    expect(judge(inputOf(better.slice(0, 60), base.slice(0, 60))).verdict).not.toBe('INSUFFICIENT');
  });

  it('survives books without any days, without any movement, and equal books', () => {
    expect(judge(inputOf([], []))).toMatchObject({ verdict: 'INSUFFICIENT', growth: { mean: null }, n80: null });
    const flat = new Array<number>(80).fill(0);
    expect(judge(inputOf(flat, flat))).toMatchObject({ verdict: 'INCONCLUSIVE', deflated: null, n80: null });
    const equal = judge(inputOf(base, base));
    expect(equal).toMatchObject({ verdict: 'INCONCLUSIVE', sharpeDifference: { value: 0, lower: 0, upper: 0 } });
  });

  it('gives the same bits for the same seed', () => {
    const input = inputOf(better, base);
    expect(judge(input)).toEqual(judge(input));
    expect(judge({ ...input, seed: 12 }).growth.lower).not.toBe(judge(input).growth.lower);
  });

  it('compares with fixed contracts beside the rule, without deciding on them', () => {
    const alone = judge(inputOf(better, base));
    const beside = judge({ ...inputOf(better, base), fixedContracts: base.map((r) => r + 0.05) });
    expect(alone.growthVsFixedContracts).toBeNull();
    expect(beside.growthVsFixedContracts!.upper).toBeLessThan(0);
    expect(beside.verdict).toBe(alone.verdict);
  });

  it('refuses books of different days, total losses and figures that are none', () => {
    expect(sizingVerdict(inputOf(better, base.slice(1))).ok).toBe(false);
    expect(sizingVerdict(inputOf([-1, ...better.slice(1)], base)).ok).toBe(false);
    expect(sizingVerdict({ ...inputOf(better, base), decisions: -1 }).ok).toBe(false);
    expect(sizingVerdict({ ...inputOf(better, base), seed: NaN }).ok).toBe(false);
    expect(sizingVerdict({ ...inputOf(better, base), periodsPerYear: 0 }).ok).toBe(false);
    expect(sizingVerdict({ ...inputOf(better, base), fixedContracts: [0.1] }).ok).toBe(false);
  });
});

describe('the rule', () => {
  const all = {
    hasEnoughDecisions: true,
    hasEnoughDays: true,
    growsFaster: true,
    sharpeHolds: true,
    survivesDeflation: true,
    drawdownHolds: true,
    growsSlower: false,
  };

  it('needs every one of its conditions', () => {
    expect(decideVerdict(all)).toBe('KELLY BETTER');
    for (const part of ['growsFaster', 'sharpeHolds', 'survivesDeflation', 'drawdownHolds']) {
      expect(decideVerdict({ ...all, [part]: false })).toBe('INCONCLUSIVE');
    }
  });

  it('looks at the sample first', () => {
    expect(decideVerdict({ ...all, hasEnoughDays: false })).toBe('INSUFFICIENT');
    expect(decideVerdict({ ...all, hasEnoughDecisions: false, growsSlower: true })).toBe('INSUFFICIENT');
  });
});
