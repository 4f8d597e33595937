import { Worker } from 'node:worker_threads';
import { DeskError, type DeskErrorData } from '#shared/contract/errors.ts';
import type { Months, Rolling } from '#shared/domain/performance-detail.ts';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import type { MonthsQuestion, RollingQuestion } from '#desk/records/performance-detail.ts';
import type { HistoryInput } from '#desk/records/performance-history.ts';
import type { PreviewAnswer, PreviewInput } from './calibration-preview.ts';
import type { JournalReport, ReportInput } from './models-report.ts';

/** What the thread can be asked, and what it answers. */
export type Questions = {
  readonly models: { readonly input: ReportInput; readonly output: JournalReport };
  readonly preview: { readonly input: PreviewInput; readonly output: PreviewAnswer };
  readonly performance: { readonly input: Omit<HistoryInput, 'journal'>; readonly output: PerformanceHistory };
  readonly rolling: { readonly input: RollingQuestion; readonly output: Rolling };
  readonly months: { readonly input: MonthsQuestion; readonly output: Months };
};
export type QuestionKind = keyof Questions;

export type Question = {
  readonly [K in QuestionKind]: { readonly id: number; readonly kind: K; readonly input: Questions[K]['input'] };
}[QuestionKind];

export type Answer =
  | { readonly id: number; readonly value: Questions[QuestionKind]['output'] }
  | { readonly id: number; readonly refused: DeskErrorData }
  | { readonly id: number; readonly failed: string };

/** Reads the journal and computes in a thread of its own, with a reading connection of its own. */
export interface ReportThread {
  /** Answers one question after the other. Rejects with a DeskError, also when the thread was lost: ask again then. */
  ask<K extends QuestionKind>(kind: K, input: Questions[K]['input']): Promise<Questions[K]['output']>;
  close(): Promise<void>;
}

// The built desk lies beside its threads as JavaScript, the source as TypeScript.
const SCRIPT = new URL(import.meta.url.endsWith('.ts') ? './report-worker.ts' : './report-worker.js', import.meta.url);

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

const lost = (): DeskError =>
  new DeskError({ code: 'not-ready', message: 'the figures are not being computed now', remedy: 'try again' });

function settle(waiting: Waiting, answer: Answer): void {
  if ('value' in answer) waiting.resolve(answer.value);
  else waiting.reject('refused' in answer ? new DeskError(answer.refused) : new Error(answer.failed));
}

/** Returns a thread that starts with its first question. The desk's own thread never waits for it. */
export function createReportThread(journalPath: string): ReportThread {
  const pending = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let lastId = 0;
  let isClosed = false;

  const abandon = (which: Worker, error: Error): void => {
    if (worker !== which) return;
    worker = null;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const start = (): Worker => {
    const started = new Worker(SCRIPT, { workerData: { journalPath } });
    // A desk that has nothing else to do may end: nothing is lost with an answer nobody waits for.
    started.unref();
    started.on('message', (answer: Answer) => {
      const waiting = pending.get(answer.id);
      pending.delete(answer.id);
      if (waiting !== undefined) settle(waiting, answer);
    });
    started.on('error', (error) => abandon(started, error as Error));
    started.on('exit', () => abandon(started, lost()));
    return started;
  };

  return {
    ask: (kind, input) =>
      new Promise((resolve, reject) => {
        if (isClosed) {
          reject(lost());
          return;
        }
        worker ??= start();
        lastId += 1;
        pending.set(lastId, { resolve: resolve as Waiting['resolve'], reject });
        worker.postMessage({ id: lastId, kind, input });
      }),
    close: async () => {
      isClosed = true;
      const held = worker;
      if (held === null) return;
      abandon(held, lost());
      await held.terminate();
    },
  };
}
