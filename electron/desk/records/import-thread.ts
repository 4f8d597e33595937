import { Worker } from 'node:worker_threads';
import { DeskError, type DeskErrorData } from '#shared/contract/errors.ts';
import type { ImportedExecution } from '#shared/domain/import.ts';
import type { ImportFile, ImportPlan } from './import-plan.ts';

/** What the thread says, in this order. */
export type PlanMessage =
  | { readonly kind: 'plan'; readonly plan: Omit<ImportPlan, 'executions'> }
  | { readonly kind: 'executions'; readonly executions: readonly ImportedExecution[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly error: DeskErrorData };

// The built desk lies beside its threads as JavaScript, the source as TypeScript.
const SCRIPT = new URL(import.meta.url.endsWith('.ts') ? './import-worker.ts' : './import-worker.js', import.meta.url);

export type PlanJob = ImportFile & { readonly journalPath: string; readonly withExecutions: boolean };

/**
 * Reads and compares a file in a thread of its own with a reading connection of its own: the desk goes on meanwhile.
 * Rejects with the DeskError of a journal that cannot be read, and with the signal's reason when it is given up.
 */
export function planInThread(job: PlanJob, signal: AbortSignal): Promise<ImportPlan> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(SCRIPT, { workerData: job });
    let plan: Omit<ImportPlan, 'executions'> | null = null;
    const executions: ImportedExecution[] = [];
    const end = (finish: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onAbort = (): void => {
      end(() => reject(signal.reason as Error));
      // Only what is given up is cut off: a thread that has answered ends by itself.
      void worker.terminate();
    };
    signal.addEventListener('abort', onAbort);
    worker.on('message', (message: PlanMessage) => {
      if (message.kind === 'plan') ({ plan } = message);
      else if (message.kind === 'executions') for (const one of message.executions) executions.push(one);
      else if (message.kind === 'refused') end(() => reject(new DeskError(message.error)));
      else if (plan !== null) {
        const found = plan;
        end(() => resolve({ ...found, executions }));
      }
    });
    worker.once('error', (error) => end(() => reject(error as Error)));
    worker.once('exit', (code) => end(() => reject(new Error(`the import thread ended with ${code}`))));
  });
}
