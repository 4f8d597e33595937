import type { Actor } from '#shared/domain/recommendation.ts';
import type { Calibrator, Watch } from '#shared/domain/sizing.ts';
import { calibrationScores } from '#desk/engine/calibration-scores.ts';
import { fitCalibrator } from '#desk/engine/calibration.ts';
import { cusumStep } from '#desk/engine/drift.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';

const WINDOW = 100;
const MIN_WINDOW = 30;
/** New outcomes, as a share of those fitted before, that make a new fit worth its time. */
const REFIT_SHARE = 0.05;
const REFIT_MIN = 10;

/** Follows how the models' probabilities turned out, and fits the calibrator from it. */
export interface WatchKeeper {
  add(outcome: JournalEventOf<'outcome'>): void;
  /** Drift starts again from zero: a human has acknowledged it. */
  acknowledge(): void;
  watch(account: { readonly dayLoss: number; readonly drawdown: number }): Watch;
  calibrator(): Calibrator;
  /**
   * How many outcomes the calibrator in force was fitted on, of how many that have resolved; a fit is due when enough
   * have since the last one was accepted or declined.
   */
  fitted(): { readonly on: number; readonly of: number; readonly isDue: boolean };
  /** Takes in what was journaled of a fit: an accepted one is in force from now on. */
  take(event: CalibrationEvent): void;
  /**
   * The fit that is due as an event to journal and take; null when none is. For where history is made and nobody can look
   * at it; never on the decision path.
   */
  dueFit(actor: Actor): CalibrationEvent | null;
  /** The calibrator in force as an event, where it comes from a journal of before they were journaled; else null. */
  adopt(): CalibrationEvent | null;
}

type CalibrationEvent = JournalEventOf<'calibration'>;
/** A calibrator and the number of outcomes it was fitted on. */
export type Fit = Pick<CalibrationEvent, 'calibrator' | 'fittedOn'>;

type Resolved = { readonly combined: number; readonly probability: number; readonly y: 0 | 1 };

/** Fits what the record is large enough for. @param resolved in the order they resolved */
export function calibratorOf(resolved: readonly Pick<Resolved, 'combined' | 'y'>[]): Calibrator {
  const version = `n${resolved.length}`;
  const choice = fitCalibrator(
    resolved.map((r) => r.combined),
    resolved.map((r) => r.y),
  );
  if (!choice.ok || choice.value.map.kind === 'none') return { kind: 'none', version };
  const { map } = choice.value;
  return map.kind === 'isotonic' ? { kind: 'isotonic', version, x: [...map.x], y: [...map.y] } : { ...map, version };
}

/** Outcomes there is room for at first; the room is doubled when it is used up. */
const FIRST_ROOM = 1_024;

/**
 * All outcomes a fit goes over, in columns: nine bytes each instead of an object with boxed numbers, for they grow with
 * the record as long as the desk lives. What is scored is only of the newest.
 */
function createRecord() {
  let combined = new Float64Array(FIRST_ROOM);
  let won = new Uint8Array(FIRST_ROOM);
  let total = 0;
  const recent: Pick<Resolved, 'probability' | 'y'>[] = [];
  const makeRoom = (): void => {
    const [more, moreWon] = [new Float64Array(total * 2), new Uint8Array(total * 2)];
    more.set(combined);
    moreWon.set(won);
    [combined, won] = [more, moreWon];
  };
  return {
    total: () => total,
    recent: (): readonly Pick<Resolved, 'probability' | 'y'>[] => recent,
    push: ({ combined: confidence, probability, y }: Resolved): void => {
      if (total === combined.length) makeRoom();
      combined[total] = confidence;
      won[total] = y;
      total += 1;
      recent.push({ probability, y });
      if (recent.length > WINDOW) recent.shift();
    },
    all: (): readonly Pick<Resolved, 'combined' | 'y'>[] =>
      Array.from({ length: total }, (_, i) => ({ combined: combined[i] ?? NaN, y: won[i] === 1 ? 1 : 0 })),
  };
}

type Scores = { readonly brier: number; readonly error: number };

