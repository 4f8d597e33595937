import { Worker } from 'node:worker_threads';
import { DeskError } from '#shared/contract/errors.ts';
import { THREAD_SCRIPT } from './thread-script.ts';
import type { JobMessage, JobProgress, ThreadJob } from './thread-messages.ts';

/**
 * Runs a job in a thread of its own, its helpers included: the desk goes on meanwhile. Resolves when it is done. Rejects
 * with the DeskError of what it was refused, and, once the thread has ended, with the signal's reason when it is given up.
 */
export function runInThread(
  job: ThreadJob,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: JobProgress) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(THREAD_SCRIPT, { workerData: job });
    let isEnded = false;
    const end = (finish: () => void): void => {
      if (isEnded) return;
      isEnded = true;
      signal.removeEventListener('abort', onAbort);
      // Whatever it was writing is not touched before it has stopped.
      void worker.terminate().then(finish, finish);
    };
    const onAbort = (): void => end(() => reject(signal.reason as Error));
    signal.addEventListener('abort', onAbort);
    worker.on('message', (message: JobMessage) => {
      if (message.kind === 'progress') onProgress(message);
      else if (message.kind === 'refused') end(() => reject(new DeskError(message.error)));
      else end(resolve);
    });
    worker.once('error', (error) => end(() => reject(error as Error)));
    worker.once('exit', (code) => end(() => reject(new Error(`the thread of the backtest ended with ${code}`))));
  });
}
