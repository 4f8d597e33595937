import { isBlocked, isVeto, type DecisionStatus } from '#shared/domain/decision.ts';
import type { StoppedSignals } from '#shared/domain/models.ts';
import { money } from '#shared/units.ts';
import { meanInterval, MIN_FOR_INTERVAL } from './mean-interval.ts';
import type { Resolved } from './track-record.ts';

const isSized = (status: DecisionStatus): boolean => status === 'sized' || status === 'evaluation';

const kindOf = (status: DecisionStatus): StoppedSignals['kind'] =>
  isVeto(status) ? 'veto' : isBlocked(status) ? 'block' : 'zero';

/**
 * Returns, by what stopped a signal, how many there were and what they would have made at one contract each. Counts only
 * under 30: a mean of fewer says nothing.
 */
export function stoppedSignals(
  statuses: ReadonlyMap<DecisionStatus, number>,
  resolved: readonly Resolved[],
): readonly StoppedSignals[] {
  const rows = [...statuses].filter(([status]) => !isSized(status));
  return rows
    .map(([status, count]): StoppedSignals => {
      const followed = resolved.filter((one) => one.status === status);
      const isEnough = followed.length >= MIN_FOR_INTERVAL;
      return {
        ...{ status, kind: kindOf(status), count },
        resolved: followed.length,
        wins: followed.filter(({ y }) => y === 1).length,
        value: isEnough ? money(followed.reduce((sum, { net }) => sum + net, 0)) : null,
        meanR: meanInterval(followed.map(({ r }) => r)),
      };
    })
    .sort((a, b) => b.count - a.count);
}
