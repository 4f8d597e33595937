/**
 * Returns the quantile of an ascending array by linear interpolation of the order statistics at (n−1)·p.
 * @param sorted ascending, finite, length ≥ 1 (an empty array has no quantile: null)
 * @param p      in [0, 1]
 * @source Hyndman and Fan 1996, type 7
 */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number | null {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below];
  if (low === undefined) return null;
  const high = sorted[below + 1] ?? low;
  return low + (position - below) * (high - low);
}

/** Returns the type-7 quantile of values in any order; null when there are none. Does not change its argument. */
export const quantile = (values: ArrayLike<number>, p: number): number | null =>
  quantileOfSorted(Float64Array.from(values).sort(), p);
