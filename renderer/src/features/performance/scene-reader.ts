import type { Box } from './scene.ts';

/** What is read off a chart at one of its points. */
export type Reading = {
  readonly title: string;
  readonly figures: readonly (readonly [name: string, value: string])[];
};

/** The points of a chart that can be read, by pointer and by keyboard. */
export type SceneReader = {
  /** Named to the ear. */
  readonly label: string;
  /** Index of the last point. */
  readonly last: number;
  /** Where a point is in the plot, px. */
  readonly x: (index: number, plot: Box) => number;
  /** The same up and down, where a chart has more than one point above a place. */
  readonly y?: (index: number, plot: Box) => number;
  readonly at: (index: number) => Reading;
};

/** Points at equal steps over the whole plot. */
export const evenly =
  (last: number): SceneReader['x'] =>
  (index, { left, right }) =>
    left + (index / Math.max(1, last)) * (right - left);

type Place = { readonly x: number; readonly y: number };

/** Index of the point nearest to a place on the chart, px; null left and right of the plot, and without points. */
export function nearestPoint(
  { last, x, y }: Pick<SceneReader, 'last' | 'x' | 'y'>,
  plot: Box,
  place: Place,
): number | null {
  if (place.x < plot.left || place.x > plot.right) return null;
  const distance = (i: number): number => Math.hypot(x(i, plot) - place.x, y === undefined ? 0 : y(i, plot) - place.y);
  let [nearest, least] = [-1, Infinity];
  for (let i = 0; i <= last; i += 1) {
    const from = distance(i);
    if (from < least) [nearest, least] = [i, from];
  }
  return nearest < 0 ? null : nearest;
}
