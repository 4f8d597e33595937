import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { firstInvalid, invalidForecasts, isNonNegative } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { meanOf, neumaierSum } from './numerics.ts';
import { normPpf } from './special.ts';

/** Log loss never counts the realised outcome as less likely than this. */
const DEFAULT_CLIP = 1e-12;
const DEFAULT_BINS = 10;
const RELIABILITY_CONFIDENCE = 0.9;
/** Pushes a forecast on a bin's lower edge into that bin (0.7·10 = 7, 0.29·100 = 28.999…). */
const EDGE_TOLERANCE = 1e-12;

/**
 * Log loss of one forecast, −ln P(realised outcome). The probability of the realised outcome is clipped, not p itself:
 * clipping p and then forming 1 − p loses six digits.
 */
export const logLossOf = (probability: number, outcome: number, clip: number = DEFAULT_CLIP): number =>
  outcome === 1 ? -Math.log(Math.max(probability, clip)) : lossOfMiss(probability, clip);

const lossOfMiss = (probability: number, clip: number): number =>
  1 - probability < clip ? -Math.log(clip) : -Math.log1p(-probability);

/** Mean log loss of valid forecasts; 0 for none. */
export const logLoss = (probabilities: readonly number[], outcomes: readonly number[], clip?: number): number =>
  meanOf(probabilities.map((p, i) => logLossOf(p, outcomes[i] ?? 0, clip))) ?? 0;

export type Interval = { readonly lower: number; readonly upper: number };

/**
 * Wilson's score interval of a proportion.
 * @param successes in [0, trials]
 * @param trials > 0
 * @param confidence in (0, 1), two-sided
 * @errors 'invalid-input' outside these domains
 * @source Wilson 1927
 */
export function wilsonInterval(successes: number, trials: number, confidence: number): Result<Interval, InvalidInput> {
  const invalid = firstInvalid([
    ['trials', trials, trials > 0 && trials < Infinity],
    ['successes', successes, isNonNegative(successes) && successes <= trials],
    ['confidence', confidence, confidence > 0 && confidence < 1],
  ]);
  if (invalid !== null) return err(invalid);
  const z = -normPpf((1 - confidence) / 2);
  const centre = (successes + (z * z) / 2) / (trials + z * z);
  const spread = (successes / trials) * (trials - successes) + (z * z) / 4;
  const half = (z / (trials + z * z)) * Math.sqrt(spread);
  return ok({
    lower: successes === 0 ? 0 : Math.max(0, centre - half),
    upper: successes === trials ? 1 : Math.min(1, centre + half),
  });
}

/** One line of the reliability table; bins without forecasts are left out. */
export type ReliabilityBin = {
  /** Index of the equal-width bin, from 0. */
  readonly bin: number;
  readonly count: number;
  readonly meanProbability: number;
  readonly frequency: number;
  /** Wilson 90 % interval of the frequency. */
  readonly interval: Interval;
};

/** brier = reliability − resolution + uncertainty + withinBinVariance − withinBinCovariance, exactly. */
export type CalibrationScores = {
  readonly count: number;
  readonly brier: number;
  readonly logLoss: number;
  readonly reliability: number;
  readonly resolution: number;
  readonly uncertainty: number;
  readonly withinBinVariance: number;
  readonly withinBinCovariance: number;
  /** Expected and maximum calibration error over the bins; the expected one is biased upwards in small samples. */
  readonly calibrationError: number;
  readonly maxCalibrationError: number;
  /** 1 − brier/uncertainty; null when all outcomes are the same. */
  readonly brierSkill: number | null;
  readonly bins: readonly ReliabilityBin[];
};

type Forecast = { readonly p: number; readonly y: number };
type Bin = { readonly index: number; readonly forecasts: readonly Forecast[]; readonly p: number; readonly y: number };

