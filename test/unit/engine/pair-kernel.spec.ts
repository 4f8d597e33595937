import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pairKernelFile } from '#build/make-pair-kernel.mjs';
import { neumaierSum } from '#desk/engine/numerics.ts';
import { allPairs, movesOf, pairCorrelation } from '#desk/engine/pair-correlation.ts';
import { productSums } from '#desk/engine/pair-kernel.ts';
import { createPrng } from '#desk/engine/prng.ts';

const random = createPrng(5);
/** Sizes far apart, so that an addition rounds away what matters. */
const value = (): number => (random.nextDouble() - 0.5) * 10 ** Math.floor(12 * random.nextDouble() - 6);
const series = (days: number): Float64Array => Float64Array.from({ length: days }, value);

describe('the kernel of pairs', () => {
  it('is what build/make-pair-kernel.mjs makes', async () => {
    const file = new URL('../../../electron/desk/engine/pair-kernel-code.ts', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(await pairKernelFile());
  });

  it.each([
    [1, 1],
    [2, 3],
    [7, 120],
    [8, 5],
    [9, 121],
    [33, 17],
  ])('sums the products of %i markets over %i days to the last bit', (markets, days) => {
    const [all, weights] = [Array.from({ length: markets }, () => series(days)), series(days)];
    const sums = productSums(all, weights);
    for (const [i, a] of all.entries()) {
      const found = sums(i).slice(0, markets);
      for (let j = i + 1; j < markets; j += 1) {
        const products = Array.from(weights, (weight, t) => weight * ((a[t] ?? NaN) * (all[j]?.[t] ?? NaN)));
        expect(found[j]).toBe(neumaierSum(products));
      }
    }
  });

  it('says of sums that are no numbers what the plain sum says', () => {
    const [large, zero] = [Float64Array.of(1e200, 1e200), new Float64Array(2)];
    const sums = productSums([large, large, zero, zero.map(() => Infinity)], Float64Array.of(1, 1));
    expect([...sums(0).slice(1, 4)]).toEqual([Infinity, 0, Infinity]);
    expect(sums(2)[3]).toBeNaN();
  });

  it('makes the correlations of each pair alone', () => {
    const closes = (): readonly number[] => {
      let price = 100;
      return Array.from({ length: 61 }, () => (price *= 1 + 0.02 * (random.nextDouble() - 0.5)));
    };
    const moves = Array.from({ length: 21 }, () => movesOf(closes()));
    const priorOf = (i: number, j: number): number => (i + 2 * j) / 100;
    const table = allPairs(moves, priorOf);
    for (const [i, a] of moves.entries()) {
      for (const [j, b] of moves.entries()) {
        if (j <= i) continue;
        const alone = pairCorrelation(a, b, priorOf(i, j));
        expect([table?.[i * 21 + j], table?.[j * 21 + i]]).toEqual([alone, alone]);
      }
    }
    expect(
      allPairs([...moves, movesOf(Array.from({ length: 61 }, (_, t) => (t % 2 === 0 ? 1e-300 : 1e300)))], priorOf),
    ).toBeNull();
  });
});
