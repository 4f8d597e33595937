import { Worker } from 'node:worker_threads';
import type { HelperMessage, HelperTask } from './thread-messages.ts';
import { THREAD_SCRIPT } from './thread-script.ts';

/** A thread that works one task at a time for the thread of a job, and ends with it. */
export type Helper = {
  /** Tells `onNews` what comes of the task, and resolves when nothing more will. */
  readonly run: (task: HelperTask, onNews: (news: HelperMessage) => void) => Promise<void>;
  /** For what has no answer. */
  readonly tell: (task: HelperTask) => void;
  readonly end: () => Promise<unknown>;
};

/** What a helper says that belongs to another task. */
export const unexpected = (news: HelperMessage): Error => new Error(`a helper answered with ${news.kind}`);

/** Lets this thread hear what its helpers have said meanwhile. */
export const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Starts a helper. A fault in it rejects the task it works on, and those it is given after it. */
export function startHelper(): Helper {
  const worker = new Worker(THREAD_SCRIPT, { workerData: { kind: 'helper' } });
  let fault: Error | null = null;
  worker.on('error', (error: unknown) => (fault = asError(error)));
  const run: Helper['run'] = (task, onNews) =>
    new Promise((resolve, reject) => {
      if (fault !== null) {
        reject(fault);
        return;
      }
      const end = (finish: () => void): void => {
        worker.off('message', onMessage);
        worker.off('error', onError);
        finish();
      };
      const onMessage = (message: HelperMessage): void => {
        if (message.kind === 'rested') {
          end(resolve);
          return;
        }
        try {
          onNews(message);
        } catch (error) {
          end(() => reject(asError(error)));
        }
      };
      const onError = (): void => end(() => reject(fault ?? new Error('a helper failed')));
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.postMessage(task);
    });
  return { run, tell: (task) => worker.postMessage(task), end: () => worker.terminate() };
}
