import { CandlestickSeries, createChart, LineSeries, type UTCTimestamp } from 'lightweight-charts';
import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, ticks } from '#shared/units.ts';
import '#renderer/src/styles/tokens.css';
import { createCandleChart } from '#renderer/src/chart/candle-chart.ts';
import { candle } from '#renderer/src/chart/candle-data.ts';
import { readColors } from '#renderer/src/chart/colors.ts';
import { equityScene, labelWidthFor } from '#renderer/src/features/performance/book-scenes.ts';
import { SceneSvg } from '#renderer/src/features/performance/scene-svg.tsx';

/**
 * The page of the bench of charts: the same points drawn by the desk's own chart of equity, by lightweight-charts with all
 * of them in it, and by a bare canvas; and the desk's price chart, taking ticks. Each draws into #chart, 1200 by 600 px.
 */
const [WIDTH, HEIGHT] = [1_200, 600];
const STEP_MS = 60_000;
const FROM = Date.UTC(2024, 0, 1);

const box = (): HTMLElement => {
  const element = document.getElementById('chart');
  if (element === null) throw new Error('the page has no place for a chart');
  return element;
};

/** A frame that was drawn: a task posted before it comes up once it has been. */
const drawn = (): Promise<number> =>
  new Promise((resolve) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve(performance.now());
      channel.port2.postMessage(null);
    });
  });

let times = new Float64Array();
let values = new Float64Array();

/** Makes the points: a walk that is the same every time. */
function make(count: number): void {
  times = Float64Array.from({ length: count }, (_, i) => FROM + i * STEP_MS);
  values = new Float64Array(count);
  let [state, value] = [12_345, 100_000];
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    value += (state / 2 ** 32 - 0.499) * 200;
    values[i] = value;
  }
}

/** Some of the points: from one share of them to another. */
const stretch = (from: number, to: number) => {
  const [first, last] = [Math.floor(from * times.length), Math.floor(to * times.length)];
  return { at: times.subarray(first, last), equity: values.subarray(first, last) };
};

type Drawing = {
  readonly show: (from: number, to: number) => void;
  readonly close: () => void;
};

let root: Root | null = null;
function desk(): Drawing {
  root = createRoot(box());
  // Three columns of their own, as the three books are, over the same million values: what is kept with each is counted.
  const books = { actual: values.subarray(), model: values.subarray(), fixed: values.subarray() };
  const columns = { at: times, equity: books, depth: books };
  return {
    show: (from, to) => {
      const { at } = stretch(from, to);
      const span = { min: at[0] ?? 0, max: at[at.length - 1] ?? 0 };
      const scene = equityScene({
        ...{ columns, span, width: WIDTH, height: HEIGHT, hasTimes: true, labelWidth: labelWidthFor(columns, span) },
      });
      flushSync(() => root?.render(<SceneSvg scene={scene} />));
    },
    close: () => root?.unmount(),
  };
}

function library(): Drawing {
  const chart = createChart(box(), {
    ...{ width: WIDTH, height: HEIGHT, layout: { attributionLogo: false } },
    // As it comes, no more points are shown than two to a px: the desk shows all.
    timeScale: { minBarSpacing: 1e-5 },
  });
  const series = chart.addSeries(LineSeries);
  let isFilled = false;
  return {
    show: (from, to) => {
      if (!isFilled) {
        series.setData(Array.from(times, (at, i) => ({ time: (at / 1000) as UTCTimestamp, value: values[i] ?? 0 })));
        isFilled = true;
      }
      chart.timeScale().setVisibleLogicalRange({ from: from * times.length, to: to * times.length });
    },
    close: () => chart.remove(),
  };
}

