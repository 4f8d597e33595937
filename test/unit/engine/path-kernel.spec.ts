import { describe, expect, it } from 'vitest';

import { monteCarloTrades } from '#desk/engine/monte-carlo.ts';
import { CHUNK_PATHS, chunkSizes, fanMarks, joinResults, referenceKernel } from '#desk/engine/path-kernel.ts';
import type { PathPlan, PathResults } from '#desk/engine/path-kernel.ts';
import { pathFigures } from '#desk/engine/path-figures.ts';
import { meanOf } from '#desk/engine/numerics.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { allBands, tallied } from '#test/support/walked-paths.ts';

const R = [1.8, -1, 2.4, -1, -0.6, 1.1, -1, 3.2, 0.7, -1.2];

const planOf = (changes: Partial<PathPlan> = {}): PathPlan => ({
  outcomes: Float64Array.from(R, (r) => 0.02 * r),
  isCompounded: true,
  trades: 50,
  meanBlock: 1,
  marks: fanMarks(50, 10),
  lossLevel: 0.9,
  gainLevel: 1.1,
  ...changes,
});

const walked = (plan: PathPlan, paths: number, seed = 42) =>
  joinResults(
    chunkSizes(paths).map((size, chunk) => referenceKernel.walk(plan, { seed, chunk, paths: size })),
    plan.marks.length,
  );

const figuresOf = (plan: PathPlan, results: PathResults) =>
  pathFigures(plan, { bands: allBands(plan, results), tally: tallied(plan, results, 0.5) });

/** One path over outcomes in the order given: a sample of one block that begins at the front. */
const scripted = (outcomes: readonly number[], changes: Partial<PathPlan> = {}) => {
  const plan = planOf({
    ...{ outcomes: Float64Array.from(outcomes), trades: outcomes.length, meanBlock: 1e15 },
    ...{ marks: new Int32Array(), ...changes },
  });
  // The first index is drawn: the seed is looked for that draws the front.
  for (let seed = 0; ; seed += 1) {
    if (createPrng(seed).index(outcomes.length) === 0) return { plan, results: walked(plan, 1, seed) };
  }
};

describe('paths in chunks', () => {
  it('begin as the sequential generator, bit for bit', () => {
    for (const meanBlock of [1, 4]) {
      const sequential = monteCarloTrades(R, {
        f: 0.02,
        trades: 50,
        paths: CHUNK_PATHS,
        meanBlock,
        seed: 42,
        fanPoints: 10,
      });
      if (!sequential.ok) throw new Error(sequential.error.field);
      const figures = figuresOf(planOf({ meanBlock }), walked(planOf({ meanBlock }), CHUNK_PATHS));
      expect(figures.finalWealth).toMatchObject(sequential.value.finalWealth);
      expect(figures.maxDrawdown).toMatchObject(sequential.value.maxDrawdown);
      expect(figures.fan.p50.slice(1)).toEqual(sequential.value.fan.map(({ p50 }) => p50));
    }
  });

  it('draw from streams of their own: no two chunks are alike', () => {
    const finals = [0, 1, 2, 3].map((chunk) =>
      referenceKernel.walk(planOf(), { seed: 42, chunk, paths: 40 }).finals.join(' '),
    );
    expect(new Set(finals).size).toBe(4);
  });

  it('join in their order, the last one shorter', () => {
    const whole = walked(planOf(), 2 * CHUNK_PATHS + 7);
    expect(chunkSizes(2 * CHUNK_PATHS + 7)).toEqual([CHUNK_PATHS, CHUNK_PATHS, 7]);
    const last = referenceKernel.walk(planOf(), { seed: 42, chunk: 2, paths: 7 });
    expect([...whole.finals.slice(-7)]).toEqual([...last.finals]);
    const row = whole.fan.subarray(3 * whole.finals.length, 4 * whole.finals.length);
    expect([...row.slice(-7)]).toEqual([...last.fan.subarray(3 * 7, 4 * 7)]);
  });
});

