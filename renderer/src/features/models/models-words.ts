import type { ModelsReport, ScoredModel } from '#shared/domain/models.ts';
import { countText, percentText } from '#shared/format/numbers.ts';

/** Below this many resolved predictions nothing is said about calibration. */
export const MIN_RESOLVED = 30;
/** Fewer than this in a bin and its interval says next to nothing. */
const MIN_IN_BIN = 10;
/** From this many on the calibration error has its limit. @source quant.md 3.3 */
const MIN_FOR_ERROR = 100;

export type ModelsWords = {
  readonly title: string;
  readonly detail: string;
  readonly tone: 'plain' | 'warn' | 'loss';
};

const missed = ({ bins }: ScoredModel) =>
  bins.filter(({ count, said, lower, upper }) => count >= MIN_IN_BIN && (said < lower || said > upper));

function diagonalWords(pooled: ScoredModel): string {
  const off = missed(pooled);
  if (off.length === 0) return 'Every interval contains the diagonal.';
  const places = off.map(({ from, to }) => `${percentText(from, 0)} to ${percentText(to, 0)}`);
  return `Off the diagonal at ${places.slice(0, 2).join(' and ')}${places.length > 2 ? ` and ${places.length - 2} more` : ''}.`;
}

function driftWords({ now, warn, halt }: ModelsReport['drift']): string {
  if (now === null) return 'Drift is not measured yet.';
  if (now >= halt) return 'Drift halts trading.';
  return now >= warn ? 'Drift warns: sizes are halved.' : 'No drift.';
}

function titleOf(report: ModelsReport, pooled: ScoredModel): Pick<ModelsWords, 'title' | 'tone'> {
  const { now, warn, halt } = report.drift;
  if (now !== null && now >= halt) return { title: 'Drifted', tone: 'loss' };
  if (pooled.resolved < MIN_RESOLVED) return { title: 'Too early to say', tone: 'plain' };
  if (now !== null && now >= warn) return { title: 'Drifting', tone: 'warn' };
  const error = pooled.scores?.calibrationError ?? 0;
  if (pooled.resolved >= MIN_FOR_ERROR && error > report.limits.calibrationErrorWarn) {
    return { title: 'Miscalibrated', tone: 'warn' };
  }
  const off = missed(pooled);
  if (off.length === 0) return { title: 'Calibrated so far', tone: 'plain' };
  const isOver = off.every(({ said, upper }) => said > upper);
  const isUnder = off.every(({ said, lower }) => said < lower);
  return {
    title: isOver ? 'Over-confident' : isUnder ? 'Cautious' : 'Calibrated in part',
    tone: isOver ? 'warn' : 'plain',
  };
}

/** The state of the models in a sentence. */
export function modelsWords(report: ModelsReport): ModelsWords {
  const pooled = report.models.find(({ subject }) => subject === 'pooled');
  if (pooled === undefined || pooled.said === null || pooled.won === null) {
    return { title: 'Nothing resolved yet', detail: 'Every signal is followed to its stop or target.', tone: 'plain' };
  }
  const figures = `Said ${percentText(pooled.said, 1)}, won ${percentText(pooled.won, 1)}.`;
  const few =
    pooled.resolved < MIN_RESOLVED
      ? `${countText(pooled.resolved)} of ${MIN_RESOLVED} resolved.`
      : diagonalWords(pooled);
  return { ...titleOf(report, pooled), detail: `${figures} ${few} ${driftWords(report.drift)}` };
}
