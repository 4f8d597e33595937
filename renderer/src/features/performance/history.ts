import { useEffect } from 'react';
import { create } from 'zustand';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import { loadPerformance } from '#renderer/src/store/actions.ts';
import { refreshDetails } from '#renderer/src/store/performance.ts';
import { useActivity, useStatus } from '#renderer/src/store/status.ts';
import { createThrottle } from './throttle.ts';

/** The history of the three books as last read. It outlives the screen, so that coming back shows it at once. */
export type HistoryState = {
  readonly history: PerformanceHistory | null;
  /** Epoch ms of this machine. */
  readonly readAt: number | null;
  /** Why the last reading failed. */
  readonly failure: string | null;
};

export const useHistory = create<HistoryState>()(() => ({ history: null, readAt: null, failure: null }));

let isReading = false;
let isAskedAgain = false;

/** Reads the history once at a time; asked meanwhile, it reads once more afterwards. */
async function read(): Promise<void> {
  if (isReading) {
    isAskedAgain = true;
    return;
  }
  isReading = true;
  const result = await loadPerformance();
  isReading = false;
  useHistory.setState(
    result.ok ? { history: result.value, readAt: Date.now(), failure: null } : { failure: result.error },
  );
  if (isAskedAgain) {
    isAskedAgain = false;
    reading.request();
  }
}

/** The desk resamples the whole history for each answer: several closes in a row share one. */
const reading = createThrottle(
  () => {
    void read();
    refreshDetails();
  },
  { settleMs: 1_200, everyMs: 10_000 },
);

/** Reads the history at once. */
export const readNow = (): void => reading.now();

/** The newest closed trade the window has heard of. */
const lastClose = (items: ReturnType<typeof useActivity.getState>['items']): number | null =>
  items.find(({ kind }) => kind === 'closed')?.seq ?? null;

/** Keeps the history true while the screen is shown: read when it opens, when trades close, when the desk is back. */
export function useFreshHistory(): void {
  const isLive = useStatus((s) => s.link === 'live');
  const trades = useStatus((s) => s.journal?.trades ?? null);
  const closed = useActivity((s) => lastClose(s.items));
  useEffect(() => {
    if (!isLive) return;
    if (useHistory.getState().history === null) readNow();
    else reading.request();
  }, [isLive, trades, closed]);
  useEffect(() => () => reading.stop(), []);
}
