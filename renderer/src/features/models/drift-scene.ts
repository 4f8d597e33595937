import type { ModelsReport } from '#shared/domain/models.ts';
import { numberText } from '#shared/format/numbers.ts';
import { linearScale, niceTicks } from '#renderer/src/features/performance/scale.ts';
import type { Scale } from '#renderer/src/features/performance/scale.ts';
import type { SceneReader } from '#renderer/src/features/performance/scene-reader.ts';
import type { Scene, Shape } from '#renderer/src/features/performance/scene.ts';
import { spreadLabels } from '#renderer/src/features/performance/spread-labels.ts';
import { pointTime, timeTicks } from '#renderer/src/features/performance/time-ticks.ts';
import { label, rule } from './axes.ts';

/** A drift over a stretch of time: its points may begin between two outcomes. */
export type ShownDrift = Omit<ModelsReport['drift'], 'points'> & {
  readonly points: readonly { readonly at: number; readonly value: number }[];
};

type SceneInput = { readonly drift: ShownDrift; readonly width: number; readonly height: number };

const LEFT = 12;
const RIGHT = 70;
const TOP = 10;
const BOTTOM = 24;
const TICK_WIDTH = 92;
const LABEL_GAP = 15;
const HEADROOM = 1.12;

const px = (value: number): string => value.toFixed(1);

/** The statistic stands still from one outcome to the next. */
const stepsOf = (points: SceneInput['drift']['points'], x: Scale, y: Scale): string =>
  points
    .map(({ at, value }, i) => (i === 0 ? `M${px(x(at))} ${px(y(value))}` : `H${px(x(at))}V${px(y(value))}`))
    .join('');

/** The CUSUM over time against its warn and halt lines; dotted where a human had it start again. */
export function driftScene({ drift, width, height }: SceneInput): Scene {
  const { points, warn, halt, now } = drift;
  const plot = {
    left: LEFT,
    right: Math.max(LEFT + 1, width - RIGHT),
    top: TOP,
    bottom: Math.max(TOP + 1, height - BOTTOM),
  };
  const highest = points.reduce((max, { value }) => Math.max(max, value), halt);
  const domain = { min: 0, max: highest * HEADROOM };
  const y = linearScale(domain, plot.bottom, plot.top);
  const [from, to] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const x = linearScale({ min: from, max: to }, plot.left, plot.right);
  const line = (key: string, value: number, tone: 'warn' | 'loss', dash: readonly number[]): Shape =>
    rule(key, [plot.left, y(value), plot.right, y(value)], { tone, dash, width: 1.5 });
  const marks = [
    { key: 'halt', value: halt, text: `${numberText(halt, 1)} halt`, tone: 'loss' },
    { key: 'warn', value: warn, text: `${numberText(warn, 1)} warn`, tone: 'warn' },
    { key: 'now', value: now ?? 0, text: now === null ? '' : `${numberText(now, 2)} now`, tone: 'accent' },
  ] as const;
  const places = spreadLabels(
    marks.map(({ value }) => y(value)),
    LABEL_GAP,
    { min: plot.top, max: plot.bottom },
  );
  const end = points.at(-1);
  return {
    width,
    height,
    plot,
    shapes: [
      ...niceTicks(domain, 3).map((value) => rule(`level ${value}`, [plot.left, y(value), plot.right, y(value)])),
      ...drift.resets
        .filter((at) => at >= from && at <= to)
        .map((at) => rule(`reset ${at}`, [x(at), plot.top, x(at), plot.bottom], { tone: 'text3', dash: [1, 4] })),
      line('warn', warn, 'warn', [5, 4]),
      line('halt', halt, 'loss', []),
      {
        kind: 'line',
        key: 'cusum',
        d: stepsOf(points, x, y),
        tone: 'accent',
        width: 1.5,
        dash: [],
      },
      ...(end === undefined
        ? []
        : [{ kind: 'dot', key: 'end', x: x(end.at), y: y(end.value), radius: 3.5, tone: 'accent' } as const]),
      ...marks.map(({ key, text, tone }, i) =>
        label(`mark ${key}`, { x: width - 8, y: (places[i] ?? 0) + 4, text }, { tone, anchor: 'end', isStrong: true }),
      ),
      ...timeTicks(from, to, Math.floor((plot.right - plot.left) / TICK_WIDTH))
        .filter((tick) => x(tick.at) >= plot.left + 18 && x(tick.at) <= plot.right - 18)
        .map((tick) =>
          label(`time ${tick.at}`, { x: x(tick.at), y: height - 7, text: tick.label }, { anchor: 'middle' }),
        ),
    ],
  };
}

/** The outcomes, as they are read by pointer and by keyboard. */
export function driftReader({ points, warn, halt }: ShownDrift): SceneReader {
  const span = { min: points[0]?.at ?? 0, max: points.at(-1)?.at ?? 0 };
  return {
    label: 'Points of the drift',
    last: points.length - 1,
    x: (index, { left, right }) => linearScale(span, left, right)(points[index]?.at ?? span.min),
    at: (index) => ({
      title: pointTime(points[index]?.at ?? NaN),
      figures: [
        ['CUSUM', numberText(points[index]?.value, 2)],
        ['Warns at', numberText(warn, 1)],
        ['Halts at', numberText(halt, 1)],
      ],
    }),
  };
}
