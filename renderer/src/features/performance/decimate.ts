/**
 * Thins a line to the px it is drawn on: of every column the first, lowest, highest and last point stay, so the drawn
 * line is the same and no extreme is lost.
 * @param columns px column of every point, not descending
 * @param values  value of every point, finite
 * @returns indices that stay, ascending
 */
export function decimate(columns: ArrayLike<number>, values: ArrayLike<number>): readonly number[] {
  const kept: number[] = [];
  let [first, low, high] = [0, 0, 0];
  let column = columns[0] ?? 0;
  const keep = (last: number): void => {
    const [early, late] = low < high ? [low, high] : [high, low];
    kept.push(first);
    if (early > first) kept.push(early);
    if (late > early && late > first) kept.push(late);
    if (last > Math.max(first, late)) kept.push(last);
  };
  for (let i = 1; i < values.length; i += 1) {
    const next = columns[i] ?? 0;
    if (next !== column) {
      keep(i - 1);
      [first, low, high, column] = [i, i, i, next];
      continue;
    }
    const value = values[i] ?? 0;
    if (value < (values[low] ?? 0)) low = i;
    else if (value > (values[high] ?? 0)) high = i;
  }
  if (values.length > 0) keep(values.length - 1);
  return kept;
}
