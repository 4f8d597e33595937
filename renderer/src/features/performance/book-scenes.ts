import type { BookId } from '#shared/domain/performance.ts';
import { percentText, usdText } from '#shared/format/numbers.ts';
import { CHAR_WIDTH, LEFT, plotOf, textShape, TICK_HEIGHT, timeAxis, valueAxis } from './axes.ts';
import { BOOKS, DRAWN } from './books.ts';
import { decimate } from './decimate.ts';
import { domainOf, extremesOf, linearScale, stepDecimals } from './scale.ts';
import type { Domain, Scale } from './scale.ts';
import { pathOf } from './scene.ts';
import type { Box, Scene, Shape } from './scene.ts';
import { spreadLabels } from './spread-labels.ts';
import type { Columns } from './timeline.ts';

export type SceneInput = {
  /** At least two moments, in strictly rising time. */
  readonly columns: Columns;
  readonly width: number;
  readonly height: number;
  readonly hasTimes: boolean;
  /** Width of the column of last values, the same for both charts so that they share their times. */
  readonly labelWidth: number;
};

/** Above this many points a line is thinned to its px. */
export const MOST_POINTS = 10_000;

const LABEL_GAP = 16;

const lastOf = (values: ArrayLike<number>): number | undefined => values[values.length - 1];

/** Last value of each book, as written at the end of its line. */
export const endTexts = ({ equity }: Pick<Columns, 'equity'>): readonly string[] =>
  BOOKS.map(({ book, name }) => `${name} ${usdText(lastOf(equity[book]), 0)}`);

/** Width the last values need. */
export const labelWidthFor = (columns: Pick<Columns, 'equity'>): number =>
  Math.max(...endTexts(columns).map((text) => text.length * CHAR_WIDTH)) + LEFT;

/** First and last moment, epoch ms. */
const spanOf = ({ at }: Pick<Columns, 'at'>): Domain => ({ min: at[0] ?? 0, max: lastOf(at) ?? 0 });

/** Maps epoch ms to px. */
export const timeScale = (columns: Pick<Columns, 'at'>, plot: Box): Scale =>
  linearScale(spanOf(columns), plot.left, plot.right);

type Traced = { readonly xs: readonly number[]; readonly ys: readonly number[] };

const isThinned = ({ at }: Columns): boolean => at.length > MOST_POINTS;

/** A line that goes up and down within each px would show no dashes, and take long to be drawn with them. */
const dashOf = (columns: Columns, dash: readonly number[]): readonly number[] => (isThinned(columns) ? [] : dash);

/** The px columns of the moments, where there are more of them than anyone can see: then lines are thinned. */
function pxOf(columns: Columns, x: Scale): Int32Array | null {
  if (!isThinned(columns)) return null;
  const { at } = columns;
  const px = new Int32Array(at.length);
  for (let i = 0; i < px.length; i += 1) px[i] = Math.floor(x(at[i] ?? 0));
  return px;
}

type Scales = { readonly x: Scale; readonly y: Scale; readonly px: Int32Array | null };

/** The px of one line. */
function trace({ at }: Columns, values: ArrayLike<number>, { x, y, px }: Scales): Traced {
  const kept = px === null ? Array.from(at, (_, i) => i) : decimate(px, values);
  return { xs: kept.map((i) => x(at[i] ?? 0)), ys: kept.map((i) => y(values[i] ?? 0)) };
}

/** Equity of the three books, with their last values at the line ends. */
export function equityScene(input: SceneInput): Scene {
  const { columns, width, height } = input;
  const { equity } = columns;
  const plot = plotOf(input);
  const domain = domainOf(
    BOOKS.flatMap(({ book }) => extremesOf(equity[book])),
    0.06,
  );
  const y = linearScale(domain, plot.bottom, plot.top);
  const x = timeScale(columns, plot);
  const scales = { x, y, px: pxOf(columns, x) };
  const lines = DRAWN.map(({ book, tone, width: stroke, dash }): Shape => {
    const { xs, ys } = trace(columns, equity[book], scales);
    return { kind: 'line', key: book, d: pathOf(xs, ys), tone, width: stroke, dash: dashOf(columns, dash) };
  });
  const ends = BOOKS.map(({ book }) => y(lastOf(equity[book]) ?? 0));
  const places = spreadLabels(ends, LABEL_GAP, { min: plot.top + 4, max: plot.bottom });
  const texts = endTexts(columns);
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
      ...timeAxis(spanOf(columns), input, plot),
      ...lines,
      ...labels,
    ],
  };
}

/** Index of the deepest moment of a book; the first of equals. */
export function deepest({ depth }: Pick<Columns, 'depth'>, book: BookId): number {
  const values = depth[book];
  let found = 0;
  for (let i = 1; i < values.length; i += 1) if ((values[i] ?? 0) < (values[found] ?? 0)) found = i;
  return found;
}

const THIN = 1;
const FILL = 0.16;
/** Half the width of the figure at the deepest point, and the room it takes below the point. */
const MARK_HALF = 46;
const MARK_ROOM = 18;

/** The deepest point of what the trader did: a ring, and its figure below it. */
function deepestMark(columns: Columns, plot: Box, scales: { readonly x: Scale; readonly y: Scale }): readonly Shape[] {
  const place = deepest(columns, 'actual');
  const depth = columns.depth.actual[place] ?? 0;
  if (depth >= 0) return [];
  const [x, y] = [scales.x(columns.at[place] ?? 0), scales.y(depth)];
  const at = {
    x: Math.max(plot.left + MARK_HALF, Math.min(plot.right - MARK_HALF, x)),
    y: y + 16,
    text: `max ${percentText(depth)}`,
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
  const { columns, width, height } = input;
  const { depth } = columns;
  const plot = plotOf(input);
  const lowest = Math.min(...BOOKS.map(({ book }) => depth[book][deepest(columns, book)] ?? 0));
  const domain = depthDomain(lowest, plot);
  const y = linearScale(domain, plot.bottom, plot.top);
  const x = timeScale(columns, plot);
  const scales = { x, y, px: pxOf(columns, x) };
  const lineOf = ({ book, tone, dash }: (typeof BOOKS)[number], stroke: number): Shape => {
    const { xs, ys } = trace(columns, depth[book], scales);
    return { kind: 'line', key: book, d: pathOf(xs, ys), tone, width: stroke, dash: dashOf(columns, dash) };
  };
  const thin = DRAWN.filter(({ book }) => book !== 'actual').map((style) => lineOf(style, THIN));
  const actual = trace(columns, depth.actual, scales);
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
      ...timeAxis(spanOf(columns), input, plot),
      ...thin,
      { kind: 'line', key: 'actual', d: line, tone: 'loss', width: 1.75, dash: [] },
      ...deepestMark(columns, plot, scales),
    ],
  };
}
