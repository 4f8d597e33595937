import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers, OperationName, Publish } from '#shared/contract/index.ts';
import type { BacktestRequest } from '#shared/contract/backtest-requests.ts';
import { epochMs } from '#shared/units.ts';
import { POLICY_OFFERS } from '#desk/backtest/catalogue.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { Downloads } from '#desk/records/transfers.ts';
import { runInThread } from './job-thread.ts';
import { createJobRunner, type JobWork } from './job-runner.ts';
import { jobOf, spareWorkers } from './job-of.ts';
import { checkRequest, nameOf } from './requests.ts';
import { compareRuns } from './run-comparison.ts';
import { createRunStore, type RunStore } from './run-store.ts';
import { createDecisionPages, mustHaveRun, placeOf, seriesOf } from './run-views.ts';

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

const MEDIA = { csv: 'text/csv; charset=utf-8', json: 'application/json', html: 'text/html; charset=utf-8' } as const;

/** The folder of the stored run whose trades are drawn; null where they come from the journal. */
function sourceFolderOf(request: BacktestRequest, store: RunStore): string | null {
  if (request.kind !== 'monte-carlo' || request.source.from !== 'run') return null;
  const { runId, key } = request.source;
  return placeOf(store, runId, key).folder;
}

function workOf(request: BacktestRequest, store: RunStore, parts: BacktestHandlerParts): JobWork {
  const { journal, clock, ids, version, publish } = parts;
  const sourceFolder = sourceFolderOf(request, store);
  return {
    kind: request.kind,
    name: nameOf(request),
    workers: request.workers ?? spareWorkers(),
    run: async (signal, onProgress) => {
      const runId = ids.next();
      const folder = store.begin(runId);
      const given = { runId, journalPath: journal.path, folder, startedAt: clock.now(), version };
      try {
        await runInThread(jobOf(request, given, sourceFolder), { signal, onProgress });
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
        return runner.start(workOf(request, store, parts));
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
