import { DeskError } from '#shared/contract/errors.ts';
import type { Comparison } from '#shared/contract/backtest-operations.ts';
import type { PoliciesRun, RunHead } from '#shared/domain/backtest.ts';
import { runFigures, setupDifferences } from '#shared/wording/run-figures.ts';
import type { RunStore } from './run-store.ts';
import { mustHaveRun } from './run-views.ts';

/** What keeps runs from being the same experiment. */
function differencesOf(heads: readonly RunHead[]): string[] {
  const [first] = heads;
  if (first === undefined) return [];
  const differs = (of: (head: RunHead) => unknown): boolean => heads.some((head) => of(head) !== of(first));
  return [
    differs((h) => h.journal.headHash) ? 'The runs were made from different states of the journal.' : null,
    differs((h) => `${String(h.from)} ${String(h.to)}`) ? 'The runs cover different ranges.' : null,
    differs((h) => h.seed) ? 'The runs have different seeds: their intervals differ by chance.' : null,
    differs((h) => `${h.version} ${h.engineVersion}`) ? 'The runs were made by different versions of the desk.' : null,
    differs((h) => h.policies.length)
      ? 'The runs tried different numbers of policies: deflated figures differ by that.'
      : null,
  ].flatMap((text) => (text === null ? [] : [text]));
}

type Compared = { readonly total: number; readonly comparison: Comparison };

function comparePolicies(
  runs: readonly PoliciesRun[],
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Compared {
  const labels = new Map(runs.flatMap(({ policies }) => policies.map(({ key, label }) => [key, label] as const)));
  const rows = [...labels].slice(offset, offset + limit).map(([key, label]) => ({
    key,
    label,
    results: runs.map(({ policies }) => policies.find((policy) => policy.key === key) ?? null),
  }));
  const heads = runs.map(({ head }) => head);
  return { total: labels.size, comparison: { runs: heads, rows, figures: [], differences: differencesOf(heads) } };
}

/** Runs of one kind side by side: a page of their policies, or all their figures. @errors DeskError */
export function compareRuns(
  store: RunStore,
  { runIds, limit, offset }: { readonly runIds: readonly string[]; readonly limit: number; readonly offset: number },
): Compared {
  const stored = [...new Set(runIds)].map((runId) => mustHaveRun(store, runId));
  const policies = stored.flatMap((one) => (one.kind === 'policies' ? [one.run] : []));
  if (policies.length === stored.length) return comparePolicies(policies, { limit, offset });
  const [first] = stored;
  if (stored.some(({ kind }) => kind !== first?.kind)) {
    throw new DeskError({
      code: 'invalid-input',
      message: 'these runs are of different kinds',
      field: 'runIds',
      value: runIds.join(', '),
      remedy: 'Compare backtests with backtests, and simulations with simulations.',
    });
  }
  const heads = stored.map(({ run }) => run.head);
  const figures = stored.map((one) => [...runFigures(one)]);
  const differences = [...differencesOf(heads), ...setupDifferences(stored)];
  return { total: figures[0]?.length ?? 0, comparison: { runs: heads, rows: [], figures, differences } };
}
