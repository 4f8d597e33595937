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
const SHORT = 40;

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

type Stretch = { readonly from: number; readonly to: number };

/** Brings the order statistics of some ranks, ascending, to their places; what lies between them stays in any order. */
function selectRanks(values: Float64Array, ranks: readonly number[], within: Stretch): void {
  if (within.to - within.from <= SHORT) {
    sortShort(values, within.from, within.to);
    return;
  }
  const waiting: (Stretch & { readonly ranks: readonly number[] })[] = [{ ...within, ranks }];
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

/** Buckets that many values are dealt into; fewer values are parted at once, which takes as long where they are about so many. */
export const BUCKETS = 1024;
export const MANY = 256;
/** Values looked at for the range of the buckets. */
const LOOKED_AT = 128;

/** Where a value falls: in the order of (value − least)·scale, those outside the range into the first or the last bucket. */
type Range = { readonly least: number; readonly scale: number };

/** A range that holds most of the values, by a few of them; null where those have no width, or one beyond numbers. */
function rangeOf(values: Float64Array): Range | null {
  const apart = Math.floor(values.length / LOOKED_AT);
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i += apart) {
    const value = values[i] ?? 0;
    least = value < least ? value : least;
    most = value > most ? value : most;
  }
  const scale = (BUCKETS - 1) / (most - least);
  return scale > 0 && scale < Infinity ? { least, scale } : null;
}

/** A bucket that holds some of the ranks, ascending: `before` values lie below it, `from` is where its own are put. */
type Held = {
  readonly ranks: number[];
  readonly bucket: number;
  readonly before: number;
  readonly from: number;
};

/** Room for the values dealt last, which stays for the next: a fan asks for a hundred as many. */
let room = {
  bucketOf: new Uint16Array(0),
  counts: new Uint32Array(BUCKETS),
  next: new Int32Array(BUCKETS),
  kept: new Float64Array(0),
};

/** Deals values into buckets that are in the order of the values; returns how many fell into each. */
function deal(values: Float64Array, { least, scale }: Range): Uint32Array {
  const { length } = values;
  if (room.bucketOf.length < length) {
    room = { ...room, bucketOf: new Uint16Array(length), kept: new Float64Array(length) };
  }
  const { bucketOf, counts } = room;
  counts.fill(0);
  for (let i = 0; i < values.length; i += 1) {
    const place = ((values[i] ?? 0) - least) * scale;
    const bucket = place > 0 ? (place < BUCKETS - 1 ? place | 0 : BUCKETS - 1) : 0;
    bucketOf[i] = bucket;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

/** The values dealt last that are in held buckets, each from its place on, in any order. It holds until the next deal. */
function gather(values: Float64Array, held: readonly Held[]): Float64Array {
  const { bucketOf, next, kept } = room;
  next.fill(-1);
  for (const { bucket, from } of held) next[bucket] = from;
  for (let i = 0; i < values.length; i += 1) {
    const bucket = bucketOf[i] ?? 0;
    const at = next[bucket] ?? -1;
    if (at < 0) continue;
    kept[at] = values[i] ?? 0;
    next[bucket] = at + 1;
  }
  return kept;
}

/** The buckets that hold the ranks, rising, one after the other. */
function heldOf(counts: Uint32Array, ranks: readonly number[]): readonly Held[] {
  const held: Held[] = [];
  let [before, next, size] = [0, 0, 0];
  for (let bucket = 0; bucket < BUCKETS && next < ranks.length; bucket += 1) {
    const count = counts[bucket] ?? 0;
    if ((ranks[next] ?? 0) < before + count) {
      const own: number[] = [];
      for (; next < ranks.length && (ranks[next] ?? 0) < before + count; next += 1) own.push(ranks[next] ?? 0);
      held.push({ ranks: own, bucket, before, from: size });
      size += count;
    }
    before += count;
  }
  return held;
}

/**
 * Finds the order statistics of some ranks, ascending, of many values, in their order, there until the next are; null where
 * it does not.
 */
export type FindRanks = (values: Float64Array, ranks: readonly number[]) => Float64Array | null;

/** The order statistics of some ranks, ascending, in their order. */
function orderStatistics(values: Float64Array, ranks: readonly number[]): readonly number[] {
  const range = values.length < MANY ? null : rangeOf(values);
  if (range === null) {
    const all = values.slice();
    selectRanks(all, ranks, { from: 0, to: all.length });
    return ranks.map((rank) => all[rank] ?? 0);
  }
  const counts = deal(values, range);
  const held = heldOf(counts, ranks);
  const kept = gather(values, held);
  const found: number[] = [];
  for (const { ranks: own, bucket, before, from } of held) {
    const places = own.map((rank) => rank - before + from);
    selectRanks(kept, places, { from, to: from + (counts[bucket] ?? 0) });
    for (const place of places) found.push(kept[place] ?? 0);
  }
  return found;
}

/** Where quantiles lie among so many values: the ranks they need, ascending, and which of them each p interpolates between. */
type Places = {
  readonly count: number;
  readonly ps: readonly number[];
  readonly ranks: readonly number[];
  readonly between: readonly { readonly low: number; readonly high: number; readonly share: number }[];
};

function placesOf(count: number, ps: readonly number[]): Places {
  const last = count - 1;
  const below = ps.map((p) => Math.floor(last * p));
  const ranks = [...new Set(below.flatMap((rank) => [rank, Math.min(last, rank + 1)]))].sort((a, b) => a - b);
  const between = ps.map((p, i) => {
    const rank = below[i] ?? 0;
    const low = ranks.indexOf(rank);
    return { low, high: rank < last ? low + 1 : low, share: last * p - rank };
  });
  return { count, ps, ranks, between };
}

let places = placesOf(1, []);

/** The places of the same quantiles of as many values as before are kept: a fan asks for a hundred of them. */
function placesFor(count: number, ps: readonly number[]): Places {
  if (places.count !== count || places.ps !== ps) places = placesOf(count, ps);
  return places;
}

/**
 * Returns type-7 quantiles of values in any order, one per p in [0, 1]; null when there are no values. Finds the few order
 * statistics it needs and sorts nothing else: of many values only the buckets they lie in. Does not change its argument.
 * @param find may find them of many values elsewhere; what is found does not depend on it
 * @source Hoare 1961, FIND
 */
export function quantiles(
  values: ArrayLike<number>,
  ps: readonly number[],
  find: FindRanks | null = null,
): readonly number[] | null {
  if (values.length === 0) return null;
  const { ranks, between } = placesFor(values.length, ps);
  const all = values instanceof Float64Array ? values : new Float64Array(values);
  const found = find?.(all, ranks) ?? orderStatistics(all, ranks);
  return between.map(({ low, high, share }) => {
    const value = found[low] ?? 0;
    return value + share * ((found[high] ?? value) - value);
  });
}
