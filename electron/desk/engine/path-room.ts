import { BAND_SIZE, bandCount, type PathFan } from './path-bands.ts';
import { CHUNK_PATHS, type PathPlan } from './path-kernel.ts';
import { TALLY_SIZE } from './path-tally.ts';
import { finderBytes } from './quantile-kernel.ts';

/** Paths that are walked at once: one in each lane. */
export const LANES = 4;
/** Bytes of the four generators' state: four words in each lane. */
export const STATE_BYTES = 64;
/** Bytes behind it in which the code notes of a block of 128 trades where the outcome of each lane stands. */
const BLOCK_BYTES = 128 * LANES * 4;
const FAN_AT = STATE_BYTES + BLOCK_BYTES;
/** A chunk's rows of the fan, all paths of the chunk. */
const fanBytes = ({ marks }: PathPlan): number => 8 * CHUNK_PATHS * marks.length;
/** Rows of figures before those of the fan, in the order the code writes them. */
const [FINALS, DRAWDOWNS, FALLS, LOWEST, ROWS] = [0, 1, 2, 3, 4];

/** Paths that threads walk in one memory. */
export type PathTask = {
  readonly plan: PathPlan;
  readonly seed: number;
  readonly paths: number;
  /** Wealth at or below which a path counts as ruined. */
  readonly ruinLevel: number;
  /** How many threads have a place of their own there. */
  readonly threads: number;
};

/** Where things stand in the memory of a task, in bytes; and the bytes of a row. */
type Places =
  | 'marks'
  | 'own'
  | 'fanEnd'
  | 'ownBytes'
  | 'figures'
  | 'fan'
  | 'row'
  | 'below'
  | 'longest'
  | 'passed'
  | 'bands'
  | 'tally'
  | 'end';
export type PathRoom = Readonly<Record<Places, number>>;

/** Lays out a task: the outcomes at 0, a place for each thread, then figures of eight bytes, row after row. */
export function roomOf({ plan, paths, threads }: PathTask): PathRoom {
  const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;
  const count = plan.marks.length;
  // An odd number of cache lines: paths stand at the same place of a hundred rows, which a power of two puts into one set.
  const row = 64 * (Math.ceil(paths / 8) | 1);
  const marks = aligned(8 * plan.outcomes.length);
  const own = aligned(marks + 4 * (count + 1));
  const fanEnd = aligned(FAN_AT + fanBytes(plan));
  const ownBytes = fanEnd + aligned(finderBytes(paths));
  const figures = own + threads * ownBytes;
  const fan = figures + ROWS * row;
  const below = fan + count * row;
  const [longest, passed] = [below + row / 2, below + row];
  const bands = aligned(passed + row / 8);
  const tally = aligned(bands + 8 * BAND_SIZE * bandCount(plan));
  return {
    ...{ marks, own, fanEnd, ownBytes, figures, fan, row, below, longest, passed, bands, tally },
    end: tally + 8 * TALLY_SIZE,
  };
}

/**
 * Where a thread has its generators, with what it notes behind them, the fan of the chunk it is at, and what it needs to
 * find quantiles.
 */
export function ownPlaces(room: PathRoom, thread: number): Readonly<Record<'lanes' | 'fan' | 'finder', number>> {
  const lanes = room.own + thread * room.ownBytes;
  return { lanes, fan: lanes + FAN_AT, finder: lanes + room.fanEnd };
}

/** The figures of a task where they stand: they are there until the next one is walked. */
export function fanIn(buffer: ArrayBufferLike, { paths }: PathTask, room: PathRoom): PathFan {
  const { figures, row } = room;
  const floats = (n: number): Float64Array => new Float64Array(buffer, figures + n * row, paths);
  return {
    finals: floats(FINALS),
    drawdowns: floats(DRAWDOWNS),
    falls: floats(FALLS),
    lowest: floats(LOWEST),
    underWater: new Int32Array(buffer, room.below, paths),
    longestUnderWater: new Int32Array(buffer, room.longest, paths),
    first: new Uint8Array(buffer, room.passed, paths),
    wealthAt: (mark) => floats(ROWS + mark),
  };
}

/** The bands of a task where they stand, as long as its figures. */
export const bandsIn = (buffer: ArrayBufferLike, { plan }: PathTask, { bands }: PathRoom): Float64Array =>
  new Float64Array(buffer, bands, BAND_SIZE * bandCount(plan));

/** The numbers of a task's tally where they stand, as long as its figures. */
export const tallyIn = (buffer: ArrayBufferLike, { tally }: PathRoom): Float64Array =>
  new Float64Array(buffer, tally, TALLY_SIZE);
