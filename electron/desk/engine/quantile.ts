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

/** Which bucket each value falls into, in rising order, and how many fall into each. */
type Dealt = { readonly places: Uint16Array; readonly counts: Uint32Array };

/** Deals values into buckets; null where their range has no width, or one beyond numbers. */
function deal(values: ArrayLike<number>): Dealt | null {
  let least = values[0] ?? 0;
  let most = least;
  for (let i = 1; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    least = value < least ? value : least;
    most = value > most ? value : most;
  }
  const scale = (BUCKETS - 1) / (most - least);
  if (!(scale > 0 && scale < Infinity)) return null;
  const places = new Uint16Array(values.length);
  const counts = new Uint32Array(BUCKETS);
  for (let i = 0; i < values.length; i += 1) {
    const place = (((values[i] ?? 0) - least) * scale) | 0;
    places[i] = place;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return { places, counts };
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
    const own: number[] = [];
    for (; next < ranks.length && (ranks[next] ?? 0) < before + count; next += 1) own.push(ranks[next] ?? 0);
    if (own.length > 0) {
      held.push({ ranks: own, bucket, before, from: size });
      size += count;
    }
    before += count;
  }
  return { held, size };
}

/** The values of some buckets, bucket by bucket. */
function gathered(
  values: ArrayLike<number>,
  { places }: Dealt,
  { held, size }: ReturnType<typeof heldOf>,
): Float64Array {
  const into = new Float64Array(size);
  const next = new Int32Array(BUCKETS).fill(-1);
  for (const { bucket, from } of held) next[bucket] = from;
  for (let i = 0; i < values.length; i += 1) {
    const place = places[i] ?? 0;
    const at = next[place] ?? -1;
    if (at < 0) continue;
    into[at] = values[i] ?? 0;
    next[place] = at + 1;
  }
  return into;
}

/** The order statistics of some ranks, ascending. */
function orderStatistics(values: ArrayLike<number>, ranks: readonly number[]): ReadonlyMap<number, number> {
  const dealt = values.length < MANY ? null : deal(values);
  if (dealt === null) {
    const all = new Float64Array(values);
    selectRanks(all, ranks);
    return new Map(ranks.map((rank) => [rank, all[rank] ?? 0]));
  }
  const holding = heldOf(dealt.counts, ranks);
  const kept = gathered(values, dealt, holding);
  const found = new Map<number, number>();
  for (const { ranks: own, bucket, before, from } of holding.held) {
    const part = kept.subarray(from, from + (dealt.counts[bucket] ?? 0));
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
    values,
    [...new Set(ranks)].sort((a, b) => a - b),
  );
  return ps.map((p) => {
    const below = Math.floor(last * p);
    const low = found.get(below) ?? 0;
    const high = found.get(below + 1) ?? low;
    return low + (last * p - below) * (high - low);
  });
}
