/** Exact arithmetic on doubles, for what vectors state beside the engine's own answer. */

/** A finite double as an integer of 2^−1074. */
function scaledInteger(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = exponent === 0n ? fraction : (fraction | 0x10000000000000n) << (exponent - 1n);
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

/** Rounds an integer of 2^−1074 to the nearest double, ties to even. */
function nearestDouble(scaled: bigint): number {
  const magnitude = scaled < 0n ? -scaled : scaled;
  const excess = Math.max(0, magnitude.toString(2).length - 64);
  const kept = magnitude >> BigInt(excess);
  const sticky = kept << BigInt(excess) === magnitude ? 0n : 1n;
  const rounded = Number(kept | sticky) * 2 ** (excess - 1074);
  return scaled < 0n ? -rounded : rounded;
}

/** The sum of finite doubles, rounded once; NaN when one is not finite. */
export const exactSum = (values: readonly number[]): number =>
  values.every(Number.isFinite) ? nearestDouble(values.reduce((sum, x) => sum + scaledInteger(x), 0n)) : NaN;

/** The shortest decimal of x as numerator over a power of ten. */
function decimalRatio(x: number): { readonly top: bigint; readonly bottom: bigint } {
  const [mantissa = '0', power = '0'] = String(x).split('e');
  const [whole = '0', decimals = ''] = mantissa.split('.');
  const exponent = Number(power) - decimals.length;
  const digits = BigInt(whole + decimals);
  return exponent >= 0
    ? { top: digits * 10n ** BigInt(exponent), bottom: 1n }
    : { top: digits, bottom: 10n ** BigInt(-exponent) };
}

/** floor(f·E/C) on the decimals as they are written, for finite f, E ≥ 0 and C > 0. */
export function exactFloor(equity: number, fraction: number, capital: number): number {
  const [e, f, c] = [decimalRatio(equity), decimalRatio(fraction), decimalRatio(capital)];
  return Number((e.top * f.top * c.bottom) / (e.bottom * f.bottom * c.top));
}
