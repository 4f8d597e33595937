import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers, OperationName, Publish } from '#shared/contract/index.ts';
import type { PoliciesRequest } from '#shared/contract/backtest-operations.ts';
import { policyKey } from '#shared/domain/policy.ts';
import { epochMs } from '#shared/units.ts';
import { countedText } from '#shared/wording/names.ts';
import { POLICY_OFFERS } from '#desk/backtest/catalogue.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { Downloads } from '#desk/records/transfers.ts';
import { runInThread } from './job-thread.ts';
import { createJobRunner, type JobWork } from './job-runner.ts';
import { createRunStore, type RunStore } from './run-store.ts';
import { compareRuns, createDecisionPages, mustHaveRun, seriesOf } from './run-views.ts';

export type BacktestOperation = Extract<OperationName, `backtest.${string}`>;

export type BacktestHandlerParts = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly publish: Publish;
  /** Where prepared files are fetched from. */
  readonly downloads: Downloads;
  readonly version: string;
  /** Throws DeskError 'not-ready' while history is still being made. */
  readonly mustBeReady: () => void;
  readonly onFailure: (error: unknown) => void;
};

export type BacktestHandlers = {
  readonly handlers: Pick<Handlers, BacktestOperation>;
  /** Ends what is under way, and removes prepared files. */
  close(): Promise<void>;
};

export const DEFAULT_SEED = 2024;
/** One processor stays with the desk. */
export const spareWorkers = (): number => Math.min(16, Math.max(1, availableParallelism() - 1));

const MEDIA = { csv: 'text/csv; charset=utf-8', json: 'application/json', html: 'text/html; charset=utf-8' } as const;

const badRequest = (field: string, value: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', field, value, message, remedy });

/** Refuses what no run can be made of. */
export function checkRequest({ policies, from, to }: PoliciesRequest): void {
  const keys = policies.map(policyKey);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) {
    throw badRequest('request.policies', twice, 'this policy stands there twice', 'Leave one of them out.');
  }
  if (from !== undefined && to !== undefined && from >= to) {
    throw badRequest('request.to', new Date(to).toISOString(), 'the range ends before it begins', 'Widen the range.');
  }
}

/** What a run without a name is called. */
export const nameOf = ({ name, policies }: PoliciesRequest): string =>
  name ?? `Backtest of ${countedText(policies.length, 'policy', 'policies')}`;

function policiesWork(request: PoliciesRequest, store: RunStore, parts: BacktestHandlerParts): JobWork {
  const { journal, clock, ids, version, publish } = parts;
  const workers = request.workers ?? spareWorkers();
  return {
    kind: 'policies',
    name: nameOf(request),
    workers,
    run: async (signal, onProgress) => {
      const runId = ids.next();
      const folder = store.begin(runId);
      const fixed = { ...request, name: nameOf(request), seed: request.seed ?? DEFAULT_SEED, workers };
      const job = { kind: 'policies', request: fixed, runId, journalPath: journal.path, folder } as const;
      try {
        await runInThread({ ...job, startedAt: clock.now(), version }, { signal, onProgress });
        store.commit(runId);
      } catch (error) {
        store.discard(runId);
        throw error;
      }
      publish('backtest.runsChanged', { total: store.heads().length });
      return runId;
    },
  };
}

/** What the journal offers: how many decisions, from when to when. */
function offerOf(journal: Journal) {
  const [first] = journal.events({ kinds: ['decision'], limit: 1 });
  const [last] = journal.decisions({ limit: 1, offset: 0 });
  return {
    policies: [...POLICY_OFFERS],
    decisions: journal.decisionCount(),
    from: first === undefined ? null : epochMs(first.at),
    to: last === undefined ? null : epochMs(last.decision.at),
    workers: spareWorkers(),
  };
}

/** Prepares exports in a thread, into a folder that only this user can read. */
function createExports(store: RunStore, { downloads }: BacktestHandlerParts, closing: AbortSignal) {
  let folder: string | null = null;
  let count = 0;
  return {
    make: async (runId: string, format: 'csv' | 'json' | 'html') => {
      downloads.mustHaveRoom();
      const { head } = mustHaveRun(store, runId).run;
      const source = store.folderOf(runId) ?? '';
      folder ??= mkdtempSync(join(tmpdir(), 'kelly-desk-runs-'));
      count += 1;
      const path = join(folder, `${count}.${format}`);
      const job = { kind: 'export', format, folder: source, path } as const;
      await runInThread(job, { signal: closing, onProgress: () => undefined });
      const day = new Date(head.at).toISOString().slice(0, 10);
      const fileName = `kelly-desk-backtest-${day}-${runId.slice(-6).toLowerCase()}.${format}`;
      const { size } = statSync(path);
      const downloadId = downloads.add({ fileName, mediaType: MEDIA[format], size, content: { path } });
      return { downloadId, fileName, mediaType: MEDIA[format], size };
    },
    close: () => {
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the operations of the backtest: jobs in threads over the profile's journal, and the runs they left. */
export function createBacktestHandlers(parts: BacktestHandlerParts): BacktestHandlers {
  const { journal, clock, ids, publish, mustBeReady, onFailure } = parts;
  const store = createRunStore(join(dirname(journal.path), 'backtests'));
  const runner = createJobRunner({ clock, ids, onChange: (job) => publish('backtest.progress', job), onFailure });
  const closing = new AbortController();
  const exports = createExports(store, parts, closing.signal);
  const pages = createDecisionPages(store);
  return {
    handlers: {
      'backtest.offer': () => offerOf(journal),
      'backtest.jobs': () => [...runner.jobs()],
      'backtest.runs': ({ kind, limit, offset }) => {
        const heads = store.heads().filter((head) => kind === undefined || head.kind === kind);
        return { total: heads.length, runs: heads.slice(offset, offset + limit) };
      },
      'backtest.run': ({ runId }) => mustHaveRun(store, runId),
      'backtest.series': (asked) => seriesOf(store, asked),
      'backtest.decisions': (asked) => pages(asked),
      'backtest.compare': (asked) => compareRuns(store, asked),
      'backtest.start': ({ request }) => {
        mustBeReady();
        checkRequest(request);
        return runner.start(policiesWork(request, store, parts));
      },
      'backtest.cancel': ({ jobId }) => runner.cancel(jobId),
      'backtest.delete': ({ runId }) => {
        if (!store.remove(runId)) mustHaveRun(store, runId);
        publish('backtest.runsChanged', { total: store.heads().length });
        return {};
      },
      'backtest.export': ({ runId, format }) => exports.make(runId, format),
    },
    close: async () => {
      closing.abort(new DeskError({ code: 'not-ready', message: 'the desk is closing' }));
      await runner.close();
      exports.close();
    },
  };
}
