import type { LadderStep, ZeroReason } from '#shared/domain/decision.ts';
import type { Multiplier, SizingSnapshot, TradeSample } from '#shared/domain/sizing.ts';

import { calibrate, predictCalibrated } from './calibration.ts';
import { shrunkPayoff } from './estimation.ts';
import type { ShrunkPayoff } from './estimation.ts';
import { zeroReason } from './gates.ts';
import type { Gate } from './gates.ts';
import { recommendedFraction, riskDialMultiplier } from './recommended-fraction.ts';
import type { RecommendedFraction } from './recommended-fraction.ts';

/** The fraction half of the ladder, as far as it could be climbed. */
export type FractionLadder = {
  /** In order; the first `fail` is the last. */
  readonly steps: LadderStep[];
  readonly winProbability: number | null;
  readonly winLossRatio: number | null;
  readonly fullKelly: number | null;
  /** After evidence, λ and cap; 0 below the minimum or without an edge; null when it never got that far. */
  readonly fraction: number | null;
  /** The trades the payoff was taken from; null when there are too few anywhere (evaluation). */
  readonly sample: TradeSample | null;
  /** True when the signal stands and there are too few own trades to estimate from. */
  readonly isEvaluation: boolean;
  /** Set when the arithmetic itself says nothing. */
  readonly zero: ZeroReason | null;
};

const NOTHING: Omit<FractionLadder, 'steps'> = {
  winProbability: null,
  winLossRatio: null,
  fullKelly: null,
  fraction: null,
  sample: null,
  isEvaluation: false,
  zero: null,
};

/** λ of the configuration before any breaker. Its domain is the schema's, so a refusal is a bug. */
export function multiplierOf(multiplier: Multiplier): number {
  if (multiplier.mode === 'fixed') return multiplier.value;
  const dial = riskDialMultiplier({
    equityShare: multiplier.alpha,
    chance: multiplier.beta,
    maxMultiplier: multiplier.max,
  });
  if (!dial.ok) throw new RangeError(`dial out of domain: ${dial.error.field}`);
  return dial.value.multiplier;
}

type ProbabilityStep = Extract<LadderStep, { code: 'probability' }>;

function probabilityStep(snapshot: SizingSnapshot, gate: Gate): ProbabilityStep {
  const { config } = snapshot;
  const base = {
    code: 'probability',
    weights: config.weights,
    lstm: gate.lstm,
    ensemble: gate.ensemble,
    threshold: config.confidenceThreshold,
  } as const;
  const { combined } = gate.signal;
  if (gate.veto !== null) {
    const isLow = gate.veto.code === 'low-confidence';
    return { ...base, state: 'fail', combined: isLow ? combined : null, calibrated: null, used: null };
  }
  const isCalibrated = config.calibrate && snapshot.calibrator.kind !== 'none';
  if (!isCalibrated || combined === null) return { ...base, state: 'pass', combined, calibrated: null, used: combined };
  const used = calibrate(snapshot.calibrator, combined);
  // A map that gives no probability is corrupt: there is no number to size from.
  if (!used.ok) return { ...base, state: 'fail', combined, calibrated: null, used: null };
  const calibrated = predictCalibrated(snapshot.calibrator, combined);
  return { ...base, state: 'pass', combined, calibrated, used: used.value };
}

const SCOPES: readonly TradeSample['scope'][] = ['root', 'group', 'all'];

const payoffOf = (sample: TradeSample, payoffTrades: number): ShrunkPayoff | null => {
  const { wins, losses, sumWinR: sumWins, sumLossR: sumLosses } = sample;
  const payoff = shrunkPayoff({ wins, losses, sumWins, sumLosses }, payoffTrades);
  return payoff.ok && Number.isFinite(payoff.value.used) ? payoff.value : null;
};

/** The trades an estimate is taken from, and their payoff. */
export type Estimate = { readonly sample: TradeSample; readonly payoff: ShrunkPayoff };

/** The narrowest sample that is large enough and has a payoff; null when there is none. */
export function estimateOf({ samples, config }: Pick<SizingSnapshot, 'samples' | 'config'>): Estimate | null {
  const { minTrades, minWins, minLosses } = config.sample;
  for (const scope of SCOPES) {
    for (const sample of samples) {
      if (sample.scope !== scope) continue;
      const isLarge = sample.wins + sample.losses >= minTrades && sample.wins >= minWins && sample.losses >= minLosses;
      const payoff = isLarge ? payoffOf(sample, config.payoffTrades) : null;
      if (payoff !== null) return { sample, payoff };
    }
  }
  return null;
}

const finiteOrNull = (x: number | undefined): number | null => (x !== undefined && Number.isFinite(x) ? x : null);

function evaluationStep({ samples, config }: SizingSnapshot): LadderStep {
  const widest = SCOPES.flatMap((scope) => samples.filter((s) => s.scope === scope)).at(-1);
  const payoff = widest === undefined ? null : payoffOf(widest, config.payoffTrades);
  return {
    code: 'payoff',
    state: 'fail',
    scope: widest?.scope ?? null,
    lookBackDays: config.sample.lookBackDays,
    wins: widest?.wins ?? 0,
    losses: widest?.losses ?? 0,
    scratches: widest?.scratches ?? 0,
    raw: finiteOrNull(payoff?.estimate),
    shrunk: finiteOrNull(payoff?.shrunk),
    used: null,
  };
}

