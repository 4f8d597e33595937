import { niceTicks } from '#renderer/src/features/performance/scale.ts';
import type { Domain, Scale } from '#renderer/src/features/performance/scale.ts';
import { segment } from '#renderer/src/features/performance/scene.ts';
import type { Box, Shape } from '#renderer/src/features/performance/scene.ts';

type Look = Partial<Pick<Extract<Shape, { kind: 'text' }>, 'tone' | 'anchor' | 'isStrong'>>;

/** A text of a scene. */
export const label = (
  key: string,
  at: { readonly x: number; readonly y: number; readonly text: string },
  look: Look = {},
): Shape => ({
  kind: 'text',
  key,
  tone: 'text3',
  anchor: 'start',
  isStrong: false,
  ...at,
  ...look,
});

/** A straight line of a scene. */
export const rule = (
  key: string,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  look: Partial<Pick<Extract<Shape, { kind: 'line' }>, 'tone' | 'width' | 'dash'>> = {},
): Shape => ({ kind: 'line', key, d: segment(x1, y1, x2, y2), tone: 'line', width: 1, dash: [], ...look });

type LevelInput = {
  readonly plot: Box;
  readonly domain: Domain;
  readonly y: Scale;
  readonly most: number;
  readonly write: (value: number) => string;
};

/** Level lines with their values left of the plot. */
export const levels = ({ plot, domain, y, most, write }: LevelInput): readonly Shape[] =>
  niceTicks(domain, most).flatMap((value): readonly Shape[] => [
    rule(`level ${value}`, [plot.left, y(value), plot.right, y(value)]),
    label(`level text ${value}`, { x: plot.left - 8, y: y(value) + 4, text: write(value) }, { anchor: 'end' }),
  ]);
