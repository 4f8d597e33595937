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
/** Values looked at for the range of the buckets. */
const LOOKED_AT = 128;

/** Where a value falls: bucket ⌊(value − least)·scale⌋, those outside the range into the first or the last one. */
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

/** Values dealt out: the bucket of each, and how many fell into each bucket. */
type Dealt = { readonly bucketOf: Uint16Array; readonly counts: Uint32Array };

/** Room for the values dealt last, which stays for the next: a fan asks for a hundred as many. */
let room: Dealt & { readonly next: Int32Array } = {
  bucketOf: new Uint16Array(0),
  counts: new Uint32Array(BUCKETS),
  next: new Int32Array(BUCKETS),
};

function deal(values: Float64Array, { least, scale }: Range): Dealt {
  if (room.bucketOf.length < values.length) room = { ...room, bucketOf: new Uint16Array(values.length) };
  const { bucketOf, counts } = room;
  counts.fill(0);
  for (let i = 0; i < values.length; i += 1) {
    const place = ((values[i] ?? 0) - least) * scale;
    const bucket = place > 0 ? (place < BUCKETS - 1 ? place | 0 : BUCKETS - 1) : 0;
    bucketOf[i] = bucket;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return room;
}

/** A bucket that holds some of the ranks, ascending: `before` values lie below it, `from` is where its own are put. */
type Held = { readonly ranks: number[]; readonly bucket: number; readonly before: number; readonly from: number };

/** The buckets that hold the ranks, rising, one after the other. */
function heldOf(
  counts: Uint32Array,
  ranks: readonly number[],
): { readonly held: readonly Held[]; readonly size: number } {
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
  return { held, size };
}

/** The values of some buckets, bucket by bucket. */
function gathered(values: Float64Array, { bucketOf }: Dealt, { held, size }: ReturnType<typeof heldOf>): Float64Array {
  const into = new Float64Array(size);
  const { next } = room;
  next.fill(-1);
  for (const { bucket, from } of held) next[bucket] = from;
  for (let i = 0; i < values.length; i += 1) {
    const bucket = bucketOf[i] ?? 0;
    const at = next[bucket] ?? -1;
    if (at < 0) continue;
    into[at] = values[i] ?? 0;
    next[bucket] = at + 1;
  }
  return into;
}

/** The order statistics of some ranks, ascending. */
function orderStatistics(values: Float64Array, ranks: readonly number[]): ReadonlyMap<number, number> {
  const range = values.length < MANY ? null : rangeOf(values);
  if (range === null) {
    const all = values.slice();
    selectRanks(all, ranks);
    return new Map(ranks.map((rank) => [rank, all[rank] ?? 0]));
  }
  const dealt = deal(values, range);
  const { counts } = dealt;
  const holding = heldOf(counts, ranks);
  const kept = gathered(values, dealt, holding);
  const found = new Map<number, number>();
  for (const { ranks: own, bucket, before, from } of holding.held) {
    const part = kept.subarray(from, from + (counts[bucket] ?? 0));
    const places = own.map((rank) => rank - before);
    selectRanks(part, places);
    for (const place of places) found.set(place + before, part[place] ?? 0);
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
    values instanceof Float64Array ? values : new Float64Array(values),
    [...new Set(ranks)].sort((a, b) => a - b),
  );
  return ps.map((p) => {
    const below = Math.floor(last * p);
    const low = found.get(below) ?? 0;
    const high = found.get(below + 1) ?? low;
    return low + (last * p - below) * (high - low);
  });
}
