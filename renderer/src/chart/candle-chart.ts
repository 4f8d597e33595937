import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  TickMarkType,
} from 'lightweight-charts';
import type {
  CandlestickData,
  IChartApi,
  ISeriesApi,
  ISeriesMarkersPluginApi,
  SeriesMarker,
  Time,
  UTCTimestamp,
} from 'lightweight-charts';
import type { Bar } from '#shared/domain/market.ts';
import type { ChartColors } from './colors.ts';
import { dragLines } from './line-drag.ts';
import { PlanPrimitive } from './plan-primitive.ts';
import type { ChartPlan, PlanLine } from './plan-primitive.ts';

export type CandleChartOptions = {
  readonly colors: ChartColors;
  readonly tickSize: number;
  /** Writes a price, given in the instrument's own units. */
  readonly priceText: (price: number) => string;
  /** Writes a time of the axis and of the crosshair, given epoch ms. */
  readonly timeText: (at: number) => string;
  /** Writes a day of the axis, given epoch ms. */
  readonly dayText: (at: number) => string;
  /** Told the price, in ticks, that a line is dragged to; absent: lines stay. */
  readonly onLineMoved?: (kind: PlanLine['kind'], price: number) => void;
  /** Which lines may be dragged now. */
  readonly movable?: () => readonly PlanLine['kind'][];
};

/** A fill as an arrow at the bar it happened in. */
export type ChartMark = { readonly at: number; readonly direction: 1 | -1; readonly text: string };

export type CandleChart = {
  readonly setBars: (bars: readonly Bar[]) => void;
  /** Draws fills; after the bars they belong to. */
  readonly setMarks: (marks: readonly ChartMark[]) => void;
  /** Shows all bars at once. */
  readonly fit: () => void;
  readonly setPlan: (plan: ChartPlan) => void;
  readonly setColors: (colors: ChartColors) => void;
  readonly remove: () => void;
};

const BAR_SPACING = 9;
const FUTURE_BARS = 9;

const timeOf = (bar: Bar): UTCTimestamp => Math.floor(bar.openAt / 1000) as UTCTimestamp;
const msOf = (time: Time): number =>
  typeof time === 'number'
    ? time * 1000
    : Date.parse(typeof time === 'string' ? time : `${time.year}-${time.month}-${time.day}`);

/** A price of more ticks than this is none, and the axis would search for its marks without end. */
const MOST_TICKS = 1e9;
/** The end of the year 9999. */
const LAST_AT = 253_402_000_000_000;

/** What the chart can draw of a series: the library trusts it to be finite and strictly in the order of time. */
function drawable(bars: readonly Bar[]): readonly Bar[] {
  let before = -1;
  return bars.filter(({ openAt, open, high, low, close }) => {
    const isShown =
      openAt > before && openAt < LAST_AT && [open, high, low, close].every((price) => Math.abs(price) <= MOST_TICKS);
    if (isShown) before = openAt;
    return isShown;
  });
}

const candle = (bar: Bar, tickSize: number): CandlestickData => ({
  time: timeOf(bar),
  open: bar.open * tickSize,
  high: bar.high * tickSize,
  low: bar.low * tickSize,
  close: bar.close * tickSize,
});

const chartColors = (colors: ChartColors) => ({
  layout: { background: { type: ColorType.Solid, color: colors.panel }, textColor: colors.text3 },
  grid: { horzLines: { color: colors.line }, vertLines: { visible: false } },
  crosshair: {
    vertLine: { color: colors.line2, labelBackgroundColor: colors.line2 },
    horzLine: { color: colors.line2, labelBackgroundColor: colors.line2 },
  },
});

/** Up is a hollow candle in gain, down a solid one in loss: told by fill as well as by colour. */
const candleColors = (colors: ChartColors) => ({
  upColor: colors.panel,
  borderUpColor: colors.gain,
  wickUpColor: colors.gain,
  downColor: colors.loss,
  borderDownColor: colors.loss,
  wickDownColor: colors.loss,
});

/** A mark stands at the last bar that opened before it. */
function markerOf(mark: ChartMark, bars: readonly Bar[], colors: ChartColors): readonly SeriesMarker<Time>[] {
  const bar = bars.findLast(({ openAt }) => openAt <= mark.at) ?? bars[0];
  if (bar === undefined) return [];
  const isBuy = mark.direction > 0;
  return [
    {
      time: timeOf(bar),
      position: isBuy ? 'belowBar' : 'aboveBar',
      shape: isBuy ? 'arrowUp' : 'arrowDown',
      color: colors.accent,
      text: mark.text,
    },
  ];
}

type Built = {
  readonly chart: IChartApi;
  readonly series: ISeriesApi<'Candlestick'>;
  readonly primitive: PlanPrimitive;
};

