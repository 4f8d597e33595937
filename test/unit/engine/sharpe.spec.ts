import { describe, expect, it } from 'vitest';

import { deflatedSharpe, minTrackRecord, pairedComparison, psr } from '#desk/engine/sharpe.ts';

const sample = { sharpe: 0.1, n: 252, skew: 0, kurt: 3 };

const valueOf = <T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe('probabilistic Sharpe ratio', () => {
  it('takes the ratio per period and kurtosis as it is, not in excess', () => {
    // A normal shape leaves 1 + SR²/2 under the root.
    const z = (0.1 * Math.sqrt(251)) / Math.sqrt(1 + 0.1 ** 2 / 2);
    expect(valueOf(psr(sample))).toBeCloseTo(0.5 * (1 + erf(z / Math.SQRT2)), 6);
    expect(valueOf(psr({ ...sample, kurt: 0 }))).toBeGreaterThan(valueOf(psr(sample))!);
    expect(valueOf(psr({ ...sample, sharpe: 0.1 * Math.sqrt(252) }))).toBeGreaterThan(0.999999);
  });

  it('is a half at the benchmark', () => {
    expect(valueOf(psr(sample, 0.1))).toBe(0.5);
  });

  it('is null where the variance is not positive or there is one return', () => {
    expect(valueOf(psr({ sharpe: 1, n: 50, skew: 3, kurt: 1 }))).toBeNull();
    expect(valueOf(psr({ sharpe: 1, n: 50, skew: 1, kurt: 1 }))).toBeNull();
    expect(valueOf(psr({ ...sample, n: 1 }))).toBeNull();
  });

  it('refuses NaN', () => {
    expect(psr({ ...sample, sharpe: NaN }).ok).toBe(false);
    expect(psr({ ...sample, n: 10.5 }).ok).toBe(false);
    expect(psr(sample, Infinity).ok).toBe(false);
  });
});

describe('deflated Sharpe ratio', () => {
  it('rises in benchmark with the number of trials and with their spread', () => {
    const at = (count: number, varSharpeAnn: number) =>
      valueOf(deflatedSharpe(sample, { count, varSharpeAnn }, 252)).sr0PerPeriod;
    expect(at(13, 0.3)).toBeGreaterThan(at(5, 0.3));
    expect(at(13, 1.2) / at(13, 0.3)).toBeCloseTo(2, 12);
  });

  it('is the plain probability for one trial or without spread', () => {
    const plain = valueOf(psr(sample));
    expect(valueOf(deflatedSharpe(sample, { count: 1, varSharpeAnn: 0.5 }, 252))).toEqual({
      sr0PerPeriod: 0,
      dsr: plain,
    });
    expect(valueOf(deflatedSharpe(sample, { count: 20, varSharpeAnn: 0 }, 252))).toEqual({
      sr0PerPeriod: 0,
      dsr: plain,
    });
  });

  it('keeps the benchmark when the probability is undefined', () => {
    const broken = { sharpe: 1, n: 50, skew: 3, kurt: 1 };
    const result = valueOf(deflatedSharpe(broken, { count: 13, varSharpeAnn: 0.3 }, 252));
    expect(result.dsr).toBeNull();
    expect(result.sr0PerPeriod).toBeGreaterThan(0);
  });

  it('refuses less than one trial, a negative variance and no year', () => {
    expect(deflatedSharpe(sample, { count: 0, varSharpeAnn: 0.3 }, 252).ok).toBe(false);
    expect(deflatedSharpe(sample, { count: 5, varSharpeAnn: -1 }, 252).ok).toBe(false);
    expect(deflatedSharpe(sample, { count: 5, varSharpeAnn: 0.3 }, 0).ok).toBe(false);
  });
});

describe('minimum track record', () => {
  it('is where the probability reaches the confidence', () => {
    const length = valueOf(minTrackRecord({ sharpe: 0.12, skew: -0.4, kurt: 5 }, 0.02, 0.95))!;
    const reached = valueOf(psr({ sharpe: 0.12, n: Math.ceil(length), skew: -0.4, kurt: 5 }, 0.02))!;
    const before = valueOf(psr({ sharpe: 0.12, n: Math.floor(length), skew: -0.4, kurt: 5 }, 0.02))!;
    expect(reached).toBeGreaterThanOrEqual(0.95);
    expect(before).toBeLessThan(0.95);
  });

  it('does not exist at or below the benchmark: squaring would hide the sign', () => {
    expect(valueOf(minTrackRecord(sample, 0.1, 0.95))).toBeNull();
    expect(valueOf(minTrackRecord(sample, 0.2, 0.95))).toBeNull();
  });

  it('refuses a confidence of less than a half or of certainty', () => {
    for (const confidence of [0.4, 1, NaN]) expect(minTrackRecord(sample, 0, confidence).ok).toBe(false);
  });
});

describe('paired comparison', () => {
  const fixed = [0.01, -0.02, 0.015, 0.005, -0.01];

  it('is undefined, not infinite, between equal books', () => {
    const result = valueOf(pairedComparison(fixed, fixed));
    expect(result).toMatchObject({ meanDiffLog: 0, sdDiffLog: 0, t: null, nForPower80: null, memmelZ: null });
    expect(result.corr).toBeCloseTo(1, 14);
  });

  it('sees no Sharpe difference between a book and its double', () => {
    const result = valueOf(
      pairedComparison(
        fixed.map((r) => 2 * r),
        fixed,
      ),
    );
    expect(result.sharpeKelly).toBeCloseTo(result.sharpeFixed!, 14);
    expect(result.memmelZ).toBeNull();
  });

  it('is null for no days and has only a mean for one', () => {
    expect(valueOf(pairedComparison([], []))).toMatchObject({ n: 0, meanDiffLog: null, t: null, corr: null });
    expect(valueOf(pairedComparison([0.1], [0]))).toMatchObject({ n: 1, sdDiffLog: null, t: null, sharpeKelly: null });
  });

  it('has no correlation with a book that never moves', () => {
    const still = valueOf(
      pairedComparison(
        fixed,
        fixed.map(() => 0),
      ),
    );
    expect(still).toMatchObject({ sharpeFixed: null, corr: null, memmelZ: null });
    expect(still.t).not.toBeNull();
  });

  it('refuses series that do not pair, total losses and NaN', () => {
    expect(pairedComparison([0.1, 0.2], [0.1])).toMatchObject({
      error: { code: 'invalid-input', field: 'fixed.length' },
    });
    expect(pairedComparison([-1], [0]).ok).toBe(false);
    expect(pairedComparison([0], [-1.2]).ok).toBe(false);
    expect(pairedComparison([NaN], [0]).ok).toBe(false);
  });
});

/** Error function by its series, for an independent normal probability. @source Abramowitz and Stegun 7.1.5 */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 100; k += 1) {
    term *= (-x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
