import type { IChartApi, TickMarkType, Time } from 'lightweight-charts';

/** Width of a character of the axis, px: the widest figure of its font at 11 px. */
const CHARACTER = 6.6;

/** True where words centred at `x` end within an axis of this width, in px. */
export function fits(text: string, x: number, width: number): boolean {
  const half = (text.length * CHARACTER) / 2;
  return x - half >= 0 && x + half <= width;
}

/**
 * Writes the times of the axis, and leaves out those that its edges would cut in two. The chart keeps what was written
 * once, wherever it moves to: giving it the writer again makes it ask again.
 */
export function wholeLabels(chart: IChartApi, write: (time: Time, kind: TickMarkType) => string): void {
  const scale = chart.timeScale();
  const label = (time: Time, kind: TickMarkType): string => {
    const text = write(time, kind);
    const x = scale.timeToCoordinate(time);
    return x === null || fits(text, x, scale.width()) ? text : '';
  };
  const ask = (): void => {
    chart.applyOptions({ timeScale: { tickMarkFormatter: (time: Time, kind: TickMarkType) => label(time, kind) } });
  };
  ask();
  scale.subscribeVisibleLogicalRangeChange(ask);
  scale.subscribeSizeChange(ask);
}
