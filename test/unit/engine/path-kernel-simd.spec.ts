import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathKernelFile } from '#build/make-path-kernel.mjs';
import { simdKernel } from '#desk/engine/path-kernel-simd.ts';
import {
  CHUNK_PATHS,
  emptyResults,
  fanMarks,
  joinResults,
  referenceKernel,
  type PathKernel,
  type PathPlan,
  type PathResults,
} from '#desk/engine/path-kernel.ts';
import { createPrng, type Prng } from '#desk/engine/prng.ts';

const R = [1.8, -1, 2.4, -1, -0.6, 1.1, -1, 3.2, 0.7, -1.2];

const planOf = (changes: Partial<PathPlan> = {}): PathPlan => ({
  outcomes: Float64Array.from(R, (r) => 0.02 * r),
  isCompounded: true,
  trades: 50,
  meanBlock: 1,
  marks: fanMarks(50, 7),
  lossLevel: 0.9,
  gainLevel: 1.1,
  ...changes,
});

const index = (prng: Prng, n: number): number => Math.floor((prng.nextUint32() * n) / 2 ** 32);

/** Indices two by two: the second is of what the first leaves of their output. */
function pairs(prng: Prng, n: number): () => number {
  let left: number | null = null;
  return () => {
    const product = (left ?? prng.nextUint32()) * n;
    left = left === null ? product % 2 ** 32 : null;
    return Math.floor(product / 2 ** 32);
  };
}

/** The next trade of a path in one lane, as the layout says. */
function drawer({ outcomes: { length: n }, meanBlock }: PathPlan, prng: Prng): () => number {
  if (meanBlock <= 1) return n <= 1024 ? pairs(prng, n) : () => index(prng, n);
  const chance = Math.min(2 ** 32 - 1, Math.round(2 ** 32 / meanBlock));
  let current = index(prng, n) - 1;
  return () => {
    const own = n <= 1024 ? null : prng.nextUint32();
    const product = prng.nextUint32() * n;
    const restarts = (own ?? product % 2 ** 32) < chance;
    current = restarts ? Math.floor(product / 2 ** 32) : (current + 1) % n;
    return current;
  };
}

/** One path by one lane's stream, in plain words. */
function walkOne(plan: PathPlan, prng: Prng, { into, path }: { into: PathResults; path: number }): void {
  const { outcomes, isCompounded, marks, lossLevel, gainLevel } = plan;
  const next = drawer(plan, prng);
  let [wealth, peak, share, run] = [1, 1, 1, 0];
  let [worst, fall, lowest, below, longest, first] = [1, 0, 1, 0, 0, 0];
  for (let i = 1; i <= plan.trades; i += 1) {
    const x = outcomes[next()]!;
    const factor = Math.max(0, 1 + x);
    wealth = Math.min(Number.MAX_VALUE, isCompounded ? wealth * factor : wealth > 0 ? Math.max(0, wealth + x) : 0);
    peak = Math.max(peak, wealth);
    share = isCompounded ? Math.min(1, share * factor) : wealth / peak;
    worst = Math.min(worst, share);
    fall = isCompounded ? 0 : Math.max(fall, peak - wealth);
    lowest = Math.min(lowest, wealth);
    run = share < 1 ? run + 1 : 0;
    below += share < 1 ? 1 : 0;
    longest = Math.max(longest, run);
    if (first === 0) first = wealth <= lossLevel ? 1 : wealth >= gainLevel ? 2 : 0;
    const mark = marks.indexOf(i);
    if (mark >= 0) into.fan[mark * into.finals.length + path] = wealth;
  }
  into.finals[path] = wealth;
  into.drawdowns[path] = 1 - worst;
  into.falls[path] = fall;
  into.lowest[path] = lowest;
  into.underWater[path] = below;
  into.longestUnderWater[path] = longest;
  into.first[path] = first;
}

const plainly: PathKernel = {
  layout: simdKernel.layout,
  walk(plan, { seed, chunk, paths }) {
    const into = emptyResults(paths, plan.marks.length);
    const lanes = [0, 1, 2, 3].map((lane) => createPrng(seed, 4 * chunk + lane));
    for (let path = 0; path < paths; path += 1) walkOne(plan, lanes[path % 4]!, { into, path });
    return into;
  },
};

/** Outcomes that are all different. */
const outcomesOf = (count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => 0.02 * Math.sin(1 + i) + 1e-6 * i);

