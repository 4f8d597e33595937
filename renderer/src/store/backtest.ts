import { create } from 'zustand';
import { deskClient } from '#renderer/src/api/client.ts';
import type { Comparison } from '#shared/contract/backtest-operations.ts';
import type { OutputOf } from '#shared/contract/index.ts';
import type { BacktestRequest } from '#shared/contract/backtest-requests.ts';
import type { BacktestJob, JobKind, RunHead } from '#shared/domain/backtest.ts';
import type { PolicyOffer } from '#shared/domain/policy.ts';
import type { Result } from '#shared/result.ts';
import { run as runCommand } from './actions.ts';
import { requestOf, useBacktestDraft } from './backtest-draft.ts';
import { readDownload } from './files.ts';
import { createReading } from './reading.ts';
import {
  monteCarloRequestOf,
  useMonteCarloDraft,
  useWalkForwardDraft,
  walkForwardRequestOf,
} from './simulation-draft.ts';
import { toast, useUi } from './ui.ts';

export type ExportKind = 'csv' | 'json' | 'html';

/** What the trader is doing on the Backtest screen, and the jobs the desk tells of. */
export type BacktestState = {
  /** What kind of run is set up, listed and looked at. */
  readonly kind: JobKind;
  /** The run that is open; null: the newest of the kind. */
  readonly selected: string | null;
  /** The run the open one is compared with. */
  readonly against: string | null;
  /** Newest first. */
  readonly jobs: readonly BacktestJob[];
  /** Ended jobs whose message was read. */
  readonly dismissed: ReadonlySet<string>;
  /** Jobs of this window: their runs open by themselves. */
  readonly own: ReadonlySet<string>;
  /** Which part is unfolded in a small window. */
  readonly unfolded: 'setup' | 'runs' | null;
};

export const useBacktest = create<BacktestState>()(() => ({
  kind: 'policies',
  selected: null,
  against: null,
  jobs: [],
  dismissed: new Set(),
  own: new Set(),
  unfolded: null,
}));

const PAGE = 20;
/** Runs listed at the most; older ones stay in the profile's folder. */
const MOST_RUNS = 200;
const COMPARED_AT_ONCE = 5;

export const offer = createReading<'all', OutputOf<'backtest.offer'>>(() => deskClient().call('backtest.offer', {}));

export const runs = createReading<'all', { readonly total: number; readonly runs: readonly RunHead[] }>(async () => {
  const heads: RunHead[] = [];
  for (;;) {
    const page = await deskClient().call('backtest.runs', { limit: PAGE, offset: heads.length });
    heads.push(...page.runs);
    if (page.runs.length < PAGE || heads.length >= MOST_RUNS) return { total: page.total, runs: heads };
  }
});

export const openRun = createReading((runId: string) => deskClient().call('backtest.run', { runId }));

export const comparison = createReading(async (runIds: readonly [string, string]): Promise<Comparison> => {
  const read = (offset: number) =>
    deskClient().call('backtest.compare', { runIds: [...runIds], limit: COMPARED_AT_ONCE, offset });
  const first = await read(0);
  const rows = [...first.comparison.rows];
  while (rows.length > 0 && rows.length < first.total) {
    const next = await read(rows.length);
    if (next.comparison.rows.length === 0) break;
    rows.push(...next.comparison.rows);
  }
  return { ...first.comparison, rows };
});

/** The run that is open: the chosen one while it is there, else the newest. */
export function selectedRun(selected: string | null, heads: readonly RunHead[]): RunHead | null {
  return heads.find(({ runId }) => runId === selected) ?? heads[0] ?? null;
}

/** The stored runs of a kind, newest first. */
export const runsOfKind = (heads: readonly RunHead[], kind: JobKind): readonly RunHead[] =>
  heads.filter((head) => head.kind === kind);

const listed = (): readonly RunHead[] => runsOfKind(runs.use.getState().value?.runs ?? [], useBacktest.getState().kind);

/** Turns to another kind of run: its settings, its runs, the newest of them open. */
export function showKind(kind: JobKind): void {
  if (useBacktest.getState().kind !== kind) useBacktest.setState({ kind, selected: null, against: null });
}

/** The kinds in the order of their tabs. */
export const KINDS = ['policies', 'monte-carlo', 'walk-forward'] as const satisfies readonly JobKind[];

/** Turns to the next kind, after the last to the first. */
export function nextKind(): void {
  const at = KINDS.indexOf(useBacktest.getState().kind);
  showKind(KINDS[(at + 1) % KINDS.length] ?? 'policies');
}

