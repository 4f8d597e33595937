import type { PolicyResult } from '#shared/domain/backtest.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import type { JudgedBy } from '#desk/backtest/policy-run.ts';
import type { PackedTape } from '#desk/backtest/packed-tape.ts';
import type { Tape, WholeTape } from '#desk/backtest/tape.ts';
import { createPolicyBench, type PolicyBench, type Walked } from './policy-bench.ts';
import { startHelper, turn, unexpected, type Helper } from './helper-thread.ts';
import { newQueue, takenFrom, type WorkQueue } from './work-queue.ts';
import { readJobTape } from './job-journal.ts';
import type { HelperMessage, HelperTask, RunJob } from './thread-messages.ts';

/**
 * Walks and judges many policies over one tape, in this thread and in helpers beside it. The results do not depend on
 * how many there are.
 */
export interface BenchPool {
  /** Reads what is walked, and keeps it: before anything else is asked. `say` is told how much is read, from 0 to 1. */
  read(job: RunJob, say: (share: number, phase: string) => void): Promise<WholeTape>;
  /**
   * In the order of the policies. `onProgress` is told the cases walked so far, of all policies together. What has to be
   * done `beside` is done by this thread before it takes policies: the helpers walk meanwhile.
   */
  walkAll<B>(
    specs: readonly PolicySpec[],
    onProgress: (cases: number) => void,
    beside: () => Promise<B>,
  ): Promise<WalkedBeside<B>>;
  /** Daily equity under each policy, in their order: its walk alone, without a benchmark. */
  closesAll(specs: readonly PolicySpec[], onProgress: (cases: number) => void): Promise<readonly Float64Array[]>;
  judgeAll(by: JudgedBy, onDone: (done: number) => void): Promise<readonly PolicyResult[]>;
  close(): Promise<void>;
}

export type WalkedBeside<B> = { readonly walked: readonly Walked[]; readonly beside: B };

/** Cases walked of many policies together. */
function createTally(policies: number, perPolicy: number, onProgress: (cases: number) => void) {
  const cases = new Float64Array(policies);
  const put = (policy: number, done: number): void => {
    cases[policy] = done;
    onProgress(cases.reduce((total, value) => total + value, 0));
  };
  return { put, end: (policy: number) => put(policy, perPolicy) };
}

/** Policies by the thread that walked them: it has their columns, and judges them. */
type Owned = { own: number[]; readonly helpers: Map<Helper, number[]> };

/** One piece of work for every policy, by this thread and the helpers together. */
type Share<T, B> = {
  readonly specs: readonly PolicySpec[];
  readonly task: (queue: WorkQueue) => HelperTask;
  readonly own: (policy: number, spec: PolicySpec) => T;
  readonly answerOf: (news: HelperMessage) => { readonly policy: number; readonly answer: T } | null;
  readonly tally: ReturnType<typeof createTally>;
  readonly beside: () => Promise<B>;
};

async function shared<T, B>(helpers: readonly Helper[], { specs, task, own, answerOf, tally, beside }: Share<T, B>) {
  const queue = newQueue();
  const answers: T[] = [];
  const owned: Owned = { own: [], helpers: new Map(helpers.map((helper) => [helper, []])) };
  const take = (policy: number, answer: T): void => {
    answers[policy] = answer;
    tally.end(policy);
  };
  const helping = helpers.map((helper) =>
    helper.run(task(queue), (news) => {
      if (news.kind === 'walking') {
        tally.put(news.policy, news.cases);
        return;
      }
      const found = answerOf(news);
      if (found === null) throw unexpected(news);
      take(found.policy, found.answer);
      owned.helpers.get(helper)?.push(found.policy);
    }),
  );
  const mine = async (): Promise<B> => {
    const done = await beside();
    for (const [policy, spec] of takenFrom(queue, specs)) {
      take(policy, own(policy, spec));
      owned.own.push(policy);
      await turn();
    }
    return done;
  };
  const [done] = await Promise.all([mine(), ...helping]);
  return { answers, owned, beside: done };
}

/** @param folder of the run: series and decisions are written there   @param workers threads, this one included, ≥ 1 */
export function createBenchPool(folder: string, workers: number): BenchPool {
  const helpers = Array.from({ length: Math.max(1, workers) - 1 }, startHelper);
  let loaded: { readonly tape: Tape; readonly bench: PolicyBench } | null = null;
  let owned: Owned = { own: [], helpers: new Map() };
  const here = (): { readonly tape: Tape; readonly bench: PolicyBench } => {
    if (loaded === null) throw new Error('a pool was given work before its tape');
    return loaded;
  };
  return {
    read: async (job, say) => {
      const onPacked = (tape: PackedTape): void => {
        for (const helper of helpers) helper.tell({ kind: 'tape', tape, folder });
      };
      const tape = await readJobTape(job, say, { helpers, onPacked });
      loaded = { tape, bench: createPolicyBench(tape, folder) };
      return tape;
    },
    walkAll: async <B>(specs: readonly PolicySpec[], onProgress: (cases: number) => void, beside: () => Promise<B>) => {
      const { tape, bench } = here();
      const tally = createTally(specs.length, 2 * tape.cases.length, onProgress);
      const done = await shared<Walked, B>(helpers, {
        ...{ specs, tally, beside, task: (queue) => ({ kind: 'walk', specs, queue }) },
        own: (policy, spec) => bench.walk(policy, spec, (cases) => tally.put(policy, cases)),
        answerOf: (news) => (news.kind === 'walked' ? { policy: news.policy, answer: news.walked } : null),
      });
      owned = done.owned;
      return { walked: done.answers, beside: done.beside };
    },
    closesAll: async (specs, onProgress) => {
      const { tape, bench } = here();
      const tally = createTally(specs.length, tape.cases.length, onProgress);
      const done = await shared<Float64Array, null>(helpers, {
        ...{ specs, tally, beside: () => Promise.resolve(null), task: (queue) => ({ kind: 'closes', specs, queue }) },
        own: (policy, spec) => bench.closes(spec, (cases) => tally.put(policy, cases)),
        answerOf: (news) => (news.kind === 'closed' ? { policy: news.policy, answer: news.closes } : null),
      });
      return done.answers;
    },
    judgeAll: (by, onDone) => judged({ ...here(), helpers, owned }, by, onDone),
    close: async () => {
      await Promise.all(helpers.map((helper) => helper.end()));
    },
  };
}

async function judged(
  {
    bench,
    helpers,
    owned,
  }: { readonly bench: PolicyBench; readonly helpers: readonly Helper[]; readonly owned: Owned },
  by: JudgedBy,
  onDone: (done: number) => void,
): Promise<readonly PolicyResult[]> {
  const results: PolicyResult[] = [];
  let done = 0;
  const take = (policy: number, result: PolicyResult): void => {
    results[policy] = result;
    done += 1;
    onDone(done);
  };
  const beside = helpers.map((helper) =>
    helper.run({ kind: 'judge', policies: owned.helpers.get(helper) ?? [], ...by }, (news) => {
      if (news.kind !== 'judged') throw unexpected(news);
      take(news.policy, news.result);
    }),
  );
  const mine = async (): Promise<void> => {
    for (const policy of owned.own) {
      take(policy, bench.judge(policy, by));
      await turn();
    }
  };
  await Promise.all([mine(), ...beside]);
  return results;
}
