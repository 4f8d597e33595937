import type { CalibratorKind, ScoredSubject, Uptime } from '#shared/domain/models.ts';

export const SUBJECTS: Readonly<Record<ScoredSubject, string>> = {
  pooled: 'Pooled',
  lstm: 'LSTM',
  ensemble: 'Ensemble',
};

/** A connection as the charts name it: the models by their short names. */
export const connectionTitle = ({ id, name }: Pick<Uptime, 'id' | 'name'>): string =>
  id === 'model:lstm' ? SUBJECTS.lstm : id === 'model:ensemble' ? SUBJECTS.ensemble : name;

export const CALIBRATORS: Readonly<Record<CalibratorKind, string>> = {
  none: 'none yet',
  platt: 'Platt',
  beta: 'beta',
  isotonic: 'isotonic',
};

/** The calibrator and what it was fitted on: Platt, 214 outcomes. */
export const calibratorText = (kind: CalibratorKind, fittedOn: string): string =>
  kind === 'none' ? CALIBRATORS.none : `${CALIBRATORS[kind]}, ${fittedOn}`;
