import { loadKernel, makeRoom, sharedMemory, type SharedMemory } from './kernel-code.ts';
import { bandCount, writeBand, type PathFan } from './path-bands.ts';
import { PATH_KERNEL_CODE } from './path-kernel-code.ts';
import { CHUNK_PATHS } from './path-kernel.ts';
import type { PathEnds, PathKernel, PathPlan } from './path-kernel.ts';
import {
  bandsIn,
  fanIn,
  LANES,
  ownPlaces,
  roomOf,
  STATE_BYTES,
  tallyIn,
  type PathRoom,
  type PathTask,
} from './path-room.ts';
import { TALLY_PARTS } from './path-tally.ts';
import { streamsOf } from './prng.ts';
import { quantileKernel } from './quantile-kernel.ts';

type Walk = (
  ...args: readonly [
    ...[groups: number, trades: number, count: number, marks: number, lanes: number],
    ...[to: number, row: number, below: number, longest: number, passed: number, fan: number],
    ...[chance: number, lossLevel: number, gainLevel: number, safeFall: number, safeGain: number],
  ]
) => void;
/** How trades are drawn, and whether wealth is capped: of large samples it always is. */
type Kind = `${'InPairs' | 'InBlocks'}${'' | 'Capped'}` | 'Wide' | 'WideInBlocks';
type Variant = `${'compounded' | 'added'}${Kind}`;
type Spread = (...args: readonly [from: number, bytes: number, rows: number, to: number, row: number]) => void;
type Code = Readonly<Record<Variant, Walk>> & { readonly spread: Spread };

let streams = { seed: 0, at: streamsOf(0) };

/** The streams of a seed, kept for the chunks that come after one another. */
function streamsFor(seed: number): (stream: number) => Uint32Array {
  if (streams.seed !== seed) streams = { seed, at: streamsOf(seed) };
  return streams.at;
}

/** The code walks from mark to mark: one that does not rise would lead it astray, and one that no path comes to is never written. */
function refuseMarks({ marks, trades }: PathPlan): void {
  const isAstray = marks.some((mark, i) => mark <= (marks[i - 1] ?? 0) || mark > trades);
  if (isAstray) throw new RangeError(`marks do not rise from 1 to ${trades}: ${marks.join()}`);
}

/** Writes what every thread reads of a plan. */
function writePlan(buffer: ArrayBufferLike, { outcomes, marks, isCompounded }: PathPlan, at: number): void {
  const factors = new Float64Array(buffer, 0, outcomes.length);
  outcomes.forEach((x, i) => (factors[i] = isCompounded ? Math.max(0, 1 + x) : x));
  const ends = new Int32Array(buffer, at, marks.length + 1);
  ends.set(marks);
  // No trade has this number, all bits of it: past the last mark none comes.
  ends[marks.length] = -1;
}

/** Writes the state that the generators of a chunk begin with. */
function writeLanes(words: Uint32Array, seed: number, chunk: number): void {
  const stream = streamsFor(seed);
  for (let lane = 0; lane < LANES; lane += 1) {
    stream(LANES * chunk + lane).forEach((word, i) => (words[LANES * i + lane] = word));
  }
}

/** A wealth of e^700 is still a number: of a plan that cannot pass it no step needs a cap. */
const LARGEST_LOG = 700;

/** Whether wealth could come to more than a number holds. */
function mayOverflow({ outcomes, trades, isCompounded }: PathPlan): boolean {
  const best = outcomes.reduce((most, x) => Math.max(most, x), 0);
  return isCompounded ? trades * Math.log1p(best) > LARGEST_LOG : Math.log(1 + trades * best) > LARGEST_LOG;
}

/**
 * Up to so many outcomes, what an index leaves of its output is drawn from too: it is nearly as good as another output. No
 * pair of trades is then likelier than any other by more than one part in 2³²/1024² = 4096, and the chance of a restart
 * is off by no more than one part in 2³²/1024.
 * @source Brackett-Rozinsky and Lemire 2024, Batched ranged random integer generation
 */
export const MOST_SHARED = 1024;

