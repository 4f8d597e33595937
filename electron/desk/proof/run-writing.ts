import type { PolicyRun } from '#desk/backtest/policy-run.ts';
import type { PolicyBench } from './policy-bench.ts';

/** What the threads of a backtest know of one another's walks: how many are done, and which of them one has begun to write. */
export type Walks = Readonly<Record<'done' | 'written', Int32Array<SharedArrayBuffer>>>;

export const newWalks = (policies: number): Walks => ({
  done: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  written: new Int32Array(new SharedArrayBuffer(policies * Int32Array.BYTES_PER_ELEMENT)),
});

export const noteWalk = ({ done }: Walks): void => void Atomics.add(done, 0, 1);

/** Whether another thread still walks. */
export const isWalking = ({ done, written }: Walks): boolean => Atomics.load(done, 0) < written.length;

/**
 * Writes one of some runs that no thread has begun to write, and says whether there was one.
 * @param runs by policy, as far as this thread has them
 */
export function writeNext(
  bench: Pick<PolicyBench, 'write'>,
  { written }: Walks,
  runs: readonly (PolicyRun | undefined)[],
): boolean {
  const policy = runs.findIndex((run, place) => run !== undefined && Atomics.exchange(written, place, 1) === 0);
  const run = runs[policy];
  if (run === undefined) return false;
  bench.write(policy, run);
  return true;
}
