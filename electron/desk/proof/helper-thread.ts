import { Worker } from 'node:worker_threads';
import type { HelperMessage, HelperTask } from './thread-messages.ts';
import { THREAD_SCRIPT } from './thread-script.ts';

/** A thread that works one task at a time for the thread of a job, and ends with it. */
export type Helper = {
  /** Resolves with the answer; `onWalking` is told the cases walked so far. */
  readonly run: (task: HelperTask, onWalking?: (cases: number) => void) => Promise<HelperMessage>;
  /** For what has no answer. */
  readonly tell: (task: HelperTask) => void;
  readonly end: () => Promise<unknown>;
};

/** Starts a helper. A fault in it rejects the task it works on. */
export function startHelper(): Helper {
  const worker = new Worker(THREAD_SCRIPT, { workerData: { kind: 'helper' } });
  const run: Helper['run'] = (task, onWalking) =>
    new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        worker.off('message', onMessage);
        worker.off('error', onError);
        finish();
      };
      const onMessage = (message: HelperMessage): void => {
        if (message.kind === 'walking') onWalking?.(message.cases);
        else end(() => resolve(message));
      };
      const onError = (error: unknown): void =>
        end(() => reject(error instanceof Error ? error : new Error(String(error))));
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.postMessage(task);
    });
  return { run, tell: (task) => worker.postMessage(task), end: () => worker.terminate() };
}
