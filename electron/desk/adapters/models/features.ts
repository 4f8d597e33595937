import type { Bar } from '#shared/domain/market.ts';
import { type Result, err, ok } from '#shared/result.ts';
import type { ForecastError } from './error.ts';

/** Version of the feature definitions below. A change of any of them is a new version. */
export const FEATURE_SCHEMA = 'fs-1';

/** Rows a request carries unless its source is configured otherwise. */
export const DEFAULT_WINDOW_ROWS = 32;

/** Bars before a row that its features look at: a 20-bar return needs 20 earlier bars. */
const LOOKBACK_BARS = 20;

/** The columns a feature reads: prices in price units, oldest first. */
type Columns = {
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  readonly volume: readonly number[];
};

const at = (column: readonly number[], index: number): number => column[index] ?? Number.NaN;

const logReturn = (c: Columns, i: number, bars: number): number => Math.log(at(c.close, i) / at(c.close, i - bars));

function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return { mean, deviation: Math.sqrt(variance) };
}

const lastOf = <T>(length: number, i: number, value: (index: number) => T): T[] =>
  Array.from({ length }, (_, k) => value(i - length + 1 + k));

const trueRange = (c: Columns, i: number): number =>
  Math.max(
    at(c.high, i) - at(c.low, i),
    Math.abs(at(c.high, i) - at(c.close, i - 1)),
    Math.abs(at(c.low, i) - at(c.close, i - 1)),
  );

/** Share of up moves in all moves of the last 14 closes, in [0, 1]; 0.5 where nothing moved. */
function relativeStrength(c: Columns, i: number): number {
  const moves = lastOf(14, i, (k) => at(c.close, k) - at(c.close, k - 1));
  const up = moves.reduce((sum, m) => sum + Math.max(m, 0), 0);
  const all = moves.reduce((sum, m) => sum + Math.abs(m), 0);
  return all === 0 ? 0.5 : up / all;
}

function volumeScore(c: Columns, i: number): number {
  const { mean, deviation } = meanAndDeviation(lastOf(20, i, (k) => at(c.volume, k)));
  return deviation === 0 ? 0 : (at(c.volume, i) - mean) / deviation;
}

/** Where the close stands in the range of the last 20 bars: 0 at the low, 1 at the high, 0.5 where there is no range. */
function rangePosition(c: Columns, i: number): number {
  const high = Math.max(...lastOf(20, i, (k) => at(c.high, k)));
  const low = Math.min(...lastOf(20, i, (k) => at(c.low, k)));
  return high === low ? 0.5 : (at(c.close, i) - low) / (high - low);
}

/**
 * The features by name, as data. Each reads bar i and at most 20 bars before it, never a later one.
 * Returns are natural logarithms of price ratios.
 */
const FEATURES = {
  /** Return over 1, 5 and 20 bars. */
  ret1: (c, i) => logReturn(c, i, 1),
  ret5: (c, i) => logReturn(c, i, 5),
  ret20: (c, i) => logReturn(c, i, 20),
  /** Standard deviation of the last 20 one-bar returns. */
  vol20: (c, i) => meanAndDeviation(lastOf(20, i, (k) => logReturn(c, k, 1))).deviation,
  rsi14: relativeStrength,
  /** Mean true range of 14 bars over the close. */
  atr14: (c, i) => lastOf(14, i, (k) => trueRange(c, k)).reduce((sum, r) => sum + r, 0) / 14 / at(c.close, i),
  /** Volume against its last 20 bars, in standard deviations. */
  volz20: volumeScore,
  range20: rangePosition,
  /** Open against the close before, high and low against the close. */
  gap: (c, i) => Math.log(at(c.open, i) / at(c.close, i - 1)),
  upper: (c, i) => Math.log(at(c.high, i) / at(c.close, i)),
  lower: (c, i) => Math.log(at(c.low, i) / at(c.close, i)),
} as const satisfies Record<string, (columns: Columns, index: number) => number>;

export type FeatureName = keyof typeof FEATURES;

/** Every feature of the schema, in the order they are sent. */
export const FEATURE_NAMES = Object.keys(FEATURES) as readonly FeatureName[];

/** Rows × names, row-major, oldest row first. */
export type FeatureWindow = {
  readonly names: readonly FeatureName[];
  readonly shape: readonly [number, number];
  readonly data: readonly number[];
};

/** Completed bars needed for a window of `rows` rows. */
export const barsNeeded = (rows: number): number => rows + LOOKBACK_BARS;

/**
 * Builds the feature window that ends with the last bar.
 * @param bars     completed bars, oldest first; only the last `rows` + 20 are read
 * @param options  `tickSize` in price units; `rows` ≥ 1; `names` in the order wanted
 * @errors 'too-few-bars'; 'bad-bars' when a price is not positive or a feature is not a finite number
 */
export function buildFeatures(
  bars: readonly Bar[],
  options: { readonly tickSize: number; readonly rows: number; readonly names: readonly FeatureName[] },
): Result<FeatureWindow, ForecastError> {
  const { tickSize, rows, names } = options;
  const needed = barsNeeded(rows);
  if (bars.length < needed) return err({ code: 'too-few-bars', needed, got: bars.length });
  const used = bars.slice(-needed);
  const worthless = used.find((bar) => Math.min(bar.low, bar.open, bar.close) <= 0 || bar.high < bar.low);
  if (worthless !== undefined) {
    return err({ code: 'bad-bars', detail: `the bar of ${isoTime(worthless.openAt)} has a price of zero or below` });
  }
  const columns: Columns = {
    open: used.map((bar) => bar.open * tickSize),
    high: used.map((bar) => bar.high * tickSize),
    low: used.map((bar) => bar.low * tickSize),
    close: used.map((bar) => bar.close * tickSize),
    volume: used.map((bar) => bar.volume),
  };
  const data: number[] = [];
  for (let i = LOOKBACK_BARS; i < needed; i += 1) {
    for (const name of names) {
      const value = FEATURES[name](columns, i);
      if (!Number.isFinite(value)) return err({ code: 'bad-bars', detail: `feature ${name} is not a number` });
      data.push(value);
    }
  }
  return ok({ names, shape: [rows, names.length], data });
}

const isoTime = (ms: number): string => new Date(ms).toISOString();
