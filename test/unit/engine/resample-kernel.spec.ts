import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resampleKernelFile } from '#build/make-resample-kernel.mjs';
import { drawStationaryIndices } from '#desk/engine/bootstrap.ts';
import { neumaierSum } from '#desk/engine/numerics.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { eachResample } from '#desk/engine/resample-kernel.ts';

const random = createPrng(5);
/** Sizes far apart, so that an addition rounds away what matters. */
const value = (): number => (random.nextDouble() - 0.5) * 10 ** Math.floor(12 * random.nextDouble() - 6);

type Figures = { readonly means: readonly number[]; readonly squares: readonly number[] };

/** The same by the generator and the sums of the vectors. */
function plainly(values: Float64Array, columns: number, settings: { meanBlock: number; seed: number }): Figures[] {
  const n = values.length / columns;
  const prng = createPrng(settings.seed);
  const indices = new Int32Array(n);
  return Array.from({ length: 3 }, () => {
    drawStationaryIndices(indices, { n, meanBlock: settings.meanBlock }, prng);
    const drawn = (column: number): number[] => Array.from(indices, (row) => values[columns * row + column]!);
    const means = Array.from({ length: columns }, (_, column) => neumaierSum(drawn(column)) / n);
    const squares = columns === 1 ? [] : [2, 3].map((c) => drawn(c).reduce((sum, x) => sum + (x - means[c]!) ** 2, 0));
    return { means, squares };
  });
}

function byKernel(values: Float64Array, columns: 1 | 4, settings: { meanBlock: number; seed: number }): Figures[] {
  const found: Figures[] = [];
  eachResample({ values, columns }, { ...settings, resamples: 3 }, ({ mean, squares }) => {
    const means = Array.from({ length: columns }, (_, column) => mean(column));
    found.push({ means, squares: columns === 1 ? [] : [...squares(means[2]!, means[3]!)] });
  });
  return found;
}

describe('the kernel of resamples', () => {
  it('is what build/make-resample-kernel.mjs makes', async () => {
    const file = new URL('../../../electron/desk/engine/resample-kernel-code.ts', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(await resampleKernelFile());
  });

  it.each([1, 2, 7, 1_000, 9_000])('draws and sums %i rows as the generator of the vectors does', (rows) => {
    for (const columns of [1, 4] as const) {
      const values = Float64Array.from({ length: rows * columns }, value);
      for (const meanBlock of [0.6, 1, 1.0000001, 1.7, 12.3, 75, 1e12]) {
        for (const seed of [-1, 2024]) {
          const settings = { meanBlock, seed };
          expect(byKernel(values, columns, settings)).toEqual(plainly(values, columns, settings));
        }
      }
    }
  });

  it('begins a new block where the very last bit of a draw says so', () => {
    const values = Float64Array.from({ length: 60 }, value);
    const prng = createPrng(7);
    const draws = Array.from({ length: 40 }, () => prng.nextDouble());
    for (const draw of draws) {
      // The chance of a new block is this draw, or the number before or after it.
      for (const bits of [-1, 0, 1]) {
        const settings = { meanBlock: 1 / (draw + bits * 2 ** -53), seed: 7 };
        expect(byKernel(values, 1, settings)).toEqual(plainly(values, 1, settings));
      }
    }
  });

  it('says of sums that are no numbers what the plain sum says', () => {
    const means: number[] = [];
    const settings = { meanBlock: 1e12, resamples: 1, seed: 1 };
    for (const values of [Float64Array.of(1e308, 1e308), Float64Array.of(Infinity, -Infinity)]) {
      eachResample({ values, columns: 1 }, settings, ({ mean }) => means.push(mean(0)));
    }
    const values = Float64Array.of(1e308, Infinity, 1e308, -Infinity, 1e308, Infinity, 1e308, -Infinity);
    eachResample({ values, columns: 4 }, settings, ({ mean }) => means.push(...[0, 1, 2, 3].map(mean)));
    expect(means).toEqual([Infinity, NaN, Infinity, Infinity, Infinity, -Infinity]);
  });

  it('refuses a seed that cannot be written down', () => {
    const settings = { meanBlock: 1, resamples: 1, seed: 0.5 };
    expect(() => eachResample({ values: new Float64Array(2), columns: 1 }, settings, () => undefined)).toThrow(
      RangeError,
    );
  });
});
