import type { ZeroReason } from '#shared/domain/decision.ts';
import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import type { Exposure, Held, SizingSnapshot } from '#shared/domain/sizing.ts';
import type { Direction } from '#shared/units.ts';

import { stopRiskOf } from './capital.ts';
import { civilDate, isIsoDate } from './futures/civil-date.ts';
import { businessDaysBetween } from './futures/holidays.ts';
import { combineConfidence } from './probability.ts';
import type { Signal } from './probability.ts';
import { chicagoDate, isSessionOpen } from './session.ts';

/** How far a venue's or a model's clock may run ahead of the desk's. */
export const CLOCK_SKEW_MS = 5_000;

const MS_PER_DAY = 86_400_000;

/** Makes a reason from its code and what it compared. */
export const zeroReason = (code: ZeroReason['code'], compared: Partial<Omit<ZeroReason, 'code'>> = {}): ZeroReason => ({
  value: null,
  limit: null,
  subject: null,
  ...compared,
  code,
});

const dayOrNull = (text: string | null): string | null => (text !== null && isIsoDate(text) ? text : null);

/** The nearest day on which the contract ends or may be delivered; null for a continuous series. */
function deadlineOf({ instrument }: SizingSnapshot): string | null {
  const notice = dayOrNull(instrument.firstNoticeDate);
  const last = dayOrNull(instrument.lastTradeDate);
  if (notice === null || last === null) return notice ?? last;
  return notice < last ? notice : last;
}

/** Blocks within `rollGuardDays` business days of the deadline; `value` is the business days left. */
export function rollGuardOf(snapshot: SizingSnapshot): ZeroReason | null {
  const deadline = deadlineOf(snapshot);
  if (deadline === null) return null;
  const { rollGuardDays } = snapshot.config;
  const { year, month, day } = civilDate(deadline);
  // A business week has 5 of 7 days: further away than this no holiday calendar needs to be asked.
  const calendarDays = Math.ceil((Date.UTC(year, month - 1, day) - snapshot.now) / MS_PER_DAY);
  if (calendarDays > 2 * rollGuardDays + 14) return null;
  const today = chicagoDate(snapshot.now);
  const left = today > deadline ? -1 : businessDaysBetween(today, deadline);
  if (left > rollGuardDays) return null;
  return zeroReason('roll-guard', { value: left, limit: rollGuardDays, subject: deadline });
}

function quoteReason({ quote, instrument, config, now }: SizingSnapshot): ZeroReason | null {
  if (quote?.symbol !== instrument.symbol) return zeroReason('quote-stale', { limit: config.maxQuoteAgeMs });
  const age = now - quote.asOf;
  const isFresh = age <= config.maxQuoteAgeMs && age >= -CLOCK_SKEW_MS;
  return isFresh ? null : zeroReason('quote-stale', { value: age, limit: config.maxQuoteAgeMs });
}

/** Words for a position whose stops do not cover it; the trader sees them as a lock. */
const UNCOVERED = 'the position has no stop for all of it';

/**
 * What is open in the symbol and cannot be sized on. An order that may still fill leaves the position unknown; so does
 * one in doubt. Without a statement of what is held, or with one that the exposures do not bear out, whatever is open
 * in the symbol blocks it.
 */
export function positionReason({ exposures, instrument, held }: SizingSnapshot): ZeroReason | null {
  const subject = instrument.symbol;
  const open: Exposure[] = [];
  for (let i = 0; i < exposures.length; i++) {
    const e = exposures[i];
    if (e?.symbol === subject && (e.contracts > 0 || e.risk > 0)) open.push(e);
  }
  if (held !== undefined) {
    if (held.inDoubt > 0) return zeroReason('order-working', { value: held.inDoubt, subject: 'in-doubt' });
    if (held.working > 0) return zeroReason('order-working', { value: held.working, subject });
    const { position } = held;
    if (position !== null && position.risk === null) return zeroReason('locked', { subject: UNCOVERED });
    if (isBorneOut(open, position)) return null;
  }
  if (open.length === 0 && (held?.position ?? null) === null) return null;
  const contracts = open.reduce((sum, e) => Math.max(sum, e.contracts), held?.position?.contracts ?? 0);
  return zeroReason('position-open', { value: contracts, subject: instrument.symbol });
}

/** The exposures in the symbol are the position and nothing else. */
function isBorneOut(open: readonly Exposure[], position: Held['position']): boolean {
  const contracts = open.reduce((sum, e) => sum + e.contracts, 0);
  return contracts === (position?.contracts ?? 0) && open.every(({ direction }) => direction === position?.direction);
}

/** The signal points against what is held. */
export function exitReason({ held, instrument }: SizingSnapshot, direction: Direction): ZeroReason | null {
  const position = held?.position ?? null;
  if (position === null || position.direction === direction) return null;
  const value = position.contracts * position.direction;
  return zeroReason('exit-first', { value, subject: instrument.symbol });
}

/** More entries have left in the last minute than may. */
export function rateReason({ guards }: SizingSnapshot): ZeroReason | null {
  if (guards === undefined || guards.entriesLastMinute < guards.maxOrdersPerMinute) return null;
  return zeroReason('order-rate', { value: guards.entriesLastMinute, limit: guards.maxOrdersPerMinute });
}

/** Words for a contract whose own figures cannot price a stop; the trader sees them as a lock. */
const UNPRICED = 'the contract has no valid tick value or fees';

