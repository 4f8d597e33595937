import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { ticks } from '#shared/units.ts';
import type { Ticks } from '#shared/units.ts';
import {
  firstInvalid,
  firstInvalidItem,
  invalidInput,
  isNonNegative,
  isPositive,
  isProbability,
} from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';

/** Thresholds and floors compare with this slack, so that 0.29·100000/1000 counts as 29 and .4·.65 + .6·.7 as .68. */
export const COMPARISON_TOLERANCE = 1e-9;

/** A zero edge, a minimum fraction and a cap compare with this slack. */
export const FRACTION_TOLERANCE = 1e-12;

/** A price further than this (in ticks) from a whole tick is off the grid. */
const OFF_TICK_TOLERANCE = 1e-6;

/**
 * What the addition of two numbers rounds away: one number, found without asking which of them is larger.
 * @source Knuth, The Art of Computer Programming 2, 4.2.2, theorem B
 */
export function roundedOff(a: number, b: number, sum: number): number {
  const added = sum - a;
  return a - (sum - added) + (b - added);
}

/** A sum with what its additions rounded away; as it is where it is not finite. */
export const wholeSum = (sum: number, lost: number): number => (Number.isFinite(sum) ? sum + lost : sum);

/**
 * Sums with a running compensation for what each addition rounds away; 0 for an empty list.
 * When the plain sum is not finite (overflow, ±∞ or NaN inside) that is returned as it is.
 * @source Neumaier 1974
 */
export function neumaierSum(values: Iterable<number>): number {
  let sum = 0;
  let compensation = 0;
  for (const value of values) {
    const total = sum + value;
    compensation += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
    sum = total;
  }
  return wholeSum(sum, compensation);
}

/** Arithmetic mean by compensated sum; null for an empty list. */
export const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : neumaierSum(values) / values.length;

/** Sample variance (n − 1), two passes; null below two values. Never E[x²] − E[x]², which cancels. */
export function sampleVariance(values: readonly number[]): number | null {
  const mean = meanOf(values);
  if (mean === null || values.length < 2) return null;
  return neumaierSum(values.map((x) => (x - mean) ** 2)) / (values.length - 1);
}

/** Splits the shortest decimal that reads back as |x| into an integer and a power of ten. */
function shortestDecimal(x: number): { coefficient: bigint; exponent: number } {
  const [mantissa = '0', power = '0'] = String(Math.abs(x)).split('e');
  const [whole = '0', decimals = ''] = mantissa.split('.');
  return { coefficient: BigInt(whole + decimals), exponent: Number(power) - decimals.length };
}

/**
 * Formats a number with a fixed count of decimals for display or JSON, rounding the shortest decimal half away from
 * zero: 1.005 gives "1.01" where `toFixed` says "1.00". A result of zero carries no sign.
 * @param digits decimals, an integer in [0, 100]
 * @errors 'invalid-input' when x is not finite or digits is out of range
 */
export function roundDecimal(x: number, digits: number): Result<string, InvalidInput> {
  const invalid = firstInvalid([
    ['x', x, Number.isFinite(x)],
    ['digits', digits, Number.isInteger(digits) && digits >= 0 && digits <= 100],
  ]);
  if (invalid !== null) return err(invalid);
  const { coefficient, exponent } = shortestDecimal(x);
  const shift = exponent + digits;
  const divisor = 10n ** BigInt(Math.max(0, -shift));
  const units = (2n * coefficient * 10n ** BigInt(Math.max(0, shift)) + divisor) / (2n * divisor);
  const padded = units.toString().padStart(digits + 1, '0');
  const split = padded.length - digits;
  const sign = x < 0 && units !== 0n ? '-' : '';
  return ok(`${sign}${padded.slice(0, split)}${digits > 0 ? `.${padded.slice(split)}` : ''}`);
}

/**
 * Whole contracts a fraction of equity pays for: floor(f·E/C + 1e-9). Always down, toward less risk.
 * @param equity USD; 0 contracts when ≤ 0
 * @param fraction share of equity, in [0, 1]
 * @param capitalPerContract USD, > 0
 * @errors 'invalid-input' outside these domains
 */
export function floorContracts(
  equity: number,
  fraction: number,
  capitalPerContract: number,
): Result<number, InvalidInput> {
  const invalid = firstInvalid([
    ['equity', equity, Number.isFinite(equity)],
    ['fraction', fraction, isProbability(fraction)],
    ['capitalPerContract', capitalPerContract, isPositive(capitalPerContract)],
  ]);
  if (invalid !== null) return err(invalid);
  const count = Math.floor((fraction * equity) / capitalPerContract + COMPARISON_TOLERANCE);
  if (count > Number.MAX_SAFE_INTEGER) return err(invalidInput('capitalPerContract', capitalPerContract));
  return ok(Math.max(0, count));
}

/**
 * Equity after `repeats` passes through a pattern of per-period returns, as start·exp(repeats·Σ ln(1 + r)).
 * @param start USD, ≥ 0
 * @param pattern simple returns per period, each ≥ −1 (−1 loses all)
 * @param repeats an integer ≥ 0
 * @errors 'invalid-input' outside these domains
 */
export function compoundEquity(
  start: number,
  pattern: readonly number[],
  repeats: number,
): Result<number, InvalidInput> {
  const invalid =
    firstInvalid([
      ['start', start, isNonNegative(start)],
      ['repeats', repeats, Number.isSafeInteger(repeats) && repeats >= 0],
    ]) ?? firstInvalidItem('pattern', pattern, (r) => r >= -1 && r < Infinity);
  if (invalid !== null) return err(invalid);
  if (repeats === 0) return ok(start);
  return ok(start * Math.exp(repeats * neumaierSum(pattern.map((r) => Math.log1p(r)))));
}

/** A price that is no whole number of ticks; `quotient` is price/tickSize. */
export type OffTick = {
  readonly code: 'off-tick';
  readonly price: number;
  readonly tickSize: number;
  readonly quotient: number;
};

/**
 * A decimal price as an integer count of ticks. Negative prices are prices.
 * @param price in the instrument's decimal quotation
 * @param tickSize in the same unit, > 0
 * @errors 'off-tick' when the price is more than 1e-6 ticks from a whole tick; 'invalid-input' when it is not a number
 */
export function toTicks(price: number, tickSize: number): Result<Ticks, InvalidInput | OffTick> {
  const invalid = firstInvalid([
    ['price', price, Number.isFinite(price)],
    ['tickSize', tickSize, isPositive(tickSize)],
  ]);
  if (invalid !== null) return err(invalid);
  const quotient = price / tickSize;
  const count = Math.round(quotient);
  if (!Number.isSafeInteger(count)) return err(invalidInput('price', price));
  if (Math.abs(quotient - count) > OFF_TICK_TOLERANCE) return err({ code: 'off-tick', price, tickSize, quotient });
  return ok(ticks(count));
}
