import type { Domain } from './scale.ts';

/**
 * The moments a chart shows: indices, `end` not among them, and the times of its edges, epoch ms. The first may lie before
 * the left edge, and is then drawn at it: what it left stands until the next.
 */
export type Stretch = { readonly first: number; readonly end: number; readonly span: Domain };

/** Index of the first time that `isPast`, or their number. @param at strictly rising */
function firstPast(at: ArrayLike<number>, isPast: (time: number) => boolean): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isPast(at[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The moments between two times, no further than there are any; all of them without a span. @param at strictly rising */
export function stretchOf(at: ArrayLike<number>, wanted: Domain = { min: -Infinity, max: Infinity }): Stretch {
  const end = firstPast(at, (time) => time > wanted.max);
  const from = firstPast(at, (time) => time >= wanted.min);
  const first = from > 0 && at[from] !== wanted.min ? from - 1 : from;
  return { first, end, span: { min: Math.max(wanted.min, at[first] ?? 0), max: at[end - 1] ?? 0 } };
}