/** The head of the run that is open now. */
export const currentRun = (): RunHead | null => selectedRun(useBacktest.getState().selected, listed());

export const selectRun = (runId: string): void => useBacktest.setState({ selected: runId });

/** Opens the next or previous run of the list. */
export function moveRun(step: number): void {
  const heads = listed();
  const at = heads.findIndex(({ runId }) => runId === currentRun()?.runId);
  const next = heads[Math.max(0, Math.min(heads.length - 1, at + step))];
  if (next !== undefined) selectRun(next.runId);
}

/** Holds a run beside the one that is open; the same run again takes it away. */
export const compareWith = (runId: string): void =>
  useBacktest.setState(({ against }) => ({ against: against === runId ? null : runId }));

/** The job that runs or waits, oldest first; null when there is none. */
export const activeJob = (jobs: readonly BacktestJob[]): BacktestJob | null =>
  jobs.findLast(({ state }) => state === 'running' || state === 'waiting') ?? null;

/** Takes in what the desk says of a job. */
export function putJob(job: BacktestJob): void {
  const { jobs, own } = useBacktest.getState();
  const isKnown = jobs.some(({ jobId }) => jobId === job.jobId);
  useBacktest.setState({
    jobs: isKnown ? jobs.map((one) => (one.jobId === job.jobId ? job : one)) : [job, ...jobs],
  });
  if (job.state !== 'done' || job.runId === null || !own.has(job.jobId)) return;
  useBacktest.setState({ kind: job.kind, selected: job.runId, against: null, unfolded: null });
  if (useUi.getState().screen !== 'backtest') toast('info', `${job.name} is done.`);
}

/** Reads the jobs of the desk: those of before this window opened, too. */
export async function readJobs(): Promise<void> {
  try {
    useBacktest.setState({ jobs: await deskClient().call('backtest.jobs', {}) });
  } catch {
    // The readings beside it say that the desk does not answer.
  }
}

export const dismissJob = (jobId: string): void =>
  useBacktest.setState(({ dismissed }) => ({ dismissed: new Set([...dismissed, jobId]) }));

export const START = 'backtest:start';

/** What the draft of the kind at hand asks for, or why it asks for nothing yet. */
export function draftRequest(kind: JobKind, policies: readonly PolicyOffer[]): Result<BacktestRequest, string> {
  const common = useBacktestDraft.getState();
  switch (kind) {
    case 'policies':
      return requestOf(policies, common);
    case 'monte-carlo':
      return monteCarloRequestOf(policies, useMonteCarloDraft.getState(), common);
    case 'walk-forward':
      return walkForwardRequestOf(useWalkForwardDraft.getState(), common);
  }
}

/** Runs what the draft asks for; a draft that asks for nothing yet says why. */
export async function startBacktest(): Promise<boolean> {
  const work = async () => {
    const { policies } = offer.use.getState().value ?? (await deskClient().call('backtest.offer', {}));
    const request = draftRequest(useBacktest.getState().kind, policies);
    if (!request.ok) throw new Error(request.error);
    return deskClient().call('backtest.start', { request: request.value });
  };
  return runCommand(START, work, (job) => {
    useBacktest.setState(({ own }) => ({ own: new Set([...own, job.jobId]) }));
    // What was told of it meanwhile is newer than this answer.
    putJob(useBacktest.getState().jobs.find(({ jobId }) => jobId === job.jobId) ?? job);
  });
}

/** Ends a job; the desk keeps nothing of it. */
export const cancelJob = (jobId: string): Promise<boolean> =>
  runCommand(`cancel:${jobId}`, () => deskClient().call('backtest.cancel', { jobId }), putJob);

/** Deletes a stored run. */
export const deleteRun = (runId: string): Promise<boolean> =>
  runCommand(
    `delete:${runId}`,
    () => deskClient().call('backtest.delete', { runId }),
    () => {
      const { against } = useBacktest.getState();
      if (against === runId) useBacktest.setState({ against: null });
      runs.refresh();
      toast('info', 'The run is deleted.');
    },
  );

/** Has the desk write a run as a file, and fetches it. */
export const exportRun = (runId: string, format: ExportKind, save: (blob: Blob, name: string) => void) =>
  runCommand(
    `export:${runId}:${format}`,
    async () => readDownload(await deskClient().call('backtest.export', { runId, format })),
    ({ blob, fileName }) => {
      save(blob, fileName);
      toast('info', `Exported ${fileName}.`);
    },
  );
