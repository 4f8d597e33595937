import { availableParallelism } from 'node:os';
import type { BacktestRequest } from '#shared/contract/backtest-requests.ts';
import { DEFAULT_SEED, nameOf } from './requests.ts';
import type { PoliciesJob, RunJob } from './thread-messages.ts';

/** One processor stays with the desk. */
export const spareWorkers = (): number => Math.min(16, Math.max(1, availableParallelism() - 1));

/** The job of a request, with everything it leaves open settled. */
export function jobOf(
  request: BacktestRequest,
  given: Omit<PoliciesJob, 'kind' | 'request'>,
  sourceFolder: string | null,
): RunJob {
  const settled = {
    name: nameOf(request),
    seed: request.seed ?? DEFAULT_SEED,
    workers: request.workers ?? spareWorkers(),
  };
  if (request.kind === 'policies') return { kind: 'policies', request: { ...request, ...settled }, ...given };
  if (request.kind === 'walk-forward') return { kind: 'walk-forward', request: { ...request, ...settled }, ...given };
  return { kind: 'monte-carlo', request: { ...request, ...settled }, sourceFolder, ...given };
}
