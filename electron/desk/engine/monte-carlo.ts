import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { refuseShape } from './bootstrap.ts';
import { firstInvalidItem, invalidInput, isCount } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { fanMarks, walkPaths } from './path-kernel.ts';
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

function bandOf(values: Float64Array): Band {
  const sorted = values.slice().sort();
  const at = (p: number): number => quantileOfSorted(sorted, p) ?? 0;
  return { p05: at(0.05), p50: at(0.5), p95: at(0.95) };
}

const share = (values: Float64Array, holds: (value: number) => boolean): number =>
  values.reduce((count, value) => (holds(value) ? count + 1 : count), 0) / values.length;

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
  const { f, trades, paths, meanBlock, seed } = settings;
  const marks = fanMarks(trades, settings.fanPoints ?? 0);
  const outcomes = Float64Array.from(R, (r) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, f * r)));
  const plan = { outcomes, isCompounded: true, trades, meanBlock, marks, lossLevel: 0, gainLevel: Infinity };
  const { finals, drawdowns, fan } = walkPaths(plan, paths, createPrng(seed));
  return ok({
    finalWealth: bandOf(finals),
    maxDrawdown: bandOf(drawdowns),
    probDrawdownOver20: share(drawdowns, (depth) => depth > DEEP_DRAWDOWN),
    probLoss: share(finals, (wealth) => wealth < 1),
    probRuin: share(finals, (wealth) => wealth === 0),
    fan: Array.from(marks, (trade, row) => ({ trade, ...bandOf(fan.subarray(row * paths, (row + 1) * paths)) })),
    seed,
  });
}
