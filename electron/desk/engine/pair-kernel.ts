import { loadKernel, makeRoom, type KernelMemory } from './kernel-code.ts';
import { PAIR_KERNEL_CODE } from './pair-kernel-code.ts';

/** Markets of a block, and bytes of one of its days. */
const BLOCK = 8;
const DAY_BYTES = 8 * BLOCK;

type Code = KernelMemory & {
  readonly row: (...at: readonly [days: number, own: number, from: number, to: number, out: number]) => void;
};

let loaded: Code | null = null;

/**
 * Lays out series of one length for the kernel and returns what sums a row: of market i with every market j > i, the
 * weighted products of their values, at j of the array, which holds until the next row is asked for. Sums are those of
 * `neumaierSum`, to the last bit.
 */
export function productSums(
  series: readonly Float64Array[],
  weights: Float64Array,
): (i: number) => Float64Array<ArrayBuffer> {
  const { memory, row } = (loaded ??= loadKernel(PAIR_KERNEL_CODE) as Code);
  const days = weights.length;
  const blocks = Math.ceil(series.length / BLOCK);
  const first = Math.ceil((8 * days) / DAY_BYTES) * DAY_BYTES;
  const blockBytes = days * DAY_BYTES;
  const out = first + blocks * blockBytes;
  makeRoom(memory, out + 8 * BLOCK * blocks);
  new Float64Array(memory.buffer, 0, days).set(weights);
  const laid = new Float64Array(memory.buffer, first, blocks * days * BLOCK).fill(0);
  for (const [i, values] of series.entries()) {
    const from = Math.floor(i / BLOCK) * days * BLOCK + (i % BLOCK);
    for (let day = 0; day < days; day += 1) laid[from + day * BLOCK] = values[day] ?? NaN;
  }
  const sums = new Float64Array(memory.buffer, out, BLOCK * blocks);
  return (i) => {
    // Whole blocks: the one that market i + 1 is in begins before it.
    const block = Math.floor((i + 1) / BLOCK);
    const own = first + Math.floor(i / BLOCK) * blockBytes + 8 * (i % BLOCK);
    row(days, own, first + block * blockBytes, out, out + block * DAY_BYTES);
    return sums;
  };
}
