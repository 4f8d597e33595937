import type { BookId } from '#shared/domain/performance.ts';
import { percentText, usdText } from '#shared/format/numbers.ts';
import { CHAR_WIDTH, LEFT, plotOf, textShape, TICK_HEIGHT, timeAxis, valueAxis } from './axes.ts';
import { BOOKS, DRAWN } from './books.ts';
import { columnStarts, decimate } from './decimate.ts';
import { pyramidOf } from './pyramid.ts';
import { domainOf, linearScale, stepDecimals } from './scale.ts';
import type { Domain, Scale } from './scale.ts';
import { pathOf } from './scene.ts';
import type { Box, Scene, Shape } from './scene.ts';
import { spreadLabels } from './spread-labels.ts';
import { stretchOf } from './stretch.ts';
import type { Stretch } from './stretch.ts';
import type { Columns } from './timeline.ts';

export type SceneInput = {
  /** At least two moments, in strictly rising time. */
  readonly columns: Columns;
  /** The times to show, epoch ms; all of them when absent. */
  readonly span?: Domain;
  readonly width: number;
  readonly height: number;
  readonly hasTimes: boolean;
  /** Width of the column of last values, the same for both charts so that they share their times. */
  readonly labelWidth: number;
};

/** With more points a px than thinning would leave, a line is thinned. */
const MOST_PER_PX = 4;
/** Path over width from which a line only goes up and down: it would show no dashes, and take long to be drawn with them. */
const JAGGED = 8;

const LABEL_GAP = 16;

/** Last value of each book, as written at the end of its line. */
export const endTexts = ({ equity }: Pick<Columns, 'equity'>, { end }: Stretch): readonly string[] =>
  BOOKS.map(({ book, name }) => `${name} ${usdText(equity[book][end - 1], 0)}`);

/** Width the last values need. */
export const labelWidthFor = (columns: Pick<Columns, 'at' | 'equity'>, span?: Domain): number =>
  Math.max(...endTexts(columns, stretchOf(columns.at, span)).map((text) => text.length * CHAR_WIDTH)) + LEFT;

/** Maps epoch ms to px; what lies before the left edge to the edge. */
export function timeScale({ min, max }: Domain, plot: Box): Scale {
  const x = linearScale({ min, max }, plot.left, plot.right);
  return (at) => x(Math.max(min, at));
}

/** What is drawn of the columns, and where. */
type View = {
  readonly columns: Columns;
  readonly stretch: Stretch;
  readonly plot: Box;
  readonly x: Scale;
  /** Where the moments of each px column begin; null where they are few enough to draw all. */
  readonly starts: readonly number[] | null;
};

function viewOf(input: SceneInput): View {
  const { columns, span } = input;
  const plot = plotOf(input);
  const stretch = stretchOf(columns.at, span);
  const x = timeScale(stretch.span, plot);
  const isThinned = stretch.end - stretch.first > MOST_PER_PX * (plot.right - plot.left);
  return { columns, stretch, plot, x, starts: isThinned ? columnStarts(columns.at, stretch, x) : null };
}

type Traced = { readonly xs: readonly number[]; readonly ys: readonly number[] };

/** The px of one line. */
function trace(
  { columns: { at }, stretch: { first, end }, x, starts }: View,
  values: ArrayLike<number>,
  y: Scale,
): Traced {
  const kept =
    starts === null ? Array.from({ length: end - first }, (_, i) => first + i) : decimate(pyramidOf(values), starts);
  return { xs: kept.map((i) => x(at[i] ?? 0)), ys: kept.map((i) => y(values[i] ?? 0)) };
}

/** How much longer a line is than it is wide. */
function lengthOverWidth({ xs, ys }: Traced): number {
  let length = 0;
  for (let i = 1; i < xs.length; i += 1) {
    length += Math.hypot((xs[i] ?? 0) - (xs[i - 1] ?? 0), (ys[i] ?? 0) - (ys[i - 1] ?? 0));
  }
  return length / Math.max(1, (xs.at(-1) ?? 0) - (xs[0] ?? 0));
}

type Pen = Pick<Extract<Shape, { kind: 'line' }>, 'key' | 'tone' | 'width' | 'dash'>;

function lineShape(view: View, traced: Traced, pen: Pen): Shape {
  const hasDashes = pen.dash.length > 0 && (view.starts === null || lengthOverWidth(traced) < JAGGED);
  return { ...pen, kind: 'line', d: pathOf(traced.xs, traced.ys), dash: hasDashes ? pen.dash : [] };
}

/** The least and the largest of what is shown. */
function extremesOf({ stretch: { first, end } }: View, values: ArrayLike<number>): readonly number[] {
  const { low, high } = pyramidOf(values)(first, end);
  return [values[low] ?? 0, values[high] ?? 0];
}

/** Equity of the three books, with their last values at the line ends. */
export function equityScene(input: SceneInput): Scene {
  const { columns, width, height } = input;
  const { equity } = columns;
  const view = viewOf(input);
  const { plot, stretch } = view;
  const domain = domainOf(
    BOOKS.flatMap(({ book }) => extremesOf(view, equity[book])),
    0.06,
  );
  const y = linearScale(domain, plot.bottom, plot.top);
  const lines = DRAWN.map(({ book, tone, width: stroke, dash }) =>
    lineShape(view, trace(view, equity[book], y), { key: book, tone, width: stroke, dash }),
  );
  const ends = BOOKS.map(({ book }) => y(equity[book][stretch.end - 1] ?? 0));
  const places = spreadLabels(ends, LABEL_GAP, { min: plot.top + 4, max: plot.bottom });
  const texts = endTexts(columns, stretch);
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
      ...timeAxis(stretch.span, input, plot),
      ...lines,
      ...labels,
    ],
  };
}

/** Index of the deepest moment of a book; the first of equals. */
export function deepest({ at, depth }: Pick<Columns, 'at' | 'depth'>, book: BookId, stretch = stretchOf(at)): number {
  return pyramidOf(depth[book])(stretch.first, stretch.end).low;
}

const THIN = 1;
const FILL = 0.16;
/** Half the width of the figure at the deepest point, and the room it takes below the point. */
const MARK_HALF = 46;
const MARK_ROOM = 18;

/** The deepest point of what the trader did: a ring, and its figure below it. */
function deepestMark({ columns, stretch, plot, x: across }: View, down: Scale): readonly Shape[] {
  const place = deepest(columns, 'actual', stretch);
  const depth = columns.depth.actual[place] ?? 0;
  if (depth >= 0) return [];
  const [x, y] = [across(columns.at[place] ?? 0), down(depth)];
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
  const view = viewOf(input);
  const { plot, stretch } = view;
  const lowest = Math.min(...BOOKS.map(({ book }) => depth[book][deepest(columns, book, stretch)] ?? 0));
  const domain = depthDomain(lowest, plot);
  const y = linearScale(domain, plot.bottom, plot.top);
  const thin = DRAWN.filter(({ book }) => book !== 'actual').map(({ book, tone, dash }) =>
    lineShape(view, trace(view, depth[book], y), { key: book, tone, width: THIN, dash }),
  );
  const actual = trace(view, depth.actual, y);
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
      ...timeAxis(stretch.span, input, plot),
      ...thin,
      { kind: 'line', key: 'actual', d: line, tone: 'loss', width: 1.75, dash: [] },
      ...deepestMark(view, y),
    ],
  };
}
