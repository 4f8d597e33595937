import type { Band, MonteCarloRun, PathShare } from '#shared/domain/monte-carlo.ts';
import { wilsonInterval } from './calibration-scores.ts';
import type { PathPlan, PathResults } from './path-kernel.ts';
import { quantiles } from './quantile.ts';

/** Coverage of the interval of what is left of chance in a share of the paths. */
const CONFIDENCE = 0.95;
/** Depths at which the distribution of drawdowns is told, from 0 to the deepest. */
const DEPTHS = 50;

const SHOWN = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Quantiles of values in any order, length ≥ 1. */
export function bandOf(values: ArrayLike<number>): Band {
  const [p05 = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0] = quantiles(values, SHOWN) ?? [];
  return { p05, p25, p50, p75, p95 };
}

/** A share of paths with its Wilson interval. */
export function pathShare(hits: number, paths: number): PathShare {
  const interval = wilsonInterval(hits, paths, CONFIDENCE);
  if (!interval.ok) throw new RangeError(`${interval.error.field} is ${interval.error.value}`);
  return { value: hits / paths, lower: interval.value.lower, upper: interval.value.upper };
}

function countOf(values: ArrayLike<number>, holds: (value: number) => boolean): number {
  let hits = 0;
  for (let i = 0; i < values.length; i += 1) if (holds(values[i] ?? NaN)) hits += 1;
  return hits;
}

/** How many paths fell to a level of wealth at any time. */
export const reached = ({ lowest }: PathResults, level: number): number => countOf(lowest, (wealth) => wealth <= level);

function fanOf(plan: PathPlan, { fan, finals }: PathResults): MonteCarloRun['fan'] {
  const paths = finals.length;
  const start: Band = { p05: 1, p25: 1, p50: 1, p75: 1, p95: 1 };
  const bands = Array.from(plan.marks, (_, mark) => bandOf(fan.subarray(mark * paths, (mark + 1) * paths)));
  const all = [start, ...bands];
  return {
    trade: [0, ...plan.marks],
    p05: all.map(({ p05 }) => p05),
    p25: all.map(({ p25 }) => p25),
    p50: all.map(({ p50 }) => p50),
    p75: all.map(({ p75 }) => p75),
    p95: all.map(({ p95 }) => p95),
  };
}

function drawdownsOf(drawdowns: Float64Array): MonteCarloRun['drawdowns'] {
  const rising = drawdowns.slice().sort();
  const deepest = Math.max(0, rising.at(-1) ?? 0);
  const depth = Array.from({ length: DEPTHS + 1 }, (_, i) => Math.min(1, (i * deepest) / DEPTHS));
  let within = 0;
  const above = depth.map((d) => {
    while (within < rising.length && (rising[within] ?? NaN) <= d) within += 1;
    return (rising.length - within) / rising.length;
  });
  return { depth, above };
}

/** What the paths show, without what theory says of it. */
export type PathFigures = Pick<
  MonteCarloRun,
  | 'fan'
  | 'finalWealth'
  | 'endsBelow'
  | 'maxDrawdown'
  | 'drawdowns'
  | 'reach'
  | 'ruin'
  | 'wiped'
  | 'underWater'
  | 'longestUnderWater'
>;

/** Returns the figures of walked paths, at least one. @param ruinLevel wealth at or below which a path counts as ruined */
export function pathFigures(plan: PathPlan, results: PathResults, ruinLevel: number): PathFigures {
  const { finals, drawdowns, first, underWater, longestUnderWater } = results;
  const paths = finals.length;
  const of = (hits: number): PathShare => pathShare(hits, paths);
  return {
    fan: fanOf(plan, results),
    finalWealth: bandOf(finals),
    endsBelow: of(countOf(finals, (wealth) => wealth < 1)),
    maxDrawdown: bandOf(drawdowns),
    drawdowns: drawdownsOf(drawdowns),
    reach: {
      loss: of(countOf(first, (which) => which === 1)),
      gain: of(countOf(first, (which) => which === 2)),
      neither: of(countOf(first, (which) => which === 0)),
    },
    ruin: of(reached(results, ruinLevel)),
    wiped: of(countOf(finals, (wealth) => wealth === 0)),
    underWater: bandOf(new Float64Array(underWater).map((trades) => trades / Math.max(1, plan.trades))),
    longestUnderWater: bandOf(longestUnderWater),
  };
}
