/**
 * Thins a line to the px it is drawn on: of every column the first, lowest, highest and last point stay, so the drawn
 * line is the same and no extreme is lost.
 * @param columns px column of every point, not descending
 * @param values  value of every point, finite
 * @returns indices that stay, ascending
 */
export function decimate(columns: readonly number[], values: readonly number[]): readonly number[] {
  const kept: number[] = [];
  let first = 0;
  while (first < columns.length) {
    let [last, low, high] = [first, first, first];
    for (let i = first; i < columns.length && columns[i] === columns[first]; i += 1) {
      last = i;
      if ((values[i] ?? 0) < (values[low] ?? 0)) low = i;
      if ((values[i] ?? 0) > (values[high] ?? 0)) high = i;
    }
    kept.push(...[...new Set([first, low, high, last])].sort((a, b) => a - b));
    first = last + 1;
  }
  return kept;
}