function build(container: HTMLElement, options: CandleChartOptions): Built {
  const { colors, priceText, timeText, dayText } = options;
  const look = chartColors(colors);
  const chart = createChart(container, {
    ...look,
    // The page's content policy refuses the logo's inline style: the attribution stands in the keys dialog.
    layout: { ...look.layout, attributionLogo: false, fontFamily: "'IBM Plex Sans', sans-serif", fontSize: 11 },
    autoSize: true,
    crosshair: { ...look.crosshair, mode: CrosshairMode.Normal },
    rightPriceScale: { borderVisible: false, minimumWidth: 78, scaleMargins: { top: 0.08, bottom: 0.08 } },
    timeScale: {
      borderVisible: false,
      // Without it every mark of the axis counts as a day.
      timeVisible: true,
      barSpacing: BAR_SPACING,
      rightOffset: FUTURE_BARS,
      tickMarkFormatter: (time: Time, kind: TickMarkType) =>
        kind <= TickMarkType.DayOfMonth ? dayText(msOf(time)) : timeText(msOf(time)),
    },
    localization: { timeFormatter: (time: Time) => timeText(msOf(time)) },
    handleScale: { axisPressedMouseMove: { price: true, time: true } },
  });
  const primitive = new PlanPrimitive(colors);
  const series = chart.addSeries(CandlestickSeries, {
    ...candleColors(colors),
    priceLineVisible: false,
    lastValueVisible: false,
    priceFormat: {
      type: 'custom',
      minMove: options.tickSize,
      formatter: priceText,
      tickmarksFormatter: (prices: readonly number[]) =>
        prices.map((price) => (primitive.isCovered(price) ? '' : priceText(price))),
    },
  });
  series.attachPrimitive(primitive);
  return { chart, series, primitive };
}

/** Lets the plan's lines be dragged, where somebody listens. */
function makeDraggable(container: HTMLElement, built: Built, options: CandleChartOptions): () => void {
  const { onLineMoved, movable, tickSize } = options;
  const { chart, series, primitive } = built;
  if (onLineMoved === undefined || movable === undefined) return () => undefined;
  return dragLines(container, {
    lines: () => {
      const kinds = movable();
      return primitive.heights().filter(({ kind }) => kinds.includes(kind));
    },
    hold: (isHeld) => {
      chart.applyOptions({ handleScroll: !isHeld, handleScale: !isHeld });
      // A scale that follows the line would run away under the pointer.
      series.priceScale().applyOptions({ autoScale: !isHeld });
    },
    moveTo: (kind, y) => {
      const price = series.coordinateToPrice(y);
      if (price !== null) onLineMoved(kind, Math.round(price / tickSize));
    },
  });
}

/** A candle chart with the lines of a plan, fed from outside React. */
export function createCandleChart(container: HTMLElement, options: CandleChartOptions): CandleChart {
  const built = build(container, options);
  const { chart, series, primitive } = built;
  const stopDragging = makeDraggable(container, built, options);
  let shown: readonly Bar[] = [];
  let plan: ChartPlan = { lines: [], last: null };
  let marks: readonly ChartMark[] = [];
  let markers: ISeriesMarkersPluginApi<Time> | null = null;
  let { colors } = options;

  const drawMarks = (): void => {
    if (marks.length === 0 && markers === null) return;
    markers ??= createSeriesMarkers(series);
    markers.setMarkers(marks.flatMap((mark) => markerOf(mark, shown, colors)));
  };
  const barAt = (at: number): Bar | undefined => shown.findLast(({ openAt }) => openAt <= at) ?? shown[0];
  const zone = (): { readonly from: Time; readonly to: Time | null } | null => {
    const from = plan.zone === undefined ? shown.at(-1) : barAt(plan.zone.from);
    const to = plan.zone === undefined ? undefined : barAt(plan.zone.to);
    return from === undefined ? null : { from: timeOf(from), to: to === undefined ? null : timeOf(to) };
  };
  return {
    setBars: (given) => {
      const bars = drawable(given);
      const last = bars.at(-1);
      const isNext =
        shown.length > 0 && shown.at(-2)?.openAt === bars.at(-3)?.openAt && bars.length === shown.length + 1;
      if (isNext && last !== undefined) series.update(candle(last, options.tickSize));
      else series.setData(bars.map((bar) => candle(bar, options.tickSize)));
      shown = bars;
      primitive.set(plan, zone());
    },
    setPlan: (next) => {
      const isShown = ({ price }: { readonly price: number }) => Math.abs(price) <= MOST_TICKS * options.tickSize;
      plan = {
        ...next,
        lines: next.lines.filter(isShown),
        last: next.last !== null && isShown(next.last) ? next.last : null,
      };
      primitive.set(plan, zone());
    },
    setMarks: (next) => {
      marks = next;
      drawMarks();
    },
    fit: () => chart.timeScale().fitContent(),
    setColors: (next) => {
      colors = next;
      chart.applyOptions(chartColors(colors));
      series.applyOptions(candleColors(colors));
      primitive.setColors(colors);
      drawMarks();
    },
    remove: () => {
      stopDragging();
      chart.remove();
    },
  };
}