function binsOf(forecasts: readonly Forecast[], count: number): readonly Bin[] {
  const members = new Map<number, Forecast[]>();
  for (const forecast of forecasts) {
    const index = Math.min(count - 1, Math.floor(forecast.p * count + EDGE_TOLERANCE));
    const bin = members.get(index) ?? [];
    bin.push(forecast);
    members.set(index, bin);
  }
  return [...members]
    .sort(([left], [right]) => left - right)
    .map(([index, inside]) => ({
      index,
      forecasts: inside,
      p: meanOf(inside.map(({ p }) => p)) ?? 0,
      y: meanOf(inside.map(({ y }) => y)) ?? 0,
    }));
}

function reliabilityBin({ index, forecasts, p, y }: Bin): ReliabilityBin {
  const wins = forecasts.reduce((sum, forecast) => sum + forecast.y, 0);
  const wilson = wilsonInterval(wins, forecasts.length, RELIABILITY_CONFIDENCE);
  const interval = wilson.ok ? wilson.value : { lower: 0, upper: 1 };
  return { bin: index, count: forecasts.length, meanProbability: p, frequency: y, interval };
}

/** Equal-width bins of [0, 1], default 10; smallest probability that log loss counts with, default 1e-12. */
export type ScoreOptions = { readonly bins?: number; readonly clip?: number };

/**
 * Scores probability forecasts of 0/1 outcomes.
 * @param probabilities in [0, 1], any order, at least one
 * @param outcomes 0 or 1, same length and order
 * @errors 'invalid-input' outside these domains
 * @source Murphy 1973; Stephenson et al. 2008 (within-bin terms); Naeini et al. 2015 (calibration error)
 */
export function calibrationScores(
  probabilities: readonly number[],
  outcomes: readonly number[],
  { bins = DEFAULT_BINS, clip = DEFAULT_CLIP }: ScoreOptions = {},
): Result<CalibrationScores, InvalidInput> {
  const count = probabilities.length;
  const invalid =
    firstInvalid([
      ['probabilities.length', count, count > 0],
      ['bins', bins, Number.isSafeInteger(bins) && bins >= 1],
      ['clip', clip, clip >= 0 && clip < 1],
    ]) ?? invalidForecasts(probabilities, outcomes);
  if (invalid !== null) return err(invalid);
  const forecasts = probabilities.map((p, i) => ({ p, y: outcomes[i] ?? 0 }));
  const filled = binsOf(forecasts, bins);
  const brier = meanOf(forecasts.map(({ p, y }) => (p - y) ** 2)) ?? 0;
  const baseRate = meanOf(outcomes) ?? 0;
  const uncertainty = baseRate * (1 - baseRate);
  return ok({
    count,
    brier,
    logLoss: logLoss(probabilities, outcomes, clip),
    ...decomposition(filled, count, baseRate),
    uncertainty,
    brierSkill: uncertainty === 0 ? null : 1 - brier / uncertainty,
    bins: filled.map(reliabilityBin),
  });
}

/** The binned terms of the Brier score and the calibration errors. */
function decomposition(filled: readonly Bin[], count: number, baseRate: number) {
  const perForecast = (of: (bin: Bin) => number): number => neumaierSum(filled.map(of)) / count;
  const within = (bin: Bin, of: (dp: number, dy: number) => number): number =>
    neumaierSum(bin.forecasts.map(({ p, y }) => of(p - bin.p, y - bin.y)));
  return {
    reliability: perForecast((bin) => bin.forecasts.length * (bin.p - bin.y) ** 2),
    resolution: perForecast((bin) => bin.forecasts.length * (bin.y - baseRate) ** 2),
    withinBinVariance: perForecast((bin) => within(bin, (dp) => dp * dp)),
    withinBinCovariance: 2 * perForecast((bin) => within(bin, (dp, dy) => dp * dy)),
    calibrationError: perForecast((bin) => bin.forecasts.length * Math.abs(bin.p - bin.y)),
    maxCalibrationError: filled.reduce((max, bin) => Math.max(max, Math.abs(bin.p - bin.y)), 0),
  };
}
