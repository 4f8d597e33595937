import { DETAIL_LIMITS, type Rolling, type RollingPoint } from '#shared/domain/performance-detail.ts';
import type { Statistic, TradeStatistics } from '#shared/domain/performance.ts';
import { epochMs } from '#shared/units.ts';
import { thinned } from '#desk/engine/thinned.ts';
import { tradeFigures } from './equity-statistics.ts';

/** A closed trade: when, and its R (null where its entry had no plan). */
export type RatedTrade = { readonly exitAt: number; readonly r: number | null };

type Figures = Rolling['now'];
const FIGURES = ['expectancy', 'winRate', 'payoff', 'sqn'] as const satisfies readonly (keyof Figures)[];

const figuresOf = ({ expectancy, winRate, payoff, sqn }: TradeStatistics): Figures => ({
  ...{ expectancy, winRate, payoff, sqn },
});

const every = (statistic: Statistic): Figures => ({
  expectancy: statistic,
  winRate: statistic,
  payoff: statistic,
  sqn: statistic,
});

/** Points, thinned so that no figure loses a peak. */
function drawn(points: readonly RollingPoint[]): RollingPoint[] {
  if (points.length <= DETAIL_LIMITS.points) return [...points];
  const most = DETAIL_LIMITS.points / FIGURES.length;
  const kept = new Set(
    FIGURES.flatMap((name) => {
      const defined = points.filter((point) => point[name] !== null);
      return thinned(defined, most, (point) => point[name] ?? 0);
    }),
  );
  return points.filter((point) => kept.has(point));
}

/**
 * Returns expectancy, win rate, payoff and SQN of the last `window` trades at every trade that closed, by the code of
 * the figures of the whole record. Nothing is defined until the window is full.
 * @param trades in order of their exit, oldest first
 * @param window trades, ≥ 1
 * @source quant.md 7
 */
export function rolling(
  trades: readonly RatedTrade[],
  { window, scratchR }: { readonly window: number; readonly scratchR: number },
): Rolling {
  const rated = trades.flatMap(({ exitAt, r }) => (r === null ? [] : [{ exitAt, r }]));
  const values = rated.map(({ r }) => r);
  const at = (end: number): Figures => figuresOf(tradeFigures(values.slice(end - window, end), scratchR).trades);
  const points = rated.slice(window - 1).map(({ exitAt }, i): RollingPoint => {
    const { expectancy, winRate, payoff, sqn } = at(window + i);
    return {
      ...{ at: epochMs(exitAt), trade: window + i },
      ...{ expectancy: expectancy.value, winRate: winRate.value, payoff: payoff.value, sqn: sqn.value },
    };
  });
  const isFull = rated.length >= window;
  return {
    ...{ window, trades: rated.length, unrated: trades.length - rated.length, points: drawn(points) },
    now: isFull
      ? at(rated.length)
      : every({
          value: null,
          reason: `needs ${window} trades, there ${rated.length === 1 ? 'is' : 'are'} ${rated.length}`,
        }),
    whole: figuresOf(tradeFigures(values, scratchR).trades),
  };
}
