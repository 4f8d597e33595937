import type { CalibrationPreview } from '#shared/domain/models.ts';
import type { Calibrator } from '#shared/domain/sizing.ts';
import { epochMs } from '#shared/units.ts';
import { calibratorOf, type Fit } from '#desk/account/watch-keeper.ts';
import { calibrationScores, logLossOf } from '#desk/engine/calibration-scores.ts';
import { calibrate, predictCalibrated } from '#desk/engine/calibration.ts';
import { decide } from '#desk/engine/decide.ts';
import type { JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { meanInterval, MIN_FOR_INTERVAL } from './mean-interval.ts';
import type { Resolved, TrackRecord } from './track-record.ts';

/** The newest share of the record is kept for scoring. */
const SCORED_SHARE = 0.3;
const CURVE_FROM = 0.5;
const CURVE_POINTS = 51;
const SIZES = 24;
/** Decisions looked through, newest first, for signals that were sized. */
const LOOKED_THROUGH = 400;

export type PreviewInput = { readonly inForce: Fit };
/** What the trader sees, and the fit behind it. */
export type PreviewAnswer = { readonly preview: CalibrationPreview; readonly fit: Fit };

type Sized = Resolved & { readonly probability: number };
const isSized = (one: Resolved): one is Sized => one.probability !== null;

const usedOf = (calibrator: Calibrator, raw: number): number => {
  const used = calibrate(calibrator, raw);
  return used.ok ? used.value : raw;
};

const curveOf = (before: Calibrator, after: Calibrator): CalibrationPreview['curve'] =>
  Array.from({ length: CURVE_POINTS }, (_, i) => {
    const raw = CURVE_FROM + (i * (1 - CURVE_FROM)) / (CURVE_POINTS - 1);
    const estimate = Math.min(1, Math.max(0, predictCalibrated(after, raw)));
    return { raw, before: usedOf(before, raw), after: usedOf(after, raw), estimate };
  });

/** The recorded signal sized again with another calibrator; everything else as it was. */
function resized({ at, event }: StoredEvent<JournalEventOf<'decision'>>, before: Calibrator, after: Calibrator) {
  const { snapshot, recommendationId } = event;
  const first = event.decision.ladder[0];
  const raw = first?.code === 'probability' ? first.combined : null;
  if (raw === null || event.decision.direction === 0) return null;
  const sizeWith = (calibrator: Calibrator) => {
    const { winProbability, contracts } = decide({ ...snapshot, calibrator });
    return { probability: winProbability, contracts };
  };
  const symbol = snapshot.instrument.symbol;
  return { recommendationId, at: epochMs(at), symbol, raw, before: sizeWith(before), after: sizeWith(after) };
}

function sizesOf(
  journal: Pick<Journal, 'decisions'>,
  before: Calibrator,
  after: Calibrator,
): CalibrationPreview['sizes'] {
  const sizes: CalibrationPreview['sizes'] = [];
  for (const { decision } of journal.decisions({ limit: LOOKED_THROUGH, offset: 0 })) {
    const size = resized(decision, before, after);
    if (size !== null) sizes.push(size);
    if (sizes.length === SIZES) break;
  }
  return sizes;
}

/**
 * Scores a trial fit on the newest predictions. It is fitted on what had resolved before the first of them was made, so
 * that nothing it is scored on was known to it.
 */
function laterOf(record: readonly Sized[]): CalibrationPreview['later'] {
  const byDecision = record.toSorted((a, b) => a.decidedAt - b.decidedAt);
  const scored = byDecision.slice(Math.floor(byDecision.length * (1 - SCORED_SHARE)));
  const first = scored[0]?.decidedAt ?? 0;
  const trained = record.filter(({ resolvedAt }) => resolvedAt < first);
  const trial = calibratorOf(trained);
  if (scored.length < MIN_FOR_INTERVAL || trial.kind === 'none') return null;
  const ys = scored.map(({ y }) => y);
  const raw = scored.map(({ combined }) => combined);
  const used = raw.map((p) => usedOf(trial, p));
  const scoreOf = (said: readonly number[]) => {
    const scores = calibrationScores(said, ys);
    return scores.ok ? { brier: scores.value.brier, logLoss: scores.value.logLoss } : { brier: 0, logLoss: 0 };
  };
  return {
    trainedOn: trained.length,
    scoredOn: scored.length,
    kind: trial.kind,
    raw: scoreOf(raw),
    trial: scoreOf(used),
    saved: meanInterval(ys.map((y, i) => logLossOf(raw[i] ?? 0, y) - logLossOf(used[i] ?? 0, y))),
  };
}

/** Returns what a calibrator fitted on all that has resolved would change, and that fit. */
export function calibrationPreview(
  record: TrackRecord,
  journal: Pick<Journal, 'decisions'>,
  { inForce }: PreviewInput,
): PreviewAnswer {
  const sized = record.resolved().filter(isSized);
  const calibrator = calibratorOf(sized);
  const fit = { calibrator, fittedOn: sized.length };
  const named = ({ calibrator: { kind, version }, fittedOn }: Fit) => ({ kind, version, fittedOn });
  return {
    fit,
    preview: {
      inForce: named(inForce),
      candidate: named(fit),
      curve: curveOf(inForce.calibrator, calibrator),
      sizes: sizesOf(journal, inForce.calibrator, calibrator),
      later: laterOf(sized),
    },
  };
}
