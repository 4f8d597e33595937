import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { monteCarloTrades } from '#desk/engine/monte-carlo.ts';
import { pathFigures, type PathFigures, type PathsFound } from '#desk/engine/path-figures.ts';
import { sharedMemory } from '#desk/engine/kernel-code.ts';
import { pathWalker, pieceCount } from '#desk/engine/path-kernel-simd.ts';
import { CHUNK_PATHS, chunkSizes, fanMarks, type PathEnds, type PathPlan } from '#desk/engine/path-kernel.ts';
import type { PathTask } from '#desk/engine/path-room.ts';
import { tallyOf } from '#desk/engine/path-tally.ts';
import { quantiles } from '#desk/engine/quantile.ts';
import { startPathPool, type PathPool } from '#desk/proof/path-pool.ts';
import { DAY_MS, NOW, someTrades } from '#test/bench/fixtures.ts';
import { compiled, hasExtension } from '#test/bench/c-program.ts';
import { figure, grownWith, interleave, quantile } from '#test/bench/harness.ts';
import type { Bench, Side } from '#test/bench/harness.ts';
import { compilerVersion, numpyVersion } from '#test/bench/machine.ts';

const FRACTION = 0.02;
const SEED = 3;
const [LOSS, GAIN] = [0.7, 2];
/** Points of the fan, as a simulation keeps them. */
const FAN = 100;
const NEEDED = ['avx512f', 'avx512dq', 'avx512vl'] as const;
type Shape = { readonly paths: number; readonly trades: number };

/** What a careful programmer writes at once: typed arrays, Math.random, one pass. */
function typedArrays(R: readonly number[], { paths, trades }: Shape): number {
  const factors = Float64Array.from(R, (r) => 1 + FRACTION * r);
  const [finals, depths, lows] = [new Float64Array(paths), new Float64Array(paths), new Float64Array(paths)];
  for (let path = 0; path < paths; path += 1) {
    let [wealth, peak, deepest, lowest] = [1, 1, 0, 1];
    for (let i = 0; i < trades; i += 1) {
      wealth *= factors[Math.floor(Math.random() * factors.length)]!;
      if (wealth > peak) peak = wealth;
      if (wealth < lowest) lowest = wealth;
      const depth = 1 - wealth / peak;
      if (depth > deepest) deepest = depth;
    }
    finals[path] = wealth;
    depths[path] = deepest;
    lows[path] = lowest;
  }
  return quantile(Array.from(depths), 0.5);
}

/** What is written first: each path an array of wealth, looked at once it is whole. */
function plainObjects(R: readonly number[], { paths, trades }: Shape): number {
  const depths: number[] = [];
  for (let path = 0; path < paths; path += 1) {
    const curve = [{ trade: 0, wealth: 1 }];
    for (let i = 1; i <= trades; i += 1) {
      const r = R[Math.floor(Math.random() * R.length)]!;
      curve.push({ trade: i, wealth: curve[i - 1]!.wealth * (1 + FRACTION * r) });
    }
    let [peak, deepest] = [1, 0];
    for (const { wealth } of curve) {
      peak = Math.max(peak, wealth);
      deepest = Math.max(deepest, 1 - wealth / peak);
    }
    depths.push(deepest);
  }
  return quantile(depths, 0.5);
}

const planOf = (R: readonly number[], trades: number, points: number): PathPlan => ({
  outcomes: Float64Array.from(R, (r) => FRACTION * r),
  ...{ isCompounded: true, trades, meanBlock: 1, lossLevel: LOSS, gainLevel: GAIN },
  marks: points === 0 ? new Int32Array() : fanMarks(trades, points),
});

const walker = pathWalker(sharedMemory());

const taskOf = (plan: PathPlan, paths: number): PathTask => ({ plan, seed: SEED, paths, ruinLevel: LOSS, threads: 1 });

/** All paths in this thread, without letting go of it. */
function walked(plan: PathPlan, paths: number): PathEnds {
  const task = taskOf(plan, paths);
  walker.lay(task);
  chunkSizes(paths).forEach((size, chunk) =>
    walker.walk(task, { chunk, paths: size, from: chunk * CHUNK_PATHS, thread: 0 }),
  );
  return walker.found(task);
}

