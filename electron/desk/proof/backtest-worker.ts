import { parentPort, workerData } from 'node:worker_threads';
import { DeskError } from '#shared/contract/errors.ts';
import { unpackTape } from '#desk/backtest/packed-tape.ts';
import type { PolicyRun } from '#desk/backtest/policy-run.ts';
import { runMonteCarloJob } from './monte-carlo-job.ts';
import { createPolicyBench, type PolicyBench } from './policy-bench.ts';
import { isWalking, noteWalk, writeNext } from './run-writing.ts';
import { readPieces } from './shared-reading.ts';
import { takenFrom } from './work-queue.ts';
import { runPoliciesJob } from './policies-job.ts';
import { writeRunExport } from './run-export.ts';
import { runWalkForwardJob } from './walk-forward-job.ts';
import {
  threadDataSchema,
  type HelperMessage,
  type HelperTask,
  type JobMessage,
  type JobProgress,
} from './thread-messages.ts';

/** Progress is told at most this often: a screen shows no more, and the desk has other work. */
const TELL_EVERY_MS = 100;

const say = (message: JobMessage | HelperMessage): void => parentPort?.postMessage(message);

function throttled<T>(tell: (value: T) => void): (value: T) => void {
  let last = 0;
  return (value) => {
    const now = performance.now();
    if (now - last < TELL_EVERY_MS) return;
    last = now;
    tell(value);
  };
}

/** Reads pieces of a journal, and walks and judges policies over the tape it was given before them. */
function help(): void {
  let bench: PolicyBench | null = null;
  parentPort?.on('message', (task: HelperTask) => {
    if (task.kind === 'tape') {
      bench = createPolicyBench(unpackTape(task.tape), task.folder);
      return;
    }
    if (task.kind === 'read') {
      readPieces(task, (piece, part) => say({ kind: 'part', piece, part }));
      say({ kind: 'rested' });
      return;
    }
    if (bench === null) throw new Error('a helper was given work before its tape');
    if (task.kind === 'judge') judgeWith(bench, task);
    else if (task.kind === 'walk') walkWith(bench, task);
    else closesWith(bench, task);
    say({ kind: 'rested' });
  });
}

const tellWalking = (policy: number): ((cases: number) => void) =>
  throttled((cases: number) => say({ kind: 'walking', policy, cases }));

function closesWith(bench: PolicyBench, { specs, queue }: Extract<HelperTask, { kind: 'closes' }>): void {
  for (const [policy, spec] of takenFrom(queue, specs)) {
    say({ kind: 'closed', policy, closes: bench.closes(spec, tellWalking(policy)) });
  }
}

function walkWith(bench: PolicyBench, { specs, queue, walks }: Extract<HelperTask, { kind: 'walk' }>): void {
  const own: PolicyRun[] = [];
  for (const [policy, spec] of takenFrom(queue, specs)) {
    const run = bench.walk(spec, tellWalking(policy));
    own[policy] = run;
    noteWalk(walks);
    say({ kind: 'walked', policy, run });
  }
  while (isWalking(walks) && writeNext(bench, walks, own));
}

function judgeWith(bench: PolicyBench, { runs, queue, walks, ...by }: Extract<HelperTask, { kind: 'judge' }>): void {
  for (const [policy, run] of takenFrom(queue, runs)) {
    say({ kind: 'judged', policy, result: bench.judge(run, by) });
  }
  while (writeNext(bench, walks, runs));
}

async function run(): Promise<void> {
  const job = threadDataSchema.parse(workerData);
  if (job.kind === 'helper') {
    help();
    return;
  }
  const tell = throttled((progress: JobProgress) => say({ kind: 'progress', ...progress }));
  if (job.kind === 'export') writeRunExport(job);
  else if (job.kind === 'monte-carlo') await runMonteCarloJob(job, tell);
  else if (job.kind === 'walk-forward') await runWalkForwardJob(job, tell);
  else await runPoliciesJob(job, tell);
  say({ kind: 'done' });
}

try {
  await run();
} catch (error) {
  if (!(error instanceof DeskError)) throw error;
  say({ kind: 'refused', error: error.data });
}
