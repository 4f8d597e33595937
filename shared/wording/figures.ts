import type { RunFigure } from '#shared/contract/backtest-operations.ts';
import type { Statistic } from '#shared/domain/performance.ts';

export type Unit = RunFigure['unit'];

/** A figure that is known. */
export const figure = (key: string, label: string, unit: Unit, value: number): RunFigure => ({
  ...{ key, label, unit, value },
  reason: null,
});

/** A figure that may be undefined, with its reason. */
export const statistic = (key: string, label: string, unit: Unit, { value, reason }: Statistic): RunFigure => ({
  ...{ key, label, unit, value },
  reason: value === null ? (reason ?? 'not known') : null,
});
