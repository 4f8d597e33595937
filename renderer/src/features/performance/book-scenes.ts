import type { BookId } from '#shared/domain/performance.ts';
import { percentText, usdText } from '#shared/format/numbers.ts';
import { CHAR_WIDTH, LEFT, plotOf, textShape, TICK_HEIGHT, timeAxis, valueAxis } from './axes.ts';
import { BOOKS, DRAWN } from './books.ts';
import { decimate } from './decimate.ts';
import { domainOf, linearScale, stepDecimals } from './scale.ts';
import type { Domain, Scale } from './scale.ts';
import { pathOf } from './scene.ts';
import type { Box, Scene, Shape } from './scene.ts';
import { spreadLabels } from './spread-labels.ts';
import type { Moment } from './timeline.ts';

export type SceneInput = {
  /** At least two, in strictly rising time. */
  readonly moments: readonly Moment[];
  readonly width: number;
  readonly height: number;
  readonly hasTimes: boolean;
  /** Width of the column of last values, the same for both charts so that they share their times. */
  readonly labelWidth: number;
};

/** Above this many points a line is thinned to its px. */
export const MOST_POINTS = 10_000;

const LABEL_GAP = 16;

/** Last value of each book, as written at the end of its line. */
export const endTexts = (moments: readonly Moment[]): readonly string[] =>
  BOOKS.map(({ book, name }) => `${name} ${usdText(moments.at(-1)?.equity[book], 0)}`);

/** Width the last values need. */
export const labelWidthFor = (moments: readonly Moment[]): number =>
  Math.max(...endTexts(moments).map((text) => text.length * CHAR_WIDTH)) + LEFT;

/** First and last moment, epoch ms. */
const spanOf = (moments: readonly Moment[]): Domain => ({ min: moments[0]?.at ?? 0, max: moments.at(-1)?.at ?? 0 });

/** Maps epoch ms to px. */
export const timeScale = (moments: readonly Moment[], plot: Box): Scale =>
  linearScale(spanOf(moments), plot.left, plot.right);

type Traced = { readonly xs: readonly number[]; readonly ys: readonly number[] };

/** The px of one line; thinned where there are more points than anyone can see. */
function trace(
  moments: readonly Moment[],
  valueOf: (moment: Moment) => number,
  scales: { readonly x: Scale; readonly y: Scale },
): Traced {
  const xs = moments.map((moment) => scales.x(moment.at));
  const values = moments.map(valueOf);
  const kept =
    moments.length <= MOST_POINTS
      ? moments.map((_, i) => i)
      : decimate(
          xs.map((x) => Math.floor(x)),
          values,
        );
  return { xs: kept.map((i) => xs[i] ?? 0), ys: kept.map((i) => scales.y(values[i] ?? 0)) };
}

/** Equity of the three books, with their last values at the line ends. */
export function equityScene(input: SceneInput): Scene {
  const { moments, width, height } = input;
  const plot = plotOf(input);
  const values = function* (): Iterable<number> {
    for (const { equity } of moments) yield* [equity.actual, equity.model, equity.fixed];
  };
  const domain = domainOf(values(), 0.06);
  const y = linearScale(domain, plot.bottom, plot.top);
  const x = timeScale(moments, plot);
  const lines = DRAWN.map(({ book, tone, width: stroke, dash }): Shape => {
    const { xs, ys } = trace(moments, ({ equity }) => equity[book], { x, y });
    return { kind: 'line', key: book, d: pathOf(xs, ys), tone, width: stroke, dash };
  });
  const ends = BOOKS.map(({ book }) => y(moments.at(-1)?.equity[book] ?? 0));
  const places = spreadLabels(ends, LABEL_GAP, { min: plot.top + 4, max: plot.bottom });
  const texts = endTexts(moments);
  const labels = BOOKS.map(({ book, tone }, i): Shape =>
    textShape(
      `end ${book}`,
      { x: width - LEFT, y: (places[i] ?? 0) + 4, text: texts[i] ?? '' },
      { tone, anchor: 'end', isStrong: true },
    ),
  );
  const write = (value: number, step: number) => usdText(value, step < 1 ? stepDecimals(step) : 0);
  return {
    width,
    height,
    plot,
    shapes: [
      ...valueAxis({ plot, y, domain, write, tickHeight: TICK_HEIGHT.equity }),
      ...timeAxis(spanOf(moments), input, plot),
      ...lines,
      ...labels,
    ],
  };
}

