import { parentPort, workerData } from 'node:worker_threads';
import { DeskError } from '#shared/contract/errors.ts';
import { createPolicyBench, type PolicyBench } from './policy-bench.ts';
import { runPoliciesJob } from './policies-job.ts';
import { writeRunExport } from './run-export.ts';
import { threadDataSchema, type HelperMessage, type HelperTask, type JobMessage } from './thread-messages.ts';

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

/** Walks and judges what it is told, over the tape it was given first. */
function help(): void {
  let bench: PolicyBench | null = null;
  parentPort?.on('message', (task: HelperTask) => {
    if (task.kind === 'tape') {
      bench = createPolicyBench(task.tape, task.folder);
      return;
    }
    if (bench === null) throw new Error('a helper was given work before its tape');
    const { policy } = task;
    if (task.kind === 'walk') {
      const tell = throttled((cases: number) => say({ kind: 'walking', policy, cases }));
      say({ kind: 'walked', policy, walked: bench.walk(policy, task.spec, tell) });
    } else say({ kind: 'judged', policy, result: bench.judge(policy, task) });
  });
}

async function run(): Promise<void> {
  const job = threadDataSchema.parse(workerData);
  if (job.kind === 'helper') {
    help();
    return;
  }
  if (job.kind === 'export') writeRunExport(job);
  else
    await runPoliciesJob(
      job,
      throttled((progress) => say({ kind: 'progress', ...progress })),
    );
  say({ kind: 'done' });
}

try {
  await run();
} catch (error) {
  if (!(error instanceof DeskError)) throw error;
  say({ kind: 'refused', error: error.data });
}
