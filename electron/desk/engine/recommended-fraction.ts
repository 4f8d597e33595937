import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import type { EpochMs } from '#shared/units.ts';
import { evidenceWeight, invalidSample, shrunkPayoff } from './estimation.ts';
import type { PayoffSample } from './estimation.ts';
import { firstInvalid, firstInvalidItem, isNonNegative, isPositive, isProbability, outside } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { invalidLimits, limitFraction, rawKelly } from './kelly.ts';
import type { FractionLimits, LimitReason } from './kelly.ts';
import { FRACTION_TOLERANCE, neumaierSum } from './numerics.ts';

const MS_PER_DAY = 86_400_000;

/**
 * Which trades a decision may count: closed in (now − lookBackDays, now]. One that closed exactly that long ago is out,
 * one that closes at the instant of the decision is in, the future never.
 * @param closedAt one time per trade, any order
 * @param lookBackDays days of 24 hours, ≥ 0
 * @returns one flag per trade, same order
 * @errors 'invalid-input' when a time or the look-back is not a number
 */
export function journalWindow(
  now: EpochMs,
  lookBackDays: number,
  closedAt: readonly EpochMs[],
): Result<readonly boolean[], InvalidInput> {
  const invalid =
    firstInvalid([
      ['now', now, Number.isFinite(now)],
      ['lookBackDays', lookBackDays, isNonNegative(lookBackDays)],
    ]) ?? firstInvalidItem('closedAt', closedAt, Number.isFinite);
  if (invalid !== null) return err(invalid);
  return ok(closedAt.map((at) => at > now - lookBackDays * MS_PER_DAY && at <= now));
}

/**
 * Recency weights 2^(−age/halfLife) and Kish's effective sample size (Σw)²/Σw², 0 for no trades.
 * @param ageDays age of each trade, ≥ 0
 * @param halfLifeDays in (0, ∞]
 * @errors 'invalid-input' outside these domains
 */
export function decayWeights(
  ageDays: readonly number[],
  halfLifeDays: number,
): Result<{ readonly weights: readonly number[]; readonly effectiveTrades: number }, InvalidInput> {
  const invalid =
    firstInvalid([['halfLifeDays', halfLifeDays, halfLifeDays > 0]]) ??
    firstInvalidItem('ageDays', ageDays, isNonNegative);
  if (invalid !== null) return err(invalid);
  const weights = ageDays.map((age) => 2 ** (-age / halfLifeDays));
  const squares = neumaierSum(weights.map((w) => w * w));
  return ok({ weights, effectiveTrades: squares === 0 ? 0 : neumaierSum(weights) ** 2 / squares });
}

/** Never further down than to `equityShare` (α) of today's equity, except with `chance` (β); both in (0, 1). */
export type DrawdownDial = { readonly equityShare: number; readonly chance: number; readonly maxMultiplier: number };

/**
 * The Kelly multiplier at which equity ever falls to α with probability β: solves α^(2/λ − 1) = β. Nominal: it holds in
 * the continuous limit and if the inputs were true.
 * @param dial with maxMultiplier > 0
 * @returns raw 2/(1 + ln β/ln α), and the multiplier under its maximum
 * @errors 'invalid-input' outside these domains
 * @source Thorp 2006; small-edge limit of Busseti, Ryu & Boyd 2016
 */
export function riskDialMultiplier(
  dial: DrawdownDial,
): Result<{ readonly raw: number; readonly multiplier: number }, InvalidInput> {
  const { equityShare, chance, maxMultiplier } = dial;
  const invalid =
    outside('equityShare', equityShare, equityShare > 0 && equityShare < 1) ??
    outside('chance', chance, chance > 0 && chance < 1) ??
    outside('maxMultiplier', maxMultiplier, isPositive(maxMultiplier));
  if (invalid !== null) return err(invalid);
  const raw = 2 / (1 + Math.log(chance) / Math.log(equityShare));
  return ok({ raw, multiplier: Math.min(raw, maxMultiplier) });
}

