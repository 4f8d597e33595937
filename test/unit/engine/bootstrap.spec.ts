import { describe, expect, it } from 'vitest';

import {
  politisWhiteBlockLength,
  stationaryBootstrapIndices,
  stationaryBootstrapMeanCI,
} from '#desk/engine/bootstrap.ts';
import { createPrng } from '#desk/engine/prng.ts';

const draw = (shape: { n: number; length: number; meanBlock: number }, seed = 7) =>
  stationaryBootstrapIndices(shape, createPrng(seed));

const valueOf = <T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe('stationary bootstrap indices', () => {
  it('run on in blocks and wrap at the end', () => {
    const indices = valueOf(draw({ n: 6, length: 12, meanBlock: 1e12 }));
    indices.forEach((index, i) => {
      if (i > 0) expect(index).toBe((indices[i - 1]! + 1) % 6);
    });
  });

  it('have the mean block that was asked for', () => {
    const indices = valueOf(draw({ n: 1000, length: 200_000, meanBlock: 8 }));
    const restarts = indices.filter((index, i) => i === 0 || index !== (indices[i - 1]! + 1) % 1000).length;
    // Restarts are binomial with p = 1/8; six standard deviations.
    expect(Math.abs(restarts - 25_000)).toBeLessThan(6 * Math.sqrt(200_000 * (1 / 8) * (7 / 8)) + 50);
  });

  it('are independent draws, one per index, at a block of 1 or less', () => {
    const prng = createPrng(7);
    const plain = Array.from({ length: 30 }, () => prng.index(10));
    expect(valueOf(draw({ n: 10, length: 30, meanBlock: 1 }))).toEqual(plain);
    expect(valueOf(draw({ n: 10, length: 30, meanBlock: 0.57 }))).toEqual(plain);
  });

  it('refuse shapes that no resample has', () => {
    const shape = { n: 5, length: 5, meanBlock: 2 };
    expect(draw({ ...shape, n: 0 })).toMatchObject({ ok: false, error: { code: 'invalid-input', field: 'n' } });
    expect(draw({ ...shape, length: -1 })).toMatchObject({ ok: false, error: { field: 'length' } });
    expect(draw({ ...shape, meanBlock: NaN })).toMatchObject({ ok: false, error: { field: 'meanBlock' } });
    expect(valueOf(draw({ ...shape, length: 0 }))).toEqual([]);
    expect(valueOf(draw({ ...shape, n: 1 }))).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('interval of a mean', () => {
  const settings = { meanBlock: 1, resamples: 999, seed: 1, confidence: 0.9 };

  it('has no width for one value or a flat series', () => {
    expect(stationaryBootstrapMeanCI([0.5], settings)).toEqual({
      ok: true,
      value: { mean: 0.5, lower: 0.5, upper: 0.5, pOneSided: 1 / 1000 },
    });
  });

  it('is null for no values', () => {
    const nothing = { mean: null, lower: null, upper: null, pOneSided: null };
    expect(stationaryBootstrapMeanCI([], settings)).toEqual({ ok: true, value: nothing });
  });

  it('never calls a negative mean positive', () => {
    const interval = valueOf(stationaryBootstrapMeanCI([-1, -2, -1.5, -0.5, -3, -1], settings));
    expect(interval.upper).toBeLessThan(0);
    expect(interval.pOneSided).toBeGreaterThan(0.5);
  });

  it('widens with confidence', () => {
    const values = [1, -2, 3, -1, 4, -2, 5, -3];
    const [narrow, wide] = [0.5, 0.99].map((confidence) =>
      valueOf(stationaryBootstrapMeanCI(values, { ...settings, confidence })),
    );
    expect(wide!.lower).toBeLessThan(narrow!.lower!);
    expect(wide!.upper).toBeGreaterThan(narrow!.upper!);
  });

  it('refuses values and settings out of their domain', () => {
    expect(stationaryBootstrapMeanCI([1, NaN], settings)).toMatchObject({ error: { field: 'values[1]' } });
    for (const broken of [{ confidence: 1 }, { confidence: 0 }, { resamples: 0 }, { seed: 0.5 }, { meanBlock: 0 }]) {
      const result = stationaryBootstrapMeanCI([1, 2], { ...settings, ...broken });
      expect(result).toMatchObject({ ok: false, error: { field: Object.keys(broken)[0] } });
    }
  });
});

describe('automatic block length', () => {
  const walk = (phi: number, n: number, seed = 3) => {
    const prng = createPrng(seed);
    let level = 0;
    return Array.from({ length: n }, () => (level = phi * level + prng.nextDouble() - 0.5));
  };

  it('is longer for a persistent series, and never beyond its ceiling', () => {
    const independent = valueOf(politisWhiteBlockLength(walk(0, 400)))!;
    const persistent = valueOf(politisWhiteBlockLength(walk(0.9, 400)))!;
    expect(persistent.stationary).toBeGreaterThan(3 * independent.stationary);
    const ceiling = Math.ceil(Math.min(3 * Math.sqrt(20), 20 / 3));
    const short = Array.from(
      { length: 50 },
      (_, seed) => valueOf(politisWhiteBlockLength(walk(1, 20, seed)))!.stationary,
    );
    expect(Math.max(...short)).toBe(ceiling);
  });

  it('does not exist for a flat or a very short series', () => {
    expect(politisWhiteBlockLength(new Array<number>(50).fill(0.1))).toEqual({ ok: true, value: null });
    expect(politisWhiteBlockLength([1, 2, 3, 4, 5, 6, 7])).toEqual({ ok: true, value: null });
    expect(politisWhiteBlockLength([])).toEqual({ ok: true, value: null });
    expect(politisWhiteBlockLength([1, 2, 3, 4, 5, 6, 7, 9])).toMatchObject({ ok: true, value: { m: 8 } });
  });

  it('refuses a value that is not a number', () => {
    expect(politisWhiteBlockLength([1, Infinity])).toMatchObject({ ok: false, error: { field: 'values[1]' } });
  });
});