/** Why the desk may not trade this instrument now, whatever the signal says; null when it may. */
export function blockOf(snapshot: SizingSnapshot): ZeroReason | null {
  const { tradingState, lock, instrument, plan, now } = snapshot;
  if (tradingState === 'halted') return zeroReason('halted');
  if (tradingState === 'reducing') return zeroReason('reducing');
  if (lock !== null) return zeroReason('locked', { subject: lock });
  if (!isSessionOpen(now, instrument.calendar)) return zeroReason('session-closed', { subject: instrument.exchange });
  const passing = rollGuardOf(snapshot) ?? quoteReason(snapshot);
  if (passing !== null) return passing;
  if (plan === null) return zeroReason('no-plan');
  if (stopRiskOf(snapshot) === null) return zeroReason('locked', { subject: UNPRICED });
  return positionReason(snapshot);
}

/** One model's answer held against state, symbol and age; null when it may be used. */
function predictionReason(model: ModelId, snapshot: SizingSnapshot): ZeroReason | null {
  const prediction = snapshot.opinions[model];
  if (prediction === null || prediction.state === 'unavailable') return zeroReason('model-missing', { subject: model });
  if (prediction.state === 'stale') return ageReason(prediction, snapshot);
  const isReadable = prediction.direction !== null && prediction.confidence !== null;
  const isOfThis = prediction.symbol === snapshot.instrument.symbol && prediction.model === model;
  if (prediction.state !== 'ok' || !isReadable || !isOfThis)
    return zeroReason('prediction-invalid', { subject: model });
  if (prediction.asOf === null) return ageReason(prediction, snapshot);
  const age = snapshot.now - prediction.asOf;
  if (age < -CLOCK_SKEW_MS) return zeroReason('prediction-invalid', { value: age, subject: model });
  return age > snapshot.config.maxPredictionAgeMs ? ageReason(prediction, snapshot) : null;
}

const ageReason = ({ asOf, model }: Prediction, { now, config }: SizingSnapshot): ZeroReason =>
  zeroReason('prediction-stale', {
    value: asOf === null ? null : now - asOf,
    limit: config.maxPredictionAgeMs,
    subject: model,
  });

/** The signal or its veto, and the larger of the confidences that could be read. */
export type Gate = {
  readonly signal: Signal;
  readonly lstm: number | null;
  readonly ensemble: number | null;
  /** The larger of the two; null when neither could be read. */
  readonly confidence: number | null;
  readonly veto: ZeroReason | null;
};

const opinionOf = (prediction: Prediction | null): { direction: -1 | 0 | 1; confidence: number } | null =>
  prediction === null || prediction.direction === null || prediction.confidence === null
    ? null
    : { direction: prediction.direction, confidence: prediction.confidence };

/** The models that say flat, named. */
const flatModels = ({ lstm, ensemble }: SizingSnapshot['opinions']): string =>
  [lstm, ensemble].flatMap((p) => (p?.direction === 0 ? [p.model] : [])).join(', ');

function signalReason(signal: Signal, { opinions, config }: SizingSnapshot): ZeroReason | null {
  switch (signal.reason) {
    case 'OK':
      return null;
    case 'MODEL_MISSING':
      return zeroReason('model-missing');
    case 'INVALID':
      return zeroReason('prediction-invalid', { subject: 'weights' });
    case 'FLAT':
      return zeroReason('flat', { subject: flatModels(opinions) });
    case 'DISAGREE':
      return zeroReason('disagree');
    case 'LOW_CONFIDENCE':
      return zeroReason('low-confidence', { value: signal.combined, limit: config.confidenceThreshold });
  }
}

const SEVERITY: readonly ZeroReason['code'][] = ['model-missing', 'prediction-invalid', 'prediction-stale'];

/** The graver of the models' faults; when both have it, both are named and the older age counts. */
function graverOf([lstm, ensemble]: readonly [ZeroReason, ZeroReason]): ZeroReason {
  if (lstm.code !== ensemble.code) {
    return SEVERITY.indexOf(lstm.code) < SEVERITY.indexOf(ensemble.code) ? lstm : ensemble;
  }
  const [one, other] = [lstm.value, ensemble.value];
  const value = one === null || other === null ? (one ?? other) : Math.max(one, other);
  return { ...lstm, value, subject: [lstm.subject, ensemble.subject].join(', ') };
}

/** What is wrong with the models' answers; null when both may be used. */
function faultIn(snapshot: SizingSnapshot): ZeroReason | null {
  const lstm = predictionReason('lstm', snapshot);
  const ensemble = predictionReason('ensemble', snapshot);
  if (lstm === null || ensemble === null) return lstm ?? ensemble;
  return graverOf([lstm, ensemble]);
}

/** Reads both models and combines them: present, valid and fresh before the gate itself. */
export function readGate(snapshot: SizingSnapshot): Gate {
  const { opinions, config } = snapshot;
  const lstm = opinionOf(opinions.lstm);
  const ensemble = opinionOf(opinions.ensemble);
  const signal = combineConfidence({
    lstm,
    ensemble,
    weights: config.weights,
    threshold: config.confidenceThreshold,
  });
  const ofLstm = lstm?.confidence ?? null;
  const ofEnsemble = ensemble?.confidence ?? null;
  return {
    signal,
    lstm: ofLstm,
    ensemble: ofEnsemble,
    confidence: ofLstm === null || ofEnsemble === null ? (ofLstm ?? ofEnsemble) : Math.max(ofLstm, ofEnsemble),
    veto: faultIn(snapshot) ?? signalReason(signal, snapshot),
  };
}
