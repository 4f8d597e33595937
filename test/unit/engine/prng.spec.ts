import { describe, expect, it } from 'vitest';

import { createPrng } from '#desk/engine/prng.ts';

describe('the random stream', () => {
  it('gives the same bits for the same seed, and others for another', () => {
    const [a, b, c] = [createPrng(2024), createPrng(2024), createPrng(2025)];
    const bitsOf = (prng: typeof a) => Array.from({ length: 50 }, () => prng.nextUint32());
    const bits = bitsOf(a);
    expect(bitsOf(b)).toEqual(bits);
    expect(bitsOf(c)).not.toEqual(bits);
  });

  it('counts the low 32 bits of a seed', () => {
    expect(createPrng(-1).nextUint32()).toBe(createPrng(0xffffffff).nextUint32());
    expect(createPrng(0x100000000).nextUint32()).toBe(createPrng(0).nextUint32());
  });

  it('refuses a seed that cannot be written down', () => {
    for (const seed of [NaN, Infinity, 0.5, 2 ** 60]) expect(() => createPrng(seed)).toThrow(RangeError);
  });

  it('stays inside [0, 1) and [0, n), evenly', () => {
    const prng = createPrng(1);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i += 1) counts[prng.index(7)]! += 1;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(70_000);
    // Six standard deviations of a binomial count around 10 000.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(6 * Math.sqrt(10_000 * (6 / 7)));
  });
});
