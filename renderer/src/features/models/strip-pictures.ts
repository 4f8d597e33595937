import type { Latency, Uptime } from '#shared/domain/models.ts';
import { countText, numberText, percentText } from '#shared/format/numbers.ts';
import { linearScale, niceStep, niceTicks } from '#renderer/src/features/performance/scale.ts';
import type { Scene, Shape } from '#renderer/src/features/performance/scene.ts';
import { label, rule } from './axes.ts';
import { connectionTitle, SUBJECTS } from './names.ts';

/** Size of the pictures of strips, px: they are tables on the screen, and drawn for the file alone. */
const WIDTH = 900;
const ROW = 30;
const LEFT = 120;
const MARGIN = 12;
const MARK = 14;

/** The last tick of an axis of latencies, ms, and where one of them stands between two ends. */
export function latencyAxis(latency: readonly Latency[]): {
  readonly ceiling: number;
  readonly ticks: readonly number[];
} {
  const longest = Math.max(1, ...latency.flatMap(({ samples, p99 }) => [...samples, p99 ?? 0]));
  const step = niceStep(longest, 6);
  const ceiling = Math.ceil(longest / step) * step;
  return { ceiling, ticks: niceTicks({ min: 0, max: ceiling }, 6) };
}

export const tickText = (ms: number): string => (ms === 0 ? '0 ms' : numberText(ms, ms % 1 === 0 ? 0 : 1));

const frame = (rows: number, shapes: readonly Shape[]): Scene => ({
  width: WIDTH,
  height: rows * ROW + 28,
  plot: { left: LEFT, right: WIDTH - 220, top: 0, bottom: rows * ROW },
  shapes,
});

/** How long the models took, as a picture: each answer a thin mark, the percentiles long ones with their figures. */
export function latencyPicture(latency: readonly Latency[]): Scene {
  const { ceiling, ticks } = latencyAxis(latency);
  const right = WIDTH - 320;
  const x = linearScale({ min: 0, max: ceiling }, LEFT, right);
  const rows = latency.flatMap((one, row): readonly Shape[] => {
    const middle = row * ROW + ROW / 2;
    const figures = [one.p50, one.p95, one.p99].map((ms) => numberText(ms, 0)).join(' · ');
    const words = `p50 · p95 · p99: ${figures} ms, ${countText(one.count)} answers`;
    const long = [one.p50, one.p95, one.p99].filter((ms) => ms !== null);
    return [
      label(`name ${row}`, { x: MARGIN, y: middle + 4, text: SUBJECTS[one.model] }, { tone: 'text' }),
      ...one.samples.map((ms, i) =>
        rule(`sample ${row} ${i}`, [x(ms), middle - MARK / 2 + 2, x(ms), middle + MARK / 2 - 2], { tone: 'text3' }),
      ),
      ...long.map((ms, i) =>
        rule(`long ${row} ${i}`, [x(ms), middle - MARK / 2 - 2, x(ms), middle + MARK / 2 + 2], {
          ...{ tone: 'accent', width: 2 },
        }),
      ),
      label(`figures ${row}`, { x: WIDTH - MARGIN, y: middle + 4, text: words }, { anchor: 'end', tone: 'text2' }),
    ];
  });
  const floor = latency.length * ROW;
  const axis = ticks.map((ms) =>
    label(`tick ${ms}`, { x: x(ms), y: floor + 14, text: tickText(ms) }, { anchor: 'middle' }),
  );
  return frame(latency.length, [...rows, ...axis]);
}

const box = (left: number, right: number, top: number, bottom: number): string =>
  `M${left} ${top}H${right}V${bottom}H${left}Z`;

/** When each connection was there over the last day, as a picture: full marks up, outlined marks lost contact. */
export function uptimePicture(uptime: readonly Uptime[]): Scene {
  const right = WIDTH - 90;
  const rows = uptime.flatMap((one, row): readonly Shape[] => {
    const middle = row * ROW + ROW / 2;
    const width = (right - LEFT) / one.marks.length;
    const marks = one.marks.split('').map((mark, i): Shape => {
      const d = box(LEFT + i * width, LEFT + (i + 1) * width - 1, middle - MARK / 2, middle + MARK / 2);
      const key = `mark ${row} ${i}`;
      if (mark === 'd') return { kind: 'line', key, d, tone: 'loss', width: 1, dash: [] };
      return { kind: 'area', key, d, tone: mark === 'u' ? 'gain' : 'line2', opacity: mark === 'u' ? 0.75 : 0.3 };
    });
    return [
      label(`name ${row}`, { x: MARGIN, y: middle + 4, text: connectionTitle(one) }, { tone: 'text' }),
      ...marks,
      label(
        `share ${row}`,
        { x: WIDTH - MARGIN, y: middle + 4, text: percentText(one.uptime, 2, 'down') },
        { anchor: 'end', tone: 'text' },
      ),
    ];
  });
  const floor = uptime.length * ROW + 14;
  return frame(uptime.length, [
    ...rows,
    label('from', { x: LEFT, y: floor, text: '24 h ago' }),
    label('to', { x: right, y: floor, text: 'now' }, { anchor: 'end' }),
  ]);
}
