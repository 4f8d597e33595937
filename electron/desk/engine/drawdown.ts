import { neumaierSum } from './numerics.ts';

/** The deepest fall of an equity curve. Indices are into the curve, whose point 0 is the start. */
export type Drawdown = {
  /** 1 − E/peak at the worst point, ≥ 0; above 1 when equity went negative. */
  readonly maxDrawdown: number;
  /** First index that attains the peak before the deepest fall; null when equity never fell below a peak. */
  readonly peakIndex: number | null;
  /** First index of the deepest fall; null when there is none. */
  readonly troughIndex: number | null;
  /** Longest run of points below the peak, in periods; a run still open at the end counts. */
  readonly maxUnderwaterPeriods: number;
  /** 100·√(mean dd²) over all points. */
  readonly ulcerIndexPct: number;
};

/**
 * Returns the depth below the running peak at each point of an equity curve: 0 at a peak, 0.2 when 20 % below.
 * @param equity oldest first, starting capital included, first value > 0
 */
export function underwater(equity: readonly number[]): readonly number[] {
  let peak = -Infinity;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return value === peak ? 0 : 1 - value / peak;
  });
}

function longestRun(flags: readonly boolean[]): number {
  let current = 0;
  return flags.reduce((longest, flag) => {
    current = flag ? current + 1 : 0;
    return Math.max(longest, current);
  }, 0);
}

/**
 * Returns the deepest fall, the longest time under water and the ulcer index of an equity curve.
 * @param equity oldest first, starting capital included, length ≥ 1, first value > 0
 * @source Martin and McCann 1989 (ulcer index)
 */
export function drawdown(equity: readonly number[]): Drawdown {
  const depths = underwater(equity);
  const maxDrawdown = depths.reduce((worst, depth) => Math.max(worst, depth), 0);
  const troughIndex = maxDrawdown > 0 ? depths.indexOf(maxDrawdown) : null;
  const before = troughIndex === null ? [] : equity.slice(0, troughIndex);
  const peak = before.reduce((highest, value) => Math.max(highest, value), -Infinity);
  return {
    maxDrawdown,
    peakIndex: troughIndex === null ? null : before.indexOf(peak),
    troughIndex,
    maxUnderwaterPeriods: longestRun(depths.map((depth) => depth > 0)),
    ulcerIndexPct: equity.length === 0 ? 0 : 100 * Math.sqrt(neumaierSum(depths.map((d) => d * d)) / equity.length),
  };
}