/** Index of the deepest moment of a book; the first of equals. */
export function deepest(moments: readonly Moment[], book: BookId): number {
  let found = 0;
  moments.forEach(({ depth }, i) => {
    if (depth[book] < (moments[found]?.depth[book] ?? 0)) found = i;
  });
  return found;
}

const THIN = 1;
const FILL = 0.16;
/** Half the width of the figure at the deepest point, and the room it takes below the point. */
const MARK_HALF = 46;
const MARK_ROOM = 18;

/** The deepest point of what the trader did: a ring, and its figure below it. */
function deepestMark(
  moments: readonly Moment[],
  plot: Box,
  scales: { readonly x: Scale; readonly y: Scale },
): readonly Shape[] {
  const moment = moments[deepest(moments, 'actual')];
  if (moment === undefined || moment.depth.actual >= 0) return [];
  const [x, y] = [scales.x(moment.at), scales.y(moment.depth.actual)];
  const at = {
    x: Math.max(plot.left + MARK_HALF, Math.min(plot.right - MARK_HALF, x)),
    y: y + 16,
    text: `max ${percentText(moment.depth.actual)}`,
  };
  return [
    { kind: 'ring', key: 'deepest', x, y, radius: 3, tone: 'loss' },
    textShape('deepest text', at, { tone: 'loss', anchor: 'middle', isStrong: true }),
  ];
}

/** The axis from 0 down to the lowest, with room under it for the mark. */
function depthDomain(lowest: number, plot: Box): Domain {
  const height = plot.bottom - plot.top;
  return { min: Math.min(lowest, -0.001) * (height / Math.max(height / 2, height - MARK_ROOM)), max: 0 };
}

/** How far each book is below its highest equity so far. */
export function underwaterScene(input: SceneInput): Scene {
  const { moments, width, height } = input;
  const plot = plotOf(input);
  const lowest = Math.min(...BOOKS.map(({ book }) => moments[deepest(moments, book)]?.depth[book] ?? 0));
  const domain = depthDomain(lowest, plot);
  const y = linearScale(domain, plot.bottom, plot.top);
  const x = timeScale(moments, plot);
  const lineOf = ({ book, tone, dash }: (typeof BOOKS)[number], stroke: number): Shape => {
    const { xs, ys } = trace(moments, ({ depth }) => depth[book], { x, y });
    return { kind: 'line', key: book, d: pathOf(xs, ys), tone, width: stroke, dash };
  };
  const thin = DRAWN.filter(({ book }) => book !== 'actual').map((style) => lineOf(style, THIN));
  const actual = trace(moments, ({ depth }) => depth.actual, { x, y });
  const line = pathOf(actual.xs, actual.ys);
  const surface = `L${actual.xs.at(-1) ?? 0} ${y(0)}L${actual.xs[0] ?? 0} ${y(0)}Z`;
  const write = (value: number, step: number) => percentText(value, stepDecimals(step * 100));
  return {
    width,
    height,
    plot,
    shapes: [
      { kind: 'area', key: 'area', d: line + surface, tone: 'loss', opacity: FILL },
      ...valueAxis({ plot, y, domain, write, tickHeight: TICK_HEIGHT.depth }),
      ...timeAxis(spanOf(moments), input, plot),
      ...thin,
      { kind: 'line', key: 'actual', d: line, tone: 'loss', width: 1.75, dash: [] },
      ...deepestMark(moments, plot, { x, y }),
    ],
  };
}