const KINDS: readonly [string, Partial<PathPlan>][] = [
  ['compounded', {}],
  ['compounded in blocks', { meanBlock: 4 }],
  ['compounded in blocks of one whole sample', { meanBlock: 1e15 }],
  ['added', { isCompounded: false }],
  ['added in blocks', { isCompounded: false, meanBlock: 2.5 }],
  ['of one outcome', { outcomes: Float64Array.of(-0.01), meanBlock: 3 }],
  ['that lose everything', { outcomes: Float64Array.of(-1, 0.5, 0.2) }],
  ['that lose everything and may not borrow', { outcomes: Float64Array.of(-0.4, 0.3), isCompounded: false }],
  ['that outgrow every number', { outcomes: Float64Array.of(1e300, -0.5), trades: 12, marks: fanMarks(12, 3) }],
  ['that add up to more than a number', { outcomes: Float64Array.of(1.5e308, -1e300), isCompounded: false }],
  ['that pass a level again and again', { outcomes: Float64Array.of(0.2, -0.17), lossLevel: 0.9, gainLevel: 1.05 }],
  [
    'with levels of nothing',
    { outcomes: Float64Array.of(-0.4, 0.3), lossLevel: -0, gainLevel: Infinity, isCompounded: false },
  ],
  ['with a level below nothing', { lossLevel: -1, gainLevel: 1 }],
  ['of several blocks', { trades: 300, marks: fanMarks(300, 7) }],
  ['added, of several blocks', { isCompounded: false, trades: 257, marks: fanMarks(257, 7), meanBlock: 3 }],
  ['with a loss level above the start', { lossLevel: 1.01, gainLevel: 1.02 }],
  [
    'of the largest sample whose outputs are shared',
    { outcomes: outcomesOf(1024), trades: 131, marks: fanMarks(131, 5) },
  ],
  ['of a larger one', { outcomes: outcomesOf(1025), trades: 131, marks: fanMarks(131, 5) }],
  [
    'in blocks of the largest sample whose outputs are shared',
    { outcomes: outcomesOf(1024), meanBlock: 3, trades: 131, marks: fanMarks(131, 5) },
  ],
  ['in blocks of a larger one', { outcomes: outcomesOf(1025), meanBlock: 3, trades: 131, marks: fanMarks(131, 5) }],
  ['added, of a larger one', { outcomes: outcomesOf(1025), isCompounded: false }],
  ['added in blocks of a larger one', { outcomes: outcomesOf(1025), isCompounded: false, meanBlock: 3 }],
  ['of an odd number of trades', { trades: 129, marks: fanMarks(129, 43) }],
  ['of one trade', { trades: 1, marks: fanMarks(1, 5) }],
  ['with a mark at every trade, over several blocks', { trades: 260, marks: fanMarks(260, 260) }],
  [
    'that fall to next to nothing',
    { outcomes: Float64Array.of(-0.4, 0.3, -0.3), trades: 3000, marks: fanMarks(3000, 9) },
  ],
  [
    'that rise far above their lowest and fall to it again',
    { outcomes: Float64Array.of(0.02, -0.0199), meanBlock: 40, trades: 1500, marks: fanMarks(1500, 61) },
  ],
  ['that only rise', { outcomes: Float64Array.of(0.01, 0.02), gainLevel: 3, trades: 300, marks: fanMarks(300, 33) }],
  ['with a gain level that is far', { gainLevel: 1e12, trades: 700, marks: fanMarks(700, 41) }],
  ['with marks at the ends of blocks', { trades: 256, marks: Int32Array.of(128, 256) }],
  ['without a fan', { marks: new Int32Array() }],
  ['of no trades', { trades: 0, marks: new Int32Array() }],
];

