import { afterAll, describe, expect, it } from 'vitest';

import { allBands } from '#desk/engine/path-bands.ts';
import { pathFigures } from '#desk/engine/path-figures.ts';
import { copyOf, simdKernel } from '#desk/engine/path-kernel-simd.ts';
import { CHUNK_PATHS, chunkSizes, fanMarks, joinResults, type PathPlan } from '#desk/engine/path-kernel.ts';
import { startPathPool } from '#desk/proof/path-pool.ts';

const plan: PathPlan = {
  ...{ outcomes: Float64Array.of(0.036, -0.02, 0.048, -0.012), isCompounded: true, trades: 40, meanBlock: 2 },
  ...{ marks: fanMarks(40, 3), lossLevel: 0.9, gainLevel: 1.1 },
};
const draw = { seed: 7, paths: 9 * CHUNK_PATHS + 33 };
const walked = joinResults(
  chunkSizes(draw.paths).map((paths, chunk) => simdKernel.walk(plan, { seed: 7, chunk, paths })),
  plan.marks.length,
);
const expected = { ...copyOf(walked), bands: allBands(plan, walked) };

describe('a pool of threads that walk paths', () => {
  const pools = [1, 2, 4].map((workers) => startPathPool(workers));
  afterAll(() => Promise.all(pools.map((pool) => pool.close())));

  it('finds the same bits for every number of threads, again and again', async () => {
    for (const pool of pools) {
      for (let turn = 0; turn < 3; turn += 1) {
        const told: number[] = [];
        expect(await pool.walkAll(plan, draw, (done) => told.push(done))).toEqual(expected);
        expect(told.at(-1)).toBe(draw.paths);
        expect(told).toEqual(told.toSorted((a, b) => a - b));
      }
    }
  });

  it('keeps what it found apart from what it walks next, larger or smaller', async () => {
    for (const pool of pools) {
      const other = { plan: { ...plan, trades: 90, marks: fanMarks(90, 90) }, draw: { seed: 8, paths: 11_001 } };
      const first = await pool.walkAll(plan, draw, () => undefined);
      const larger = await pool.walkAll(other.plan, other.draw, () => undefined);
      const again = await pool.walkAll(plan, draw, () => undefined);
      expect([first, again]).toEqual([expected, expected]);
      expect(larger.finals).toHaveLength(other.draw.paths);
      expect(larger).toEqual(await pools[0]?.walkAll(other.plan, other.draw, () => undefined));
    }
  });

  it('brings the bands of the fan along that are found without it', async () => {
    const [pool] = pools;
    const results = await pool?.walkAll(plan, draw, () => undefined);
    expect(results === undefined ? null : pathFigures(plan, results, 0.9)).toEqual(pathFigures(plan, walked, 0.9));
  });

  it('stops when it is told to, each thread at the chunk it is at, and can be used again', async () => {
    for (const pool of pools) {
      let done = 0;
      const many = { ...draw, paths: 400 * CHUNK_PATHS };
      const stopped = pool.walkAll({ ...plan, marks: new Int32Array() }, many, (paths) => {
        done = paths;
        throw new Error('given up');
      });
      await expect(stopped).rejects.toThrow('given up');
      expect(done).toBeLessThan(many.paths / 2);
      expect(await pool.walkAll(plan, draw, () => undefined)).toEqual(expected);
    }
  });

  it('tells of a fault in one of its threads', async () => {
    const pool = startPathPool(2);
    await pool.close();
    await expect(pool.walkAll(plan, draw, () => undefined)).rejects.toThrow('has ended');
  });
});
