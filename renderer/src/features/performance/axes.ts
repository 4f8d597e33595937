import { linearScale, niceTicks } from './scale.ts';
import type { Domain, Scale } from './scale.ts';
import { segment } from './scene.ts';
import type { Box, Shape } from './scene.ts';
import { timeTicks } from './time-ticks.ts';

export const LEFT = 12;
export const CHAR_WIDTH = 7;
/** Least px between two values of the axis. */
export const TICK_HEIGHT = { equity: 46, depth: 28 } as const;

/** On a tall screen more lines would only be more ink. */
const MOST_LINES = 14;
const TOP = 10;
const TIMES_HEIGHT = 24;
const AXIS_WIDTH = 68;
const TICK_WIDTH = 92;

export type ChartSize = {
  readonly width: number;
  readonly height: number;
  readonly hasTimes: boolean;
  /** Width of the column of last values. */
  readonly labelWidth: number;
};

/** Where the lines are: left of the axis and of the last values. */
export function plotOf({ width, height, hasTimes, labelWidth }: ChartSize): Box {
  return {
    left: LEFT,
    right: Math.max(LEFT + 1, width - AXIS_WIDTH - labelWidth),
    top: TOP,
    bottom: Math.max(TOP + 1, height - (hasTimes ? TIMES_HEIGHT : 8)),
  };
}

/** Words of a chart, quiet unless said otherwise. */
export const textShape = (
  key: string,
  at: { readonly x: number; readonly y: number; readonly text: string },
  look: Partial<Pick<Extract<Shape, { kind: 'text' }>, 'tone' | 'anchor' | 'isStrong'>> = {},
): Shape => ({ kind: 'text', key, tone: 'text3', anchor: 'start', isStrong: false, ...at, ...look });

export type Axis = {
  readonly plot: Box;
  readonly y: Scale;
  readonly domain: Domain;
  readonly write: (value: number, step: number) => string;
  readonly tickHeight: number;
};

/** Grid lines at round values, each with its value right of the lines. */
export function valueAxis({ plot, y, domain, write, tickHeight }: Axis): readonly Shape[] {
  const most = Math.min(MOST_LINES, Math.floor((plot.bottom - plot.top) / tickHeight));
  const ticks = niceTicks(domain, Math.max(2, most));
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  return ticks.flatMap((value): readonly Shape[] => [
    {
      kind: 'line',
      key: `grid ${value}`,
      d: segment(plot.left, y(value), plot.right, y(value)),
      tone: 'line',
      width: 1,
      dash: [],
    },
    textShape(`axis ${value}`, { x: plot.right + 8, y: y(value) + 4, text: write(value, step) }),
  ]);
}

/** Round times under the lines. @param span epoch ms */
export function timeAxis(
  span: Domain,
  { height, hasTimes }: Pick<ChartSize, 'height' | 'hasTimes'>,
  plot: Box,
): readonly Shape[] {
  if (!hasTimes) return [];
  const x = linearScale(span, plot.left, plot.right);
  const most = Math.floor((plot.right - plot.left) / TICK_WIDTH);
  return timeTicks(span.min, span.max, most)
    .filter((tick) => x(tick.at) >= plot.left + 18 && x(tick.at) <= plot.right - 18)
    .map((tick) =>
      textShape(`time ${tick.at}`, { x: x(tick.at), y: height - 7, text: tick.label }, { anchor: 'middle' }),
    );
}
