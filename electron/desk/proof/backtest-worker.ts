import { parentPort, workerData } from 'node:worker_threads';
import { DeskError } from '#shared/contract/errors.ts';
import { unpackTape } from '#desk/backtest/packed-tape.ts';
import { runMonteCarloJob } from './monte-carlo-job.ts';
import { createPolicyBench, type PolicyBench } from './policy-bench.ts';
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
    else walkWith(bench, task);
    say({ kind: 'rested' });
  });
}

function walkWith(bench: PolicyBench, { kind, specs, queue }: Extract<HelperTask, { kind: 'walk' | 'closes' }>): void {
  for (const [policy, spec] of takenFrom(queue, specs)) {
    const tell = throttled((cases: number) => say({ kind: 'walking', policy, cases }));
    if (kind === 'closes') say({ kind: 'closed', policy, closes: bench.closes(spec, tell) });
    else say({ kind: 'walked', policy, run: bench.walk(spec, tell) });
  }
}

function judgeWith(bench: PolicyBench, { runs, queue, ...by }: Extract<HelperTask, { kind: 'judge' }>): void {
  for (const [policy, run] of takenFrom(queue, runs)) {
    say({ kind: 'judged', policy, result: bench.judge(policy, run, by) });
  }
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