function kindOf(plan: PathPlan): Kind {
  const isBlocked = plan.meanBlock > 1;
  if (plan.outcomes.length > MOST_SHARED) return isBlocked ? 'WideInBlocks' : 'Wide';
  return `${isBlocked ? 'InBlocks' : 'InPairs'}${mayOverflow(plan) ? 'Capped' : ''}`;
}

const variantOf = (plan: PathPlan): Variant => `${plan.isCompounded ? 'compounded' : 'added'}${kindOf(plan)}`;

/** The most trades the code walks without looking out, and by how much more than their rounding the bounds of them are off. */
const STRETCH = 16;
const MARGIN = 1e-9;

/**
 * Of trades that compound: wealth that is more than so many times the lowest, and that is below so much, comes in a stretch
 * to no new low and not to the gain level.
 */
function safeBounds({ outcomes, gainLevel, isCompounded }: PathPlan): readonly [fall: number, gain: number] {
  if (!isCompounded) return [Infinity, -1];
  const worst = outcomes.reduce((least, x) => Math.min(least, 1 + x), 1);
  const best = outcomes.reduce((most, x) => Math.max(most, 1 + x), 1);
  const fall = worst > 0 ? worst ** -STRETCH * (1 + MARGIN) : Infinity;
  return [fall, gainLevel * best ** -STRETCH * (1 - MARGIN)];
}

/** Paths of a task that one stream draws: `from` says where they stand among all, `thread` who walks them. */
export type Chunk = { readonly chunk: number; readonly paths: number; readonly from: number; readonly thread: number };

/** Pieces of what is told of paths. */
export const pieceCount = (plan: PathPlan): number => TALLY_PARTS.length + bandCount(plan);

/** Walks paths in a memory that it may share with other threads, each of which has a walker of its own there. */
export interface PathWalker {
  /** Makes room for a task and writes what its threads read: once, before any of them walks. */
  readonly lay: (task: PathTask) => void;
  readonly walk: (task: PathTask, chunk: Chunk) => void;
  /** Returns what finds one piece of what is told of a task, all of which is walked: a band, or a part of the tally. */
  readonly pieceWriter: (task: PathTask, thread: number) => (piece: number) => void;
  /** Figures, bands and numbers of the tally of a task, where they stand until the next one is laid. */
  readonly found: (task: PathTask) => PathFan & { readonly bands: Float64Array; readonly tally: Float64Array };
}

/** Figures of paths of no trades: they draw nothing. */
function standStill({ finals, lowest, ...others }: PathEnds, [from, to]: readonly [number, number]): void {
  for (const row of [finals, lowest]) row.fill(1, from, to);
  const { drawdowns, falls, underWater, longestUnderWater, first } = others;
  for (const row of [drawdowns, falls, underWater, longestUnderWater, first]) row.fill(0, from, to);
}

/** What all chunks of a task have in common: it takes going over the outcomes. */
type Planned = {
  readonly task: PathTask;
  readonly room: PathRoom;
  readonly variant: Variant;
  readonly chance: number;
  readonly bounds: readonly [fall: number, gain: number];
};

const plannedOf = (task: PathTask): Planned => ({
  task,
  room: roomOf(task),
  variant: variantOf(task.plan),
  chance: Math.min(2 ** 32 - 1, Math.round(2 ** 32 / Math.max(1, task.plan.meanBlock))),
  bounds: safeBounds(task.plan),
});

