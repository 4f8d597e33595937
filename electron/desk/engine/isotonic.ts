import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { firstInvalid, firstInvalidItem } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { neumaierSum } from './numerics.ts';

/** A non-decreasing step curve: `y[i]` belongs to `x[i]`, x strictly ascending. */
export type IsotonicMap = { readonly x: readonly number[]; readonly y: readonly number[] };

/** Equal scores, or neighbours pooled because they violated the order. */
type Block = { readonly sum: number; readonly count: number; readonly xs: readonly number[] };

const meanOfBlock = ({ sum, count }: Block): number => sum / count;

const merge = (left: Block, right: Block): Block => ({
  sum: left.sum + right.sum,
  count: left.count + right.count,
  xs: [...left.xs, ...right.xs],
});

/** One block per distinct x, ascending. */
function tiedBlocks(x: readonly number[], y: readonly number[]): Block[] {
  const byX = new Map<number, number[]>();
  x.forEach((value, i) => {
    const tied = byX.get(value) ?? [];
    tied.push(y[i] ?? 0);
    byX.set(value, tied);
  });
  return [...byX]
    .sort(([left], [right]) => left - right)
    .map(([value, ys]) => ({ sum: neumaierSum(ys), count: ys.length, xs: [value] }));
}

/**
 * Least-squares non-decreasing fit: pools equal scores first, then adjacent violators. Preserves the mean of y.
 * @param x scores, any order, at least one
 * @param y outcomes or values, same length and order as x
 * @returns one point per distinct score
 * @errors 'invalid-input' for an empty list, unequal lengths, or a value that is not finite
 * @source pool-adjacent-violators (Ayer et al. 1955)
 */
export function isotonicFit(x: readonly number[], y: readonly number[]): Result<IsotonicMap, InvalidInput> {
  const invalid =
    firstInvalid([
      ['x.length', x.length, x.length > 0],
      ['y.length', y.length, y.length === x.length],
    ]) ??
    firstInvalidItem('x', x, Number.isFinite) ??
    firstInvalidItem('y', y, Number.isFinite);
  if (invalid !== null) return err(invalid);
  const stack: Block[] = [];
  for (const tied of tiedBlocks(x, y)) {
    let block = tied;
    for (let last = stack.at(-1); last !== undefined && meanOfBlock(last) >= meanOfBlock(block); last = stack.at(-1)) {
      block = merge(last, block);
      stack.pop();
    }
    stack.push(block);
  }
  return ok({
    x: stack.flatMap(({ xs }) => xs),
    y: stack.flatMap((block) => block.xs.map(() => meanOfBlock(block))),
  });
}

/** Index of the first x at or above the value; x.length when there is none. */
function firstAtOrAbove(x: readonly number[], value: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Linear interpolation between the points, held constant outside them; NaN for NaN or a map without points. */
export function isotonicPredict({ x, y }: IsotonicMap, score: number): number {
  if (Number.isNaN(score) || x.length === 0) return NaN;
  const right = firstAtOrAbove(x, score);
  const x1 = x[right];
  const y1 = y[right];
  if (x1 === undefined || y1 === undefined) return y.at(-1) ?? NaN;
  const x0 = x[right - 1];
  const y0 = y[right - 1];
  if (right === 0 || x0 === undefined || y0 === undefined) return y1;
  return y0 + ((score - x0) / (x1 - x0)) * (y1 - y0);
}
