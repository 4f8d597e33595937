import type { HistoryPoint } from '#shared/domain/performance-history.ts';
import type { BookId, EquityPoint } from '#shared/domain/performance.ts';
import { usdOf } from '#shared/units.ts';

/** One moment of the charts: equity in USD and its share below the highest so far (≤ 0), per book. */
export type Moment = {
  readonly at: number;
  readonly equity: Readonly<Record<BookId, number>>;
  readonly depth: Readonly<Record<BookId, number>>;
};

const byBook = (value: (book: BookId) => number): Readonly<Record<BookId, number>> => ({
  actual: value('actual'),
  model: value('model'),
  fixed: value('fixed'),
});

const columnsBy = (column: (book: BookId) => readonly number[]): Columns['equity'] => ({
  actual: column('actual'),
  model: column('model'),
  fixed: column('fixed'),
});

/** Points in strictly rising time: of several in one second the last stays, and a point that goes back is dropped. */
export function orderedPoints<P extends EquityPoint>(points: readonly P[]): readonly P[] {
  const kept: P[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    if (last !== undefined && point.at < last.at) continue;
    if (last !== undefined && Math.floor(point.at / 1000) === Math.floor(last.at / 1000)) kept.pop();
    kept.push(point);
  }
  return kept;
}

/** Every point as the charts draw it; a book at or below 0 stays at −100 %. */
export const momentsOf = (points: readonly HistoryPoint[]): readonly Moment[] =>
  orderedPoints(points).map((point) => ({
    at: point.at,
    equity: byBook((book) => usdOf(point[book])),
    depth: byBook((book) => 0 - Math.min(1, point.depth[book])),
  }));

/** The moments of a chart in columns, oldest first: a million of them are read without an object each. */
export type Columns = {
  readonly at: ArrayLike<number>;
  readonly equity: Readonly<Record<BookId, ArrayLike<number>>>;
  readonly depth: Readonly<Record<BookId, ArrayLike<number>>>;
};

export const columnsOf = (moments: readonly Moment[]): Columns => ({
  at: moments.map(({ at }) => at),
  equity: columnsBy((book) => moments.map(({ equity }) => equity[book])),
  depth: columnsBy((book) => moments.map(({ depth }) => depth[book])),
});

/** Index of the moment nearest in time; −1 when there is none. */
export function nearestMoment(moments: readonly Pick<Moment, 'at'>[], at: number): number {
  let low = 0;
  let high = moments.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const [left, right] = [moments[low - 1], moments[low]];
  if (left !== undefined && right !== undefined && at - left.at <= right.at - at) return low - 1;
  return high < 0 ? -1 : low;
}
