import type { ExecutionView } from '#shared/domain/risk.ts';
import type { Breaker } from '#shared/domain/status.ts';
import type { BreakerLine } from '#renderer/src/ui/words.ts';

const LOSSES = 'consecutive-losses';

/** The lines of the breakers panel: losses in a row stand among them before they trip, as soon as they are known. */
export function breakerLines(
  measured: readonly Breaker[],
  view: Pick<ExecutionView, 'consecutiveLosses' | 'limits' | 'latches'> | null,
): readonly BreakerLine[] {
  if (view === null) return measured;
  const isLatched = view.latches.some(({ code }) => code === LOSSES);
  const losses: BreakerLine = {
    ...{ code: LOSSES, unit: 'count', value: view.consecutiveLosses, warn: null },
    ...{ halt: view.limits.maxConsecutiveLosses, level: isLatched ? 'halt' : 'clear' },
  };
  return [...measured, losses];
}
