import type { ImportedExecution } from '#shared/domain/import.ts';
import { epochMs } from '#shared/units.ts';
import { isFingerprint } from './execution-keys.ts';

const SECOND = 1_000;

/**
 * Keeps rows of one second in the order of their file. A file that writes times to the second and has no ids says
 * which came first only by the place of its rows, and the journal orders fills by time and then by key: so each such row
 * is given a millisecond of its second, by its place among those of its account and contract. The written second stays
 * what it is, and what a row is known again by does not depend on it.
 * @param executions  oldest first, rows of one instant in the order in which they happened
 */
export function inFileOrder(executions: readonly ImportedExecution[]): {
  readonly executions: readonly ImportedExecution[];
  /** How many were told apart only by their place. */
  readonly placed: number;
} {
  const taken = new Map<string, number>();
  let placed = 0;
  const ordered = executions.map((execution) => {
    const { at, account, symbol } = execution;
    if (!isFingerprint(execution.execKey) || at % SECOND !== 0) return execution;
    const second = `${account}|${symbol}|${at}`;
    const place = taken.get(second) ?? 0;
    taken.set(second, place + 1);
    if (place === 0) return execution;
    placed += 1;
    return { ...execution, at: epochMs(at + Math.min(place, SECOND - 1)) };
  });
  return { executions: ordered, placed };
}
