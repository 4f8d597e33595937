import type { FeatureDefinition } from '#shared/domain/feature.ts';
import type { Bar } from '#shared/domain/market.ts';
import { chicagoTime } from '#shared/session-day.ts';
import { assertNever } from '#shared/result.ts';
import type { EpochMs } from '#shared/units.ts';

/** The columns a feature reads: prices in price units, oldest first. */
export type Columns = {
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  readonly volume: readonly number[];
  readonly closeAt: readonly EpochMs[];
};

/** Returns the columns of bars. @param tickSize units of price per tick */
export const columnsOf = (bars: readonly Bar[], tickSize: number): Columns => ({
  open: bars.map((bar) => bar.open * tickSize),
  high: bars.map((bar) => bar.high * tickSize),
  low: bars.map((bar) => bar.low * tickSize),
  close: bars.map((bar) => bar.close * tickSize),
  volume: bars.map((bar) => bar.volume),
  closeAt: bars.map((bar) => bar.closeAt),
});

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
/** Days from the Monday before 1970-01-01, which was a Thursday. */
const THURSDAY = 3;

const at = (column: readonly number[], index: number): number => column[index] ?? Number.NaN;

const logReturn = (c: Columns, i: number, bars: number): number => Math.log(at(c.close, i) / at(c.close, i - bars));

const lastOf = (length: number, i: number, value: (index: number) => number): number[] =>
  Array.from({ length }, (_, k) => value(i - length + 1 + k));

const sumOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0);

function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  const mean = sumOf(values) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return { mean, deviation: Math.sqrt(variance) };
}

const trueRange = (c: Columns, i: number): number =>
  Math.max(
    at(c.high, i) - at(c.low, i),
    Math.abs(at(c.high, i) - at(c.close, i - 1)),
    Math.abs(at(c.low, i) - at(c.close, i - 1)),
  );

/** @source Cutler's form of the RSI: plain sums, so that the value does not depend on where the history begins. */
function relativeStrength(c: Columns, i: number, bars: number): number {
  const moves = lastOf(bars, i, (k) => at(c.close, k) - at(c.close, k - 1));
  const up = moves.reduce((sum, m) => sum + Math.max(m, 0), 0);
  const all = moves.reduce((sum, m) => sum + Math.abs(m), 0);
  return all === 0 ? 0.5 : up / all;
}

function volumeScore(c: Columns, i: number, bars: number): number {
  const { mean, deviation } = meanAndDeviation(lastOf(bars, i, (k) => at(c.volume, k)));
  return deviation === 0 ? 0 : (at(c.volume, i) - mean) / deviation;
}

function rangePosition(c: Columns, i: number, bars: number): number {
  const high = Math.max(...lastOf(bars, i, (k) => at(c.high, k)));
  const low = Math.min(...lastOf(bars, i, (k) => at(c.low, k)));
  return high === low ? 0.5 : (at(c.close, i) - low) / (high - low);
}

const turn = (share: number, part: 'sin' | 'cos'): number =>
  part === 'sin' ? Math.sin(2 * Math.PI * share) : Math.cos(2 * Math.PI * share);

function timeOfDay(closeAt: EpochMs, { part, clock }: { part: 'sin' | 'cos'; clock: 'chicago' | 'utc' }): number {
  const sinceMidnight = clock === 'utc' ? closeAt % DAY_MS : chicagoTime(closeAt).sinceMidnightMs;
  return turn(sinceMidnight / DAY_MS, part);
}

const dayOfWeek = (closeAt: EpochMs, part: 'sin' | 'cos'): number =>
  turn(((chicagoTime(closeAt).day + THURSDAY) % WEEK_DAYS) / WEEK_DAYS, part);

/** The value before it is standardised. */
function rawValue(definition: FeatureDefinition, c: Columns, i: number): number {
  switch (definition.kind) {
    case 'log-return':
      return logReturn(c, i, definition.bars);
    case 'volatility':
      return meanAndDeviation(lastOf(definition.bars, i, (k) => logReturn(c, k, 1))).deviation;
    case 'rsi':
      return relativeStrength(c, i, definition.bars);
    case 'atr':
      return sumOf(lastOf(definition.bars, i, (k) => trueRange(c, k))) / definition.bars / at(c.close, i);
    case 'volume-zscore':
      return volumeScore(c, i, definition.bars);
    case 'range-position':
      return rangePosition(c, i, definition.bars);
    case 'mean-distance':
      return Math.log(at(c.close, i) / (sumOf(lastOf(definition.bars, i, (k) => at(c.close, k))) / definition.bars));
    case 'gap':
      return Math.log(at(c.open, i) / at(c.close, i - 1));
    case 'upper':
      return Math.log(at(c.high, i) / at(c.close, i));
    case 'lower':
      return Math.log(at(c.low, i) / at(c.close, i));
    case 'body':
      return Math.log(at(c.close, i) / at(c.open, i));
    case 'time-of-day':
    case 'day-of-week': {
      const closeAt = c.closeAt[i];
      if (closeAt === undefined) return Number.NaN;
      return definition.kind === 'day-of-week' ? dayOfWeek(closeAt, definition.part) : timeOfDay(closeAt, definition);
    }
    default:
      return assertNever(definition);
  }
}

/** Returns a feature of bar `i`, standardised as its definition says; not finite where the bars do not reach. */
export function featureValue(definition: FeatureDefinition, columns: Columns, i: number): number {
  const raw = rawValue(definition, columns, i);
  const { center, scale } = definition;
  return center === undefined && scale === undefined ? raw : (raw - (center ?? 0)) / (scale ?? 1);
}

/** Bars before its own that a feature reads. */
function reachOf(definition: FeatureDefinition): number {
  switch (definition.kind) {
    case 'log-return':
    case 'volatility':
    case 'rsi':
    case 'atr':
      return definition.bars;
    case 'volume-zscore':
    case 'range-position':
    case 'mean-distance':
      return definition.bars - 1;
    case 'gap':
      return 1;
    case 'upper':
    case 'lower':
    case 'body':
    case 'time-of-day':
    case 'day-of-week':
      return 0;
    default:
      return assertNever(definition);
  }
}

/** Bars before a row that some of the features read. */
export const lookBackOf = (features: readonly FeatureDefinition[]): number => Math.max(0, ...features.map(reachOf));
