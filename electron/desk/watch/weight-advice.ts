import type { WeightAdvice } from '#shared/domain/models.ts';
import { logLossOf } from '#desk/engine/calibration-scores.ts';
import { modelWeights } from '#desk/engine/drift.ts';
import { thinned } from '#desk/engine/thinned.ts';
import { meanInterval } from './mean-interval.ts';
import type { Resolved } from './track-record.ts';

/** @source quant.md 3.4 */
const RULE = { learningRate: 0.5, priorShare: 0.05 } as const;
const MIN_RESOLVED = 200;
const MOST_POINTS = 240;

type Pair = WeightAdvice['inForce'];

const pooled = (weights: Pair, one: Resolved): number =>
  Math.min(1, (weights.lstm * one.lstm + weights.ensemble * one.ensemble) / (weights.lstm + weights.ensemble));

/** Weights at which each prediction would have been pooled: those learned from what had resolved before it was made. */
function weightsAhead(resolved: readonly Resolved[], after: readonly Pair[], prior: Pair): readonly Pair[] {
  let known = 0;
  const inOrder = resolved.map((one, i) => ({ one, i })).sort((a, b) => a.one.decidedAt - b.one.decidedAt);
  const ahead = new Array<Pair>(resolved.length).fill(prior);
  for (const { one, i } of inOrder) {
    while (known < resolved.length && (resolved[known]?.resolvedAt ?? Infinity) < one.decidedAt) known += 1;
    ahead[i] = after[known - 1] ?? prior;
  }
  return ahead;
}

/**
 * Returns the weights that log loss advises beside those in force. They prove themselves on predictions made after what
 * they were learned from; even then they are only advice.
 * @param resolved in the order they resolved
 */
export function weightAdvice(resolved: readonly Resolved[], inForce: Pair): WeightAdvice {
  const result = modelWeights(
    resolved.map(({ lstm, ensemble, y }) => ({ probabilities: [lstm, ensemble], outcome: y })),
    [inForce.lstm, inForce.ensemble],
    RULE,
  );
  const after = (result.ok ? result.value : []).map(([lstm = 0, ensemble = 0]): Pair => ({ lstm, ensemble }));
  const ahead = weightsAhead(resolved, after, inForce);
  const saved = resolved.map(
    (one, i) => logLossOf(pooled(inForce, one), one.y) - logLossOf(pooled(ahead[i] ?? inForce, one), one.y),
  );
  const gain = meanInterval(saved);
  const path = after.flatMap(({ lstm }, i) => {
    const at = resolved[i]?.resolvedAt;
    return at === undefined ? [] : [{ at, lstm }];
  });
  return {
    inForce,
    advised: after.at(-1) ?? null,
    resolved: resolved.length,
    needed: MIN_RESOLVED,
    gain,
    isProven: resolved.length >= MIN_RESOLVED && gain !== null && gain.lower > 0,
    path: [...thinned(path, MOST_POINTS, ({ lstm }) => lstm)],
  };
}
