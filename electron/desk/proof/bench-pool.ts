import type { PolicyResult } from '#shared/domain/backtest.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import type { Trials } from '#desk/engine/sharpe.ts';
import { createPolicyBench, type Walked } from './policy-bench.ts';
import { startHelper, type Helper } from './helper-thread.ts';

/** Walks and judges many policies, in this thread or spread over helpers. The results do not depend on how many. */
export interface BenchPool {
  /** In the order of the policies. `onProgress` is told the cases walked so far, of all policies together. */
  walkAll(specs: readonly PolicySpec[], onProgress: (cases: number) => void): Promise<readonly Walked[]>;
  /** Daily equity under each policy, in their order: its walk alone, without a benchmark. */
  closesAll(specs: readonly PolicySpec[], onProgress: (cases: number) => void): Promise<readonly Float64Array[]>;
  judgeAll(
    by: { readonly trials: Trials; readonly seed: number },
    onDone: (done: number) => void,
  ): Promise<readonly PolicyResult[]>;
  close(): Promise<void>;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function inThisThread(tape: Tape, folder: string): BenchPool {
  const bench = createPolicyBench(tape, folder);
  let policies = 0;
  return {
    walkAll: (specs, onProgress) => {
      policies = specs.length;
      const perPolicy = 2 * tape.cases.length;
      const walked = specs.map((spec, i) => bench.walk(i, spec, (cases) => onProgress(i * perPolicy + cases)));
      return Promise.resolve(walked);
    },
    closesAll: (specs, onProgress) =>
      Promise.resolve(specs.map((spec, i) => bench.closes(spec, (cases) => onProgress(i * tape.cases.length + cases)))),
    judgeAll: (by, onDone) => {
      const results = Array.from({ length: policies }, (_, i) => {
        const result = bench.judge(i, by);
        onDone(i + 1);
        return result;
      });
      return Promise.resolve(results);
    },
    close: () => Promise.resolve(),
  };
}

function startBenchHelper(tape: Tape, folder: string): Helper {
  const helper = startHelper();
  helper.tell({ kind: 'tape', tape, folder });
  return helper;
}

/** Gives tasks to helpers as they come free. @param take may be asked for any task; the answers come in their order */
async function spread<T>(
  helpers: readonly Helper[],
  count: number,
  take: (helper: Helper, task: number) => Promise<T>,
): Promise<readonly T[]> {
  const answers: T[] = [];
  let next = 0;
  const work = async (helper: Helper): Promise<void> => {
    for (let task = next; task < count; task = next) {
      next += 1;
      answers[task] = await take(helper, task);
    }
  };
  await Promise.all(helpers.map(work));
  return answers;
}

/** Cases walked of many policies together. */
function createTally(policies: number, perPolicy: number, onProgress: (cases: number) => void) {
  const cases = new Float64Array(policies);
  const put = (policy: number, done: number): void => {
    cases[policy] = done;
    onProgress(sum([...cases]));
  };
  return { put, end: (policy: number) => put(policy, perPolicy) };
}

const unexpected = (answer: { readonly kind: string }): Error => new Error(`a helper answered with ${answer.kind}`);

function overHelpers(tape: Tape, folder: string, count: number): BenchPool {
  const helpers = Array.from({ length: count }, () => startBenchHelper(tape, folder));
  /** Which helper walked a policy: it has its columns, and judges it. */
  const owners: Helper[] = [];
  return {
    walkAll: (specs, onProgress) => {
      const tally = createTally(specs.length, 2 * tape.cases.length, onProgress);
      return spread(helpers, specs.length, async (helper, policy) => {
        owners[policy] = helper;
        const spec = at(specs, policy);
        const answer = await helper.run({ kind: 'walk', policy, spec }, (done) => tally.put(policy, done));
        if (answer.kind !== 'walked') throw unexpected(answer);
        tally.end(policy);
        return answer.walked;
      });
    },
    closesAll: (specs, onProgress) => {
      const tally = createTally(specs.length, tape.cases.length, onProgress);
      return spread(helpers, specs.length, async (helper, policy) => {
        const spec = at(specs, policy);
        const answer = await helper.run({ kind: 'closes', policy, spec }, (done) => tally.put(policy, done));
        if (answer.kind !== 'closed') throw unexpected(answer);
        tally.end(policy);
        return answer.closes;
      });
    },
    judgeAll: async (by, onDone) => {
      const results: PolicyResult[] = [];
      let done = 0;
      const work = async (helper: Helper): Promise<void> => {
        for (const [policy, owner] of owners.entries()) {
          if (owner !== helper) continue;
          const answer = await helper.run({ kind: 'judge', policy, ...by });
          if (answer.kind !== 'judged') throw unexpected(answer);
          results[policy] = answer.result;
          done += 1;
          onDone(done);
        }
      };
      await Promise.all(helpers.map(work));
      return results;
    },
    close: async () => {
      await Promise.all(helpers.map((helper) => helper.end()));
    },
  };
}

function at(specs: readonly PolicySpec[], policy: number): PolicySpec {
  const spec = specs[policy];
  if (spec === undefined) throw new RangeError(`no policy ${policy}`);
  return spec;
}

/** Returns a pool of this many threads; one works in the thread that asks. */
export const createBenchPool = (tape: Tape, folder: string, workers: number): BenchPool =>
  workers <= 1 ? inThisThread(tape, folder) : overHelpers(tape, folder, workers);
