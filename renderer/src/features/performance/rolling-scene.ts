import type { Rolling, RollingPoint } from '#shared/domain/performance-detail.ts';
import { plotOf, timeAxis, valueAxis } from './axes.ts';
import { domainOf, linearScale, stepDecimals } from './scale.ts';
import type { Domain, Scale } from './scale.ts';
import { pathOf, segment } from './scene.ts';
import type { Box, Scene, Shape } from './scene.ts';
import { stretchesOf } from './rolling-figures.ts';
import type { RollingFigure } from './rolling-figures.ts';
import { percentText, signedText, numberText } from '#shared/format/numbers.ts';

const TICK_HEIGHT = 32;

/** Values of the axis: as round as its step. */
const AXIS_TEXT = {
  expectancy: (value: number, step: number) => signedText(value, stepDecimals(step)),
  winRate: (value: number, step: number) => percentText(value, stepDecimals(step * 100)),
  payoff: (value: number, step: number) => numberText(value, stepDecimals(step)),
  sqn: (value: number, step: number) => signedText(value, stepDecimals(step)),
} as const;

export type RollingSceneInput = {
  readonly rolling: Pick<Rolling, 'points' | 'whole'>;
  readonly figure: RollingFigure;
  readonly width: number;
  readonly height: number;
};

/** First and last point, epoch ms. */
export const rollingSpan = (points: readonly RollingPoint[]): Domain => ({
  min: points[0]?.at ?? 0,
  max: points.at(-1)?.at ?? 0,
});

const xScale = (points: readonly RollingPoint[], plot: Box): Scale =>
  linearScale(rollingSpan(points), plot.left, plot.right);

/** Where a point is, px. */
export const rollingX = (points: readonly RollingPoint[], plot: Box, at: number): number => xScale(points, plot)(at);

/** One figure of the newest trades over time; dashed, what it is over all trades. Cut where it is not defined. */
export function rollingScene({ rolling, figure, width, height }: RollingSceneInput): Scene {
  const { points, whole } = rolling;
  const { name } = figure;
  const plot = plotOf({ width, height, hasTimes: true, labelWidth: 0 });
  const level = whole[name].value;
  const values = points.flatMap((point) => (point[name] === null ? [] : [point[name]]));
  const domain = domainOf(level === null ? values : [...values, level], 0.08);
  const y = linearScale(domain, plot.bottom, plot.top);
  const x = xScale(points, plot);
  const lines = stretchesOf(points, name).map((stretch, i): Shape => {
    const [xs, ys] = [stretch.map(({ at }) => x(at)), stretch.map((point) => y(point[name] ?? 0))];
    return stretch.length === 1
      ? { kind: 'dot', key: `point ${i}`, x: xs[0] ?? 0, y: ys[0] ?? 0, radius: 2, tone: 'accent' }
      : { kind: 'line', key: `line ${i}`, d: pathOf(xs, ys), tone: 'accent', width: 1.75, dash: [] };
  });
  const wholeLine: readonly Shape[] =
    level === null || values.length === 0
      ? []
      : [
          {
            ...{ kind: 'line', key: 'whole', tone: 'text3', width: 1, dash: [4, 4] },
            d: segment(plot.left, y(level), plot.right, y(level)),
          },
        ];
  return {
    ...{ width, height, plot },
    shapes: [
      ...valueAxis({ plot, y, domain, write: AXIS_TEXT[name], tickHeight: TICK_HEIGHT }),
      ...timeAxis(rollingSpan(points), { height, hasTimes: true }, plot),
      ...wholeLine,
      ...lines,
    ],
  };
}
