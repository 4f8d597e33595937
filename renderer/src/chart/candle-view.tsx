import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { PriceStyle } from '#shared/format/numbers.ts';
import { priceText } from '#shared/format/numbers.ts';
import { useTheme } from '#renderer/src/store/theme.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { shortDay, shortTime } from '#renderer/src/ui/times.ts';
import { barFigures, barTime, barWords, gapText } from './bar-words.ts';
import { missingBefore } from './candle-data.ts';
import { createCandleChart } from './candle-chart.ts';
import type { CandleChart, CandleChartOptions } from './candle-chart.ts';
import type { PointedBar } from './candle-pointer.ts';
import css from './candle-view.module.css';
import { ChartTools } from './chart-tools.tsx';
import type { ChartRange } from './chart-range.ts';
import { readColors } from './colors.ts';
import { savePicture } from './picture.ts';
import { Readout, ReadoutRow } from './readout.tsx';

const cls = styler(css);

const NEVER = (): (() => void) => () => undefined;

function usePointed(chart: CandleChart | null): PointedBar | null {
  return useSyncExternalStore(chart?.onPointed ?? NEVER, () => chart?.pointed() ?? null);
}

type ViewProps = {
  /** Named to the ear. */
  readonly name: string;
  readonly style: PriceStyle;
  readonly drag?: Pick<CandleChartOptions, 'movable' | 'onLineMoved'>;
  /** Feeds the chart from outside React; stable as long as it feeds the same. The result stops it. */
  readonly feed: (chart: CandleChart) => () => void;
  readonly chart: CandleChart | null;
  /** Told the chart when it stands, and null when it goes. */
  readonly onChart: (chart: CandleChart | null) => void;
};

/**
 * A chart's options, made outside of the component: a function made in a render keeps what that render was given, and
 * with it the chart before this one, and so every chart there ever was.
 */
const chartOptions = (element: Element, style: PriceStyle, drag: ViewProps['drag']): CandleChartOptions => ({
  colors: readColors(element),
  tickSize: style.tickSize,
  priceText: (value) => priceText(style, Math.round(value / style.tickSize)),
  timeText: shortTime,
  dayText: shortDay,
  ...drag,
});

/** Candles at the size of the box around them, with the figures of the bar looked at. */
export function CandleView({ name, style, drag, feed, chart, onChart }: ViewProps) {
  const container = useRef<HTMLDivElement>(null);
  const theme = useTheme((s) => s.theme);
  useEffect(() => {
    const element = container.current;
    if (element === null) return undefined;
    const created = createCandleChart(element, chartOptions(element, style, drag));
    const stop = feed(created);
    onChart(created);
    return () => {
      stop();
      onChart(null);
      created.remove();
    };
  }, [style, drag, feed, onChart]);
  useEffect(() => {
    if (container.current !== null) chart?.setColors(readColors(container.current));
  }, [chart, theme]);
  return (
    <div className={cls('box')}>
      <div ref={container} className={cls('canvas')} role="img" aria-label={name} />
      {chart !== null && <BarReadout chart={chart} style={style} />}
    </div>
  );
}

function BarReadout({ chart, style }: { readonly chart: CandleChart; readonly style: PriceStyle }) {
  const pointed = usePointed(chart);
  if (pointed === null) return null;
  const { bar, x, width } = pointed;
  const gap = gapText(missingBefore(chart.bars(), pointed.index));
  return (
    <Readout plot={{ left: 0, right: width, top: 8 }} x={x} title={[barTime(bar), gap].filter(Boolean).join(' · ')}>
      {barFigures(bar, style).map(([figure, value]) => (
        <ReadoutRow key={figure} name={figure} value={value} />
      ))}
    </Readout>
  );
}

/** A stretch of bars a price chart can show, given the chart's bars: from one time to another, to null: to the last. */
export type BarRange<N extends string> = ChartRange<N> & {
  readonly span: (chart: CandleChart) => readonly [from: number, to: number | null];
};

type ToolsProps<N extends string> = {
  readonly chart: CandleChart;
  readonly symbol: string;
  readonly style: PriceStyle;
  readonly ranges: readonly BarRange<N>[];
  /** The stretch shown at first; null: the newest bars at their usual width. */
  readonly first: N | null;
  readonly title: string;
  readonly note: string;
};

/** The tools of a price chart: its bars by keyboard, the stretch it shows, its picture. */
export function CandleTools<N extends string>({ chart, symbol, style, ranges, first, title, note }: ToolsProps<N>) {
  const [chosen, choose] = useState<N | null>(first);
  const pointed = usePointed(chart);
  // A trader who scrolls or zooms leaves the chosen stretch.
  useEffect(() => chart.onMoved(() => choose(null)), [chart]);
  const bars = chart.bars();
  const last = bars.length - 1;
  const at = Math.min(pointed?.index ?? last, last);
  const bar = bars[at];
  const save = useCallback(() => {
    const canvas = chart.picture();
    const density = window.devicePixelRatio;
    const [width, height] = [canvas.width / density, canvas.height / density];
    const paint = (context: CanvasRenderingContext2D) => context.drawImage(canvas, 0, 0, width, height);
    void savePicture([{ title, note, width, height, paint }], pictureName(symbol));
  }, [chart, title, note, symbol]);
  return (
    <ChartTools
      slider={{
        ...{ label: `Bars of ${title}`, last, at, point: chart.point },
        words: bar === undefined ? undefined : barWords(bar, style, missingBefore(bars, at)),
      }}
      ranges={{
        ...{ label: `Range of ${title}`, ranges, chosen },
        choose: (name) => {
          const range = ranges.find((one) => one.name === name);
          if (range !== undefined) chart.show(...range.span(chart));
          choose(name);
        },
      }}
      picture={{ name: pictureName(symbol), save }}
    />
  );
}

/** A symbol can hold what no file name may. */
const pictureName = (symbol: string): string => `kelly-desk-${symbol.replaceAll(/[^\w.-]+/g, '-').slice(0, 60)}.png`;
