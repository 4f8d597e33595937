import { Worker } from 'node:worker_threads';
import type { RecoveryCopy } from '#shared/contract/recovery-operations.ts';
import type { EpochMs } from '#shared/units.ts';
import { JournalBackupError } from '#desk/journal/backup.ts';
import type { Rotation } from '#desk/journal/backup-rotation.ts';
import type { FullCheck } from '#desk/journal/full-check.ts';
import type { JournalAnswer, JournalJob } from './journal-jobs.ts';
import type { JournalCopy } from './recovery.ts';

// The built desk lies beside its threads as JavaScript, the source as TypeScript.
const SCRIPT = new URL(
  import.meta.url.endsWith('.ts') ? './journal-worker.ts' : './journal-worker.js',
  import.meta.url,
);

type Watch = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

/** Runs a job in a thread of its own: the desk goes on meanwhile. Rejects with the signal's reason when it is given up. */
function inThread(job: JournalJob, { signal, onProgress }: Watch): Promise<JournalAnswer> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const worker = new Worker(SCRIPT, { workerData: job });
    const end = (finish: () => void): void => {
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const onAbort = (): void => {
      end(() => reject(signal?.reason as Error));
      // Only what is given up is cut off: a thread that has answered ends by itself.
      void worker.terminate();
    };
    signal?.addEventListener('abort', onAbort);
    worker.on('message', (answer: JournalAnswer) => {
      if (answer.kind === 'progress') onProgress?.(answer.done, answer.total);
      else end(() => resolve(answer));
    });
    worker.once('error', (error) => end(() => reject(error as Error)));
    worker.once('exit', (code) => end(() => reject(new Error(`work on the journal ended with ${code}`))));
  });
}

const strange = ({ kind }: JournalAnswer): Error => new Error(`a thread of the journal answered with ${kind}`);

async function checked(job: JournalJob, signal: AbortSignal): Promise<FullCheck> {
  const answer = await inThread(job, { signal });
  if (answer.kind !== 'checked') throw strange(answer);
  return answer.found;
}

/**
 * Checks a whole journal with a reading connection of its own. Rejects when the file could not be looked at, and with the
 * signal's reason when it is given up.
 */
export const checkInThread = (path: string, signal: AbortSignal): Promise<FullCheck> =>
  checked({ kind: 'check', path }, signal);

/** Looks quickly at every page of a journal. Rejects as `checkInThread` does. */
export const checkPagesInThread = (path: string, signal: AbortSignal): Promise<FullCheck> =>
  checked({ kind: 'check-pages', path }, signal);

/** Puts a copy of a journal through a restore drill. */
export async function lookInThread(copy: JournalCopy, journalPath: string): Promise<RecoveryCopy> {
  const answer = await inThread({ kind: 'look', copy, journalPath }, {});
  if (answer.kind !== 'looked') throw strange(answer);
  return answer.copy;
}

/**
 * Makes today's backup of a journal in use, checks it, and lets go of those that are too old.
 * @errors JournalBackupError: nothing was removed
 */
export async function backUpInThread(
  path: string,
  { folder, now, onProgress }: { readonly folder: string; readonly now: EpochMs } & Pick<Watch, 'onProgress'>,
): Promise<Rotation> {
  const watch = onProgress === undefined ? {} : { onProgress };
  const answer = await inThread({ kind: 'back-up', path, folder, now }, watch);
  if (answer.kind === 'backup-failed') {
    const { code, target, detail } = answer;
    throw new JournalBackupError(code, target, detail === null ? undefined : new Error(detail));
  }
  if (answer.kind !== 'backed-up') throw strange(answer);
  return answer.rotation;
}
