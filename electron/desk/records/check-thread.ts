import { Worker } from 'node:worker_threads';
import type { FullCheck } from '#desk/journal/full-check.ts';

// The built desk lies beside its threads as JavaScript, the source as TypeScript.
const SCRIPT = new URL(import.meta.url.endsWith('.ts') ? './check-worker.ts' : './check-worker.js', import.meta.url);

/**
 * Checks a whole journal in a thread of its own, with a reading connection of its own: the desk goes on meanwhile.
 * Rejects when the file could not be looked at, and with the signal's reason when it is given up.
 */
export function checkInThread(path: string, signal: AbortSignal): Promise<FullCheck> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(SCRIPT, { workerData: path });
    const end = (finish: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      finish();
      void worker.terminate();
    };
    const onAbort = (): void => end(() => reject(signal.reason as Error));
    signal.addEventListener('abort', onAbort);
    worker.once('message', (found: FullCheck) => end(() => resolve(found)));
    worker.once('error', (error) => end(() => reject(error as Error)));
    worker.once('exit', (code) => end(() => reject(new Error(`the check ended with ${code}`))));
  });
}
