import type { Band, MonteCarloRun, PathShare } from '#shared/domain/monte-carlo.ts';
import { wilsonInterval } from './calibration-scores.ts';
import { BAND_SIZE, bandFrom, otherBands, type PathBands } from './path-bands.ts';
import type { PathPlan } from './path-kernel.ts';
import type { PathTally } from './path-tally.ts';

/** Coverage of the interval of what is left of chance in a share of the paths. */
const CONFIDENCE = 0.95;

/** A share of paths with its Wilson interval. */
export function pathShare(hits: number, paths: number): PathShare {
  const interval = wilsonInterval(hits, paths, CONFIDENCE);
  if (!interval.ok) throw new RangeError(`${interval.error.field} is ${interval.error.value}`);
  return { value: hits / paths, lower: interval.value.lower, upper: interval.value.upper };
}

function fanOf({ marks }: PathPlan, bands: Float64Array): MonteCarloRun['fan'] {
  const start: Band = { p05: 1, p25: 1, p50: 1, p75: 1, p95: 1 };
  const all = [start, ...Array.from(marks, (_, mark) => bandFrom(bands, mark * BAND_SIZE))];
  return {
    trade: [0, ...marks],
    p05: all.map(({ p05 }) => p05),
    p25: all.map(({ p25 }) => p25),
    p50: all.map(({ p50 }) => p50),
    p75: all.map(({ p75 }) => p75),
    p95: all.map(({ p95 }) => p95),
  };
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

/** What the threads that walked the paths of a plan, at least one, found of them. */
export type PathsFound = PathBands & { readonly tally: PathTally };

/** Returns the figures of walked paths. */
export function pathFigures(plan: PathPlan, { bands, tally }: PathsFound): PathFigures {
  const { finalWealth, maxDrawdown, underWater, longestUnderWater } = otherBands(plan, bands);
  const { paths, below, wiped, lossFirst, gainFirst, ruined, depth, above } = tally;
  const of = (hits: number): PathShare => pathShare(hits, paths);
  return {
    fan: fanOf(plan, bands),
    finalWealth,
    endsBelow: of(below),
    maxDrawdown,
    drawdowns: { depth: [...depth], above: [...above] },
    reach: { loss: of(lossFirst), gain: of(gainFirst), neither: of(paths - lossFirst - gainFirst) },
    ruin: of(ruined),
    wiped: of(wiped),
    underWater,
    longestUnderWater,
  };
}
