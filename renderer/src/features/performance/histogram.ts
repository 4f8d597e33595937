/** One bar: trades with `from` ≤ R < `to`; an overflow bar has no end on its outer side. */
export type Bin = { readonly from: number; readonly to: number; readonly count: number; readonly isOverflow: boolean };

export const BIN_WIDTH = 0.25;
const LOWEST = -3;
const HIGHEST = 5;

/** How far the axis goes: whole R, at least −1 to +1, at most −3 to +5. What lies beyond goes into the overflow bars. */
function edges(r: readonly number[]): { readonly low: number; readonly high: number } {
  let low = -1;
  let high = 1;
  for (const value of r) {
    low = Math.min(low, Math.floor(value));
    high = Math.max(high, Math.floor(value) + 1);
  }
  return { low: Math.max(LOWEST, low), high: Math.min(HIGHEST, high) };
}

/**
 * Counts R in bars of a quarter, oldest order irrelevant. Zero is always an edge, so a bar is either up or down. Beyond the
 * axis stands one overflow bar per side, only where a trade is that far out.
 */
export function binsOf(r: readonly number[]): readonly Bin[] {
  const { low, high } = edges(r);
  const size = Math.round((high - low) / BIN_WIDTH);
  const counts = Array.from({ length: size }, () => 0);
  let below = 0;
  let above = 0;
  for (const value of r) {
    // The tolerance keeps 0.75 − noise of a division in the bar it means.
    const index = Math.floor((value - low) / BIN_WIDTH + 1e-9);
    if (index < 0) below += 1;
    else if (index >= size) above += 1;
    else counts[index] = (counts[index] ?? 0) + 1;
  }
  const inner = counts.map((count, i): Bin => {
    const from = low + i * BIN_WIDTH;
    return { from, to: from + BIN_WIDTH, count, isOverflow: false };
  });
  return [
    ...(below > 0 ? [{ from: -Infinity, to: low, count: below, isOverflow: true }] : []),
    ...inner,
    ...(above > 0 ? [{ from: high, to: Infinity, count: above, isOverflow: true }] : []),
  ];
}

/** The fullest bar; null without trades. */
export function fullest(bins: readonly Bin[]): Bin | null {
  let found: Bin | null = null;
  for (const bin of bins) if (bin.count > (found?.count ?? 0)) found = bin;
  return found;
}
