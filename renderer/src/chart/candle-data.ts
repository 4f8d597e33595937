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
