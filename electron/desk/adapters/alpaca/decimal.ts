/** Alpaca writes prices and quantities as decimal strings. Here they are whole numbers of 1e-9, and so exact. */
const DIGITS = 9;
const UNITS = 10n ** BigInt(DIGITS);

/** Whole number of 1e-9; null for what is no decimal number, or a finer one. */
export function unitsOf(text: string): bigint | null {
  const [, sign, whole, fraction = ''] = /^([+-]?)(\d{1,15})(?:\.(\d*))?$/.exec(text.trim()) ?? [];
  if (whole === undefined) return null;
  const kept = fraction.replace(/0+$/u, '');
  if (kept.length > DIGITS) return null;
  const units = BigInt(whole) * UNITS + BigInt(kept.padEnd(DIGITS, '0'));
  return sign === '-' ? -units : units;
}

/** 105890000000n → "105.89". */
export function decimalOf(units: bigint): string {
  const size = units < 0n ? -units : units;
  const fraction = (size % UNITS).toString().padStart(DIGITS, '0').replace(/0+$/u, '');
  const text = `${size / UNITS}${fraction === '' ? '' : `.${fraction}`}`;
  return units < 0n ? `-${text}` : text;
}

/** A float64 of the desk (a tick size) as a whole number of 1e-9. */
export const unitsOfNumber = (value: number): bigint => unitsOf(value.toFixed(DIGITS)) ?? 0n;

export const ONE = UNITS;