const payoffStep = ({ sample, payoff }: Estimate, lookBackDays: number, isUsable: boolean): LadderStep => ({
  code: 'payoff',
  state: isUsable ? 'pass' : 'fail',
  scope: sample.scope,
  lookBackDays,
  wins: sample.wins,
  losses: sample.losses,
  scratches: sample.scratches,
  raw: finiteOrNull(payoff.estimate),
  shrunk: finiteOrNull(payoff.shrunk),
  used: payoff.used,
});

type Climb = {
  readonly snapshot: SizingSnapshot;
  readonly breakerFactor: number;
  readonly effectiveTrades: number;
  readonly lambda: number;
  readonly full: number;
  readonly found: RecommendedFraction;
};

/** Puts evidence, λ, cap and minimum on the ladder, for a full Kelly above 0. */
function climbHigher(steps: LadderStep[], climb: Climb): void {
  const { snapshot, breakerFactor, effectiveTrades, lambda, full, found } = climb;
  const { config } = snapshot;
  const { multiplier } = config;
  const factor = found.weight ?? 0;
  const scaled = found.scaled ?? 0;
  const capped = Math.min(scaled, config.fractionCap);
  steps.push({
    code: 'evidence',
    state: 'pass',
    factor,
    effectiveTrades,
    priorTrades: config.evidenceTrades,
    fraction: factor * full,
  });
  steps.push({
    code: 'multiplier',
    state: lambda > 0 ? 'pass' : 'fail',
    mode: multiplier.mode,
    factor: lambda,
    alpha: multiplier.mode === 'dial' ? multiplier.alpha : null,
    beta: multiplier.mode === 'dial' ? multiplier.beta : null,
    breakerFactor,
    fraction: scaled,
  });
  if (lambda <= 0) return;
  const isCapped = found.status === 'CAPPED';
  steps.push({ code: 'cap', state: 'pass', cap: config.fractionCap, isCapped, fraction: capped });
  const state = found.fraction > 0 ? 'pass' : 'fail';
  steps.push({ code: 'minimum', state, minimum: config.minFraction, fraction: capped });
}

/** How far the ladder goes after the payoff: what stands of a `FractionLadder` but for the estimate. */
type Climbed = Pick<FractionLadder, 'fullKelly' | 'fraction' | 'zero'>;

/** Full Kelly and everything after it, for an estimate that stands. */
function climbFrom(
  estimate: Estimate,
  steps: LadderStep[],
  setting: { readonly snapshot: SizingSnapshot; readonly winProbability: number; readonly breakerFactor: number },
): Climbed {
  const { snapshot, winProbability, breakerFactor } = setting;
  const { config, watch } = snapshot;
  const { sample, payoff } = estimate;
  const lambda = multiplierOf(config.multiplier) * breakerFactor;
  const request = recommendedFraction({
    winProbability,
    sample: { wins: sample.wins, losses: sample.losses, sumWins: sample.sumWinR, sumLosses: sample.sumLossR },
    resolvedPredictions: watch.resolved,
    limits: { multiplier: lambda, cap: config.fractionCap, minFraction: config.minFraction },
    evidenceTrades: config.evidenceTrades,
    payoffTrades: config.payoffTrades,
    minimum: { trades: 0, wins: 0, losses: 0 },
  });
  if (!request.ok) throw new RangeError(`sizing input out of domain: ${request.error.field}`);
  const found = request.value;
  const full = found.full ?? 0;
  const isUsable = payoff.used > 0 && Number.isFinite(full);
  steps.push(payoffStep(estimate, config.sample.lookBackDays, isUsable));
  if (!isUsable) {
    const zero = zeroReason('no-edge', { value: payoff.used, limit: 0 });
    return { fullKelly: null, fraction: 0, zero };
  }
  const hasEdge = found.status !== 'NO_EDGE';
  steps.push({ code: 'full-kelly', state: hasEdge ? 'pass' : 'fail', fraction: full });
  if (!hasEdge) return { fullKelly: full, fraction: 0, zero: zeroReason('no-edge', { value: full, limit: 0 }) };
  const effectiveTrades = Math.min(sample.wins + sample.losses, watch.resolved);
  climbHigher(steps, { snapshot, breakerFactor, effectiveTrades, lambda, full, found });
  const isBelow = !(found.fraction > 0);
  const zero = isBelow ? zeroReason('below-minimum', { value: found.scaled, limit: config.minFraction }) : null;
  return { fullKelly: full, fraction: found.fraction, zero };
}

/**
 * Climbs from the models' confidences to the fraction of equity: probability, payoff, full Kelly, evidence, λ, cap and
 * minimum. Stops at the first step that fails and says in `zero` (or by `isEvaluation`) what that means.
 * @param breakerFactor 0, 0.5 or 1, on λ
 * @source quant.md 0.3, steps 3 to 8
 */
export function climbFraction(snapshot: SizingSnapshot, gate: Gate, breakerFactor: number): FractionLadder {
  const first = probabilityStep(snapshot, gate);
  if (first.used === null) {
    const isCorrupt = gate.veto === null;
    const zero = isCorrupt ? zeroReason('prediction-invalid', { subject: 'calibrator' }) : null;
    return { ...NOTHING, steps: [first], zero };
  }
  const estimate = estimateOf(snapshot);
  if (estimate === null) {
    const step = evaluationStep(snapshot);
    return { ...NOTHING, steps: [first, step], winProbability: first.used, isEvaluation: true };
  }
  const steps: LadderStep[] = [first];
  const { fullKelly, fraction, zero } = climbFrom(estimate, steps, {
    snapshot,
    winProbability: first.used,
    breakerFactor,
  });
  return {
    steps,
    winProbability: first.used,
    winLossRatio: estimate.payoff.used,
    fullKelly,
    fraction,
    sample: estimate.sample,
    isEvaluation: false,
    zero,
  };
}
