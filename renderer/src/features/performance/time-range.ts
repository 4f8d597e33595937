import type { ChartRange } from '#renderer/src/chart/chart-range.ts';

export type RangeName = '1M' | '3M' | 'all';

/** Stretches of time every chart over days offers; each ends with the last point. */
export const RANGES: readonly ChartRange<RangeName>[] = [
  { name: '1M', text: '1 M', spoken: 'Last month' },
  { name: '3M', text: '3 M', spoken: 'Last three months' },
  { name: 'all', text: 'All', spoken: 'All' },
];

const DAY = 86_400_000;
const RANGE_DAYS = { '1M': 30, '3M': 91, all: Infinity } as const satisfies Record<RangeName, number>;

/** Where a range begins, epoch ms. @param last the time it ends with */
export const startOf = (last: number, range: RangeName): number => last - RANGE_DAYS[range] * DAY;

type Timed = { readonly at: number };

/** The points of a range as they were given. @param points oldest first */
export function pointsIn<P extends Timed>(points: readonly P[], range: RangeName): readonly P[] {
  const last = points.at(-1);
  if (last === undefined || range === 'all') return points;
  const from = startOf(last.at, range);
  return points.filter(({ at }) => at >= from);
}

/**
 * The moments of a range that ends with the last one. A range that begins between two moments begins with what the
 * earlier one left: a step stands still until the next.
 */
export function momentsIn<M extends Timed>(
  moments: readonly M[],
  range: RangeName,
): readonly (Omit<M, 'at'> & Timed)[] {
  const shown = pointsIn(moments, range);
  const [last, before] = [moments.at(-1), moments[moments.length - shown.length - 1]];
  if (last === undefined || before === undefined) return shown;
  const from = startOf(last.at, range);
  return shown[0]?.at === from ? shown : [{ ...before, at: from }, ...shown];
}