/** Starts the kernel over a memory. */
export function pathWalker(memory: SharedMemory): PathWalker {
  const code = loadKernel(PATH_KERNEL_CODE, memory) as Code;
  const finderAt = quantileKernel(memory);
  let planned: Planned | null = null;
  const found: PathWalker['found'] = (task) => {
    const room = roomOf(task);
    // Another thread may have made room.
    makeRoom(memory, room.end);
    const { buffer } = memory;
    return { ...fanIn(buffer, task, room), bands: bandsIn(buffer, task, room), tally: tallyIn(buffer, room) };
  };
  return {
    found,
    pieceWriter: (task, thread) => {
      const find = finderAt(ownPlaces(roomOf(task), thread).finder, task.paths);
      const { tally, ...ends } = found(task);
      const fan = { ...ends, find };
      const last = pieceCount(task.plan) - 1;
      return (piece) => {
        const part = TALLY_PARTS[piece];
        // Bands of the fan come last: they are the shortest, and threads that end with them end together.
        if (part === undefined) writeBand(task.plan, fan, last - piece);
        else part({ ...task, ends }, tally);
      };
    },
    lay: (task) => {
      refuseMarks(task.plan);
      const { marks, end } = roomOf(task);
      makeRoom(memory, end);
      writePlan(memory.buffer, task.plan, marks);
    },
    walk: (task, chunk) => {
      const { plan, seed } = task;
      if (plan.trades === 0) {
        standStill(found(task), [chunk.from, chunk.from + chunk.paths]);
        return;
      }
      const { paths, from, thread } = chunk;
      // The code writes where it is told to, into the figures of others too.
      if (paths > CHUNK_PATHS || from + paths > task.paths)
        throw new RangeError(`no place for ${paths} paths at ${from}`);
      if (planned?.task !== task) planned = plannedOf(task);
      const { room, variant, chance, bounds } = planned;
      makeRoom(memory, room.end);
      const { lanes, fan } = ownPlaces(room, thread);
      writeLanes(new Uint32Array(memory.buffer, lanes, STATE_BYTES / 4), seed, chunk.chunk);
      const groups = Math.ceil(paths / LANES);
      code[variant](
        ...([groups, plan.trades, plan.outcomes.length, room.marks, lanes, room.figures + 8 * from, room.row] as const),
        ...([room.below + 4 * from, room.longest + 4 * from, room.passed + from, fan, chance] as const),
        // A level of −0 is one of 0: the code looks at its upper word.
        ...([plan.lossLevel + 0, plan.gainLevel + 0, ...bounds] as const),
      );
      code.spread(fan, 8 * LANES * groups, plan.marks.length, room.fan + 8 * from, room.row);
    },
  };
}

/** The figures of paths, apart from where they were found. */
const copyOf = (ends: PathEnds): PathEnds => ({
  finals: ends.finals.slice(),
  drawdowns: ends.drawdowns.slice(),
  falls: ends.falls.slice(),
  lowest: ends.lowest.slice(),
  underWater: ends.underWater.slice(),
  longestUnderWater: ends.longestUnderWater.slice(),
  first: ends.first.slice(),
});

let own: PathWalker | null = null;

/**
 * The kernel in WebAssembly, four paths at once. Path p of a chunk k is walked by lane p mod 4 on stream 4k + p mod 4 of
 * the seed, path after path; an index is ⌊u·n/2³²⌋ of one output u, which leaves v = u·n mod 2³². Of n ≤ 1024 outcomes the
 * next trade of the path takes ⌊v·n/2³²⌋ instead of another output, and the one after it an output again. In blocks, a
 * path begins at the trade before a drawn one; each trade draws an index, and restarts the block there when v is below
 * 2³²/meanBlock. Of n > 1024 an output of its own, before that of the index, stands for v in blocks.
 * Same seed, same bits on every machine: WebAssembly's arithmetic leaves nothing open, and no path meets a NaN.
 */
export const simdKernel: PathKernel = {
  layout: `xoshiro128**, SIMD: path p of ${CHUNK_PATHS}k to ${CHUNK_PATHS}k + ${CHUNK_PATHS - 1} on stream 4k + p mod 4, outputs of up to ${MOST_SHARED} trades shared`,
  walk(plan, { seed, chunk, paths }) {
    own ??= pathWalker(sharedMemory());
    const task = { plan, seed, paths, ruinLevel: 0, threads: 1 };
    own.lay(task);
    own.walk(task, { chunk, paths, from: 0, thread: 0 });
    const { wealthAt, ...ends } = own.found(task);
    const fan = new Float64Array(paths * plan.marks.length);
    for (let mark = 0; mark < plan.marks.length; mark += 1) fan.set(wealthAt(mark), mark * paths);
    return { ...copyOf(ends), fan };
  },
};
