/** Heights in px of labels on the price axis. */
export const LABEL_HEIGHT = 18;

/**
 * Moves `y` to the nearest place at least one label's height away from those in `taken`.
 * Used for the last price, which gives way to the lines of the plan.
 */
export function freePlace(y: number, taken: readonly number[], height = LABEL_HEIGHT): number {
  const isFree = (at: number) => taken.every((other) => Math.abs(other - at) >= height);
  if (isFree(y)) return y;
  const candidates = taken
    .flatMap((other) => [other - height, other + height])
    .filter(isFree)
    .sort((a, b) => Math.abs(a - y) - Math.abs(b - y));
  return candidates[0] ?? y;
}

/** Px between a stretch of the chart and the words beside it. */
const BESIDE = 6;

/**
 * Where words begin that stand beside a stretch: behind it, before it where the chart ends too soon, and at its end where
 * neither has room. All in px from the left of a chart of this width.
 */
export function besideSpan(
  span: { readonly left: number; readonly right: number },
  words: number,
  width: number,
): number {
  const behind = span.right + BESIDE;
  if (behind + words + 2 <= width) return behind;
  const before = span.left - BESIDE - words;
  return before >= 2 ? before : Math.max(2, width - words - 2);
}
