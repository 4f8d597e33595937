import { countText, percentText, rText, signedText } from '#shared/format/numbers.ts';
import { R_BIN, type RBin } from '#shared/domain/performance-history.ts';
import { textShape } from './axes.ts';
import { axisOf, fullest, isOverflow, isUp } from './histogram.ts';
import { linearScale } from './scale.ts';
import type { Scale } from './scale.ts';
import type { Reading } from './scene-reader.ts';
import { segment } from './scene.ts';
import type { Box, Scene, Shape } from './scene.ts';
import type { BoxSize } from './use-box-size.ts';

const SIDE = 12;
const TOP = 20;
const BOTTOM = 22;
const TICK_WIDTH = 34;
/** Px between two lines of the hatching, along the edge of a bar. */
const HATCH = 7;

/** How a bar is named: "−0.75 to −0.50 R", "5 R and more". */
export function binName({ from, to }: RBin): string {
  if (from === null) return `below ${signedText(to, 0)} R`;
  if (to === null) return `${signedText(from, 0)} R and more`;
  return `${signedText(from, 2)} to ${signedText(to, 2)} R`;
}

/** Where a bar begins on the axis; an overflow bar stands a little beyond its end. */
function leftOf({ from, to }: RBin): number {
  if (from === null) return (to ?? 0) - R_BIN * 1.25;
  return to === null ? from + R_BIN * 0.25 : from;
}

/** R across the plot, with room for one more bar on each side: the overflow. */
function scaleOf(bins: readonly RBin[], { left, right }: Box): Scale {
  const { low, high } = axisOf(bins);
  return linearScale({ min: low - R_BIN * 1.5, max: high + R_BIN * 1.5 }, left, right);
}

/** The middle of a bar, px. */
export function binX(bins: readonly RBin[], index: number, plot: Box): number {
  const bin = bins[index];
  return bin === undefined ? plot.left : scaleOf(bins, plot)(leftOf(bin) + R_BIN / 2);
}

/** A bar in figures: its trades, and their share of all. */
export function binReading(bins: readonly RBin[], index: number): Reading {
  const bin = bins[index];
  if (bin === undefined) return { title: '', figures: [] };
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  return {
    title: binName(bin),
    figures: [
      ['Trades', countText(bin.count)],
      ['Of all', percentText(all === 0 ? null : bin.count / all, 1)],
    ],
  };
}

/** Slanted lines inside a bar: losses are told by them as well as by their colour. */
function hatching({ left, right, top, bottom }: Box): string {
  const lines: string[] = [];
  for (let sum = Math.ceil((left + top) / HATCH) * HATCH; sum < right + bottom; sum += HATCH) {
    const [low, high] = [Math.min(bottom, sum - left), Math.max(top, sum - right)];
    lines.push(segment(sum - low, low, sum - high, high));
  }
  return lines.join('');
}

/** One bar: solid above zero R, hatched and outlined below. */
function barShapes(bin: RBin, box: Box): readonly Shape[] {
  const { left, right, top, bottom } = box;
  if (bin.count === 0) return [];
  const key = String(bin.from ?? 'below');
  const middle = (left + right) / 2;
  const up = { kind: 'line', key, d: segment(middle, bottom, middle, top), tone: 'gain', dash: [] } as const;
  if (isUp(bin)) return [{ ...up, width: right - left }];
  const outline = `M${left} ${bottom}V${top}H${right}V${bottom}`;
  return [
    { kind: 'area', key: `${key} ground`, d: `${outline}Z`, tone: 'loss', opacity: 0.14 },
    { kind: 'line', key: `${key} hatch`, d: hatching(box), tone: 'loss', width: 1.5, dash: [] },
    { kind: 'line', key, d: outline, tone: 'loss', width: 1, dash: [] },
  ];
}

/** Whole R on the axis. */
function ticks(bins: readonly RBin[], x: Scale, y: number): readonly Shape[] {
  const { low, high } = axisOf(bins);
  const step = Math.ceil(TICK_WIDTH / Math.max(1, x(1) - x(0)));
  return Array.from({ length: high - low + 1 }, (_, i) => low + i)
    .filter((r) => r % step === 0)
    .map((r) => textShape(`tick ${r}`, { x: x(r), y, text: `${signedText(r, 0)} R` }, { anchor: 'middle' }));
}

/** Where the mean is, on the axis even when it lies beyond. */
function meanShapes(mean: number, bins: readonly RBin[], { x, plot }: { readonly x: Scale; readonly plot: Box }) {
  const { low, high } = axisOf(bins);
  const at = x(Math.max(low, Math.min(high, mean)));
  const isLate = at > plot.right - 90;
  return [
    { kind: 'line', key: 'mean', d: segment(at, 4, at, plot.bottom), tone: 'text', width: 1.5, dash: [3, 3] },
    textShape(
      'mean text',
      { x: at + (isLate ? -6 : 6), y: 13, text: `mean ${rText(mean)}` },
      { tone: 'text', anchor: isLate ? 'end' : 'start', isStrong: true },
    ),
  ] as const satisfies readonly Shape[];
}

type SceneInput = { readonly bins: readonly RBin[]; readonly mean: number | null; readonly size: BoxSize };

/** How many trades ended at which R, the mean as a line; an overflow bar is marked with an arrow and its count. */
export function histogramScene({ bins, mean, size }: SceneInput): Scene {
  const plot = {
    ...{ left: SIDE, right: Math.max(SIDE + 1, size.width - SIDE) },
    ...{ top: TOP, bottom: Math.max(TOP + 1, size.height - BOTTOM) },
  };
  const x = scaleOf(bins, plot);
  const y = linearScale({ min: 0, max: fullest(bins)?.count ?? 1 }, plot.bottom, plot.top);
  const width = Math.max(1, x(R_BIN) - x(0) - 1);
  const boxOf = (bin: RBin): Box => {
    const left = x(leftOf(bin)) + 0.5;
    return { left, right: left + width, top: y(bin.count), bottom: plot.bottom };
  };
  const counts = bins.filter(isOverflow).map((bin): Shape => {
    const { left, right, top } = boxOf(bin);
    const text = isUp(bin) ? `${countText(bin.count)} ›` : `‹ ${countText(bin.count)}`;
    return textShape(
      `count ${bin.from ?? 'below'}`,
      { x: (left + right) / 2, y: top - 4, text },
      { anchor: isUp(bin) ? 'end' : 'start' },
    );
  });
  return {
    ...{ width: size.width, height: size.height, plot },
    shapes: [
      ...bins.flatMap((bin) => barShapes(bin, boxOf(bin))),
      ...counts,
      {
        kind: 'line',
        key: 'floor',
        d: segment(0, plot.bottom, size.width, plot.bottom),
        tone: 'line2',
        width: 1,
        dash: [],
      },
      ...ticks(bins, x, size.height - 6),
      ...(mean === null ? [] : meanShapes(mean, bins, { x, plot })),
    ],
  };
}
