import type { CalibratorKind, ScoredSubject } from '#shared/domain/models.ts';

export const SUBJECTS: Readonly<Record<ScoredSubject, string>> = {
  pooled: 'Pooled',
  lstm: 'LSTM',
  ensemble: 'Ensemble',
};

export const CALIBRATORS: Readonly<Record<CalibratorKind, string>> = {
  none: 'none yet',
  platt: 'Platt',
  beta: 'beta',
  isotonic: 'isotonic',
};

/** The calibrator and what it was fitted on: Platt, 214 outcomes. */
export const calibratorText = (kind: CalibratorKind, fittedOn: string): string =>
  kind === 'none' ? CALIBRATORS.none : `${CALIBRATORS[kind]}, ${fittedOn}`;
