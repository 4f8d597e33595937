import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';

/**
 * Puts what was committed without waiting for the disk onto it, beside the work of the desk: at the end of the turn, one
 * sync at a time, the next one for all that came meanwhile. A failed sync is told once and none is tried after it: the
 * kernel may have dropped what it could not write, and a second sync would succeed without it.
 */
export type BackgroundSync = {
  /** Something was committed: it is on disk soon. */
  readonly ask: () => void;
  /** All that was committed until now is on disk: a commit that waited for it took it along. */
  readonly covered: () => void;
  /** Returns once all that was asked for is on disk, or its failure has been told. */
  readonly settle: () => void;
  /** Lets go of the file; nothing is told any more. */
  readonly close: () => void;
};

/**
 * @param log the write-ahead log of an open journal. It is not locked by SQLite, so that closing a descriptor of it
 * takes no lock away, as it would on the journal itself.
 * @param onFailure what the system said
 */
export function createBackgroundSync(log: string, onFailure: (error: Error) => void): BackgroundSync {
  let descriptor: number | null = null;
  let state: 'idle' | 'asked' | 'running' | 'running-asked' | 'failed' | 'closed' = 'idle';
  const fail = (error: unknown): void => {
    state = 'failed';
    onFailure(error instanceof Error ? error : new Error(String(error)));
  };
  const letGo = (): void => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  const open = (): number => (descriptor ??= openSync(log, 'r+'));
  const run = (): void => {
    state = 'running';
    fdatasync(open(), (error) => {
      if (state === 'closed') letGo();
      else if (error !== null) fail(error);
      else if (state === 'running-asked') start();
      else if (state === 'running') state = 'idle';
    });
  };
  const start = (): void => {
    try {
      run();
    } catch (error) {
      fail(error);
    }
  };
  const isRunning = (): boolean => state === 'running' || state === 'running-asked';
  return {
    ask: () => {
      if (state === 'running') state = 'running-asked';
      if (state !== 'idle') return;
      state = 'asked';
      setImmediate(() => {
        if (state === 'asked') start();
      });
    },
    covered: () => {
      if (state === 'asked') state = 'idle';
      if (state === 'running-asked') state = 'running';
    },
    settle: () => {
      if (!isRunning() && state !== 'asked') return;
      try {
        fdatasyncSync(open());
        if (state === 'asked') state = 'idle';
      } catch (error) {
        fail(error);
      }
    },
    close: () => {
      const isBusy = isRunning();
      state = 'closed';
      // A descriptor that a sync still uses is closed when that has ended.
      if (!isBusy) letGo();
    },
  };
}