/** Fewer trades than this are no estimate. */
export type SampleMinimum = { readonly trades: number; readonly wins: number; readonly losses: number };

/** What the conservative scheme looks at. */
export type FractionRequest = {
  /** Calibrated probability that the planned trade nets above 0. */
  readonly winProbability: number;
  readonly sample: PayoffSample;
  /** Resolved predictions: the model's own evidence. */
  readonly resolvedPredictions: number;
  readonly limits: FractionLimits;
  /** Prior strength n₀ of the edge, in trades, and m₀ of the payoff ratio, in wins and losses; 0 switches off. */
  readonly evidenceTrades: number;
  readonly payoffTrades: number;
  readonly minimum: SampleMinimum;
};

/** Each stage of the fraction; null where the decision stopped before it. */
export type RecommendedFraction = {
  readonly status: LimitReason | 'NO_EDGE' | 'INSUFFICIENT_SAMPLE';
  readonly payoffRatio: number | null;
  /** Unclamped full Kelly at the payoff ratio used. */
  readonly full: number | null;
  readonly weight: number | null;
  /** After evidence weight and multiplier. */
  readonly scaled: number | null;
  /** After cap and minimum: 0 or in [minFraction, cap]. */
  readonly fraction: number;
};

const NOTHING = { payoffRatio: null, full: null, weight: null, scaled: null, fraction: 0 } as const;

const invalidRequest = (request: FractionRequest): InvalidInput | null =>
  outside('winProbability', request.winProbability, isProbability(request.winProbability)) ??
  outside('resolvedPredictions', request.resolvedPredictions, isNonNegative(request.resolvedPredictions)) ??
  outside('evidenceTrades', request.evidenceTrades, isNonNegative(request.evidenceTrades)) ??
  outside('payoffTrades', request.payoffTrades, isNonNegative(request.payoffTrades)) ??
  outside('minimum.trades', request.minimum.trades, isNonNegative(request.minimum.trades)) ??
  outside('minimum.wins', request.minimum.wins, isNonNegative(request.minimum.wins)) ??
  outside('minimum.losses', request.minimum.losses, isNonNegative(request.minimum.losses)) ??
  invalidSample(request.sample) ??
  invalidLimits(request.limits);

/**
 * The conservative fraction: payoff ratio shrunk to 1, Kelly shrunk to no edge by the evidence n/(n + n₀) with n the
 * smaller of own trades and resolved predictions, then multiplier, cap and minimum.
 * @errors 'invalid-input' for NaN and out-of-domain numbers, whatever the sample size
 * @source Browne & Whitt 1996 for the shrink
 */
export function recommendedFraction(request: FractionRequest): Result<RecommendedFraction, InvalidInput> {
  const invalid = invalidRequest(request);
  if (invalid !== null) return err(invalid);
  const { winProbability, sample, limits, minimum } = request;
  const trades = sample.wins + sample.losses;
  const isTooSmall = trades < minimum.trades || sample.wins < minimum.wins || sample.losses < minimum.losses;
  if (isTooSmall || trades === 0) return ok({ status: 'INSUFFICIENT_SAMPLE', ...NOTHING });
  const payoff = shrunkPayoff(sample, request.payoffTrades);
  if (!payoff.ok) return payoff;
  const payoffRatio = payoff.value.used;
  const full = rawKelly(winProbability, payoffRatio);
  const weight = evidenceWeight(Math.min(trades, request.resolvedPredictions), request.evidenceTrades);
  if (full <= FRACTION_TOLERANCE) {
    return ok({ status: 'NO_EDGE', payoffRatio, full, weight, scaled: 0, fraction: 0 });
  }
  const scaled = limits.multiplier * weight * full;
  const { fraction, reason } = limitFraction(scaled, limits.cap, limits.minFraction);
  return ok({ status: reason, payoffRatio, full, weight, scaled, fraction });
}