/** The same with every figure of the screen. */
function drawn(plan: PathPlan, paths: number): PathFigures {
  const task = taskOf(plan, paths);
  walked(plan, paths);
  const write = walker.pieceWriter(task, 0);
  for (let piece = 0; piece < pieceCount(plan); piece += 1) write(piece);
  const { bands, tally } = walker.found(task);
  return pathFigures(plan, { bands, tally: tallyOf(tally, paths) });
}

const mustAgree = (name: string, found: number, expected: number): void => {
  if (!(Math.abs(found / expected - 1) <= 0.1)) throw new Error(`${name}: median drawdown ${found}, not ${expected}`);
};

/** Milliseconds this process computed while `work` ran. What other programs take meanwhile does not count. */
function computed<T>(work: () => T): { readonly value: T; readonly ms: number } {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, ms: (user + system) / 1000 };
}

type Task = { readonly R: readonly number[]; readonly shape: Shape; readonly expected: number };

/** The sides of this process, each on one thread. */
function ownSides({ R, shape, expected }: Task): readonly Side[] {
  const side =
    (name: string, work: () => number): Side =>
    () => {
      const { value, ms } = computed(work);
      mustAgree(name, value, expected);
      return { [name]: figure(ms, 'ms') };
    };
  const [bare, shown] = [planOf(R, shape.trades, 0), planOf(R, shape.trades, FAN)];
  return [
    side('kernel, one thread', () => quantiles(walked(bare, shape.paths).drawdowns, [0.5])?.[0] ?? NaN),
    side('kernel with every figure of the screen', () => drawn(shown, shape.paths).maxDrawdown.p50),
    side('monteCarloTrades(), the reference', () => {
      const result = monteCarloTrades(R, { ...shape, f: FRACTION, meanBlock: 1, seed: SEED });
      return result.ok ? result.value.maxDrawdown.p50 : NaN;
    }),
    side('typed arrays, Math.random', () => typedArrays(R, shape)),
    side('plain objects', () => plainObjects(R, shape)),
  ];
}

/** Another program's time and median drawdown, by its own clock of processor time. */
function otherSide(name: string, [command, ...args]: readonly [string, ...string[]], expected: number): Side {
  return () => {
    const [ms = NaN, depth = NaN] = execFileSync(command, args, { encoding: 'utf8' }).split(' ').map(Number);
    mustAgree(name, depth, expected);
    return { [name]: figure(ms, 'ms') };
  };
}

function otherSides({ R, shape, expected }: Task, folder: string): readonly Side[] {
  const program = compiled(folder, 'monte-carlo.c');
  const widest = NEEDED.every(hasExtension) ? compiled(folder, 'monte-carlo-avx512.c', '-pthread') : null;
  const [paths, trades, fraction] = [shape.paths, shape.trades, FRACTION].map(String) as [string, string, string];
  const tail = [String(LOSS), String(GAIN), ...R.map(String)];
  const inC = (name: string, how: string, of: string): readonly Side[] =>
    program === null ? [] : [otherSide(name, [program, how, paths, trades, of, ...tail], expected)];
  const limit: readonly [string, ...string[]] = [
    ...([widest ?? '', paths, trades, fraction, String(LOSS)] as const),
    ...R.map(String),
  ];
  const script = join(import.meta.dirname, 'monte-carlo.py');
  return [
    ...inC('C -O3 -march=native', 'naive', fraction),
    ...inC('C -O3 -march=native, four lanes', 'lanes', fraction),
    ...(widest === null ? [] : [otherSide('C with AVX-512, two threads', limit, expected)]),
    ...(numpyVersion() === null
      ? []
      : [otherSide('NumPy', ['python3', script, paths, trades, fraction, ...R.map(String)], expected)]),
  ];
}

/**
 * One thread against two: with the pool up, as a simulation has it by the time its trades are read, and cold, with all
 * that starting and ending the other thread takes.
 */
