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
  /** How many outcomes the calibrator in force was fitted on, of how many that have resolved. */
  fitted(): { readonly on: number; readonly of: number; readonly isDue: boolean };
  /** Fits anew from all that has resolved so far, when enough has since the last fit; never on the decision path. */
  refit(): void;
}

type Resolved = { readonly combined: number; readonly probability: number; readonly y: 0 | 1 };

function calibratorOf(resolved: readonly Resolved[]): Calibrator {
  const version = `n${resolved.length}`;
  const choice = fitCalibrator(
    resolved.map((r) => r.combined),
    resolved.map((r) => r.y),
  );
  if (!choice.ok || choice.value.map.kind === 'none') return { kind: 'none', version };
  const { map } = choice.value;
  return map.kind === 'isotonic' ? { kind: 'isotonic', version, x: [...map.x], y: [...map.y] } : { ...map, version };
}

/** Returns a keeper restored from the journal's outcomes; drift counts those after `resumeSeq`. */
export function createWatchKeeper(journal: Journal, resumeSeq: number): WatchKeeper {
  const resolved: Resolved[] = [];
  let cusum = 0;
  let fitted = 0;
  let calibrator: Calibrator = { kind: 'none', version: 'n0' };
  let scored: { readonly brier: number; readonly error: number } | null = null;

  const score = (): void => {
    const recent = resolved.slice(-WINDOW);
    if (recent.length < MIN_WINDOW) return;
    const result = calibrationScores(
      recent.map((r) => r.probability),
      recent.map((r) => r.y),
    );
    scored = result.ok ? { brier: result.value.brier, error: result.value.calibrationError } : null;
  };
  const take = (outcome: JournalEventOf<'outcome'>, isCounted: boolean): void => {
    if (outcome.probability === null || outcome.combined === null) return;
    const y = outcome.netPerContract > 0 ? 1 : 0;
    resolved.push({ combined: outcome.combined, probability: outcome.probability, y });
    if (!isCounted) return;
    const step = cusumStep(cusum, { probability: outcome.probability, outcome: y });
    if (step.ok) cusum = step.value;
  };
  const isDue = (): boolean => resolved.length - fitted >= Math.max(REFIT_MIN, REFIT_SHARE * fitted);
  for (const { seq, event } of journal.events({ kinds: ['outcome'] })) take(event, seq > resumeSeq);
  calibrator = calibratorOf(resolved);
  fitted = resolved.length;
  score();

  return {
    add: (outcome) => {
      take(outcome, true);
      score();
    },
    acknowledge: () => {
      cusum = 0;
    },
    watch: ({ dayLoss, drawdown }) => ({
      cusum: resolved.length === 0 ? null : cusum,
      resolved: resolved.length,
      brier100: scored?.brier ?? null,
      calibrationError100: scored?.error ?? null,
      dayLoss,
      drawdown,
    }),
    calibrator: () => calibrator,
    fitted: () => ({ on: fitted, of: resolved.length, isDue: isDue() }),
    refit: () => {
      if (!isDue()) return;
      calibrator = calibratorOf(resolved);
      fitted = resolved.length;
    },
  };
}