describe('the SIMD kernel', () => {
  it.each(KINDS)('walks paths %s as its layout says, bit for bit', (_, changes) => {
    const plan = planOf(changes);
    for (const draw of [
      { seed: 42, chunk: 0, paths: 9 },
      { seed: -7, chunk: 3, paths: CHUNK_PATHS },
    ]) {
      expect(simdKernel.walk(plan, draw)).toEqual(plainly.walk(plan, draw));
    }
  });

  it('walks paths of any plan as its layout says, bit for bit', () => {
    const size = fc.constantFrom(0.001, 0.01, 0.05, 0.3, 1.5);
    const shape = fc.record({
      outcomes: size.chain((most) => fc.array(fc.double({ min: -most, max: most, noNaN: true }), { minLength: 1 })),
      drift: fc.constantFrom(-0.01, 0, 0.005),
      isCompounded: fc.boolean(),
      meanBlock: fc.constantFrom(1, 1, 3),
      trades: fc.integer({ min: 1, max: 400 }),
      points: fc.integer({ min: 0, max: 40 }),
      lossLevel: fc.constantFrom(0, 0.7, 0.95, 1.01),
      gainLevel: fc.constantFrom(1.02, 1.5, 4, Infinity),
    });
    fc.assert(
      fc.property(shape, fc.integer(), ({ drift, points, ...changes }, seed) => {
        const outcomes = Float64Array.from(changes.outcomes, (x) => x + drift);
        const plan = planOf({ ...changes, outcomes, marks: fanMarks(changes.trades, points) });
        const draw = { seed, chunk: 1, paths: 6 };
        expect(simdKernel.walk(plan, draw)).toEqual(plainly.walk(plan, draw));
      }),
    );
  });

  it('says the same again, whatever was walked between', () => {
    const draw = { seed: 5, chunk: 2, paths: 40 };
    const before = simdKernel.walk(planOf(), draw);
    simdKernel.walk(planOf({ trades: 500, marks: fanMarks(500, 100) }), { seed: 6, chunk: 0, paths: CHUNK_PATHS });
    expect(simdKernel.walk(planOf(), draw)).toEqual(before);
  });

  it.each([[[0, 5]], [[5, 5]], [[5, 4]], [[5, 51]]])('refuses marks that do not rise within a path: %j', (marks) => {
    const plan = planOf({ marks: Int32Array.from(marks) });
    expect(() => simdKernel.walk(plan, { seed: 1, chunk: 0, paths: 4 })).toThrow('marks do not rise');
  });

  it('refuses more paths than a stream draws', () => {
    expect(() => simdKernel.walk(planOf(), { seed: 1, chunk: 0, paths: CHUNK_PATHS + 1 })).toThrow('no place for 501');
  });

  it('draws each chunk from streams of its own', () => {
    const finals = [0, 1, 2, 3].map((chunk) => simdKernel.walk(planOf(), { seed: 42, chunk, paths: 40 }).finals.join());
    expect(new Set(finals).size).toBe(4);
  });

  it('is what build/make-path-kernel.mjs makes', async () => {
    const file = new URL('../../../electron/desk/engine/path-kernel-code.ts', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(await pathKernelFile());
  });
});

/** Largest distance of two samples' distribution functions, D, times √(nm/(n + m)). */
function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): number {
  // The two round differently: values that are the same but for that are ties.
  const rounded = (values: ArrayLike<number>) => Float64Array.from(values, (v) => Number(v.toPrecision(9))).sort();
  const [x, y] = [rounded(a), rounded(b)];
  let [i, j, most] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i]!, y[j]!);
    while (i < x.length && x[i]! <= value) i += 1;
    while (j < y.length && y[j]! <= value) j += 1;
    most = Math.max(most, Math.abs(i / x.length - j / y.length));
  }
  return most * Math.sqrt((x.length * y.length) / (x.length + y.length));
}

describe('the SIMD kernel and the reference', () => {
  const CHUNKS = 16;
  const walked = (kernel: PathKernel, plan: PathPlan, seed: number): PathResults =>
    joinResults(
      Array.from({ length: CHUNKS }, (_, chunk) => kernel.walk(plan, { seed, chunk, paths: CHUNK_PATHS })),
      plan.marks.length,
    );
  const FIGURES = ['finals', 'drawdowns', 'falls', 'lowest', 'underWater', 'longestUnderWater', 'first'] as const;
  /** D of this size comes by chance once in ten million; the seeds are fixed, so it does not come. */
  const CRITICAL = Math.sqrt(-Math.log(1e-7 / 2) / 2);
  /** Every figure of both samples, at its largest distance. */
  const distance = (a: PathResults, b: PathResults): number =>
    Math.max(...FIGURES.map((figure) => kolmogorovSmirnov(a[figure], b[figure])));

  it.each(KINDS.filter(([, { trades }]) => trades !== 0))('agree on paths %s', (_, changes) => {
    const plan = planOf(changes);
    expect(distance(walked(simdKernel, plan, 1), walked(referenceKernel, plan, 2))).toBeLessThan(CRITICAL);
  });

  it('draws the two trades of an output as independently as two outputs', () => {
    const n = 6;
    const steps = { outcomes: Float64Array.from({ length: n }, (_, i) => 0.01 * i), isCompounded: false };
    const { fan, finals } = walked(simdKernel, planOf({ ...steps, trades: 2, marks: Int32Array.of(1, 2) }), 3);
    const counts = new Array<number>(n * n).fill(0);
    finals.forEach((final, path) => {
      const [first, second] = [(fan[path] ?? NaN) - 1, final - (fan[path] ?? NaN)].map((x) => Math.round(100 * x));
      counts[n * first! + second!]! += 1;
    });
    const expected = finals.length / n ** 2;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // Of 35 degrees of freedom more than this comes by chance once in ten million.
    expect(chiSquare).toBeLessThan(98);
  });

  it('would be seen to differ in a block, a share or a draw', () => {
    const right = walked(referenceKernel, planOf({ meanBlock: 4 }), 2);
    const wrong = [
      planOf({ meanBlock: 2 }),
      planOf({ meanBlock: 4, isCompounded: false }),
      planOf({ meanBlock: 4, outcomes: Float64Array.from(R.slice(1), (r) => 0.02 * r) }),
    ];
    for (const plan of wrong) expect(distance(walked(simdKernel, plan, 1), right)).toBeGreaterThan(CRITICAL);
  });
});
