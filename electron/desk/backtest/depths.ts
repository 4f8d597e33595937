import type { HistoryPoint } from '#shared/domain/performance-history.ts';
import type { BookId, EquityPoint } from '#shared/domain/performance.ts';

/** A thousandth of a basis point: finer than any screen shows. */
const DIGITS = 1e7;

/**
 * Returns every point with how far each book is below its highest so far, as a share of that. A book that never had
 * anything has nothing to fall from.
 * @param points in time order
 */
export function withDepths(points: readonly EquityPoint[]): readonly HistoryPoint[] {
  const peaks: Record<BookId, number> = { actual: 0, model: 0, fixed: 0 };
  const depthOf = (point: EquityPoint, book: BookId): number => {
    peaks[book] = Math.max(peaks[book], point[book]);
    return peaks[book] === 0 ? 0 : Math.round((1 - point[book] / peaks[book]) * DIGITS) / DIGITS;
  };
  return points.map((point) => ({
    ...point,
    depth: { actual: depthOf(point, 'actual'), model: depthOf(point, 'model'), fixed: depthOf(point, 'fixed') },
  }));
}
