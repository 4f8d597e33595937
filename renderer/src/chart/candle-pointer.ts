import type { IChartApi, ISeriesApi, Logical } from 'lightweight-charts';
import type { Bar } from '#shared/domain/market.ts';
import { timeOf } from './candle-data.ts';

/** The bar looked at, where it stands in px of the pane from its left, and how wide the pane is. */
export type PointedBar = { readonly index: number; readonly bar: Bar; readonly x: number; readonly width: number };

export type Pointing = {
  /** The bar looked at, by pointer or by keyboard; the same object until it changes. */
  readonly pointed: () => PointedBar | null;
  /** Looks at a bar, and scrolls to it where it takes that; null: at none. */
  readonly point: (index: number | null) => void;
  /** Tells of every other bar looked at; the result stops it. */
  readonly onPointed: (listener: () => void) => () => void;
};

type Drawn = {
  readonly chart: IChartApi;
  readonly series: ISeriesApi<'Candlestick'>;
  /** Told whether the crosshair is drawn, whenever that may have changed. */
  readonly onCrosshair: (isDrawn: boolean) => void;
};

/** Scrolls as far as it takes to see a bar; true where that took anything. */
function bringIntoView(chart: IChartApi, index: number): boolean {
  const range = chart.timeScale().getVisibleLogicalRange();
  if (range === null || (index >= range.from && index <= range.to)) return false;
  const by = index < range.from ? index - range.from - 1 : index - range.to + 1;
  chart.timeScale().setVisibleLogicalRange({ from: range.from + by, to: range.to + by });
  return true;
}

/** Follows the crosshair from bar to bar. The library tells of the pointer alone: what the keyboard sets is told here. */
export function followPointer(
  { chart, series, onCrosshair }: Drawn,
  bars: () => readonly Bar[],
  tickSize: number,
): Pointing {
  const listeners = new Set<() => void>();
  let held: PointedBar | null = null;
  let frame = 0;
  const hold = (next: PointedBar | null): void => {
    held = next;
    for (const listener of listeners) listener();
  };
  const width = () => chart.timeScale().width();
  chart.subscribeCrosshairMove(({ logical, point }) => {
    onCrosshair(point !== undefined);
    const index = logical === undefined || point === undefined ? -1 : Math.round(logical);
    const bar = bars()[index];
    if (bar === held?.bar) return;
    hold(bar === undefined || point === undefined ? null : { index, bar, x: point.x, width: width() });
  });
  const look = (index: number, bar: Bar): void => {
    const x = chart.timeScale().logicalToCoordinate(index as Logical);
    if (x !== null) hold({ index, bar, x, width: width() });
    onCrosshair(true);
    chart.setCrosshairPosition(bar.close * tickSize, timeOf(bar), series);
  };
  return {
    pointed: () => held,
    point: (index) => {
      cancelAnimationFrame(frame);
      const bar = index === null ? undefined : bars()[index];
      if (index === null || bar === undefined) {
        chart.clearCrosshairPosition();
        onCrosshair(false);
        if (held !== null) hold(null);
        return;
      }
      look(index, bar);
      // What was chosen or scrolled is drawn with the next frame: the crosshair goes where the bar is then.
      frame = requestAnimationFrame(() => {
        if (bringIntoView(chart, index)) frame = requestAnimationFrame(() => look(index, bar));
        else look(index, bar);
      });
    },
    onPointed: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