/** Null while there are too few to judge. */
function scoresOf(recent: readonly Pick<Resolved, 'probability' | 'y'>[]): Scores | null {
  if (recent.length < MIN_WINDOW) return null;
  const result = calibrationScores(
    recent.map((r) => r.probability),
    recent.map((r) => r.y),
  );
  return result.ok ? { brier: result.value.brier, error: result.value.calibrationError } : null;
}

/** Returns a keeper restored from the journal's outcomes; drift counts those after `resumeSeq`. */
export function createWatchKeeper(journal: Journal, resumeSeq: number): WatchKeeper {
  const resolved = createRecord();
  let cusum = 0;
  let fitted = 0;
  let lookedAt = 0;
  let isJournaled = false;
  let calibrator: Calibrator = { kind: 'none', version: 'n0' };
  /** Of so many outcomes; they come by the dozen, and are scored when somebody looks. */
  let scored: { readonly of: number; readonly scores: Scores | null } = { of: 0, scores: null };

  const scores = (): Scores | null => {
    if (scored.of !== resolved.total()) scored = { of: resolved.total(), scores: scoresOf(resolved.recent()) };
    return scored.scores;
  };
  const take = (outcome: JournalEventOf<'outcome'>, isCounted: boolean): void => {
    if (outcome.probability === null || outcome.combined === null) return;
    const y = outcome.netPerContract > 0 ? 1 : 0;
    resolved.push({ combined: outcome.combined, probability: outcome.probability, y });
    if (!isCounted) return;
    const step = cusumStep(cusum, { probability: outcome.probability, outcome: y });
    if (step.ok) cusum = step.value;
  };
  const isDue = (): boolean => resolved.total() - lookedAt >= Math.max(REFIT_MIN, REFIT_SHARE * lookedAt);
  const adoptFit = (fit: Fit): void => {
    ({ calibrator, fittedOn: fitted } = fit);
    lookedAt = Math.max(lookedAt, fitted);
    isJournaled = true;
  };
  for (const { seq, event } of journal.events({ kinds: ['outcome'] })) take(event, seq > resumeSeq);
  for (const { event } of journal.events({ kinds: ['calibration'] })) {
    if (event.choice === 'accepted') adoptFit(event);
    else lookedAt = Math.max(lookedAt, event.fittedOn);
  }
  const wasJournaled = (): boolean => isJournaled;
  if (!wasJournaled()) {
    calibrator = calibratorOf(resolved.all());
    fitted = resolved.total();
    lookedAt = fitted;
  }

  const accepted = (fit: Fit, by: Pick<CalibrationEvent, 'reason' | 'actor'>): CalibrationEvent => ({
    kind: 'calibration',
    choice: 'accepted',
    ...fit,
    ...by,
  });

  return {
    add: (outcome) => {
      take(outcome, true);
    },
    acknowledge: () => {
      cusum = 0;
    },
    watch: ({ dayLoss, drawdown }) => {
      const { brier = null, error = null } = scores() ?? {};
      return {
        cusum: resolved.total() === 0 ? null : cusum,
        resolved: resolved.total(),
        brier100: brier,
        calibrationError100: error,
        dayLoss,
        drawdown,
      };
    },
    calibrator: () => calibrator,
    fitted: () => ({ on: fitted, of: resolved.total(), isDue: isDue() }),
    take: (event) => {
      const { choice, calibrator: fit, fittedOn } = event;
      if (choice === 'accepted') adoptFit({ calibrator: fit, fittedOn });
      else lookedAt = Math.max(lookedAt, fittedOn);
    },
    dueFit: (actor) => {
      if (!isDue()) return null;
      const fit = calibratorOf(resolved.all());
      // Nothing to fit yet is nothing to journal.
      if (fit.kind === 'none' && calibrator.kind === 'none') return null;
      return accepted({ calibrator: fit, fittedOn: resolved.total() }, { reason: null, actor });
    },
    adopt: () => {
      if (isJournaled || calibrator.kind === 'none') return null;
      return accepted({ calibrator, fittedOn: fitted }, { reason: 'in force at the start', actor: 'desk' });
    },
  };
}
