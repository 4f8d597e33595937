import type { PolicyResult } from '#shared/domain/backtest.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import type { JudgedBy, PolicyRun } from '#desk/backtest/policy-run.ts';
import type { PackedTape } from '#desk/backtest/packed-tape.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import { createPolicyBench, type PolicyBench } from './policy-bench.ts';
import { isWalking, newWalks, noteWalk, writeNext, type Walks } from './run-writing.ts';
import { startHelper, turn, unexpected, type Helper } from './helper-thread.ts';
import { newQueue, takenFrom, type WorkQueue } from './work-queue.ts';
import { openJobTape, type JobTape } from './job-journal.ts';
import type { HelperMessage, HelperTask, RunJob } from './thread-messages.ts';

/**
 * Walks and judges many policies over one tape, in this thread and in helpers beside it. The results do not depend on
 * how many there are.
 */
export interface BenchPool {
  /**
   * Reads what is walked, and keeps its tape: before anything else is asked. `say` is told how much is read, from 0 to 1.
   * What is returned is closed with the pool, if not before.
   */
  read(job: RunJob, say: (share: number, phase: string) => void): Promise<JobTape>;
  /**
   * In the order of the policies. `onProgress` is told the cases walked so far, of all policies together. What has to be
   * done `beside` is done by this thread before it takes policies: the helpers walk meanwhile. A thread for which no
   * policy is left writes runs until all are walked.
   */
  walkAll<B>(
    specs: readonly PolicySpec[],
    onProgress: (cases: number) => void,
    beside: () => Promise<B>,
  ): Promise<WalkedBeside<B>>;
  /** Daily equity under each policy, in their order: its walk alone, without a benchmark. */
  closesAll(specs: readonly PolicySpec[], onProgress: (cases: number) => void): Promise<readonly Float64Array[]>;
  /** The results of the runs walked last, in their order; then all of them are written. */
  judgeAll(runs: readonly PolicyRun[], by: JudgedBy, onDone: (done: number) => void): Promise<readonly PolicyResult[]>;
  close(): Promise<void>;
}

export type WalkedBeside<B> = { readonly runs: readonly PolicyRun[]; readonly beside: B };

/** Cases walked of many policies together. */
function createTally(policies: number, perPolicy: number, onProgress: (cases: number) => void) {
  const cases = new Float64Array(policies);
  const put = (policy: number, done: number): void => {
    cases[policy] = done;
    onProgress(cases.reduce((total, value) => total + value, 0));
  };
  return { put, end: (policy: number) => put(policy, perPolicy) };
}

/** One piece of work for every policy, by this thread and the helpers together. */
type Share<I, T, B> = {
  readonly items: readonly I[];
  readonly task: (queue: WorkQueue) => HelperTask;
  readonly own: (policy: number, item: I) => T;
  readonly answerOf: (news: HelperMessage) => { readonly policy: number; readonly answer: T } | null;
  readonly onWalking?: (policy: number, cases: number) => void;
  readonly onDone: (policy: number) => void;
  readonly beside: () => Promise<B>;
  /** Does one piece of what this thread can do once nothing is left to take; false where there is none. */
  readonly spare?: (answers: readonly T[]) => boolean;
};

async function shared<I, T, B>(
  helpers: readonly Helper[],
  { items, task, own, answerOf, onWalking, onDone, beside, spare = () => false }: Share<I, T, B>,
): Promise<{ readonly answers: readonly T[]; readonly beside: B }> {
  const queue = newQueue();
  const answers: T[] = [];
  const take = (policy: number, answer: T): void => {
    answers[policy] = answer;
    onDone(policy);
  };
  const helping = helpers.map((helper) =>
    helper.run(task(queue), (news) => {
      if (news.kind === 'walking') {
        onWalking?.(news.policy, news.cases);
        return;
      }
      const found = answerOf(news);
      if (found === null) throw unexpected(news);
      take(found.policy, found.answer);
    }),
  );
  const mine = async (): Promise<B> => {
    const done = await beside();
    for (const [policy, item] of takenFrom(queue, items)) {
      take(policy, own(policy, item));
      await turn();
    }
    while (spare(answers)) await turn();
    return done;
  };
  const [done] = await Promise.all([mine(), ...helping]);
  return { answers, beside: done };
}

const NOTHING = (): Promise<null> => Promise.resolve(null);

/** @param folder of the run: series and decisions are written there   @param workers threads, this one included, ≥ 1 */
export function createBenchPool(folder: string, workers: number): BenchPool {
  const helpers = Array.from({ length: Math.max(1, workers) - 1 }, startHelper);
  let loaded: { readonly read: JobTape; readonly bench: PolicyBench } | null = null;
  let walks: Walks = newWalks(0);
  const here = (): { readonly tape: Tape; readonly bench: PolicyBench } => {
    if (loaded === null) throw new Error('a pool was given work before its tape');
    return { tape: loaded.read.tape, bench: loaded.bench };
  };
  return {
    read: async (job, say) => {
      const onPacked = (tape: PackedTape): void => {
        for (const helper of helpers) helper.tell({ kind: 'tape', tape, folder });
      };
      const read = await openJobTape(job, say, { helpers, onPacked });
      loaded = { read, bench: createPolicyBench(read.tape, folder) };
      return read;
    },
    walkAll: async <B>(specs: readonly PolicySpec[], onProgress: (cases: number) => void, beside: () => Promise<B>) => {
      const { tape, bench } = here();
      const { put, end } = createTally(specs.length, 2 * tape.cases.length, onProgress);
      const made = (walks = newWalks(specs.length));
      const done = await shared<PolicySpec, PolicyRun, B>(helpers, {
        ...{ items: specs, onWalking: put, onDone: end, beside },
        task: (queue) => ({ kind: 'walk', specs, queue, walks: made }),
        own: (policy, spec) => {
          const run = bench.walk(spec, (cases) => put(policy, cases));
          noteWalk(made);
          return run;
        },
        spare: (runs) => isWalking(made) && writeNext(bench, made, runs),
        answerOf: (news) => (news.kind === 'walked' ? { policy: news.policy, answer: news.run } : null),
      });
      return { runs: done.answers, beside: done.beside };
    },
    closesAll: async (specs, onProgress) => {
      const { tape, bench } = here();
      const { put, end } = createTally(specs.length, tape.cases.length, onProgress);
      const { answers } = await shared<PolicySpec, Float64Array, null>(helpers, {
        ...{ items: specs, onWalking: put, onDone: end, beside: NOTHING },
        task: (queue) => ({ kind: 'closes', specs, queue }),
        own: (policy, spec) => bench.closes(spec, (cases) => put(policy, cases)),
        answerOf: (news) => (news.kind === 'closed' ? { policy: news.policy, answer: news.closes } : null),
      });
      return answers;
    },
    judgeAll: async (runs, by, onDone) => {
      const { bench } = here();
      let done = 0;
      const { answers } = await shared<PolicyRun, PolicyResult, null>(helpers, {
        ...{ items: runs, onDone: () => onDone((done += 1)), beside: NOTHING },
        task: (queue) => ({ kind: 'judge', runs, queue, walks, ...by }),
        own: (_, run) => bench.judge(run, by),
        spare: () => writeNext(bench, walks, runs),
        answerOf: (news) => (news.kind === 'judged' ? { policy: news.policy, answer: news.result } : null),
      });
      return answers;
    },
    close: async () => {
      loaded?.read.close();
      await Promise.all(helpers.map((helper) => helper.end()));
    },
  };
}
