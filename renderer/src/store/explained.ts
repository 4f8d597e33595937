import { create } from 'zustand';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { apartInStream, beside, createBurst } from './burst.ts';
import { selectedOf, useRecommendations } from './recommendations.ts';

/**
 * What is drawn beside the answer to explain it. The answer comes first: where the desk has replaced a recommendation,
 * its reasons are worked out and laid out for the next frame and not for the same one, which would come late with both.
 * Another choice of the trader is followed at once.
 */
const useFollowing = create<{ readonly recommendation: Recommendation | null }>()(() => ({ recommendation: null }));

/** The recommendation that is explained now. */
export const explainedNow = (): Recommendation | null => useFollowing.getState().recommendation;

const follow = (): void => useFollowing.setState({ recommendation: selectedOf(useRecommendations.getState()) });

/**
 * From one replacement that is explained to the next: faster than this nobody reads. What is approved is the proposal
 * itself, however late its reasons are.
 */
const inNextFrame = createBurst<null>(follow, {
  frames: beside,
  apartMs: apartInStream({ firstMs: 100, thenMs: 200 }),
});

useRecommendations.subscribe((state) => {
  const [selected, shown] = [selectedOf(state), explainedNow()];
  if (selected === shown) return;
  if (selected !== null && selected.symbol === shown?.symbol) inNextFrame.add(null);
  else {
    inNextFrame.clear();
    follow();
  }
});

/** The selected recommendation for what explains it, or null. */
export const useExplained = (): Recommendation | null => useFollowing((s) => s.recommendation);
