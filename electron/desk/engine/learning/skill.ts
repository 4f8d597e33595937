import { politisWhiteBlockLength, stationaryBootstrapMeanCI } from '#desk/engine/bootstrap.ts';
import { calibrationScores, logLossOf, wilsonInterval, type Interval } from '#desk/engine/calibration-scores.ts';
import { COMPARISON_TOLERANCE, meanOf } from '#desk/engine/numerics.ts';
import type { Outcome } from './label.ts';

/** Chances of the three outcomes, of which exactly one happens; they sum to 1. */
export type Chances = { readonly short: number; readonly neutral: number; readonly long: number };

/** A forecast with what came of it, and what the frequencies known at the time would have said. */
export type Judged = { readonly forecast: Chances; readonly climatology: Chances; readonly outcome: Outcome };

/** A mean score of the model beside climatology's. Lower is better; skill is 1 − model/climatology. */
export type Score = {
  readonly model: number;
  readonly climatology: number;
  readonly skill: number;
  /** Bootstrap 90 % interval of the skill. */
  readonly interval: Interval;
};

/** Forecasts as the gate of the desk sees them: a direction, and the chance that it is right. */
export type GateView = {
  readonly threshold: number;
  readonly count: number;
  readonly hits: number;
  readonly meanConfidence: number | null;
  /** Wilson 90 % interval of the share that was right. */
  readonly interval: Interval | null;
};

export type Verdict = 'skill' | 'no-skill' | 'worse';

export type SkillReport = {
  readonly cases: number;
  readonly logLoss: Score;
  readonly brier: Score;
  /** Calibration error of the chosen direction over ten bins; biased upwards in small samples. */
  readonly calibrationError: number;
  readonly gate: GateView;
  /** By the interval of the log loss: wholly above 0, around it, or wholly below. */
  readonly verdict: Verdict;
};

const CLASSES = ['short', 'neutral', 'long'] as const;
const GATE = 0.6;
const CONFIDENCE = 0.9;
const RESAMPLES = 999;

const classOf = (outcome: Outcome): (typeof CLASSES)[number] => (outcome === 'neither' ? 'neutral' : outcome);

const lossOf = (chances: Chances, outcome: Outcome): number => logLossOf(chances[classOf(outcome)], 1);

const brierOf = (chances: Chances, outcome: Outcome): number =>
  CLASSES.reduce((sum, name) => sum + (chances[name] - (classOf(outcome) === name ? 1 : 0)) ** 2, 0);

/** Frequencies of the outcomes, each counted once more than it came: what is known without a model. @source Laplace */
export function climatologyOf(outcomes: readonly Outcome[]): Chances {
  const share = (outcome: Outcome): number =>
    (outcomes.filter((one) => one === outcome).length + 1) / (outcomes.length + CLASSES.length);
  return { short: share('short'), neutral: share('neither'), long: share('long') };
}

/** The interval of a mean improvement: neighbours share the bars their labels live on, so whole blocks are drawn. */
function improvementInterval(improvements: readonly number[], seed: number): Interval {
  const block = politisWhiteBlockLength(improvements);
  const meanBlock = Math.max(1, block.ok ? (block.value?.stationary ?? 1) : 1);
  const settings = { meanBlock, resamples: RESAMPLES, seed, confidence: CONFIDENCE };
  const drawn = stationaryBootstrapMeanCI(improvements, settings);
  if (!drawn.ok || drawn.value.lower === null || drawn.value.upper === null) return { lower: 0, upper: 0 };
  return { lower: drawn.value.lower, upper: drawn.value.upper };
}

function scoreOf(judged: readonly Judged[], loss: (chances: Chances, outcome: Outcome) => number, seed: number): Score {
  const model = judged.map(({ forecast, outcome }) => loss(forecast, outcome));
  const without = judged.map(({ climatology, outcome }) => loss(climatology, outcome));
  const climatology = meanOf(without) ?? 0;
  const mean = meanOf(model) ?? 0;
  const improvements = without.map((value, i) => value - (model[i] ?? 0));
  const { lower, upper } = improvementInterval(improvements, seed);
  const share = (value: number): number => (climatology === 0 ? 0 : value / climatology);
  return {
    model: mean,
    climatology,
    skill: share(climatology - mean),
    interval: { lower: share(lower), upper: share(upper) },
  };
}

type Claim = { readonly confidence: number; readonly hit: 0 | 1 };

const claimOf = ({ forecast, outcome }: Judged): Claim => {
  const direction = forecast.long >= forecast.short ? 'long' : 'short';
  return { confidence: forecast[direction], hit: direction === outcome ? 1 : 0 };
};

function gateView(claims: readonly Claim[]): GateView {
  const passed = claims.filter(({ confidence }) => confidence >= GATE - COMPARISON_TOLERANCE);
  const hits = passed.filter(({ hit }) => hit === 1).length;
  const wilson = passed.length === 0 ? null : wilsonInterval(hits, passed.length, CONFIDENCE);
  return {
    threshold: GATE,
    count: passed.length,
    hits,
    meanConfidence: meanOf(passed.map(({ confidence }) => confidence)),
    interval: wilson?.ok === true ? wilson.value : null,
  };
}

/**
 * Judges forecasts against climatology: what frequencies alone, known at the time, would have scored.
 * @param judged oldest first, at least one
 * @param seed of the bootstrap
 */
export function judgeSkill(judged: readonly Judged[], seed: number): SkillReport {
  const claims = judged.map(claimOf);
  const scores = calibrationScores(
    claims.map(({ confidence }) => confidence),
    claims.map(({ hit }) => hit),
  );
  const logLoss = scoreOf(judged, lossOf, seed);
  const { lower, upper } = logLoss.interval;
  return {
    cases: judged.length,
    logLoss,
    brier: scoreOf(judged, brierOf, seed),
    calibrationError: scores.ok ? scores.value.calibrationError : 0,
    gate: gateView(claims),
    // A forecast that is the frequencies themselves differs from them by what floating point leaves over.
    verdict: lower > COMPARISON_TOLERANCE ? 'skill' : upper < -COMPARISON_TOLERANCE ? 'worse' : 'no-skill',
  };
}