function workerSides({ R, expected }: Task, shape: Shape, pools: readonly PathPool[]): readonly Side[] {
  const plan = planOf(R, shape.trades, FAN);
  const side =
    (name: string, walk: () => Promise<PathsFound>): Side =>
    async () => {
      const start = performance.now();
      const found = await walk();
      const ms = performance.now() - start;
      mustAgree(name, pathFigures(plan, found).maxDrawdown.p50, expected);
      return { [`ten times the paths, ${name}`]: figure(ms, 'ms') };
    };
  const draw = { seed: SEED, paths: shape.paths, ruinLevel: LOSS };
  const walkIn = (pool: PathPool): Promise<PathsFound> => pool.walkAll(plan, draw, () => undefined);
  return [
    ...pools.map((pool, i) => side(i === 0 ? 'one thread' : 'two workers', () => walkIn(pool))),
    side('two workers, started and ended', async () => {
      const pool = startPathPool(2);
      return walkIn(pool).finally(() => pool.close());
    }),
  ];
}

/** What a simulation of the desk takes once its trades are read: the paths on two threads, and every figure of the screen. */
function callSide({ R, shape, expected }: Task, pool: PathPool): Side {
  const plan = planOf(R, shape.trades, FAN);
  const draw = { seed: SEED, paths: shape.paths, ruinLevel: LOSS };
  return async () => {
    const start = performance.now();
    const { maxDrawdown } = pathFigures(plan, await pool.walkAll(plan, draw, () => undefined));
    const ms = performance.now() - start;
    mustAgree('the desk', maxDrawdown.p50, expected);
    return { 'the desk, two workers, every figure of the screen': figure(ms, 'ms') };
  };
}

/** Paths of a thousand trades, more and more of them. */
function growthSides({ R }: Task, sizes: readonly number[], trades: number): readonly Side[] {
  const plan = planOf(R, trades, FAN);
  return sizes.map((paths) => () => {
    const { ms } = computed(() => drawn(plan, paths));
    return { [`kernel with every figure, ${paths} paths`]: figure(ms, 'ms') };
  });
}

/** The fan of possible futures of a trade history. */
export const monteCarlo: Bench = {
  name: 'monte-carlo',
  title: 'Monte Carlo of 10,000 paths of 1,000 trades',
  run: async ({ rounds, isQuick, folder }) => {
    const shape = isQuick ? { paths: 1_000, trades: 100 } : { paths: 10_000, trades: 1_000 };
    const R = someTrades(200, NOW - 30 * DAY_MS, NOW).map((trade) => trade.r!);
    const first = monteCarloTrades(R, { ...shape, f: FRACTION, meanBlock: 1, seed: SEED });
    if (!first.ok) throw new Error(first.error.field);
    const task = { R, shape, expected: first.value.maxDrawdown.p50 };
    const pools = [1, 2].map((workers) => startPathPool(workers));
    const sizes = isQuick ? [500, 1_000, 2_000] : [2_500, 10_000, 40_000];
    const sides = [
      ...ownSides(task),
      ...(pools[1] === undefined ? [] : [callSide(task, pools[1])]),
      ...growthSides(task, sizes, shape.trades),
      ...otherSides(task, folder),
      ...workerSides(task, { ...shape, paths: isQuick ? shape.paths : 10 * shape.paths }, pools),
    ];
    const series = await interleave(sides, { rounds: isQuick ? 1 : 2 * rounds });
    await Promise.all(pools.map((pool) => pool.close()));
    const grown = sizes.map((x) => ({ x, of: `kernel with every figure, ${x} paths` }));
    return {
      series: [...series, grownWith(series, 'growth exponent, paths', grown)],
      notes: [
        'All sides agree on the median of the deepest drawdown within a tenth. Sides on one thread are measured in processor time, workers by the clock.',
        'The kernel keeps final wealth, drawdown, lowest wealth, time under water, the longest of it and which level came first, and so does C in four lanes; naive C, NumPy, typed arrays and objects keep the first three at most. C times its loop only.',
        ...(NEEDED.every(hasExtension) ? [] : ['This processor has no AVX-512: C with it was left out.']),
        ...(compilerVersion() === null ? ['There is no C compiler on this machine: C was left out.'] : []),
        ...(numpyVersion() === null ? ['There is no NumPy on this machine: it was left out.'] : []),
      ],
    };
  },
};
