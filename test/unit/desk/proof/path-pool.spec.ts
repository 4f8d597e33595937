import { afterAll, describe, expect, it } from 'vitest';

import { sharedMemory } from '#desk/engine/kernel-code.ts';
import { pathFigures } from '#desk/engine/path-figures.ts';
import { pathWalker, pieceCount, simdKernel } from '#desk/engine/path-kernel-simd.ts';
import { CHUNK_PATHS, chunkSizes, fanMarks, joinResults, type PathPlan } from '#desk/engine/path-kernel.ts';
import { startPathPool } from '#desk/proof/path-pool.ts';
import { chunkWalker, findPieces, foundOf, isFound, isWalked, sharedWalk } from '#desk/proof/path-share.ts';
import { allBands, tallied } from '#test/support/walked-paths.ts';

const plan: PathPlan = {
  ...{ outcomes: Float64Array.of(0.036, -0.02, 0.048, -0.012), isCompounded: true, trades: 40, meanBlock: 2 },
  ...{ marks: fanMarks(40, 3), lossLevel: 0.9, gainLevel: 1.1 },
};
const draw = { seed: 7, paths: 9 * CHUNK_PATHS + 33, ruinLevel: 0.8 };
const walked = joinResults(
  chunkSizes(draw.paths).map((paths, chunk) => simdKernel.walk(plan, { seed: 7, chunk, paths })),
  plan.marks.length,
);
const expected = { bands: allBands(plan, walked), tally: tallied(plan, walked, draw.ruinLevel) };

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
      const other = {
        plan: { ...plan, trades: 90, marks: fanMarks(90, 90) },
        draw: { seed: 8, paths: 11_001, ruinLevel: 0.5 },
      };
      const first = await pool.walkAll(plan, draw, () => undefined);
      const larger = await pool.walkAll(other.plan, other.draw, () => undefined);
      const again = await pool.walkAll(plan, draw, () => undefined);
      expect([first, again]).toEqual([expected, expected]);
      expect(larger.tally.paths).toBe(other.draw.paths);
      expect(larger).toEqual(await pools[0]?.walkAll(other.plan, other.draw, () => undefined));
    }
  });

  it('finds the figures that are found without it', async () => {
    const [pool] = pools;
    const found = await pool?.walkAll(plan, draw, () => undefined);
    expect(found === undefined ? null : pathFigures(plan, found)).toEqual(pathFigures(plan, expected));
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

describe('threads that share one memory', () => {
  it('leave each path where it belongs, whoever walked it', () => {
    for (const threads of [1, 2, 3]) {
      const memory = sharedMemory();
      const all = Array.from({ length: threads }, (_, thread) => ({ thread, walker: pathWalker(memory) }));
      const [first] = all;
      if (first === undefined) throw new Error('no thread');
      const walk = sharedWalk({ plan, ...draw, threads }, first.walker);
      const steps = all.map((own) => chunkWalker(walk, own));
      // The last thread takes most of them.
      while (!isWalked(walk)) steps.toReversed().forEach((step, i) => step() && i === 0 && step());
      const { wealthAt, bands, tally, ...ends } = first.walker.found(walk.task);
      const { fan, ...figures } = walked;
      expect(ends).toEqual(figures);
      plan.marks.forEach((_, mark) =>
        expect(wealthAt(mark)).toEqual(fan.subarray(mark * draw.paths, (mark + 1) * draw.paths)),
      );
      expect([...bands, ...tally]).toEqual([...bands, ...tally].map(() => 0));
      const writers = all.map(({ thread, walker }) => walker.pieceWriter(walk.task, thread));
      for (let piece = pieceCount(plan) - 1; piece >= 0; piece -= 1) writers[piece % threads]?.(piece);
      expect(foundOf(walk, first.walker)).toEqual(expected);
      for (const own of all) findPieces(walk, own);
      expect(isFound(walk)).toBe(true);
      expect(foundOf(walk, first.walker)).toEqual(expected);
    }
  });
});
