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

/** Buckets that many values are dealt into; fewer values are parted at once. */
const BUCKETS = 1024;
const MANY = 2 * BUCKETS;

/** Which bucket each value falls into, in rising order; null where their range has no width, or one beyond numbers. */
function deal(values: Float64Array): Uint16Array | null {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const scale = (BUCKETS - 1) / (most - least);
  if (!(scale > 0 && scale < Infinity)) return null;
  const places = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i += 1) places[i] = ((values[i] ?? 0) - least) * scale;
  return places;
}

/** A bucket that holds some of the ranks: `before` values lie below it. */
type Held = { readonly ranks: readonly number[]; readonly before: number; readonly values: Float64Array };

/** The buckets that hold the ranks, ascending, each with its values. */
function bucketsOf(values: Float64Array, places: Uint16Array, ranks: readonly number[]): readonly Held[] {
  const counts = new Uint32Array(BUCKETS);
  for (let i = 0; i < places.length; i += 1) counts[places[i] ?? 0] = (counts[places[i] ?? 0] ?? 0) + 1;
  const slots = new Int16Array(BUCKETS).fill(-1);
  const held: Held[] = [];
  let [before, next] = [0, 0];
  counts.forEach((count, bucket) => {
    const first = next;
    while (next < ranks.length && (ranks[next] ?? 0) < before + count) next += 1;
    if (next > first) {
      slots[bucket] = held.length;
      held.push({ ranks: ranks.slice(first, next), before, values: new Float64Array(count) });
    }
    before += count;
  });
  const filled = new Uint32Array(held.length);
  for (let i = 0; i < values.length; i += 1) {
    const slot = slots[places[i] ?? 0] ?? -1;
    const into = slot < 0 ? undefined : held[slot]?.values;
    if (into === undefined) continue;
    into[filled[slot] ?? 0] = values[i] ?? 0;
    filled[slot] = (filled[slot] ?? 0) + 1;
  }
  return held;
}

/** The order statistics of some ranks, ascending. May change the order of its argument. */
function orderStatistics(values: Float64Array, ranks: readonly number[]): ReadonlyMap<number, number> {
  const places = values.length < MANY ? null : deal(values);
  const held = places === null ? [{ ranks, before: 0, values }] : bucketsOf(values, places, ranks);
  const found = new Map<number, number>();
  for (const bucket of held) {
    const own = bucket.ranks.map((rank) => rank - bucket.before);
    selectRanks(bucket.values, own);
    own.forEach((rank) => found.set(rank + bucket.before, bucket.values[rank] ?? 0));
  }
  return found;
}

/**
 * Returns type-7 quantiles of values in any order, one per p in [0, 1]; null when there are no values. Finds the few order
 * statistics it needs and sorts nothing else: of many values only the buckets they lie in. Does not change its argument.
 * @source Hoare 1961, FIND
 */
export function quantiles(values: ArrayLike<number>, ps: readonly number[]): readonly number[] | null {
  if (values.length === 0) return null;
  const last = values.length - 1;
  const ranks = ps.map((p) => Math.floor(last * p)).flatMap((rank) => [rank, Math.min(last, rank + 1)]);
  const found = orderStatistics(
    new Float64Array(values),
    [...new Set(ranks)].sort((a, b) => a - b),
  );
  return ps.map((p) => {
    const below = Math.floor(last * p);
    const low = found.get(below) ?? 0;
    const high = found.get(below + 1) ?? low;
    return low + (last * p - below) * (high - low);
  });
}
