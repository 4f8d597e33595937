type Block = { sum: number; count: number };

/**
 * Moves labels as little as possible so that no two are closer than `gap`, keeping their order and, where there is
 * room, the bounds.
 * @param wanted y px of every label, any order
 * @returns y px in the same order
 * @source isotonic regression by pooling adjacent violators
 */
export function spreadLabels(
  wanted: readonly number[],
  gap: number,
  bounds: { readonly min: number; readonly max: number },
): readonly number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b);
  const blocks: Block[] = [];
  order.forEach((index, rank) => {
    blocks.push({ sum: (wanted[index] ?? 0) - rank * gap, count: 1 });
    for (let last = blocks.at(-1), before = blocks.at(-2); last !== undefined && before !== undefined;) {
      if (before.sum / before.count <= last.sum / last.count) break;
      blocks.pop();
      before.sum += last.sum;
      before.count += last.count;
      last = before;
      before = blocks.at(-2);
    }
  });
  const highest = bounds.max - (wanted.length - 1) * gap;
  const bases = blocks.flatMap(({ sum, count }) => {
    const base = Math.max(bounds.min, Math.min(highest, sum / count));
    return Array.from({ length: count }, () => base);
  });
  const placed = [...wanted];
  order.forEach((index, rank) => {
    placed[index] = (bases[rank] ?? 0) + rank * gap;
  });
  return placed;
}
