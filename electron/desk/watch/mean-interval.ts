import type { MeanInterval } from '#shared/domain/models.ts';
import { politisWhiteBlockLength, stationaryBootstrapMeanCI } from '#desk/engine/bootstrap.ts';

/** Below this many, a mean says nothing: counts only. @source quant.md 8.2 */
export const MIN_FOR_INTERVAL = 30;

const RESAMPLES = 999;
const CONFIDENCE = 0.9;
const SEED = 1;

/**
 * Returns the mean of a series, oldest first, with its stationary-bootstrap 90 % interval: signals that overlap in time
 * share their outcome, so the block is automatic. Null under 30 values.
 */
export function meanInterval(values: readonly number[]): MeanInterval | null {
  if (values.length < MIN_FOR_INTERVAL) return null;
  const block = politisWhiteBlockLength(values);
  const meanBlock = Math.max(1, block.ok ? (block.value?.stationary ?? 1) : 1);
  const result = stationaryBootstrapMeanCI(values, {
    meanBlock,
    resamples: RESAMPLES,
    seed: SEED,
    confidence: CONFIDENCE,
  });
  if (!result.ok) return null;
  const { mean, lower, upper } = result.value;
  return mean === null || lower === null || upper === null ? null : { mean, lower, upper };
}
