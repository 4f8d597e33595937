import { drawStationaryIndices } from './bootstrap.ts';
import { createPrng } from './prng.ts';
import type { Prng } from './prng.ts';

/** Paths of one chunk: what one stream of the generator draws, and the step of progress and of cancelling. */
export const CHUNK_PATHS = 500;

/** Names the layout of the random streams: a stored result with this name is made again by the same layout. */
const STREAM_LAYOUT = `xoshiro128**, stream k for paths ${CHUNK_PATHS}k to ${CHUNK_PATHS}k + ${CHUNK_PATHS - 1}`;

/** What becomes of wealth, which starts at 1, over the trades of a path. */
export type PathPlan = {
  /** One per trade of the sample, in the order they closed: the change of wealth as a share of wealth, or of the start. */
  readonly outcomes: Float64Array;
  /** Whether an outcome multiplies wealth by 1 + x, or adds x to it. */
  readonly isCompounded: boolean;
  /** Trades of a path. */
  readonly trades: number;
  /** Expected block; 1 is i.i.d. */
  readonly meanBlock: number;
  /** Numbers of trades, rising, from 1 on, after which wealth is kept for a fan chart. */
  readonly marks: Int32Array;
  /** Which comes first is noted: wealth at or below the one, or at or above the other. */
  readonly lossLevel: number;
  readonly gainLevel: number;
};

/** Figures by path. */
export type PathEnds = {
  readonly finals: Float64Array;
  /** Deepest fall below the running peak, as a share of the peak. */
  readonly drawdowns: Float64Array;
  /** Largest fall below the running peak in units of the start, where outcomes add up; 0 where they compound. */
  readonly falls: Float64Array;
  readonly lowest: Float64Array;
  /** Trades after which wealth stood below its peak, and the longest run of them. */
  readonly underWater: Int32Array;
  readonly longestUnderWater: Int32Array;
  /** 1: the loss level came first; 2: the gain level did; 0: neither was met. */
  readonly first: Uint8Array;
};

/** Figures by path; `fan` mark by mark, each over all paths. */
export type PathResults = PathEnds & { readonly fan: Float64Array };

/**
 * Walks paths of a plan. `chunk` says which stream of the seed they draw from, and is the whole of what a result hangs on
 * beside the plan and the seed: not on who walks it, when, or how many walk beside it.
 */
export interface PathKernel {
  readonly layout: string;
  walk(plan: PathPlan, draw: { readonly seed: number; readonly chunk: number; readonly paths: number }): PathResults;
}

const NEITHER = 0;
const LOSS_FIRST = 1;
const GAIN_FIRST = 2;

/** Room for the figures of so many paths. */
export const emptyResults = (paths: number, marks: number): PathResults => ({
  finals: new Float64Array(paths),
  drawdowns: new Float64Array(paths),
  falls: new Float64Array(paths),
  lowest: new Float64Array(paths),
  underWater: new Int32Array(paths),
  longestUnderWater: new Int32Array(paths),
  first: new Uint8Array(paths),
  fan: new Float64Array(paths * marks),
});

/** Walks one path over drawn trades and writes its figures. A path that has lost everything stays at 0. */
function walkPath(plan: PathPlan, indices: Int32Array, { into, path }: { into: PathResults; path: number }): void {
  const { outcomes, isCompounded, marks, lossLevel, gainLevel } = plan;
  const paths = into.finals.length;
  let [wealth, peak, deepest, fall, lowest] = [1, 1, 0, 0, 1];
  let [below, run, longest, first, mark] = [0, 0, 0, NEITHER, 0];
  for (let i = 0; i < indices.length; i += 1) {
    const outcome = outcomes[indices[i] ?? 0] ?? 0;
    const next = isCompounded ? wealth * Math.max(0, 1 + outcome) : wealth > 0 ? wealth + outcome : 0;
    // Capped, so that an absurd stake overflows to a huge number and not to NaN.
    wealth = Math.min(Number.MAX_VALUE, Math.max(0, next));
    if (wealth >= peak) {
      peak = wealth;
      run = 0;
    } else {
      deepest = Math.max(deepest, 1 - wealth / peak);
      if (!isCompounded) fall = Math.max(fall, peak - wealth);
      below += 1;
      run += 1;
      longest = Math.max(longest, run);
    }
    lowest = Math.min(lowest, wealth);
    if (first === NEITHER) first = wealth <= lossLevel ? LOSS_FIRST : wealth >= gainLevel ? GAIN_FIRST : NEITHER;
    if (marks[mark] === i + 1) {
      into.fan[mark * paths + path] = wealth;
      mark += 1;
    }
  }
  into.finals[path] = wealth;
  into.drawdowns[path] = deepest;
  into.falls[path] = fall;
  into.lowest[path] = lowest;
  into.underWater[path] = below;
  into.longestUnderWater[path] = longest;
  into.first[path] = first;
}

/** Walks so many paths one after the other on one random stream. */
export function walkPaths(plan: PathPlan, paths: number, prng: Prng): PathResults {
  const into = emptyResults(paths, plan.marks.length);
  const indices = new Int32Array(plan.trades);
  const shape = { n: plan.outcomes.length, meanBlock: plan.meanBlock };
  for (let path = 0; path < paths; path += 1) {
    drawStationaryIndices(indices, shape, prng);
    walkPath(plan, indices, { into, path });
  }
  return into;
}

/** The kernel in plain TypeScript. Its first chunk is the sequential generator, bit for bit. */
export const referenceKernel: PathKernel = {
  layout: STREAM_LAYOUT,
  walk: (plan, { seed, chunk, paths }) => walkPaths(plan, paths, createPrng(seed, chunk)),
};

/** The sizes of the chunks of so many paths. */
export const chunkSizes = (paths: number): readonly number[] =>
  Array.from({ length: Math.ceil(paths / CHUNK_PATHS) }, (_, k) => Math.min(CHUNK_PATHS, paths - k * CHUNK_PATHS));

/** Puts the figures of chunks together, in order. */
export function joinResults(chunks: readonly PathResults[], marks: number): PathResults {
  const paths = chunks.reduce((sum, { finals }) => sum + finals.length, 0);
  const into = emptyResults(paths, marks);
  let from = 0;
  for (const { fan, ...ends } of chunks) {
    const own = ends.finals.length;
    for (const figure of Object.keys(ends) as (keyof PathEnds)[]) into[figure].set(ends[figure], from);
    for (let mark = 0; mark < marks; mark += 1) {
      into.fan.set(fan.subarray(mark * own, (mark + 1) * own), mark * paths + from);
    }
    from += own;
  }
  return into;
}

/** The trade counts a fan shows: evenly spaced, the last one included, none twice. */
export function fanMarks(trades: number, points: number): Int32Array {
  const shown = Math.min(points, trades);
  const spaced = Array.from({ length: shown }, (_, i) => Math.round(((i + 1) * trades) / shown));
  return Int32Array.from(new Set(spaced));
}
