import { DeskError } from '#shared/contract/errors.ts';
import type { BacktestRun } from '#shared/contract/backtest-operations.ts';
import type { PolicyDecision, PolicySeries } from '#shared/domain/backtest.ts';
import type { EpochMs } from '#shared/units.ts';
import { decimate, underwaterOf } from './decimate.ts';
import {
  casesFileSchema,
  decisionsFileSchema,
  FILES,
  readPacked,
  seriesFileSchema,
  type RunStore,
} from './run-store.ts';

const gone = (field: string, value: string, message: string): DeskError =>
  new DeskError({ code: 'not-found', field, value, message, remedy: 'Reload the list of runs.' });

/** A stored run. @errors DeskError 'not-found' */
export function mustHaveRun(store: RunStore, runId: string): BacktestRun {
  const found = store.run(runId);
  if (found === null) throw gone('runId', runId, 'There is no such run, or it cannot be read.');
  return found;
}

/** Where a policy of a stored run lies. @errors DeskError 'not-found' */
export function placeOf(
  store: RunStore,
  runId: string,
  key: string,
): { readonly folder: string; readonly policy: number } {
  const { run } = mustHaveRun(store, runId);
  const folder = store.folderOf(runId);
  const policy = run.head.policies.findIndex((one) => one.key === key);
  if (folder === null || policy === -1) throw gone('key', key, 'This run does not have such a policy.');
  return { folder, policy };
}

/** A policy's series between two times, decimated. Drawdown is from the highest equity of the whole series. */
export function seriesOf(
  store: RunStore,
  {
    runId,
    key,
    points,
    from,
    to,
  }: { runId: string; key: string; points: number; from?: EpochMs | undefined; to?: EpochMs | undefined },
): PolicySeries {
  const { folder, policy } = placeOf(store, runId, key);
  const file = readPacked(folder, FILES.series(policy), seriesFileSchema);
  if (file === null) throw gone('runId', runId, 'The series of this run cannot be read.');
  const falls = underwaterOf(file.equity);
  const within = file.at.flatMap((at, i) => (at >= (from ?? -Infinity) && at <= (to ?? Infinity) ? [i] : []));
  const kept = decimate(
    within.map((i) => file.equity[i] ?? 0),
    points,
  ).flatMap((k) => within[k] ?? []);
  const pick = <T>(column: readonly T[]): T[] => kept.flatMap((i) => column[i] ?? []);
  return {
    key,
    total: file.at.length,
    at: pick(file.at),
    equity: pick(file.equity),
    drawdown: kept.map((i) => falls[i] ?? 0),
  };
}

/** Decisions of one policy, oldest first, a page at a time. The last run asked for stays read. */
export function createDecisionPages(store: RunStore) {
  let held: { readonly name: string; readonly rows: readonly PolicyDecision[] } | null = null;
  const read = (runId: string, key: string): readonly PolicyDecision[] => {
    const { folder, policy } = placeOf(store, runId, key);
    const cases = readPacked(folder, FILES.cases, casesFileSchema);
    const columns = readPacked(folder, FILES.decisions(policy), decisionsFileSchema);
    if (cases === null || columns === null) throw gone('runId', runId, 'The decisions of this run cannot be read.');
    return cases.id.flatMap((recommendationId, i) => {
      const [at, symbol, direction, source] = [cases.at[i], cases.symbol[i], cases.direction[i], cases.source[i]];
      const [status, equity] = [columns.status[i], columns.equity[i]];
      if (at === undefined || symbol === undefined || direction === undefined || source === undefined) return [];
      if (status === undefined || equity === undefined) return [];
      return [
        {
          ...{ recommendationId, at, symbol, direction, source, status, equity },
          asked: columns.asked[i] ?? 0,
          contracts: columns.contracts[i] ?? 0,
          executed: cases.executed[i] ?? 0,
          fraction: columns.fraction[i] ?? null,
          riskFraction: columns.riskFraction[i] ?? 0,
          net: columns.net[i] ?? null,
          exitAt: columns.exitAt[i] ?? null,
          isFlagged: columns.isFlagged[i] ?? false,
        },
      ];
    });
  };
  return ({ runId, key, limit, offset }: { runId: string; key: string; limit: number; offset: number }) => {
    const name = `${runId} ${key}`;
    if (store.folderOf(runId) === null) throw gone('runId', runId, 'There is no such run.');
    if (held?.name !== name) held = { name, rows: read(runId, key) };
    return { total: held.rows.length, decisions: held.rows.slice(offset, offset + limit) };
  };
}
