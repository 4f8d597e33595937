import { create } from 'zustand';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { isOpen, newestBySymbol, orderQueue } from './queue.ts';

/** The newest recommendation per symbol, and the order of the queue. */
export type RecommendationState = {
  readonly symbols: readonly string[];
  readonly bySymbol: Readonly<Record<string, Recommendation>>;
  readonly selected: string | null;
  /** True once the trader has chosen a row: from then on the selection stays theirs. */
  readonly isChosen: boolean;
  /** When the selected proposal was last replaced by another under the trader's hand; epoch ms of this machine. */
  readonly replacedAt: number;
};

export const useRecommendations = create<RecommendationState>()(() => ({
  symbols: [],
  bySymbol: {},
  selected: null,
  isChosen: false,
  replacedAt: 0,
}));

const firstOr = (selected: string | null, symbols: readonly string[]): string | null =>
  selected !== null && symbols.includes(selected) ? selected : (symbols[0] ?? null);

const idOf = (state: Pick<RecommendationState, 'selected' | 'bySymbol'>): string | null =>
  state.selected === null ? null : (state.bySymbol[state.selected]?.id ?? null);

type BySymbol = RecommendationState['bySymbol'];

/** Whether each of these was in the queue, in the class it is in now: then its order is what it was. */
const isSettled = (before: BySymbol, after: BySymbol, changed: readonly Recommendation[]): boolean =>
  changed.every(({ symbol }) => {
    const [was, is] = [before[symbol], after[symbol]];
    return was !== undefined && is !== undefined && isOpen(was) === isOpen(is);
  });

/** @param changed what may differ from before; null for all */
function update(
  state: RecommendationState,
  bySymbol: BySymbol,
  changed: readonly Recommendation[] | null = null,
): Partial<RecommendationState> {
  const held = state.selected === null ? undefined : bySymbol[state.selected];
  const isFree = !state.isChosen && (held === undefined || !isOpen(held));
  const symbols =
    changed !== null && isSettled(state.bySymbol, bySymbol, changed)
      ? state.symbols
      : orderQueue(state.symbols, bySymbol, isFree ? null : state.selected);
  const selected = isFree ? (symbols[0] ?? null) : firstOr(state.selected, symbols);
  const before = idOf(state);
  const isReplaced = before !== null && before !== idOf({ selected, bySymbol });
  return { bySymbol, symbols, selected, ...(isReplaced ? { replacedAt: Date.now() } : {}) };
}

/** Replaces all recommendations (snapshot). */
export function setRecommendations(list: readonly Recommendation[]): void {
  useRecommendations.setState((state) => update(state, newestBySymbol({}, list)));
}

/** Takes changed recommendations in, in the order they came. */
export function putRecommendations(changed: readonly Recommendation[]): void {
  useRecommendations.setState((state) => update(state, newestBySymbol(state.bySymbol, changed), changed));
}

/** Takes one changed recommendation in. */
export const putRecommendation = (recommendation: Recommendation): void => putRecommendations([recommendation]);

/** Selects a row. The one left behind may then move to its class. */
export function selectSymbol(symbol: string): void {
  useRecommendations.setState((state) => {
    if (state.bySymbol[symbol] === undefined) return {};
    return { selected: symbol, isChosen: true, symbols: orderQueue(state.symbols, state.bySymbol, symbol) };
  });
}

/** Moves the selection by `step` rows, stopping at the ends. */
export function moveSelection(step: number): void {
  const { symbols, selected } = useRecommendations.getState();
  const at = selected === null ? -1 : symbols.indexOf(selected);
  const next = symbols[Math.max(0, Math.min(symbols.length - 1, at + step))];
  if (next !== undefined) selectSymbol(next);
}

/** The selected recommendation, or null. */
export const selectedOf = ({ selected, bySymbol }: RecommendationState): Recommendation | null =>
  selected === null ? null : (bySymbol[selected] ?? null);

/** The selected recommendation, or null, as it is shown. */
export const useSelected = (): Recommendation | null => useRecommendations(selectedOf);
