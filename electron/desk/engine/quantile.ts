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

/** Short stretches are sorted: below this, parting them takes longer. */
const SHORT = 24;

/** Sorts a stretch by insertion. */
function sortShort(values: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i += 1) {
    const value = values[i] ?? 0;
    let place = i;
    for (; place > from && (values[place - 1] ?? 0) > value; place -= 1) values[place] = values[place - 1] ?? 0;
    values[place] = value;
  }
}

/** Parts a stretch around the median of three of its values; returns where those equal to it begin and end. */
function partAround(values: Float64Array, from: number, to: number): readonly [number, number] {
  const [a = 0, b = 0, c = 0] = [values[from], values[(from + to) >>> 1], values[to - 1]];
  const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  let [less, at, more] = [from, from, to];
  while (at < more) {
    const value = values[at] ?? 0;
    if (value < pivot) {
      values[at] = values[less] ?? 0;
      values[less] = value;
      less += 1;
      at += 1;
    } else if (value > pivot) {
      more -= 1;
      values[at] = values[more] ?? 0;
      values[more] = value;
    } else at += 1;
  }
  return [less, more];
}

/** Brings the order statistics of some ranks, ascending, to their places; what lies between them stays in any order. */
function selectRanks(values: Float64Array, ranks: readonly number[]): void {
  const waiting: { from: number; to: number; ranks: readonly number[] }[] = [{ from: 0, to: values.length, ranks }];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const { from, to } = part;
    if (part.ranks.length === 0) continue;
    if (to - from <= SHORT) {
      sortShort(values, from, to);
      continue;
    }
    const [less, more] = partAround(values, from, to);
    waiting.push({ from, to: less, ranks: part.ranks.filter((rank) => rank < less) });
    waiting.push({ from: more, to, ranks: part.ranks.filter((rank) => rank >= more) });
  }
}

/**
 * Returns type-7 quantiles of values in any order, one per p in [0, 1]; null when there are no values. Finds the few order
 * statistics it needs and sorts nothing else. Does not change its argument.
 * @source Hoare 1961, FIND
 */
export function quantiles(values: ArrayLike<number>, ps: readonly number[]): readonly number[] | null {
  if (values.length === 0) return null;
  const parted = Float64Array.from(values);
  const last = parted.length - 1;
  const ranks = ps.map((p) => Math.floor(last * p)).flatMap((rank) => [rank, Math.min(last, rank + 1)]);
  selectRanks(
    parted,
    [...new Set(ranks)].sort((a, b) => a - b),
  );
  return ps.map((p) => quantileOfSorted(parted, p) ?? 0);
}
