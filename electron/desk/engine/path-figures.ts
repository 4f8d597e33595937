import type { Band, MonteCarloRun, PathShare } from '#shared/domain/monte-carlo.ts';
import { wilsonInterval } from './calibration-scores.ts';
import { allBands, BAND_SIZE, bandFrom, otherBands, type PathBands } from './path-bands.ts';
import type { PathEnds, PathPlan, PathResults } from './path-kernel.ts';

/** Coverage of the interval of what is left of chance in a share of the paths. */
const CONFIDENCE = 0.95;
/** Depths at which the distribution of drawdowns is told, from 0 to the deepest. */
const DEPTHS = 50;

/** A share of paths with its Wilson interval. */
export function pathShare(hits: number, paths: number): PathShare {
  const interval = wilsonInterval(hits, paths, CONFIDENCE);
  if (!interval.ok) throw new RangeError(`${interval.error.field} is ${interval.error.value}`);
  return { value: hits / paths, lower: interval.value.lower, upper: interval.value.upper };
}

/** How many paths fell to a level of wealth at any time. */
export function reached({ lowest }: PathEnds, level: number): number {
  let hits = 0;
  for (let i = 0; i < lowest.length; i += 1) hits += (lowest[i] ?? NaN) <= level ? 1 : 0;
  return hits;
}

/** How many paths end below where they began, and how many with nothing. */
function endsOf({ finals }: PathEnds): { readonly below: number; readonly wiped: number } {
  let [below, wiped] = [0, 0];
  for (let i = 0; i < finals.length; i += 1) {
    const wealth = finals[i] ?? NaN;
    below += wealth < 1 ? 1 : 0;
    wiped += wealth === 0 ? 1 : 0;
  }
  return { below, wiped };
}

/** How many paths came to the loss level first, and how many to the gain level. */
function firstOf({ first }: PathEnds): { readonly loss: number; readonly gain: number } {
  let [loss, gain] = [0, 0];
  for (let i = 0; i < first.length; i += 1) {
    loss += first[i] === 1 ? 1 : 0;
    gain += first[i] === 2 ? 1 : 0;
  }
  return { loss, gain };
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

function deepestOf(drawdowns: Float64Array): number {
  let deepest = 0;
  for (let i = 0; i < drawdowns.length; i += 1) {
    const drawdown = drawdowns[i] ?? 0;
    deepest = drawdown > deepest ? drawdown : deepest;
  }
  return deepest;
}

/** The first of rising depths that a drawdown does not exceed: the depths stand evenly, so it is all but known. */
function depthOf(drawdown: number, depth: Float64Array, perDepth: number): number {
  let place = Math.min(DEPTHS, Math.floor(drawdown * perDepth));
  while (place > 0 && drawdown <= (depth[place - 1] ?? 0)) place -= 1;
  while (place <= DEPTHS && drawdown > (depth[place] ?? 1)) place += 1;
  return place;
}

function drawdownsOf(drawdowns: Float64Array): MonteCarloRun['drawdowns'] {
  const deepest = deepestOf(drawdowns);
  const depth = Float64Array.from({ length: DEPTHS + 1 }, (_, i) => Math.min(1, (i * deepest) / DEPTHS));
  const counts = new Uint32Array(DEPTHS + 2);
  const perDepth = deepest > 0 ? DEPTHS / deepest : 0;
  for (let i = 0; i < drawdowns.length; i += 1) {
    const place = depthOf(drawdowns[i] ?? 0, depth, perDepth);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  let within = 0;
  const above = Array.from(depth, (_, i) => {
    within += counts[i] ?? 0;
    return (drawdowns.length - within) / drawdowns.length;
  });
  return { depth: [...depth], above };
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

/**
 * Returns the figures of walked paths, at least one.
 * @param results may bring their bands along, as the threads that walked them found them
 * @param ruinLevel wealth at or below which a path counts as ruined
 */
export function pathFigures(
  plan: PathPlan,
  results: PathResults | (PathEnds & PathBands),
  ruinLevel: number,
): PathFigures {
  const paths = results.finals.length;
  const bands = 'bands' in results ? results.bands : allBands(plan, results);
  const { finalWealth, maxDrawdown, underWater, longestUnderWater } = otherBands(plan, bands);
  const [ends, { loss, gain }] = [endsOf(results), firstOf(results)];
  const of = (hits: number): PathShare => pathShare(hits, paths);
  return {
    fan: fanOf(plan, bands),
    finalWealth,
    endsBelow: of(ends.below),
    maxDrawdown,
    drawdowns: drawdownsOf(results.drawdowns),
    reach: {
      loss: of(loss),
      gain: of(gain),
      neither: of(paths - loss - gain),
    },
    ruin: of(reached(results, ruinLevel)),
    wiped: of(ends.wiped),
    underWater,
    longestUnderWater,
  };
}
