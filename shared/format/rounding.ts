/**
 * Decimal rounding for display. It works on the shortest decimal that reads back as the number, so 1.005 rounds to 1.01
 * where `toFixed`, which sees the binary value below it, says 1.00. A result of zero carries no sign.
 */

/** `half-up` rounds half away from zero; `down` and `up` move the value itself, toward −∞ and ∞. */
export type Rounding = 'half-up' | 'down' | 'up';

type Decimal = { readonly coefficient: bigint; readonly exponent: number };

function shortestDecimal(x: number): Decimal {
  const [mantissa = '0', power = '0'] = String(x).split('e');
  const [whole = '0', decimals = ''] = mantissa.split('.');
  return { coefficient: BigInt(whole + decimals), exponent: Number(power) - decimals.length };
}

/** Units of 10^−digits in |x|, rounded; `isAway` says that the remainder moves away from zero. */
function unitsOf({ coefficient, exponent }: Decimal, digits: number, rounding: 'half-up' | 'away' | 'toward'): bigint {
  const shift = exponent + digits;
  if (shift >= 0) return coefficient * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  const whole = coefficient / divisor;
  const rest = coefficient % divisor;
  if (rounding === 'toward' || rest === 0n) return whole;
  return rounding === 'away' || 2n * rest >= divisor ? whole + 1n : whole;
}

const group = (whole: string): string => whole.replace(/\B(?=(\d{3})+$)/g, ',');

/** A rounded number in its parts: sign of the rounded value, digits with grouping. */
export type Rounded = { readonly sign: -1 | 0 | 1; readonly text: string };

/**
 * Rounds a finite number to fixed decimals. `text` is the size without its sign, grouped in thousands.
 * @param digits decimals, an integer in [0, 20]
 */
export function rounded(x: number, digits: number, rounding: Rounding = 'half-up'): Rounded {
  const isNegative = x < 0;
  const isAway = rounding !== 'half-up' && (rounding === 'up') !== isNegative;
  const mode = rounding === 'half-up' ? 'half-up' : isAway ? 'away' : 'toward';
  const units = unitsOf(shortestDecimal(Math.abs(x)), digits, mode);
  const padded = units.toString().padStart(digits + 1, '0');
  const split = padded.length - digits;
  const decimals = digits > 0 ? `.${padded.slice(split)}` : '';
  return { sign: units === 0n ? 0 : isNegative ? -1 : 1, text: `${group(padded.slice(0, split))}${decimals}` };
}
