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