describe('the figures of all paths', () => {
  it('count what lies beyond each depth as the sorted drawdowns do', () => {
    const results = walked(planOf({ marks: new Int32Array() }), 2 * CHUNK_PATHS);
    const { depth, above } = figuresOf(planOf({ marks: new Int32Array() }), results).drawdowns;
    const { length } = results.drawdowns;
    expect(depth.at(-1)).toBe(Math.max(...results.drawdowns));
    expect(above).toEqual(depth.map((d) => results.drawdowns.filter((drawdown) => drawdown > d).length / length));
    const none = figuresOf(planOf({ marks: new Int32Array() }), scripted([0.5]).results);
    expect(new Set(none.drawdowns.above)).toEqual(new Set([0]));
    expect(new Set(none.drawdowns.depth)).toEqual(new Set([0]));
  });

  it('count the paths that end, fall and come to a level as those picked out of all', () => {
    for (const isCompounded of [true, false]) {
      const plan = planOf({ isCompounded, outcomes: Float64Array.from(R, (r) => 0.2 * r), lossLevel: 0.7, trades: 80 });
      const ends = walked({ ...plan, marks: new Int32Array() }, CHUNK_PATHS + 9);
      const { finals, lowest, first, falls } = ends;
      const tally = tallied(plan, ends, 0.3);
      expect(tally).toMatchObject({
        paths: finals.length,
        below: finals.filter((wealth) => wealth < 1).length,
        wiped: finals.filter((wealth) => wealth === 0).length,
        lossFirst: first.filter((which) => which === 1).length,
        gainFirst: first.filter((which) => which === 2).length,
        ruined: lowest.filter((wealth) => wealth <= 0.3).length,
        lost: lowest.filter((wealth) => wealth <= 0.7).length,
        meanFall: meanOf([...falls]),
      });
      expect(tally.ruined).toBeGreaterThan(0);
      expect(tally.wiped > 0).toBe(!isCompounded);
    }
  });
});

describe('the figures of a path', () => {
  it('are those of its wealth, by hand', () => {
    const { results } = scripted([0.5, -0.4, -0.5, 1, 2]);
    // 1.5, 0.9, 0.45, 0.9, 2.7: the peak of 1.5 is passed by the last trade only.
    expect(results.finals[0]).toBeCloseTo(2.7, 12);
    expect(results.drawdowns[0]).toBeCloseTo(0.7, 12);
    expect(results.falls[0]).toBe(0);
    expect(results.lowest[0]).toBeCloseTo(0.45, 12);
    expect([results.underWater[0], results.longestUnderWater[0], results.first[0]]).toEqual([3, 3, 2]);
  });

  it('say what came first, the loss or the gain', () => {
    const first = (outcomes: readonly number[]) => scripted(outcomes).results.first[0];
    expect(first([-0.2, 1])).toBe(1);
    expect(first([0.2, -0.9])).toBe(2);
    expect(first([0.01, -0.01])).toBe(0);
  });

  it('add up without compounding, and end at nothing', () => {
    const added = scripted([0.5, -0.4, -0.5], { isCompounded: false }).results;
    expect(added.finals[0]).toBeCloseTo(0.6, 12);
    // 1.5, 1.1, 0.6.
    expect(added.falls[0]).toBeCloseTo(0.9, 12);
    const lost = scripted([-0.6, -0.6, 5], { isCompounded: false }).results;
    expect([lost.finals[0], lost.lowest[0], lost.drawdowns[0]]).toEqual([0, 0, 1]);
  });
});

describe('streams of a seed', () => {
  const BITS = 128;
  type Matrix = readonly bigint[];
  const masks = [0, 1, 2, 3].map((i) => BigInt(32 * i));

  /** One step of the generator on a state of 128 bits, as its authors print it. */
  function stepped(state: bigint): bigint {
    const word = (i: number): number => Number((state >> (masks[i] ?? 0n)) & 0xffffffffn);
    let [s0, s1, s2, s3] = [word(0), word(1), word(2), word(3)];
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);
    return [s0, s1, s2, s3].reduce((sum, x, i) => sum | (BigInt(x >>> 0) << (masks[i] ?? 0n)), 0n);
  }

  /** Columns of a linear map over the bits; `apply` is their sum where the state has a 1. */
  const apply = (matrix: Matrix, state: bigint): bigint =>
    matrix.reduce((sum, column, bit) => (((state >> BigInt(bit)) & 1n) === 1n ? sum ^ column : sum), 0n);

  it('begin 2⁶⁴ steps after one another: squaring the step 64 times gives the same state', () => {
    let matrix: Matrix = Array.from({ length: BITS }, (_, bit) => stepped(1n << BigInt(bit)));
    for (let i = 0; i < 64; i += 1) {
      const before = matrix;
      matrix = before.map((column) => apply(before, column));
    }
    const fmix = (h: number): number => {
      let x = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
      x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
      return (x ^ (x >>> 16)) >>> 0;
    };
    const seed = 42;
    const words = [1, 2, 3, 4].map((i) => fmix((seed + i * 0x9e3779b9) >>> 0));
    const state = words.reduce((sum, x, i) => sum | (BigInt(x) << (masks[i] ?? 0n)), 0n);
    const later = apply(matrix, apply(matrix, state));
    const s1 = Number((later >> 32n) & 0xffffffffn);
    const product = Math.imul(s1, 5);
    const output = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    expect(createPrng(seed, 2).nextUint32()).toBe(output);
  });
});
