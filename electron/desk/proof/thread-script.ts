// The built desk lies beside its threads as JavaScript, the source as TypeScript.
const isSource = import.meta.url.endsWith('.ts');

/** The script that every thread of a backtest runs. */
export const THREAD_SCRIPT = new URL(isSource ? './backtest-worker.ts' : './backtest-worker.js', import.meta.url);

/** The script of the threads that only walk paths. */
export const PATH_SCRIPT = new URL(isSource ? './path-worker.ts' : './path-worker.js', import.meta.url);
