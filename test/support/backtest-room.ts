import type { Publish } from '#shared/contract/index.ts';
import type { BacktestRun } from '#shared/contract/backtest-operations.ts';
import type { BacktestJob, PoliciesRun } from '#shared/domain/backtest.ts';
import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import type { WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { epochMs } from '#shared/units.ts';
import { createBacktestHandlers, type BacktestHandlers } from '#desk/proof/backtest-handlers.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import { createDownloads } from '#desk/records/transfers.ts';

export type Room = BacktestHandlers['handlers'];
export type Told = { readonly job: BacktestJob }[];

export type RoomOptions = {
  readonly onFailure?: (error: unknown) => void;
  /** Where it tells its news beside `told`. */
  readonly publish?: Publish;
};

/** The operations over a journal, with what they publish. */
export function openRoom(
  path: string,
  { onFailure, publish }: RoomOptions = {},
): {
  readonly room: Room;
  readonly told: Told;
  readonly journal: SqliteJournal;
  fetch(file: { readonly downloadId: string }): string;
  close(): Promise<void>;
} {
  const opened = openJournal({ path });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  // A simulation's clock: as far from the machine's as it was told.
  const clock = createClock(epochMs(0), -90 * 86_400_000);
  clock.goLive();
  const ids = createIds(clock);
  const told: Told = [];
  const downloads = createDownloads({ clock, ids });
  const made = createBacktestHandlers({
    ...{ journal: opened.value, clock, ids, downloads, version: '0', mustBeReady: () => undefined },
    publish: (name, payload) => {
      publish?.(name, payload);
      if (name === 'backtest.progress') told.push({ job: payload as BacktestJob });
    },
    onFailure: (error) => {
      if (onFailure === undefined) throw error;
      onFailure(error);
    },
  });
  const close = async (): Promise<void> => {
    await made.close();
    downloads.close();
    clock.stop();
    opened.value.close();
  };
  const fetch = ({ downloadId }: { readonly downloadId: string }): string => {
    const parts: Buffer[] = [];
    for (let offset = 0; ;) {
      const part = downloads.read({ downloadId, offset });
      parts.push(Buffer.from(part.base64, 'base64'));
      if (part.isLast) return Buffer.concat(parts).toString('utf8');
      offset = part.nextOffset;
    }
  };
  return { room: made.handlers, told, journal: opened.value, fetch, close };
}

export async function finished(told: Told, jobId: string): Promise<BacktestJob> {
  for (;;) {
    const last = told.findLast(({ job }) => job.jobId === jobId)?.job;
    if (last !== undefined && last.endedAt !== null) return last;
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}

/** Waits until a job is well on its way. */
export async function reached(told: Told, jobId: string, share: number): Promise<void> {
  const isThere = (): boolean => told.some(({ job }) => job.jobId === jobId && job.done >= share * job.total);
  while (!isThere()) await new Promise((resolve) => void setTimeout(resolve, 5));
}

/** The run of policies that this is. */
export function policiesRun(stored: BacktestRun): PoliciesRun {
  if (stored.kind !== 'policies') throw new Error(`a run of the kind ${stored.kind}`);
  return stored.run;
}

/** The simulation that this is. */
export function monteCarloRun(stored: BacktestRun): MonteCarloRun {
  if (stored.kind !== 'monte-carlo') throw new Error(`a run of the kind ${stored.kind}`);
  return stored.run;
}

/** The walk-forward that this is. */
export function walkForwardRun(stored: BacktestRun): WalkForwardRun {
  if (stored.kind !== 'walk-forward') throw new Error(`a run of the kind ${stored.kind}`);
  return stored.run;
}
