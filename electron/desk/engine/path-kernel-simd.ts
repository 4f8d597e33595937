import { loadKernel, makeRoom, type KernelMemory } from './kernel-code.ts';
import { PATH_KERNEL_CODE } from './path-kernel-code.ts';
import { CHUNK_PATHS, emptyResults, placeResults, referenceKernel } from './path-kernel.ts';
import type { PathKernel, PathPlan, Place } from './path-kernel.ts';
import { streamsOf } from './prng.ts';

/** Paths walked at once: one in each lane. */
const LANES = 4;
/** Blocks of figures the code writes, in its order. */
const [FINALS, WORST, FALLS, LOWEST, BELOW, LONGEST, PASSED, BLOCKS] = [0, 1, 2, 3, 4, 5, 6, 7];
/** Bytes of the four generators' state: four words in each lane. */
const STATE_BYTES = 64;
/** Bytes behind it in which the code notes of a block of 128 trades where the outcome of each lane stands. */
const BLOCK_BYTES = 128 * LANES * 4;

type Walk = (
  ...args: readonly [
    ...[groups: number, trades: number, count: number, marks: number, lanes: number, out: number, fan: number],
    ...[chance: number, lossLevel: number, gainLevel: number],
  ]
) => void;
/** How trades are drawn, and whether wealth is capped: of large samples it always is. */
type Kind = `${'InPairs' | 'InBlocks'}${'' | 'Capped'}` | 'Wide' | 'WideInBlocks';
type Variant = `${'compounded' | 'added'}${Kind}`;
type Code = Readonly<Record<Variant, Walk>> & KernelMemory;

let loaded: Code | null = null;

/** The code with a memory of its own, made once in each thread. */
const code = (): Code => (loaded ??= loadKernel(PATH_KERNEL_CODE) as Code);

let streams = { seed: 0, at: streamsOf(0) };

/** The streams of a seed, kept for the chunks that come after one another. */
function streamsFor(seed: number): (stream: number) => Uint32Array {
  if (streams.seed !== seed) streams = { seed, at: streamsOf(seed) };
  return streams.at;
}

/** Where things stand in memory, in bytes, each on a multiple of 16. */
type Layout = Readonly<Record<'marks' | 'lanes' | 'out' | 'fan' | 'end', number>>;

function layoutOf({ outcomes, marks: { length } }: PathPlan, groups: number): Layout {
  const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16;
  const block = groups * LANES * 8;
  const marks = aligned(outcomes.length * 8);
  const lanes = marks + aligned((length + 1) * 4);
  const out = lanes + STATE_BYTES + BLOCK_BYTES;
  const fan = out + BLOCKS * block;
  return { marks, lanes, out, fan, end: fan + length * block };
}

/** The code walks from mark to mark: one that does not rise would lead it astray, and one that no path comes to is never written. */
function refuseMarks({ marks, trades }: PathPlan): void {
  const isAstray = marks.some((mark, i) => mark <= (marks[i - 1] ?? 0) || mark > trades);
  if (isAstray) throw new RangeError(`marks do not rise from 1 to ${trades}: ${marks.join()}`);
}

/** Writes the plan and the state of the generators. */
function write(
  memory: ArrayBuffer,
  plan: PathPlan,
  at: Layout & { readonly seed: number; readonly chunk: number },
): void {
  const { outcomes, marks, isCompounded } = plan;
  const factors = new Float64Array(memory, 0, outcomes.length);
  outcomes.forEach((x, i) => (factors[i] = isCompounded ? Math.max(0, 1 + x) : x));
  refuseMarks(plan);
  const ends = new Int32Array(memory, at.marks, marks.length + 1);
  ends.set(marks);
  // No trade has this number, all bits of it: past the last mark none comes.
  ends[marks.length] = -1;
  const words = new Uint32Array(memory, at.lanes, STATE_BYTES / 4);
  const stream = streamsFor(at.seed);
  for (let lane = 0; lane < LANES; lane += 1) {
    stream(LANES * at.chunk + lane).forEach((word, i) => (words[LANES * i + lane] = word));
  }
}

/** Copies the figures of so many paths out of the code's memory to their place. */
function read(memory: ArrayBuffer, { out, fan }: Layout, { into, from, paths }: Place & { paths: number }): void {
  const all = into.finals.length;
  const width = Math.ceil(paths / LANES) * LANES;
  const block = (n: number): Float64Array => new Float64Array(memory, out + 8 * n * width, paths);
  into.finals.set(block(FINALS), from);
  block(WORST).forEach((share, path) => (into.drawdowns[from + path] = 1 - share));
  into.falls.set(block(FALLS), from);
  into.lowest.set(block(LOWEST), from);
  into.underWater.set(block(BELOW), from);
  into.longestUnderWater.set(block(LONGEST), from);
  into.first.set(block(PASSED), from);
  for (let mark = 0; mark * all < into.fan.length; mark += 1) {
    into.fan.set(new Float64Array(memory, fan + 8 * mark * width, paths), mark * all + from);
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

type Draw = Parameters<PathKernel['walk']>[1];

/** Walks a chunk, as `simdKernel` does, and puts its figures in their place among those of all paths. */
export function walkInto(plan: PathPlan, draw: Draw, place: Place): void {
  const { seed, chunk, paths } = draw;
  if (plan.trades === 0) {
    // A path of no trades draws nothing.
    placeResults(referenceKernel.walk(plan, draw), place);
    return;
  }
  const groups = Math.ceil(paths / LANES);
  const layout = layoutOf(plan, groups);
  const { memory, [variantOf(plan)]: walk } = code();
  makeRoom(memory, layout.end);
  write(memory.buffer, plan, { ...layout, seed, chunk });
  const { lanes, out, fan, marks } = layout;
  const chance = Math.min(2 ** 32 - 1, Math.round(2 ** 32 / Math.max(1, plan.meanBlock)));
  const sizes = [groups, plan.trades, plan.outcomes.length] as const;
  // A level of −0 is one of 0: the code looks at its upper word.
  walk(...sizes, marks, lanes, out, fan, chance, plan.lossLevel + 0, plan.gainLevel + 0);
  read(memory.buffer, layout, { ...place, paths });
}

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
  walk(plan, draw) {
    const into = emptyResults(draw.paths, plan.marks.length);
    walkInto(plan, draw, { into, from: 0 });
    return into;
  },
};
