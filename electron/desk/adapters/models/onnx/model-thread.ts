import { Worker } from 'node:worker_threads';
import { type Result, err, ok } from '#shared/result.ts';
import type { ForecastError } from '#desk/adapters/models/error.ts';
import { crashed, failedRun } from './error.ts';
import { type Job, type Loaded, saidSchema } from './wire.ts';

// The built desk lies beside its threads as JavaScript, the source as TypeScript.
const SCRIPT = new URL(import.meta.url.endsWith('.ts') ? './onnx-worker.ts' : './onnx-worker.js', import.meta.url);

type Ran = Result<Readonly<Record<string, readonly unknown[]>>, ForecastError>;

/** A model file in a thread of its own: what crashes or hangs there leaves the desk alone. */
export interface ModelThread {
  readonly loaded: Promise<Result<Loaded, ForecastError>>;
  run(job: Omit<Job, 'id'>): Promise<Ran>;
  /** False once the thread has ended: it has to be made anew. */
  isAlive(): boolean;
  close(): Promise<void>;
}

/** Starts a thread and loads the file in it. Nothing rejects. */
export function startModelThread(file: string, timeoutMs: number, loadTimeoutMs = 10_000): ModelThread {
  const worker = new Worker(SCRIPT, { workerData: { file } });
  worker.unref();
  const waiting = new Map<number, (ran: Ran) => void>();
  let isAlive = true;
  let counter = 0;
  let tellLoaded: (result: Result<Loaded, ForecastError>) => void = () => undefined;
  const loaded = new Promise<Result<Loaded, ForecastError>>((resolve) => (tellLoaded = resolve));
  const end = (error: ForecastError): void => {
    isAlive = false;
    clearTimeout(loadTimer);
    tellLoaded(err(error));
    for (const finish of waiting.values()) finish(err(error));
    waiting.clear();
  };
  const late = (afterMs: number): void => {
    end({ code: 'timeout', afterMs, origin: 'The model in its thread' });
    void worker.terminate();
  };
  const loadTimer = setTimeout(() => late(loadTimeoutMs), loadTimeoutMs);
  worker.on('message', (message: unknown) => {
    const said = saidSchema.parse(message);
    if (said.kind === 'loaded') {
      clearTimeout(loadTimer);
      tellLoaded(ok(said));
    } else if (said.kind === 'refused') {
      end({ code: 'runtime', what: said.what, remedy: said.remedy });
      void worker.terminate();
    } else {
      waiting.get(said.id)?.(said.kind === 'ran' ? ok(said.outputs) : err(failedRun(said.what)));
      waiting.delete(said.id);
    }
  });
  worker.on('error', (error: unknown) => end(crashed(error instanceof Error ? error.message : 'unknown error')));
  worker.on('exit', (code) => end(crashed(`exit code ${code}`)));
  const run: ModelThread['run'] = (job) => {
    if (!isAlive) return Promise.resolve(err(crashed('before the question')));
    const id = (counter += 1);
    return new Promise((resolve) => {
      const timer = setTimeout(() => late(timeoutMs), timeoutMs);
      waiting.set(id, (ran) => {
        clearTimeout(timer);
        resolve(ran);
      });
      worker.postMessage({ ...job, id });
    });
  };
  return {
    loaded,
    run,
    isAlive: () => isAlive,
    close: async () => {
      end({ code: 'aborted' });
      await worker.terminate();
    },
  };
}
