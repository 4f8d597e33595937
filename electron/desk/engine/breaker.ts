import type { SizingConfig, Watch } from '#shared/domain/sizing.ts';
import { COMPARISON_TOLERANCE } from './numerics.ts';

/** Reasons in the order of their names, which is the order they are reported in. */
export type BreakerReason =
  | 'BRIER_NO_SKILL'
  | 'CUSUM_TRIP'
  | 'CUSUM_WARN'
  | 'DAILY_LOSS'
  | 'DRAWDOWN_HALT'
  | 'DRAWDOWN_WARN'
  | 'INVALID_INPUT'
  | 'MISCALIBRATED'
  | 'STALE_PREDICTION';

/**
 * HALT sizes nothing. WARN halves the Kelly multiplier and the risk ceiling per trade, once, however many reasons:
 * halving the multiplier alone does nothing while the ceiling binds.
 */
export type BreakerVerdict = {
  readonly level: 'NONE' | 'WARN' | 'HALT';
  /** 0, 0.5 or 1. */
  readonly multiplier: number;
  readonly reasons: readonly BreakerReason[];
};

export type BreakerLimits = SizingConfig['breakers'] & Pick<SizingConfig, 'maxPredictionAgeMs'>;

export const DEFAULT_BREAKER_LIMITS: BreakerLimits = {
  dayLossHalt: 0.03,
  drawdownWarn: 0.1,
  drawdownHalt: 0.2,
  cusumWarn: 2,
  cusumHalt: 3,
  brierWarn: 0.27,
  calibrationErrorWarn: 0.13,
  maxPredictionAgeMs: 60_000,
};

/** Brier score and calibration error over the last 100 predictions are judged from this many resolved ones. */
export const MIN_RESOLVED_FOR_SCORES = 100;

const HALTING: ReadonlySet<BreakerReason> = new Set([
  'CUSUM_TRIP',
  'DAILY_LOSS',
  'DRAWDOWN_HALT',
  'INVALID_INPUT',
  'STALE_PREDICTION',
]);

/** What the breakers measure. Null only while there is nothing to measure yet. */
export type BreakerInput = Watch & {
  /** Age of the older prediction, ms ≥ 0. */
  readonly predictionAgeMs: number;
};

const hasReached = (value: number, level: number): boolean => value >= level - COMPARISON_TOLERANCE;

/** A measured value ≥ 0, or null while it is allowed to be missing. NaN is neither. */
const isMeasured = (value: number | null, mayBeMissing: boolean): boolean =>
  value === null ? mayBeMissing : value >= 0;

/** A score in [0, 1], or null while it is allowed to be missing. */
const isScore = (value: number | null, mayBeMissing: boolean): boolean =>
  isMeasured(value, mayBeMissing) && (value === null || value <= 1);

function isInvalid(input: BreakerInput): boolean {
  const hasScores = input.resolved >= MIN_RESOLVED_FOR_SCORES;
  return !(
    input.resolved >= 0 &&
    isMeasured(input.cusum, input.resolved === 0) &&
    isScore(input.brier100, !hasScores) &&
    isScore(input.calibrationError100, !hasScores) &&
    input.predictionAgeMs >= 0 &&
    input.drawdown >= 0 &&
    // Below zero the day is up: no loss, and no reason to stop.
    !Number.isNaN(input.dayLoss)
  );
}

function cusumReason(cusum: number, limits: BreakerLimits): BreakerReason | null {
  if (hasReached(cusum, limits.cusumHalt)) return 'CUSUM_TRIP';
  return hasReached(cusum, limits.cusumWarn) ? 'CUSUM_WARN' : null;
}

function drawdownReason(drawdown: number, limits: BreakerLimits): BreakerReason | null {
  if (hasReached(drawdown, limits.drawdownHalt)) return 'DRAWDOWN_HALT';
  return hasReached(drawdown, limits.drawdownWarn) ? 'DRAWDOWN_WARN' : null;
}

function reasonsOf(input: BreakerInput, limits: BreakerLimits): readonly BreakerReason[] {
  const hasScores = input.resolved >= MIN_RESOLVED_FOR_SCORES;
  const brier = input.brier100 ?? 0;
  const calibrationError = input.calibrationError100 ?? 0;
  const reasons: BreakerReason[] = [];
  const note = (reason: BreakerReason | false | null): void => {
    if (reason !== false && reason !== null) reasons.push(reason);
  };
  note(isInvalid(input) && 'INVALID_INPUT');
  note(cusumReason(input.cusum ?? 0, limits));
  note(drawdownReason(input.drawdown, limits));
  note(hasReached(input.dayLoss, limits.dayLossHalt) && 'DAILY_LOSS');
  note(input.predictionAgeMs > limits.maxPredictionAgeMs && 'STALE_PREDICTION');
  note(hasScores && hasReached(brier, limits.brierWarn) && 'BRIER_NO_SKILL');
  note(hasScores && calibrationError > limits.calibrationErrorWarn + COMPARISON_TOLERANCE && 'MISCALIBRATED');
  return reasons.length > 1 ? reasons.sort() : reasons;
}

/**
 * Decides whether trading goes on, at half size, or not at all. Levels are reached inclusively, except calibration
 * error and age, which must be exceeded. NaN or an out-of-domain number halts: unknown is never zero.
 * Clearing CUSUM_TRIP needs an acknowledgement and a refit; that is the caller's state, not this function's.
 * @source Steiner et al. 2000 for the CUSUM levels
 */
export function circuitBreaker(input: BreakerInput, limits: BreakerLimits = DEFAULT_BREAKER_LIMITS): BreakerVerdict {
  const reasons = reasonsOf(input, limits);
  if (reasons.some((reason) => HALTING.has(reason))) return { level: 'HALT', multiplier: 0, reasons };
  return reasons.length > 0 ? { level: 'WARN', multiplier: 0.5, reasons } : { level: 'NONE', multiplier: 1, reasons };
}
