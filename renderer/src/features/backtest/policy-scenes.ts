import type { PolicySeries } from '#shared/domain/backtest.ts';
import { percentText, usdText } from '#shared/format/numbers.ts';
import { epochMs, usdOf } from '#shared/units.ts';
import {
  CHAR_WIDTH,
  LEFT,
  plotOf,
  textShape,
  TICK_HEIGHT,
  timeAxis,
  valueAxis,
} from '#renderer/src/features/performance/axes.ts';
import type { ChartSize } from '#renderer/src/features/performance/axes.ts';
import { domainOf, linearScale, stepDecimals } from '#renderer/src/features/performance/scale.ts';
import type { Domain } from '#renderer/src/features/performance/scale.ts';
import { pathOf } from '#renderer/src/features/performance/scene.ts';
import type { Scene, Shape } from '#renderer/src/features/performance/scene.ts';
import { startOf } from '#renderer/src/features/performance/time-range.ts';
import type { RangeName } from '#renderer/src/features/performance/time-range.ts';
import { spreadLabels } from '#renderer/src/features/performance/spread-labels.ts';
import type { LineStyle } from './line-styles.ts';

/** A policy as the charts draw it. Its points are thinned at the desk, lowest and highest of each stretch kept. */
export type PolicyLine = {
  readonly key: string;
  readonly label: string;
  readonly style: LineStyle;
  readonly series: PolicySeries;
};

export type PolicyScene = (lines: readonly PolicyLine[], size: Omit<ChartSize, 'labelWidth'>) => Scene;

const LABEL_GAP = 15;

/** First and last time of all lines, epoch ms. */
export function spanOf(lines: readonly PolicyLine[]): Domain {
  const ends = lines.flatMap(({ series: { at } }) => [at[0] ?? [], at.at(-1) ?? []].flat());
  return ends.length === 0 ? { min: 0, max: 0 } : { min: Math.min(...ends), max: Math.max(...ends) };
}

/** The lines over a range that ends with the last of all; each begins with what it had then. */
export function linesIn(lines: readonly PolicyLine[], range: RangeName): readonly PolicyLine[] {
  if (range === 'all') return lines;
  const from = startOf(spanOf(lines).max, range);
  return lines.map((line) => {
    const { at, equity, drawdown } = line.series;
    const first = pointAt(at, from);
    const shown = at.slice(first).map((time) => epochMs(Math.max(time, from)));
    return {
      ...line,
      series: { ...line.series, at: shown, equity: equity.slice(first), drawdown: drawdown.slice(first) },
    };
  });
}

const lastEquity = ({ series }: PolicyLine): number => {
  const last = series.equity.at(-1);
  return last === undefined ? 0 : usdOf(last);
};

/** Equity of the policies, each with its last value at the line's end. */
export const equityScene: PolicyScene = (lines, size) => {
  const texts = lines.map((line) => usdText(lastEquity(line), 0));
  const labelWidth = Math.max(0, ...texts.map((text) => text.length * CHAR_WIDTH)) + LEFT;
  const plot = plotOf({ ...size, labelWidth });
  const values = function* (): Iterable<number> {
    for (const { series } of lines) for (const amount of series.equity) yield usdOf(amount);
  };
  const domain = domainOf(values(), 0.06);
  const y = linearScale(domain, plot.bottom, plot.top);
  const span = spanOf(lines);
  const x = linearScale(span, plot.left, plot.right);
  const places = spreadLabels(
    lines.map((line) => y(lastEquity(line))),
    LABEL_GAP,
    { min: plot.top + 4, max: plot.bottom },
  );
  const write = (value: number, step: number) => usdText(value, step < 1 ? stepDecimals(step) : 0);
  const labels = lines.map(({ key, style: { tone } }, i): Shape => {
    const at = { x: size.width - LEFT, y: (places[i] ?? 0) + 4, text: texts[i] ?? '' };
    return textShape(`end ${key}`, at, { tone, anchor: 'end', isStrong: true });
  });
  return {
    ...{ width: size.width, height: size.height, plot },
    shapes: [
      ...valueAxis({ plot, y, domain, write, tickHeight: TICK_HEIGHT.equity }),
      ...timeAxis(span, size, plot),
      ...lines.toReversed().map(({ key, style, series }): Shape => {
        const d = pathOf(
          series.at.map(x),
          series.equity.map((amount) => y(usdOf(amount))),
        );
        return { kind: 'line', key, d, ...style };
      }),
      ...labels,
    ],
  };
};

/** How far each policy is below its highest equity so far. */
export const drawdownScene: PolicyScene = (lines, size) => {
  const plot = plotOf({ ...size, labelWidth: 0 });
  const deepest = Math.max(0.001, ...lines.flatMap(({ series }) => series.drawdown));
  const domain = { min: -deepest * 1.06, max: 0 };
  const y = linearScale(domain, plot.bottom, plot.top);
  const span = spanOf(lines);
  const x = linearScale(span, plot.left, plot.right);
  const write = (value: number, step: number) => percentText(value, stepDecimals(step * 100));
  return {
    ...{ width: size.width, height: size.height, plot },
    shapes: [
      ...valueAxis({ plot, y, domain, write, tickHeight: TICK_HEIGHT.depth }),
      ...timeAxis(span, size, plot),
      ...lines.toReversed().map(({ key, style, series }): Shape => {
        const d = pathOf(
          series.at.map(x),
          series.drawdown.map((share) => y(-share)),
        );
        return { kind: 'line', key, d, ...style };
      }),
    ],
  };
};

/** Index of the last point at or before a time; the first point for an earlier one. */
export function pointAt(at: readonly number[], time: number): number {
  let [low, high] = [0, at.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((at[middle] ?? Infinity) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A line's figures at a time: equity in USD and share below its highest; null without points. */
export function figuresAt({ series }: PolicyLine, time: number) {
  const i = pointAt(series.at, time);
  const [equity, drawdown] = [series.equity[i], series.drawdown[i]];
  return equity === undefined || drawdown === undefined ? null : { equity: usdOf(equity), drawdown };
}

/** The charts in words: where every drawn policy ended, and its deepest point among those drawn. */
export function chartAlternative(lines: readonly PolicyLine[]): string {
  const parts = lines.map((line) => {
    const deepest = Math.max(0, ...line.series.drawdown);
    return `${line.label} ends at ${usdText(lastEquity(line))}, deepest ${percentText(deepest)} below its highest`;
  });
  return parts.length === 0 ? 'No policy is drawn.' : `${parts.join('; ')}.`;
}
