import { loadKernel, makeRoom, type KernelMemory } from './kernel-code.ts';
import { wholeSum } from './numerics.ts';
import { streamsOf } from './prng.ts';
import { RESAMPLE_KERNEL_CODE } from './resample-kernel-code.ts';

/** Where the kernel has its figures, in numbers of eight bytes: sums of each pair of columns, and sums of squares. */
const SUMS = 2;
const SQUARES = 10;
/** Where the table begins, in bytes. */
const TABLE = 96;

type Draw = (...at: readonly [rows: number, table: number, end: number, places: number, restart: number]) => void;
type Code = KernelMemory & {
  readonly drawColumn: Draw;
  readonly drawPairs: Draw;
  readonly squares: (...at: readonly [places: number, end: number, a: number, b: number]) => void;
};

let loaded: Code | null = null;

/** A table whose rows are drawn: one column, or four. */
export type ResampledTable = {
  /** Row after row, as many numbers in each as there are columns; at least one row. */
  readonly values: Float64Array;
  readonly columns: 1 | 4;
};

/** What is asked of one resample of a table. It holds until the next one is drawn. */
export type Resample = {
  /** Mean of a column: the bits of `neumaierSum` over its values in the order drawn, by their number. */
  readonly mean: (column: number) => number;
  /** Plain sums of squares of the last two of four columns about their means, in the order drawn. */
  readonly squares: (meanOfThird: number, meanOfFourth: number) => readonly [number, number];
};

export type ResampleSettings = {
  /** A mean block of 1 or less is the i.i.d. bootstrap. */
  readonly meanBlock: number;
  readonly resamples: number;
  readonly seed: number;
};

/** The chance of a new block as the kernel compares it with a uniform integer below 2⁵³. */
const restartOf = (meanBlock: number): number => (meanBlock <= 1 ? -1 : Math.ceil(2 ** 53 * (1 / meanBlock)));

/**
 * Draws stationary-bootstrap resamples of a table, and hands over each: rows and stream of `drawStationaryIndices` on the
 * generator of the seed. WebAssembly's arithmetic leaves nothing open: same seed, same bits on every machine. All share
 * one memory: `read` must not resample itself.
 */
export function eachResample(
  { values, columns }: ResampledTable,
  { meanBlock, resamples, seed }: ResampleSettings,
  read: (resample: Resample, draw: number) => void,
): void {
  const { memory, drawColumn, drawPairs, squares } = (loaded ??= loadKernel(RESAMPLE_KERNEL_CODE) as Code);
  const rows = values.length / columns;
  const end = TABLE + values.byteLength;
  makeRoom(memory, end + 4 * rows);
  new Float64Array(memory.buffer, TABLE, values.length).set(values);
  new Uint32Array(memory.buffer, 0, 4).set(streamsOf(seed)(0));
  const figures = new Float64Array(memory.buffer, 0, TABLE / 8);
  const figure = (at: number): number => figures[at] ?? NaN;
  const resample: Resample = {
    mean: (column) => {
      const at = SUMS + 4 * (column >> 1) + (column & 1);
      return wholeSum(figure(at), figure(at + 2)) / rows;
    },
    squares: (third, fourth) => {
      squares(end, end + 4 * rows, third, fourth);
      return [figure(SQUARES), figure(SQUARES + 1)];
    },
  };
  const draw = columns === 1 ? drawColumn : drawPairs;
  const restart = restartOf(meanBlock);
  for (let one = 0; one < resamples; one += 1) {
    draw(rows, TABLE, end, end, restart);
    read(resample, one);
  }
}
