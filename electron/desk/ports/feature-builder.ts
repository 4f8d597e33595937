import type { FeatureChoice, FeatureProblem, FeatureSpec, FeatureWindow } from '#shared/domain/feature.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Result } from '#shared/result.ts';

/** Computes features from bars: the same live, in replay and in a test of a connection. */
export interface FeatureBuilder {
  /** Looks a choice up. The error is a sentence that names what is unknown and what there is. */
  resolve(choice: FeatureChoice): Result<FeatureSpec, string>;
  /**
   * Builds the window that ends with the last bar.
   * @param bars completed bars of one symbol and timeframe, oldest first   @param tickSize units of price per tick
   * @errors 'too-few-bars' with how many are needed; 'bad-bars' where a price or a feature is not a positive number
   */
  build(bars: readonly Bar[], spec: FeatureSpec, tickSize: number): Result<FeatureWindow, FeatureProblem>;
}
