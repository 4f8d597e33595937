import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import { countText, numberText, percentText } from '#shared/format/numbers.ts';
import {
  CHAR_WIDTH,
  LEFT,
  plotOf,
  textShape,
  TICK_HEIGHT,
  valueAxis,
} from '#renderer/src/features/performance/axes.ts';
import { domainOf, linearScale, niceTicks, stepDecimals } from '#renderer/src/features/performance/scale.ts';
import type { Domain, Scale } from '#renderer/src/features/performance/scale.ts';
import { pathOf, segment } from '#renderer/src/features/performance/scene.ts';
import type { Box, Scene, Shape, Tone } from '#renderer/src/features/performance/scene.ts';
import { spreadLabels } from '#renderer/src/features/performance/spread-labels.ts';

type Size = { readonly width: number; readonly height: number };

/** Least px between two values under the lines, and between two end labels. */
const TICK_WIDTH = 92;
const LABEL_GAP = 15;

export const timesText = (wealth: number): string => `${numberText(wealth, 2)} ×`;

/** Round values under the lines. */
function stepsAxis(
  domain: Domain,
  plot: Box,
  { height, write }: { height: number; write: (value: number) => string },
): readonly Shape[] {
  const x = linearScale(domain, plot.left, plot.right);
  return niceTicks(domain, Math.max(2, Math.floor((plot.right - plot.left) / TICK_WIDTH)))
    .filter((value) => x(value) >= plot.left + 12 && x(value) <= plot.right - 12)
    .map((value) =>
      textShape(`step ${value}`, { x: x(value), y: height - 7, text: write(value) }, { anchor: 'middle' }),
    );
}

const line = (key: string, d: string, look: { tone: Tone; width?: number; dash?: readonly number[] }): Shape => ({
  ...{ kind: 'line', key, d, tone: look.tone, width: look.width ?? 1.5, dash: look.dash ?? [] },
});

/** The room between two lines over the same steps. */
function between(
  key: string,
  xs: readonly number[],
  band: { low: readonly number[]; high: readonly number[]; opacity: number },
): Shape {
  const back = pathOf(xs.toReversed(), band.low.toReversed()).replace('M', 'L');
  return { kind: 'area', key, d: `${pathOf(xs, band.high)}${back}Z`, tone: 'accent', opacity: band.opacity };
}

/** A level that is asked about, where it lies among what is drawn. */
function levelShapes(
  key: string,
  value: number,
  { y, domain, plot }: { y: Scale; domain: Domain; plot: Box },
): readonly Shape[] {
  if (value < domain.min || value > domain.max) return [];
  return [
    line(key, segment(plot.left, y(value), plot.right, y(value)), { tone: 'loss', width: 1, dash: [4, 4] }),
    textShape(
      `${key} text`,
      { x: plot.left + 4, y: y(value) - 4, text: `ruin at ${timesText(value)}` },
      { tone: 'loss' },
    ),
  ];
}

/** Quantiles of wealth after so many trades: the middle half, nine tenths, and the median. */
export function fanScene({ fan, setup }: MonteCarloRun, size: Size): Scene {
  const ends = [fan.p95, fan.p50, fan.p05].map((band) => band.at(-1) ?? 1);
  const texts = ends.map(timesText);
  const labelWidth = Math.max(...texts.map((text) => text.length * CHAR_WIDTH)) + LEFT;
  const plot = plotOf({ ...size, hasTimes: true, labelWidth });
  const domain = domainOf([...fan.p05, ...fan.p95, 1], 0.06);
  const y = linearScale(domain, plot.bottom, plot.top);
  const span = { min: 0, max: Math.max(1, setup.trades) };
  const xs = fan.trade.map(linearScale(span, plot.left, plot.right));
  const of = (band: readonly number[]): readonly number[] => band.map(y);
  const places = spreadLabels(ends.map(y), LABEL_GAP, { min: plot.top + 4, max: plot.bottom });
  const write = (value: number, step: number) => `${numberText(value, stepDecimals(step))} ×`;
  return {
    ...{ width: size.width, height: size.height, plot },
    shapes: [
      ...valueAxis({ plot, y, domain, write, tickHeight: TICK_HEIGHT.equity }),
      ...stepsAxis(span, plot, { height: size.height, write: countText }),
      between('nine tenths', xs, { low: of(fan.p05), high: of(fan.p95), opacity: 0.14 }),
      between('middle half', xs, { low: of(fan.p25), high: of(fan.p75), opacity: 0.22 }),
      line('start', segment(plot.left, y(1), plot.right, y(1)), { tone: 'text3', width: 1, dash: [1, 4] }),
      ...levelShapes('ruin', setup.ruinLevel, { y, domain, plot }),
      line('p95', pathOf(xs, of(fan.p95)), { tone: 'text3', width: 1, dash: [6, 3] }),
      line('p05', pathOf(xs, of(fan.p05)), { tone: 'text3', width: 1, dash: [6, 3] }),
      line('median', pathOf(xs, of(fan.p50)), { tone: 'accent', width: 2 }),
      ...texts.map((text, i) =>
        textShape(
          `end ${i}`,
          { x: size.width - LEFT, y: (places[i] ?? 0) + 4, text },
          { tone: i === 1 ? 'accent' : 'text2', anchor: 'end', isStrong: i === 1 },
        ),
      ),
    ],
  };
}

/** The share of paths whose deepest drawdown is above a depth. */
export function drawdownsScene({ drawdowns, maxDrawdown }: MonteCarloRun, size: Size): Scene {
  const { depth, above } = drawdowns;
  const plot = plotOf({ ...size, hasTimes: true, labelWidth: 0 });
  const domain = { min: 0, max: 1 };
  const y = linearScale(domain, plot.bottom, plot.top);
  const span = { min: 0, max: Math.max(0.001, depth.at(-1) ?? 0) };
  const x = linearScale(span, plot.left, plot.right);
  const xs = depth.map(x);
  const median = x(maxDrawdown.p50);
  return {
    ...{ width: size.width, height: size.height, plot },
    shapes: [
      ...valueAxis({ plot, y, domain, write: (value) => percentText(value, 0), tickHeight: TICK_HEIGHT.equity }),
      ...stepsAxis(span, plot, { height: size.height, write: (value) => percentText(value, span.max < 0.05 ? 1 : 0) }),
      between('above', xs, { low: xs.map(() => y(0)), high: above.map(y), opacity: 0.14 }),
      line('share', pathOf(xs, above.map(y)), { tone: 'accent', width: 2 }),
      line('median', segment(median, y(0.5), median, plot.bottom), { tone: 'text3', width: 1, dash: [4, 4] }),
      textShape(
        'median text',
        { x: Math.min(median + 6, plot.right - 60), y: y(0.5) - 6, text: `median ${percentText(maxDrawdown.p50, 1)}` },
        { tone: 'text2' },
      ),
    ],
  };
}
