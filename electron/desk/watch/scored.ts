import type { ProbabilityScores, ReliabilityBin, ScoredModel, ScoredSubject } from '#shared/domain/models.ts';
import { calibrationScores, type CalibrationScores } from '#desk/engine/calibration-scores.ts';
import { meanOf } from '#desk/engine/numerics.ts';
import { meanInterval } from './mean-interval.ts';
import type { Resolved } from './track-record.ts';

/** Twenty equal bins for the diagram and for what was said; the calibration error counts ten, as its limit was set. */
const BINS = 20;
const EDGE_TOLERANCE = 1e-12;

const saidOf: Readonly<Record<ScoredSubject, (one: Resolved) => number>> = {
  pooled: (one) => one.combined,
  lstm: (one) => one.lstm,
  ensemble: (one) => one.ensemble,
};

const binOf = ({
  bin,
  count,
  meanProbability,
  frequency,
  interval,
}: CalibrationScores['bins'][number]): ReliabilityBin => ({
  from: bin / BINS,
  to: (bin + 1) / BINS,
  count,
  said: meanProbability,
  won: frequency,
  ...interval,
});

/**
 * Brier skill against always saying the base rate, with the interval of the mean difference of the two scores. The base
 * rate is the sample's own, as in the score itself.
 */
function skillOf(
  said: readonly number[],
  outcomes: readonly number[],
  scores: CalibrationScores,
): ProbabilityScores['skill'] {
  if (scores.brierSkill === null) return null;
  const rate = meanOf(outcomes) ?? 0;
  const saved = said.map((p, i) => (rate - (outcomes[i] ?? 0)) ** 2 - (p - (outcomes[i] ?? 0)) ** 2);
  const interval = meanInterval(saved);
  const over = (value: number | undefined): number | null => (value === undefined ? null : value / scores.uncertainty);
  return { value: scores.brierSkill, lower: over(interval?.lower), upper: over(interval?.upper) };
}

function scoresOf(said: readonly number[], outcomes: readonly number[], scores: CalibrationScores): ProbabilityScores {
  const { brier, reliability, resolution, uncertainty, withinBinVariance, withinBinCovariance, logLoss } = scores;
  const { calibrationError, maxCalibrationError } = scores;
  return {
    ...{ brier, reliability, resolution, uncertainty, withinBinVariance, withinBinCovariance, logLoss },
    ...{ calibrationError, maxCalibrationError, skill: skillOf(said, outcomes, scores) },
  };
}

function histogramOf(said: readonly number[]): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const p of said) {
    const index = Math.min(BINS - 1, Math.floor(p * BINS + EDGE_TOLERANCE));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

const hitsOf = (resolved: readonly Resolved[], direction: 1 | -1): ScoredModel['hits']['long'] => {
  const taken = resolved.filter((one) => one.direction === direction);
  return { count: taken.length, wins: taken.filter(({ y }) => y === 1).length };
};

/** Scores one model, or both pooled, on every signal that resolved: taken, rejected, expired and vetoed alike. */
export function scoredModel(
  subject: ScoredSubject,
  resolved: readonly Resolved[],
  { version, weight }: Pick<ScoredModel, 'version' | 'weight'>,
): ScoredModel {
  const said = resolved.map(saidOf[subject]);
  const outcomes = resolved.map(({ y }) => y);
  const result = said.length === 0 ? null : calibrationScores(said, outcomes);
  const scores = result?.ok === true ? result.value : null;
  const drawn = said.length === 0 ? null : calibrationScores(said, outcomes, { bins: BINS });
  return {
    ...{ subject, version, weight },
    resolved: resolved.length,
    said: meanOf(said),
    won: meanOf(outcomes),
    hits: { long: hitsOf(resolved, 1), short: hitsOf(resolved, -1) },
    scores: scores === null ? null : scoresOf(said, outcomes, scores),
    bins: drawn?.ok === true ? drawn.value.bins.map(binOf) : [],
    histogram: histogramOf(said),
  };
}
