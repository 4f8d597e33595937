import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads';
import type { JournalWriteErrorCode } from './errors.ts';
import type { Head } from './writer.ts';

/** What the thread is started with; `gate` holds 1 while a checkpoint is under way, else 0. */
export type CheckpointThread = {
  readonly path: string;
  readonly gate: Int32Array<SharedArrayBuffer>;
  readonly answers: MessagePort;
};
export type CheckpointRequest = { readonly head: Head };
export type CheckpointAnswer = { readonly failure: JournalWriteErrorCode | null };

/** Moves the log of a journal into its file beside the work of the desk, in a thread that starts when first asked. */
export type BackgroundCheckpoint = {
  /**
   * Begins a checkpoint, unless one is under way.
   * @param head the end of the chain, committed
   * @returns false when there is no thread to do it
   */
  readonly ask: (head: Head) => boolean;
  /** Whether none is under way. */
  readonly isIdle: () => boolean;
  /** Returns once none is under way and its failure has been told. */
  readonly settle: () => void;
  /** Ends the thread; nothing is told any more. */
  readonly close: () => void;
};

// The built desk lies beside its threads as JavaScript, the source as TypeScript.
const SCRIPT = new URL(
  import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js',
  import.meta.url,
);
/** A disk that answers nothing for so long is not waited for: the desk is let end. */
const PATIENCE_MS = 10_000;

type Running = { readonly worker: Worker; readonly answers: MessagePort };

/**
 * @param path of a journal that is open for writing in this process
 * @param onFailure what failed of the disk
 */
export function createBackgroundCheckpoint(
  path: string,
  onFailure: (code: JournalWriteErrorCode) => void,
  script: URL = SCRIPT,
): BackgroundCheckpoint {
  const gate = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let running: Running | null = null;
  let isGone = false;
  const hear = ({ failure }: CheckpointAnswer): void => {
    if (failure !== null) onFailure(failure);
  };
  const hearAll = ({ answers }: Running): void => {
    for (;;) {
      const answer = receiveMessageOnPort(answers) as { readonly message: CheckpointAnswer } | undefined;
      if (answer === undefined) return;
      hear(answer.message);
    }
  };
  const end = (): void => {
    isGone = true;
    Atomics.store(gate, 0, 0);
    running?.answers.close();
    void running?.worker.terminate();
    running = null;
  };
  const start = (): Running => {
    const { port1, port2 } = new MessageChannel();
    const workerData: CheckpointThread = { path, gate, answers: port2 };
    const worker = new Worker(script, { workerData, transferList: [port2] });
    // Without the thread the writer makes its checkpoints itself, as long as that takes.
    worker.on('error', end);
    port1.on('message', hear);
    port1.unref();
    worker.unref();
    return { worker, answers: port1 };
  };
  return {
    ask: (head) => {
      if (isGone) return false;
      running ??= start();
      if (Atomics.compareExchange(gate, 0, 0, 1) === 0) {
        running.worker.postMessage({ head } satisfies CheckpointRequest);
      }
      return true;
    },
    isIdle: () => Atomics.load(gate, 0) === 0,
    settle: () => {
      if (running === null) return;
      Atomics.wait(gate, 0, 1, PATIENCE_MS);
      hearAll(running);
    },
    close: end,
  };
}