/** The least that draws the same line: of every px column its lowest and highest, on a canvas. */
function bare(): Drawing {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  box().append(canvas);
  const context = canvas.getContext('2d');
  return {
    show: (from, to) => {
      if (context === null) return;
      const { equity } = stretch(from, to);
      let [low, high] = [Infinity, -Infinity];
      const [lows, highs] = [new Float64Array(WIDTH).fill(Infinity), new Float64Array(WIDTH).fill(-Infinity)];
      for (let i = 0; i < equity.length; i += 1) {
        const value = equity[i] ?? 0;
        const x = Math.floor((i * WIDTH) / equity.length);
        if (value < (lows[x] ?? 0)) lows[x] = value;
        if (value > (highs[x] ?? 0)) highs[x] = value;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      context.clearRect(0, 0, WIDTH, HEIGHT);
      context.beginPath();
      const y = (value: number): number => HEIGHT - ((value - low) / (high - low)) * HEIGHT;
      for (let x = 0; x < WIDTH; x += 1) {
        context.lineTo(x, y(lows[x] ?? low));
        context.lineTo(x, y(highs[x] ?? high));
      }
      context.stroke();
    },
    close: () => canvas.remove(),
  };
}

const DRAWINGS = { desk, library, bare } as const;
export type DrawingName = keyof typeof DRAWINGS;

/** Draws all points, then moves over them frame by frame. Times in ms. */
async function draw(name: DrawingName, frames: number): Promise<{ first: number; pan: readonly number[] }> {
  const drawing = DRAWINGS[name]();
  await drawn();
  const start = performance.now();
  drawing.show(0, 1);
  const first = (await drawn()) - start;
  const pan: number[] = [];
  for (let i = 0; i < frames; i += 1) {
    const before = performance.now();
    const from = 0.4 * ((i + 1) / frames);
    drawing.show(from, from + 0.6);
    pan.push((await drawn()) - before);
  }
  drawing.close();
  box().replaceChildren();
  return { first, pan };
}

/** Draws and stays, so that what is held can be counted; `release` lets go of it. */
let held: Drawing | null = null;
async function hold(name: DrawingName): Promise<void> {
  held = DRAWINGS[name]();
  held.show(0, 1);
  await drawn();
  // A library that was given the points holds its own of them.
  if (name === 'library') make(0);
}
function release(): void {
  held?.close();
  held = null;
  box().replaceChildren();
}

const barAt = (i: number, close: number): Bar => {
  const openAt = epochMs(FROM + i * STEP_MS);
  const [price, high, low] = [ticks(close), ticks(close + 4), ticks(close - 4)];
  const at = { symbol: 'NQZ26-CME', timeframe: '1m', openAt, closeAt: epochMs(openAt + STEP_MS) } as const;
  return { ...at, open: price, high, low, close: price, volume: 10 };
};

/** Loads the desk's price chart with bars and lets new ones close on it; how long each took to be taken in, in ms. */
async function candles(name: 'desk' | 'library', shape: { bars: number; updates: number }): Promise<readonly number[]> {
  const bars = Array.from({ length: shape.bars + shape.updates }, (_, i) => barAt(i, 80_000 + ((i * 7) % 400)));
  const element = box();
  const written = { priceText: String, timeText: String, dayText: String };
  const chart =
    name === 'desk' ? createCandleChart(element, { colors: readColors(element), tickSize: 0.25, ...written }) : null;
  const other = name === 'library' ? createChart(element, { width: WIDTH, height: HEIGHT }) : null;
  const series = other?.addSeries(CandlestickSeries);
  chart?.setBars(bars.slice(0, shape.bars));
  series?.setData(bars.slice(0, shape.bars).map((bar) => candle(bar, 0.25)));
  await drawn();
  const taken: number[] = [];
  for (let i = 0; i < shape.updates; i += 1) {
    const shown = bars.slice(0, shape.bars + i + 1);
    const bar = shown.at(-1);
    if (bar === undefined) break;
    const start = performance.now();
    chart?.setBars(shown);
    series?.update(candle(bar, 0.25));
    taken.push(performance.now() - start);
    await drawn();
  }
  chart?.remove();
  other?.remove();
  element.replaceChildren();
  return taken;
}

export type ChartsBench = {
  readonly make: typeof make;
  readonly draw: typeof draw;
  readonly hold: typeof hold;
  readonly release: typeof release;
  readonly candles: typeof candles;
};
Object.assign(window, { chartsBench: { make, draw, hold, release, candles } satisfies ChartsBench });
