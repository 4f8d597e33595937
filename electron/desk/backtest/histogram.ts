import { R_BIN, type RBin } from '#shared/domain/performance-history.ts';

const LOWEST = -3;
const HIGHEST = 5;
/** Keeps 0.75 less the noise of a division in the bar it means. */
const NOISE = 1e-9;

/** How far the axis goes: whole R, at least −1 to +1, at most −3 to +5. What lies beyond goes into the overflow bars. */
function edges(r: readonly number[]): { readonly low: number; readonly high: number } {
  let low = -1;
  let high = 1;
  for (const value of r) {
    low = Math.min(low, Math.floor(value + NOISE));
    high = Math.max(high, Math.floor(value + NOISE) + 1);
  }
  return { low: Math.max(LOWEST, low), high: Math.min(HIGHEST, high) };
}

/**
 * Counts R in bars of a quarter, lowest first. Zero is always an edge, so a bar is either up or down. Beyond the axis
 * stands one overflow bar per side, only where a trade is that far out. Every trade is in exactly one bar.
 * @param r any order
 */
export function histogramOf(r: readonly number[]): readonly RBin[] {
  const { low, high } = edges(r);
  const size = Math.round((high - low) / R_BIN);
  const counts = Array.from({ length: size }, () => 0);
  let below = 0;
  let above = 0;
  for (const value of r) {
    const index = Math.floor((value - low) / R_BIN + NOISE);
    if (index < 0) below += 1;
    else if (index >= size) above += 1;
    else counts[index] = (counts[index] ?? 0) + 1;
  }
  return [
    ...(below > 0 ? [{ from: null, to: low, count: below }] : []),
    ...counts.map((count, i): RBin => ({ from: low + i * R_BIN, to: low + (i + 1) * R_BIN, count })),
    ...(above > 0 ? [{ from: high, to: null, count: above }] : []),
  ];
}
