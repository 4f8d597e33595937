import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantileKernelFile } from '#build/make-quantile-kernel.mjs';
import { makeRoom, sharedMemory } from '#desk/engine/kernel-code.ts';
import { finderBytes, quantileKernel } from '#desk/engine/quantile-kernel.ts';
import { quantileOfSorted, quantiles } from '#desk/engine/quantile.ts';

const PS = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
const MOST = 10_007;
const AT = 1024;

const memory = sharedMemory();
const ROW = 64 * Math.ceil((AT + finderBytes(MOST)) / 64);
makeRoom(memory, ROW + 8 * MOST + 64);
const find = quantileKernel(memory)(AT, MOST);

/** Values in the memory of the kernel; what stands behind them is of no number. */
function rowOf(values: readonly number[]): Float64Array {
  const row = new Float64Array(memory.buffer, ROW, MOST + 8).fill(NaN);
  row.set(values);
  return row.subarray(0, values.length);
}

/** The quantiles of the sorted values. A zero may have either sign. */
function expected(values: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(values).sort();
  return PS.map((p) => (quantileOfSorted(sorted, p) ?? 0) + 0);
}

function mustFind(values: readonly number[]): void {
  for (const place of [rowOf(values), Float64Array.from(values), Int32Array.from(values)]) {
    const sorted = expected([...place]);
    expect(quantiles(place, PS, find)?.map((q) => q + 0)).toEqual(sorted);
    expect([...place]).toEqual([...(place instanceof Int32Array ? Int32Array.from(values) : values)]);
  }
}

describe('quantiles by the kernel', () => {
  it('is what build/make-quantile-kernel.mjs makes', async () => {
    const file = new URL('../../../electron/desk/engine/quantile-kernel-code.ts', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(await quantileKernelFile());
  });

  it.each<[string, (i: number) => number]>([
    ['that rise', (i) => i],
    ['that fall', (i) => -i],
    ['that are all alike', () => 7],
    ['of two kinds', (i) => i % 2],
    ['in disorder', (i) => (i * 7919) % MOST],
    ['with a long tail', (i) => Math.exp(((i * 7919) % MOST) / 500) - 3],
    ['with one far away', (i) => (i === 17 ? 1e300 : Math.sin(i))],
    ['at the ends of what a number holds', (i) => [-Number.MAX_VALUE, Number.MAX_VALUE, i][i % 3] ?? 0],
    ['that are all but alike', (i) => 1 + (i % 5) * Number.EPSILON],
    ['next to nothing', (i) => (i % 7) * Number.MIN_VALUE],
  ])('are those of the sorted values, of values %s', (_, shape) => {
    for (const length of [255, 256, 257, 1000, 2048, 2055, MOST]) mustFind(Array.from({ length }, (_, i) => shape(i)));
  });

  it('are those of the sorted values, of any values, whatever was looked for before', () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, min: 0.5, max: 2 }),
      fc.integer({ min: 0, max: 4 }),
    );
    const some = fc.array(value, { minLength: 1, maxLength: 400, size: 'max' });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 25 }), (values, times) => {
        mustFind(Array.from({ length: times }, (_, turn) => values.map((v) => v / (1 + (turn % 3)))).flat());
      }),
      { numRuns: 60 },
    );
  });

  it('are left to others where no rank is asked for', () => {
    const row = rowOf(Array.from({ length: 1000 }, (_, i) => i));
    find(row, [0, 999]);
    expect(find(row, [])).toBeNull();
    expect(quantiles(row, [], find)).toEqual([]);
  });
});
