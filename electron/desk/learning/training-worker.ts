import { parentPort, workerData } from 'node:worker_threads';
import { DeskError } from '#shared/contract/errors.ts';
import { learnFold } from './learn-fold.ts';
import { loadLibraries } from './libraries.ts';
import { planCases, type TrainingPlan } from './training-plan.ts';
import type { TrainingSaid, TrainingTask } from './training-thread.ts';

/** Progress is told at most this often. */
const TELL_EVERY_MS = 100;

const say = (message: TrainingSaid): void => parentPort?.postMessage(message);

/** Learns what it is told, one fold after the other; the libraries are loaded once. */
async function run(): Promise<void> {
  const plan = workerData as TrainingPlan;
  const libraries = await loadLibraries();
  const cases = planCases(plan);
  parentPort?.on('message', (task: TrainingTask) => {
    const fold = plan.folds[task.fold];
    if (fold === undefined) throw new Error(`there is no fold ${task.fold}`);
    let told = 0;
    const onShare = (share: number): void => {
      const now = performance.now();
      if (now - told < TELL_EVERY_MS) return;
      told = now;
      say({ kind: 'share', share });
    };
    // Each fold and model has numbers of its own: the result does not depend on which thread learned it, or when.
    const spec = { ...plan.learn, seed: plan.learn.seed * 1_000 + task.fold * 10 + (task.model === 'lstm' ? 0 : 1) };
    learnFold({ kind: task.model, cases, fold, spec }, libraries, onShare).then(
      (learnt) => say({ kind: 'learnt', learnt }),
      (error: unknown) => {
        throw error;
      },
    );
  });
  say({ kind: 'ready' });
}

try {
  await run();
} catch (error) {
  if (!(error instanceof DeskError)) throw error;
  say({ kind: 'refused', error: error.data });
}
