import type { CandlestickData, SeriesMarker, Time, UTCTimestamp } from 'lightweight-charts';
import type { Bar } from '#shared/domain/market.ts';
import type { ChartColors } from './colors.ts';

/** A fill as an arrow at the bar it happened in. */
export type ChartMark = { readonly at: number; readonly direction: 1 | -1; readonly text: string };

/** The library counts in seconds. */
export const timeOf = (bar: Bar): UTCTimestamp => Math.floor(bar.openAt / 1000) as UTCTimestamp;
/** Epoch ms of a time of the library. */
export const msOf = (time: Time): number =>
  typeof time === 'number'
    ? time * 1000
    : Date.parse(typeof time === 'string' ? time : `${time.year}-${time.month}-${time.day}`);

/** A price of more ticks than this is none, and the axis would search for its marks without end. */
export const MOST_TICKS = 1e9;
/** The end of the year 9999. */
const LAST_AT = 253_402_000_000_000;

/** What the chart can draw of a series: the library trusts it to be finite and strictly in the order of time. */
export function drawable(bars: readonly Bar[]): readonly Bar[] {
  let before = -1;
  return bars.filter(({ openAt, open, high, low, close }) => {
    const isShown =
      openAt > before && openAt < LAST_AT && [open, high, low, close].every((price) => Math.abs(price) <= MOST_TICKS);
    if (isShown) before = openAt;
    return isShown;
  });
}

/** Minutes without a bar before this one; 0 where it follows on, for the first, and for days, which have weekends. */
export function missingBefore(bars: readonly Bar[], index: number): number {
  const [before, bar] = [bars[index - 1], bars[index]];
  if (before === undefined || bar === undefined || bar.timeframe === '1d') return 0;
  return Math.max(0, Math.round((bar.openAt - before.closeAt) / 60_000));
}

/** A gap is drawn as a mark under the bar that ends it: the candles stand side by side as if nothing were missing. */
export const gapMarks = (bars: readonly Bar[], color: string): readonly SeriesMarker<Time>[] =>
  bars.flatMap((bar, index) =>
    missingBefore(bars, index) === 0
      ? []
      : [{ time: timeOf(bar), position: 'belowBar', shape: 'square', size: 0.5, color, text: '' }],
  );

/** A bar in the units of its instrument. */
export const candle = (bar: Bar, tickSize: number): CandlestickData => ({
  time: timeOf(bar),
  open: bar.open * tickSize,
  high: bar.high * tickSize,
  low: bar.low * tickSize,
  close: bar.close * tickSize,
});

/** A mark stands at the last bar that opened before it. */
export function markerOf(mark: ChartMark, bars: readonly Bar[], colors: ChartColors): readonly SeriesMarker<Time>[] {
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
