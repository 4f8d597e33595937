import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { drawStationaryIndices, refuseShape } from './bootstrap.ts';
import { firstInvalidItem, invalidInput, isCount } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { createPrng } from './prng.ts';
import { quantileOfSorted } from './quantile.ts';

/** A drawdown deeper than this counts in `probDrawdownOver20`. */
const DEEP_DRAWDOWN = 0.2;

export type MonteCarloSettings = {
  /** Fraction of equity at risk per 1R, constant, ≥ 0. */
  readonly f: number;
  /** Trades per path, ≥ 0. */
  readonly trades: number;
  /** Paths, ≥ 1. */
  readonly paths: number;
  /** Expected block; 1 is i.i.d. */
  readonly meanBlock: number;
  readonly seed: number;
  /** Points of the fan chart after the start; 0 (default) draws none. */
  readonly fanPoints?: number;
};

export type Band = { readonly p05: number; readonly p50: number; readonly p95: number };

/** Bands of wealth after so many trades, for a chart. */
export type FanPoint = Band & { readonly trade: number };

export type MonteCarlo = {
  /** Wealth after the last trade per unit of start. */
  readonly finalWealth: Band;
  readonly maxDrawdown: Band;
  readonly probDrawdownOver20: number;
  /** Share of paths that end below the start. */
  readonly probLoss: number;
  /** Share of paths that lost everything (an outcome of −1/f or worse). */
  readonly probRuin: number;
  readonly fan: readonly FanPoint[];
  /** What reproduces this result bit by bit. */
  readonly seed: number;
};

type Paths = { readonly finals: Float64Array; readonly drawdowns: Float64Array; readonly fan: readonly Float64Array[] };

function bandOf(values: Float64Array): Band {
  const sorted = values.slice().sort();
  const at = (p: number): number => quantileOfSorted(sorted, p) ?? 0;
  return { p05: at(0.05), p50: at(0.5), p95: at(0.95) };
}

const share = (values: Float64Array, holds: (value: number) => boolean): number =>
  values.reduce((count, value) => (holds(value) ? count + 1 : count), 0) / values.length;

/** The trade counts the fan shows: evenly spaced, the last one included, none twice. */
function fanTrades(trades: number, points: number): readonly number[] {
  const spaced = Array.from({ length: Math.min(points, trades) }, (_, i) =>
    Math.round(((i + 1) * trades) / Math.min(points, trades)),
  );
  return [...new Set(spaced)];
}

/** Walks all paths one after the other on one random stream. A path that loses everything stays at 0. */
function walkPaths(R: readonly number[], settings: MonteCarloSettings, marks: readonly number[]): Paths {
  const { f, trades, paths, meanBlock } = settings;
  const prng = createPrng(settings.seed);
  const indices = new Int32Array(trades);
  const factors = Float64Array.from(R, (r) => Math.min(Number.MAX_VALUE, Math.max(0, 1 + f * r)));
  const rowOf = new Map(marks.map((trade, row) => [trade, row]));
  const result = {
    finals: new Float64Array(paths),
    drawdowns: new Float64Array(paths),
    fan: marks.map(() => new Float64Array(paths)),
  };
  for (let path = 0; path < paths; path += 1) {
    drawStationaryIndices(indices, { n: R.length, meanBlock }, prng);
    let [wealth, peak, deepest] = [1, 1, 0];
    for (let i = 0; i < trades; i += 1) {
      // Capped, so that an absurd f overflows to a huge number and not to NaN.
      wealth = Math.min(Number.MAX_VALUE, wealth * (factors[indices[i] ?? 0] ?? 1));
      peak = Math.max(peak, wealth);
      deepest = Math.max(deepest, 1 - wealth / peak);
      const row = rowOf.get(i + 1);
      if (row !== undefined) result.fan[row]?.fill(wealth, path, path + 1);
    }
    result.finals[path] = wealth;
    result.drawdowns[path] = deepest;
  }
  return result;
}

function refuse(R: readonly number[], settings: MonteCarloSettings): InvalidInput | null {
  const { f, trades, paths, meanBlock, seed, fanPoints = 0 } = settings;
  if (!(Number.isFinite(f) && f >= 0)) return invalidInput('f', f);
  if (!isCount(paths, 1)) return invalidInput('paths', paths);
  if (!isCount(fanPoints)) return invalidInput('fanPoints', fanPoints);
  if (!Number.isSafeInteger(seed)) return invalidInput('seed', seed);
  return firstInvalidItem('R', R, Number.isFinite) ?? refuseShape({ n: R.length, length: trades, meanBlock });
}

/**
 * Resamples a trade history into many paths of wealth that multiplies by (1 + f·R), and returns the spread of their
 * ends and of their deepest drawdowns. Quantiles are type 7; the same seed gives the same bits.
 * @param R net R per trade, in the order they closed, length ≥ 1
 * @errors 'invalid-input' when a figure is out of its domain
 * @source Politis and Romano 1994 (resampling)
 */
export function monteCarloTrades(R: readonly number[], settings: MonteCarloSettings): Result<MonteCarlo, InvalidInput> {
  const refusal = refuse(R, settings);
  if (refusal !== null) return err(refusal);
  const marks = fanTrades(settings.trades, settings.fanPoints ?? 0);
  const { finals, drawdowns, fan } = walkPaths(R, settings, marks);
  return ok({
    finalWealth: bandOf(finals),
    maxDrawdown: bandOf(drawdowns),
    probDrawdownOver20: share(drawdowns, (depth) => depth > DEEP_DRAWDOWN),
    probLoss: share(finals, (wealth) => wealth < 1),
    probRuin: share(finals, (wealth) => wealth === 0),
    fan: fan.map((values, row) => ({ trade: marks[row] ?? 0, ...bandOf(values) })),
    seed: settings.seed,
  });
}
