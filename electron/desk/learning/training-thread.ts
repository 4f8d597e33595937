import { Worker } from 'node:worker_threads';
import { DeskError, type DeskErrorData } from '#shared/contract/errors.ts';
import type { ModelKind } from '#desk/engine/learning/trained-model.ts';
import type { LearntFold } from './learn-fold.ts';
import type { TrainingPlan } from './training-plan.ts';

// Training is of an installation from source: the packaged desk has no such thread.
const SCRIPT = new URL('./training-worker.ts', import.meta.url);

export type TrainingTask = { readonly model: ModelKind; readonly fold: number };

/** What a thread says: ready for work, how far it is with a task, what came of it, or why it cannot work at all. */
export type TrainingSaid =
  | { readonly kind: 'ready' }
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'learnt'; readonly learnt: LearntFold }
  | { readonly kind: 'refused'; readonly error: DeskErrorData };

export type TrainingProgress = { readonly share: number; readonly phase: string };

type Watch = { readonly onProgress: (progress: TrainingProgress) => void; readonly signal: AbortSignal };

/** The LSTM takes longest: its folds begin first, so that no thread is left with one at the end. */
const tasksOf = ({ folds }: TrainingPlan): readonly TrainingTask[] =>
  (['lstm', 'ensemble'] as const).flatMap((model) =>
    [...folds.keys()].reverse().map((fold): TrainingTask => ({ model, fold })),
  );

/** A fold of the LSTM counts as much as several of the ensemble; larger folds take longer. */
const weightOf = ({ model, fold }: TrainingTask, { folds }: TrainingPlan): number =>
  (model === 'lstm' ? 3 : 1) * (folds[fold]?.train.length ?? 1);

const phaseOf = ({ model, fold }: TrainingTask, { folds }: TrainingPlan): string => {
  const name = model === 'lstm' ? 'LSTM' : 'ensemble';
  return fold === folds.length - 1 ? `${name}, all of the bars` : `${name}, step ${fold + 1} of ${folds.length - 1}`;
};

const keyOf = ({ model, fold }: TrainingTask): string => `${model} ${fold}`;

/** Counts what is done of all tasks, by their weights. */
function createTally(plan: TrainingPlan, tasks: readonly TrainingTask[], onProgress: Watch['onProgress']) {
  const total = tasks.reduce((sum, task) => sum + weightOf(task, plan), 0);
  const shares = new Map<string, number>();
  return (task: TrainingTask, share: number): void => {
    shares.set(keyOf(task), share * weightOf(task, plan));
    const done = [...shares.values()].reduce((sum, value) => sum + value, 0);
    onProgress({ share: Math.min(1, done / total), phase: phaseOf(task, plan) });
  };
}

/** Runs tasks off the shared queue in one thread until none is left. */
function work(
  plan: TrainingPlan,
  queue: TrainingTask[],
  hooks: { readonly onShare: (task: TrainingTask, share: number) => void; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, LearntFold>> {
  const learnt = new Map<string, LearntFold>();
  return new Promise((resolve, reject) => {
    const worker = new Worker(SCRIPT, { workerData: plan });
    let current: TrainingTask | undefined;
    let isEnded = false;
    const end = (finish: () => void): void => {
      if (isEnded) return;
      isEnded = true;
      hooks.signal.removeEventListener('abort', onAbort);
      void worker.terminate().then(finish, finish);
    };
    const onAbort = (): void => end(() => reject(hooks.signal.reason as Error));
    const next = (): void => {
      current = queue.shift();
      if (current === undefined) end(() => resolve(learnt));
      else worker.postMessage(current);
    };
    hooks.signal.addEventListener('abort', onAbort);
    worker.on('message', (said: TrainingSaid) => {
      if (said.kind === 'refused') end(() => reject(new DeskError(said.error)));
      else if (said.kind === 'ready') next();
      else if (current === undefined) return;
      else if (said.kind === 'share') hooks.onShare(current, said.share);
      else {
        learnt.set(keyOf(current), said.learnt);
        hooks.onShare(current, 1);
        next();
      }
    });
    worker.once('error', (error) => end(() => reject(error instanceof Error ? error : new Error(String(error)))));
    worker.once('exit', (code) => end(() => reject(new Error(`the thread that trains ended with ${code}`))));
  });
}

/** Learns every fold of both models in threads. The result does not depend on how many. Rejects when it is aborted. */
export async function learnAll(
  plan: TrainingPlan,
  threads: number,
  { onProgress, signal }: Watch,
): Promise<Readonly<Record<ModelKind, readonly LearntFold[]>>> {
  signal.throwIfAborted();
  const tasks = tasksOf(plan);
  const tally = createTally(plan, tasks, onProgress);
  const queue = [...tasks];
  // One that fails ends them all.
  const stop = new AbortController();
  const hooks = { onShare: tally, signal: AbortSignal.any([signal, stop.signal]) };
  const parts = await Promise.all(
    Array.from({ length: Math.min(threads, tasks.length) }, () =>
      work(plan, queue, hooks).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    ),
  );
  const learnt = new Map(parts.flatMap((part) => [...part]));
  const all = (model: ModelKind): readonly LearntFold[] =>
    plan.folds.flatMap((_, fold) => learnt.get(keyOf({ model, fold })) ?? []);
  return { lstm: all('lstm'), ensemble: all('ensemble') };
}
