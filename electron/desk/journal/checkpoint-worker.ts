import { parentPort, workerData } from 'node:worker_threads';
import type { CheckpointAnswer, CheckpointRequest, CheckpointThread } from './background-checkpoint.ts';
import { checkpointBeside } from './checkpoint-beside.ts';

// Made by this desk in the line that starts the thread.
const { path, gate, answers } = workerData as CheckpointThread;

parentPort?.on('message', ({ head }: CheckpointRequest) => {
  try {
    answers.postMessage({ failure: checkpointBeside(path, head) } satisfies CheckpointAnswer);
  } finally {
    // After the answer: who waits for the gate finds it.
    Atomics.store(gate, 0, 0);
    Atomics.notify(gate, 0);
  }
});
