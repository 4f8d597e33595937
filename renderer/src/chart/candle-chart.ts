import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  TickMarkType,
} from 'lightweight-charts';
import type { IChartApi, ISeriesApi, ISeriesMarkersPluginApi, Time } from 'lightweight-charts';
import type { Bar } from '#shared/domain/market.ts';
import { candle, drawable, gapMarks, markerOf, MOST_TICKS, msOf, timeOf } from './candle-data.ts';
import type { ChartMark } from './candle-data.ts';
import { wholeLabels } from './axis-labels.ts';
import { followPointer } from './candle-pointer.ts';
import type { Pointing } from './candle-pointer.ts';
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

export type CandleChart = Pointing & {
  readonly setBars: (bars: readonly Bar[]) => void;
  /** Draws fills; after the bars they belong to. */
  readonly setMarks: (marks: readonly ChartMark[]) => void;
  /** Shows the stretch from one time to another, in epoch ms; to null: to the last bar, with room for the plan. */
  readonly show: (from: number, to: number | null) => void;
  /** The bars that are drawn, oldest first. */
  readonly bars: () => readonly Bar[];
  /** Tells when the trader scrolls or zooms; the result stops it. */
  readonly onMoved: (listener: () => void) => () => void;
  /** What is drawn now, without the crosshair. */
  readonly picture: () => HTMLCanvasElement;
  readonly setPlan: (plan: ChartPlan) => void;
  readonly setColors: (colors: ChartColors) => void;
  readonly remove: () => void;
};

const BAR_SPACING = 9;
const FUTURE_BARS = 9;
/** Room ahead of the last bar in a chosen stretch, as a share of it. */
const FUTURE_SHARE = 0.12;

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
      // What is bold would change with every step of the zoom, and say nothing.
      allowBoldLabels: false,
      barSpacing: BAR_SPACING,
      rightOffset: FUTURE_BARS,
    },
    localization: { timeFormatter: (time: Time) => timeText(msOf(time)) },
    handleScale: { axisPressedMouseMove: { price: true, time: true } },
  });
  wholeLabels(chart, (time, kind) => (kind <= TickMarkType.DayOfMonth ? dayText(msOf(time)) : timeText(msOf(time))));
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

/** What scrolls or zooms the chart. */
const MOVES = ['wheel', 'pointerdown'] as const;

/** Shows the bars of a stretch of time, and room ahead where it is open. */
function showStretch({ chart }: Built, bars: readonly Bar[], [from, to]: readonly [number, number | null]): void {
  const first = Math.max(
    0,
    bars.findIndex(({ openAt }) => openAt >= from),
  );
  const last = to === null ? bars.length - 1 : bars.findLastIndex(({ openAt }) => openAt <= to);
  const ahead = Math.max(FUTURE_BARS, (last - first) * FUTURE_SHARE);
  if (last >= first) chart.timeScale().setVisibleLogicalRange({ from: first - 1, to: last + ahead });
}

/** The library slows down with what is in it. */
const MOST_BARS = 10_000;

/** Whether bars are those that are shown and one more. */
const followsOn = (shown: readonly Bar[], bars: readonly Bar[]): boolean =>
  bars.length > 1 &&
  bars.length <= shown.length + 1 &&
  shown.at(-1)?.openAt === bars.at(-2)?.openAt &&
  shown.at(-2)?.openAt === bars.at(-3)?.openAt;

/** A candle chart with the lines of a plan, fed from outside React. */
export function createCandleChart(container: HTMLElement, options: CandleChartOptions): CandleChart {
  const built = build(container, options);
  const { chart, series, primitive } = built;
  const stopDragging = makeDraggable(container, built, options);
  let shown: readonly Bar[] = [];
  let plan: ChartPlan = { lines: [], last: null };
  let marks: readonly ChartMark[] = [];
  let markers: ISeriesMarkersPluginApi<Time> | null = null;
  /** When the bars begin that a gap lies before. */
  let gaps: readonly number[] = [];
  let { colors } = options;
  let isRemoved = false;
  /** React may tell a chart something in the very commit that takes it away. */
  const alive =
    <A extends readonly unknown[]>(act: (...given: A) => void) =>
    (...given: A): void => {
      if (!isRemoved) act(...given);
    };
  const onCrosshair = (isDrawn: boolean): void => void container.classList.toggle('isPointed', isDrawn);
  const pointing = followPointer({ ...built, onCrosshair }, () => shown, options.tickSize);

  const drawMarks = (): void => {
    const drawn = [...gapMarks(shown, colors.text3), ...marks.flatMap((mark) => markerOf(mark, shown, colors))];
    if (drawn.length === 0 && markers === null) return;
    markers ??= createSeriesMarkers(series);
    markers.setMarkers(drawn.sort((a, b) => Number(a.time) - Number(b.time)));
  };
  const barAt = (at: number): Bar | undefined => shown.findLast(({ openAt }) => openAt <= at) ?? shown[0];
  const zone = (): { readonly from: Time; readonly to: Time | null } | null => {
    const from = plan.zone === undefined ? shown.at(-1) : barAt(plan.zone.from);
    const to = plan.zone === undefined ? undefined : barAt(plan.zone.to);
    return from === undefined ? null : { from: timeOf(from), to: to === undefined ? null : timeOf(to) };
  };
  return {
    setBars: alive((given: readonly Bar[]) => {
      const bars = drawable(given);
      const last = bars.at(-1);
      // The store lets the oldest go when one is added: the chart keeps it, for to give all anew takes it long.
      const isNext = shown.length > 0 && shown.length < MOST_BARS && followsOn(shown, bars);
      if (isNext && last !== undefined) series.update(candle(last, options.tickSize));
      else series.setData(bars.map((bar) => candle(bar, options.tickSize)));
      shown = isNext && last !== undefined ? [...shown, last] : bars;
      // Prices come often, gaps seldom.
      const found = gapMarks(shown, '').map(({ time }) => Number(time));
      if (found.join() !== gaps.join()) {
        gaps = found;
        drawMarks();
      }
      primitive.set(plan, zone());
    }),
    setPlan: alive((next: ChartPlan) => {
      const isShown = ({ price }: { readonly price: number }) => Math.abs(price) <= MOST_TICKS * options.tickSize;
      const before = JSON.stringify(plan);
      plan = {
        ...next,
        lines: next.lines.filter(isShown),
        last: next.last !== null && isShown(next.last) ? next.last : null,
      };
      // A quote with the price of the one before draws nothing: the library draws all of the chart or none of it.
      if (JSON.stringify(plan) !== before) primitive.set(plan, zone());
    }),
    setMarks: alive((next: readonly ChartMark[]) => {
      marks = next;
      drawMarks();
    }),
    show: alive((from: number, to: number | null) => showStretch(built, shown, [from, to])),
    bars: () => shown,
    ...pointing,
    point: alive(pointing.point),
    onMoved: (listener) => {
      for (const kind of MOVES) container.addEventListener(kind, listener);
      return () => MOVES.forEach((kind) => container.removeEventListener(kind, listener));
    },
    picture: () => chart.takeScreenshot(true, false),
    setColors: alive((next: ChartColors) => {
      colors = next;
      chart.applyOptions(chartColors(colors));
      series.applyOptions(candleColors(colors));
      primitive.setColors(colors);
      drawMarks();
    }),
    remove: () => {
      pointing.point(null);
      isRemoved = true;
      stopDragging();
      chart.remove();
    },
  };
}
