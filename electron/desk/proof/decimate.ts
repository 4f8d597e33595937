/** Depth below the running peak at each point, ≥ 0. */
export function underwaterOf(equity: readonly number[]): readonly number[] {
  let peak = -Infinity;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? Math.max(0, 1 - value / peak) : 0;
  });
}

/**
 * Picks at most `most` points of a series so that each stretch keeps its lowest and its highest, and the first and last
 * stay: a drawdown is not drawn shallower than it was. Returns their indices, rising.
 */
export function decimate(values: readonly number[], most: number): readonly number[] {
  const n = values.length;
  if (n <= most) return values.map((_, i) => i);
  const stretches = Math.max(1, Math.floor((most - 2) / 2));
  const kept = new Set<number>([0, n - 1]);
  for (let k = 0; k < stretches; k += 1) {
    const from = 1 + Math.floor((k * (n - 2)) / stretches);
    const to = 1 + Math.floor(((k + 1) * (n - 2)) / stretches);
    let [low, high] = [from, from];
    for (let i = from; i < to; i += 1) {
      if ((values[i] ?? 0) < (values[low] ?? 0)) low = i;
      if ((values[i] ?? 0) > (values[high] ?? 0)) high = i;
    }
    kept.add(low).add(high);
  }
  return [...kept].filter((i) => i >= 0 && i < n).sort((a, b) => a - b);
}
