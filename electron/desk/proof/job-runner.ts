import { DeskError } from '#shared/contract/errors.ts';
import type { BacktestJob } from '#shared/domain/backtest.ts';
import { epochMs } from '#shared/units.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { JobProgress } from './thread-messages.ts';

/** Jobs that wait behind the running one, and ended ones that are still told of. */
const MOST_WAITING = 5;
const ENDED_KEPT = 20;
/** Steps of a job, for a bar. */
const STEPS = 1000;

/** What a kind of job does. It runs when its turn comes, and leaves nothing behind when it rejects. */
export type JobWork = {
  readonly kind: BacktestJob['kind'];
  readonly name: string;
  readonly workers: number;
  /** Returns the id of the stored run. */
  readonly run: (signal: AbortSignal, onProgress: (progress: JobProgress) => void) => Promise<string>;
};

/** Long computations, one after the other: each in threads, with progress, time left and an end on demand. */
export interface JobRunner {
  /** @errors DeskError 'refused' when too many wait already */
  start(work: JobWork): BacktestJob;
  /** @errors DeskError 'not-found' */
  cancel(jobId: string): Promise<BacktestJob>;
  /** Newest first. */
  jobs(): readonly BacktestJob[];
  close(): Promise<void>;
}

export type JobRunnerParts = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly onChange: (job: BacktestJob) => void;
  readonly onFailure: (error: unknown) => void;
};

type Entry = { job: BacktestJob; readonly work: JobWork; readonly stop: AbortController; ended: Promise<void> };

const isOver = ({ state }: BacktestJob): boolean => state !== 'waiting' && state !== 'running';

/** Why a job failed, in words for the trader; a bug is logged whole, and told as one. */
const failureText = (error: unknown): string => {
  if (error instanceof DeskError) return [error.data.message, error.data.remedy].filter((t) => t !== null).join('. ');
  return error instanceof Error ? error.message : 'unknown error';
};

/** Returns a runner without jobs. */
export function createJobRunner({ clock, ids, onChange, onFailure }: JobRunnerParts): JobRunner {
  const entries: Entry[] = [];
  let isBusy = false;

  const change = (entry: Entry, news: Partial<BacktestJob>): void => {
    entry.job = { ...entry.job, ...news };
    onChange(entry.job);
  };
  const end = (entry: Entry, news: Partial<BacktestJob>): void =>
    change(entry, { etaMs: null, endedAt: clock.now(), ...news });
  const onProgress = (entry: Entry, { share, phase }: JobProgress): void => {
    if (isOver(entry.job)) return;
    const elapsed = clock.now() - entry.job.startedAt;
    const etaMs = share > 0 ? Math.max(0, (elapsed * (1 - share)) / share) : null;
    change(entry, { done: Math.min(STEPS, Math.floor(share * STEPS)), phase, etaMs });
  };
  const work = async (entry: Entry): Promise<void> => {
    change(entry, { state: 'running', startedAt: clock.now(), phase: 'Starting' });
    try {
      const runId = await entry.work.run(entry.stop.signal, (progress) => onProgress(entry, progress));
      end(entry, { state: 'done', done: STEPS, phase: 'Done', runId });
    } catch (error) {
      if (entry.stop.signal.aborted) end(entry, { state: 'cancelled', phase: 'Cancelled' });
      else {
        onFailure(error);
        end(entry, { state: 'failed', phase: 'Failed', error: failureText(error) });
      }
    }
  };
  const next = (): void => {
    const waiting = entries.find(({ job }) => job.state === 'waiting');
    if (isBusy || waiting === undefined) return;
    isBusy = true;
    waiting.ended = work(waiting).finally(() => {
      isBusy = false;
      next();
    });
  };
  const forgetOld = (): void => {
    const over = entries.filter(({ job }) => isOver(job));
    for (const old of over.slice(0, Math.max(0, over.length - ENDED_KEPT))) entries.splice(entries.indexOf(old), 1);
  };

  return {
    start: (asked) => {
      if (entries.filter(({ job }) => job.state === 'waiting').length >= MOST_WAITING) {
        const message = `${MOST_WAITING} jobs wait already`;
        throw new DeskError({ code: 'refused', message, remedy: 'Wait for one to end, or cancel one.' });
      }
      const { kind, name, workers } = asked;
      const job: BacktestJob = {
        ...{ jobId: ids.next(), kind, name, workers, state: 'waiting', phase: 'Waiting for its turn' },
        ...{ done: 0, total: STEPS, startedAt: epochMs(clock.now()), endedAt: null, etaMs: null },
        ...{ runId: null, error: null },
      };
      const entry: Entry = { job, work: asked, stop: new AbortController(), ended: Promise.resolve() };
      entries.push(entry);
      forgetOld();
      onChange(job);
      next();
      return entry.job;
    },
    cancel: async (jobId) => {
      const entry = entries.find(({ job }) => job.jobId === jobId);
      if (entry === undefined) {
        const remedy = 'Reload the list.';
        throw new DeskError({
          code: 'not-found',
          message: 'there is no such job',
          field: 'jobId',
          value: jobId,
          remedy,
        });
      }
      if (entry.job.state === 'waiting') end(entry, { state: 'cancelled', phase: 'Cancelled' });
      else if (!isOver(entry.job)) {
        entry.stop.abort(new DeskError({ code: 'refused', message: 'the job was cancelled' }));
        await entry.ended;
      }
      return entry.job;
    },
    jobs: () => entries.map(({ job }) => job).reverse(),
    close: async () => {
      for (const entry of entries) {
        if (entry.job.state === 'waiting') end(entry, { state: 'cancelled', phase: 'Cancelled' });
        else entry.stop.abort(new DeskError({ code: 'not-ready', message: 'the desk is closing' }));
      }
      await Promise.all(entries.map(({ ended }) => ended));
    },
  };
}
