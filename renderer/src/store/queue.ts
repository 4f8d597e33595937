import { isWaiting as isOpen } from '#shared/domain/recommendation.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';

export { isOpen };

/** The newest recommendation of each symbol; of two made in the same millisecond the later id wins. */
export function newestBySymbol(
  known: Readonly<Record<string, Recommendation>>,
  incoming: readonly Recommendation[],
): Readonly<Record<string, Recommendation>> {
  const next: Record<string, Recommendation> = { ...known };
  for (const candidate of incoming) {
    const held = next[candidate.symbol];
    const isNewer =
      held === undefined ||
      candidate.createdAt > held.createdAt ||
      (candidate.createdAt === held.createdAt && candidate.id >= held.id);
    if (isNewer) next[candidate.symbol] = candidate;
  }
  return next;
}

/**
 * Orders the queue: open ones first, then the rest. Rows keep their order, new ones enter at the bottom of their class,
 * and the selected row keeps its place, so nothing moves under the cursor.
 */
export function orderQueue(
  previous: readonly string[],
  bySymbol: Readonly<Record<string, Recommendation>>,
  selected: string | null,
): readonly string[] {
  const known = previous.filter((symbol) => bySymbol[symbol] !== undefined);
  const names = Object.keys(bySymbol);
  const [open, ended]: [string[], string[]] = [[], []];
  for (const symbol of names.length === known.length ? known : [...new Set([...known, ...names])]) {
    const recommendation = bySymbol[symbol];
    if (recommendation !== undefined && isOpen(recommendation)) open.push(symbol);
    else ended.push(symbol);
  }
  const sorted = [...open, ...ended];
  const place = selected === null ? -1 : known.indexOf(selected);
  const result = place < 0 || selected === null ? sorted : pin(sorted, selected, place);
  const isSame = result.length === previous.length && result.every((symbol, i) => symbol === previous[i]);
  return isSame ? previous : result;
}

function pin(sorted: readonly string[], symbol: string, place: number): readonly string[] {
  const rest = sorted.filter((other) => other !== symbol);
  return [...rest.slice(0, place), symbol, ...rest.slice(place)];
}
