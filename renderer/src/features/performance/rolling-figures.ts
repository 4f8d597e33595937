import type { Rolling, RollingPoint } from '#shared/domain/performance-detail.ts';
import { countText, DASH, percentText, ratioText, rText } from '#shared/format/numbers.ts';
import { pointDay } from './time-ticks.ts';

export type FigureName = keyof Rolling['now'];

export type RollingFigure = {
  readonly name: FigureName;
  readonly title: string;
  readonly write: (value: number) => string;
};

export const ROLLING_FIGURES: readonly RollingFigure[] = [
  { name: 'expectancy', title: 'Expectancy', write: rText },
  { name: 'winRate', title: 'Win rate', write: (value) => percentText(value, 1) },
  { name: 'payoff', title: 'Payoff', write: ratioText },
  { name: 'sqn', title: 'SQN', write: ratioText },
];

/** Windows one key away; any other is typed. */
export const WINDOWS = [20, 50, 100, 200] as const;

/** A line may be cut: stretches of points on which the figure is defined, each at least one long. */
export function stretchesOf(points: readonly RollingPoint[], name: FigureName): readonly (readonly RollingPoint[])[] {
  const stretches: RollingPoint[][] = [];
  let isOpen = false;
  for (const point of points) {
    if (point[name] === null) isOpen = false;
    else if (isOpen) stretches.at(-1)?.push(point);
    else {
      stretches.push([point]);
      isOpen = true;
    }
  }
  return stretches;
}

/** What the figure is now; why not, where it is not defined. */
export function nowText({ now }: Pick<Rolling, 'now'>, { name, write }: RollingFigure): string {
  const { value, reason } = now[name];
  return value === null ? `${DASH} ${reason ?? ''}` : write(value);
}

/** Now and over all trades, which the dashed line is. */
export function headText(rolling: Pick<Rolling, 'now' | 'whole'>, figure: RollingFigure): string {
  const { value } = rolling.whole[figure.name];
  return `${nowText(rolling, figure)}${value === null ? '' : `; dashed: all trades, ${figure.write(value)}`}`;
}

/** One point in words: its trade, its day and the four figures. */
export function rollingText(point: RollingPoint): string {
  const figures = ROLLING_FIGURES.map(({ name, title, write }) => {
    const value = point[name];
    return `${title.toLowerCase().replace('sqn', 'SQN')} ${value === null ? DASH : write(value)}`;
  });
  return `Trade ${countText(point.trade)}, ${pointDay(point.at)}: ${figures.join(', ')}`;
}
