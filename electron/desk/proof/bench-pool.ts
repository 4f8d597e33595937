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

function overHelpers(tape: Tape, folder: string, count: number): BenchPool {
  const helpers = Array.from({ length: count }, () => startBenchHelper(tape, folder));
  /** Which helper walked a policy: it has its columns, and judges it. */
  const owners: Helper[] = [];
  return {
    walkAll: async (specs, onProgress) => {
      const walked: (Walked | undefined)[] = specs.map(() => undefined);
      const cases = specs.map(() => 0);
      let next = 0;
      const work = async (helper: Helper): Promise<void> => {
        for (let policy = next; policy < specs.length; policy = next) {
          next += 1;
          const spec = specs[policy];
          if (spec === undefined) return;
          owners[policy] = helper;
          const answer = await helper.run({ kind: 'walk', policy, spec }, (done) => {
            cases[policy] = done;
            onProgress(sum(cases));
          });
          if (answer.kind === 'walked') walked[policy] = answer.walked;
          cases[policy] = 2 * tape.cases.length;
          onProgress(sum(cases));
        }
      };
      await Promise.all(helpers.map(work));
      return walked.filter((one) => one !== undefined);
    },
    judgeAll: async (by, onDone) => {
      const results: (PolicyResult | undefined)[] = owners.map(() => undefined);
      let done = 0;
      const work = async (helper: Helper): Promise<void> => {
        for (const [policy, owner] of owners.entries()) {
          if (owner !== helper) continue;
          const answer = await helper.run({ kind: 'judge', policy, ...by });
          if (answer.kind === 'judged') results[policy] = answer.result;
          done += 1;
          onDone(done);
        }
      };
      await Promise.all(helpers.map(work));
      return results.filter((one) => one !== undefined);
    },
    close: async () => {
      await Promise.all(helpers.map((helper) => helper.end()));
    },
  };
}

/** Returns a pool of this many threads; one works in the thread that asks. */
export const createBenchPool = (tape: Tape, folder: string, workers: number): BenchPool =>
  workers <= 1 ? inThisThread(tape, folder) : overHelpers(tape, folder, workers);
