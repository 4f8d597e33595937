import type { EpochMs } from '#shared/units.ts';
import type { BrokerSnapshot } from '#desk/ports/broker.ts';
import { type ExecutionContext, within } from './context.ts';

/** Time the broker has to say what it holds. */
const SNAPSHOT_MS = 10_000;

/** What the broker holds, whole; null with the reason when it cannot say. Part of it is nothing to go by. */
export type Taken = { readonly snapshot: BrokerSnapshot | null; readonly why: string };

/** Asks the broker what it holds, with what ended and was executed since `since`. Never rejects. */
export async function takeSnapshot({ broker, clock }: ExecutionContext, since: EpochMs): Promise<Taken> {
  const abort = new AbortController();
  if (broker.connection().state === 'disconnected') return { snapshot: null, why: 'the broker is not connected' };
  try {
    const answer = await within(clock, SNAPSHOT_MS, broker.snapshot(since, abort.signal));
    if (answer === null) {
      abort.abort();
      return { snapshot: null, why: `the broker did not say what it holds within ${SNAPSHOT_MS / 1_000} s` };
    }
    if (!answer.isComplete) return { snapshot: null, why: 'the broker said only part of what it holds' };
    return { snapshot: answer, why: '' };
  } catch (error) {
    return { snapshot: null, why: error instanceof Error ? error.message : 'the broker could not be asked' };
  }
}
