import { ulid } from 'ulid';
import type { Decision } from '#shared/domain/decision.ts';
import type { Prediction } from '#shared/domain/prediction.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs, ticks } from '#shared/units.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';
import { EQUITY, ticksOf } from './account.ts';
import { failedProbability, sizedDecision, zeroDecision } from './decisions.ts';
import type { Situation } from './decisions.ts';
import { CONFIG, INSTRUMENTS, START_PRICES } from './instruments.ts';
import type { Root } from './instruments.ts';

const HEAT = 0.0286;
const MODELS = { lstm: 'v4.2', ensemble: 'v9.1' } as const;

type Says = { readonly direction: -1 | 0 | 1; readonly confidence: number; readonly ageMs?: number };

function opinion(model: keyof typeof MODELS, root: Root, says: Says, now: EpochMs): Prediction {
  const age = says.ageMs ?? 900;
  return {
    model,
    symbol: INSTRUMENTS[root].symbol,
    state: age > CONFIG.maxPredictionAgeMs ? 'stale' : 'ok',
    direction: says.direction,
    confidence: says.confidence,
    asOf: epochMs(now - age),
    receivedAt: epochMs(now - age + 30),
    latencyMs: model === 'lstm' ? 18 : 31,
    modelVersion: { name: model, version: MODELS[model], featureSchema: 'fs-3', sha256: null },
    detail: age > CONFIG.maxPredictionAgeMs ? `Last answer ${Math.round(age / 1000)} s ago.` : null,
  };
}

const NQ: Situation = {
  instrument: INSTRUMENTS.NQ,
  direction: 1,
  lstm: 0.65,
  ensemble: 0.7,
  wins: 36,
  losses: 24,
  rawPayoff: 1.45,
  stopTicks: 80,
  equity: EQUITY,
  heatBefore: HEAT,
};
const SITUATIONS: Partial<Readonly<Record<Root, Situation>>> = {
  NQ,
  CL: {
    ...NQ,
    instrument: INSTRUMENTS.CL,
    direction: -1,
    lstm: 0.62,
    ensemble: 0.64,
    wins: 30,
    losses: 22,
    stopTicks: 60,
  },
  GC: { ...NQ, instrument: INSTRUMENTS.GC, lstm: 0.6, ensemble: 0.61, wins: 14, losses: 12, rawPayoff: 0.77 },
};

/** The newest recommendation of each market: two to decide, four at zero, each for another reason. */
export function recommendationsAt(now: EpochMs): readonly Recommendation[] {
  const says = (direction: -1 | 0 | 1, confidence: number, ageMs?: number): Says =>
    ageMs === undefined ? { direction, confidence } : { direction, confidence, ageMs };
  const zero = (status: Decision['status'], spec: Parameters<typeof zeroDecision>[1]) =>
    zeroDecision(status, { heatBefore: HEAT, heatAfter: HEAT, ...spec });
  return [
    recommend('NQ', now, { lstm: says(1, 0.65), ensemble: says(1, 0.7) }),
    recommend('CL', epochMs(now - 15_000), { lstm: says(-1, 0.62), ensemble: says(-1, 0.64) }),
    recommend(
      'ES',
      now,
      { lstm: says(1, 0.59), ensemble: says(1, 0.6) },
      zero('low-confidence', {
        direction: 1,
        confidence: 0.6,
        winProbability: 0.596,
        value: 0.596,
        ladder: [failedProbability(0.59, 0.6, true)],
      }),
    ),
    recommend('GC', now, { lstm: says(1, 0.6), ensemble: says(1, 0.61) }),
    recommend(
      'ZN',
      now,
      { lstm: says(1, 0.64), ensemble: says(-1, 0.66) },
      zero('disagree', {
        confidence: 0.66,
        ladder: [failedProbability(0.64, 0.66, false)],
      }),
    ),
    recommend(
      '6E',
      now,
      { lstm: says(-1, 0.63), ensemble: says(-1, 0.67, 74_000) },
      zero('prediction-stale', {
        confidence: 0.67,
        value: 74,
        subject: 'ensemble',
        ladder: [failedProbability(0.63, null, false)],
      }),
    ),
  ];
}

/** Proposes for one market at its present price; `decision` replaces the sized one. */
export function recommend(
  root: Root,
  now: EpochMs,
  says: { readonly lstm: Says; readonly ensemble: Says },
  decision?: Decision,
): Recommendation {
  const situation = SITUATIONS[root];
  const decided = decision ?? (situation === undefined ? zeroDecision('no-plan', {}) : sizedDecision(situation));
  const isSized = decided.contracts > 0;
  const entry = ticksOf(root, START_PRICES[root]);
  const plan = planOf(entry, decided.direction, situation?.stopTicks ?? 80);
  return {
    id: ulid(now),
    symbol: INSTRUMENTS[root].symbol,
    root,
    state: isSized ? 'proposed' : 'blocked',
    createdAt: now,
    expiresAt: epochMs(now + CONFIG.expiryMs),
    decision: decided,
    opinions: {
      lstm: opinion('lstm', root, says.lstm, now),
      ensemble: opinion('ensemble', root, says.ensemble, now),
    },
    ...plan,
    approvedContracts: null,
    reason: null,
    actor: null,
    closedAt: isSized ? null : now,
  };
}

function planOf(entry: Ticks, direction: number, stopTicks: number) {
  if (direction === 0) return { entry: null, stop: null, target: null };
  return {
    entry,
    stop: ticks(entry - direction * stopTicks),
    target: ticks(entry + direction * Math.round(stopTicks * 1.5)),
  };
}

/** The decision again with another stop distance, for the what-if drawer. */
export function resize(recommendation: Recommendation, stopTicks: number | undefined): Decision {
  const situation = SITUATIONS[recommendation.root as Root];
  if (situation === undefined || recommendation.decision.contracts === 0) return recommendation.decision;
  return sizedDecision({ ...situation, stopTicks: stopTicks ?? situation.stopTicks });
}
