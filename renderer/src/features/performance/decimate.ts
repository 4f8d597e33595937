import type { Pyramid } from './pyramid.ts';
import type { Scale } from './scale.ts';
import type { Stretch } from './stretch.ts';

/**
 * Where the points of each px column begin, found by halving: a few looks a column, however many points it holds.
 * @param x px of a time; does not fall
 * @returns indices, rising; the last is the end of the stretch
 */
export function columnStarts(at: ArrayLike<number>, { first, end }: Stretch, x: Scale): readonly number[] {
  const columnOf = (i: number): number => Math.floor(x(at[i] ?? 0));
  const starts = [first];
  for (let start = first; start < end;) {
    const column = columnOf(start);
    let [low, high] = [start + 1, end];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (columnOf(middle) > column) high = middle;
      else low = middle + 1;
    }
    starts.push(low);
    start = low;
  }
  return starts;
}

/**
 * Thins a line to the px it is drawn on: of every column the first, lowest, highest and last point stay, so the drawn
 * line is the same and no extreme is lost.
 * @param starts index of the first point of every column, and at last the end
 * @returns indices that stay, ascending
 */
export function decimate(extremes: Pyramid, starts: readonly number[]): readonly number[] {
  const kept: number[] = [];
  for (let column = 1; column < starts.length; column += 1) {
    const [first, end] = [starts[column - 1] ?? 0, starts[column] ?? 0];
    const { low, high } = extremes(first, end);
    const [early, late] = low < high ? [low, high] : [high, low];
    kept.push(first);
    if (early > first) kept.push(early);
    if (late > early && late > first) kept.push(late);
    if (end - 1 > Math.max(first, late)) kept.push(end - 1);
  }
  return kept;
}
