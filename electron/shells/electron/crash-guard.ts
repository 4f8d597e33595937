import type { App, BrowserWindow, Dialog } from 'electron';
import type { Logger } from 'pino';
import { hideKnownSecrets } from '#desk/desk.ts';
import { DeskError } from '#shared/contract/errors.ts';

/** A page that dies this often within the window is not started again by itself. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;

export type CrashParts = {
  readonly app: App;
  readonly dialog: Dialog;
  readonly window: BrowserWindow;
  readonly log: Logger;
  readonly now: () => number;
};

/**
 * Brings the page back when its process dies or hangs. The desk itself lives in the main process and goes on: orders,
 * stops and the journal do not depend on the page, which fetches everything again when it is back.
 */
export function guardPage({ app, dialog, window, log, now }: CrashParts): void {
  const contents = window.webContents;
  let crashes: readonly number[] = [];
  const reload = (): void => {
    if (!window.isDestroyed()) contents.reload();
  };
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.error({ event: 'page-gone', reason, exitCode });
    if (reason === 'clean-exit') return;
    crashes = [...crashes.filter((at) => now() - at < RESTART_WINDOW_MS), now()];
    if (crashes.length <= MAX_RESTARTS) {
      reload();
      return;
    }
    crashes = [];
    const choice = dialog.showMessageBoxSync(window, {
      type: 'error',
      title: 'The screen keeps failing',
      message: 'The screen of Kelly Desk has failed several times within a minute.',
      detail:
        'The desk itself is running: orders at the broker and the journal are as they were. Open the screen again, or quit; quitting cancels nothing at the broker.',
      buttons: ['Open the screen again', 'Quit'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    if (choice === 0) reload();
    else app.quit();
  });
  let isAsking = false;
  window.on('unresponsive', () => {
    log.error({ event: 'page-unresponsive' });
    if (isAsking) return;
    isAsking = true;
    void dialog
      .showMessageBox(window, {
        type: 'warning',
        title: 'The screen does not respond',
        message: 'The screen of Kelly Desk does not respond.',
        detail: 'The desk itself is running. Wait, or start the screen again; nothing is lost either way.',
        buttons: ['Wait', 'Start the screen again'],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      })
      .then(({ response }) => {
        isAsking = false;
        // A page that hangs does not reload: its process is ended, and the guard above brings it back.
        if (response === 1 && !contents.isDestroyed()) contents.forcefullyCrashRenderer();
      });
  });
  window.on('responsive', () => log.info({ event: 'page-responsive' }));
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => {
    if (reason !== 'clean-exit') log.error({ event: 'helper-process-gone', type, reason, exitCode });
  });
}

/** What the trader reads of an error that ends the desk or keeps it from starting: what is wrong, and what to do. */
export function failureText(error: unknown): string {
  if (error instanceof DeskError && error.data.remedy !== null)
    return hideKnownSecrets(`${error.message}\n\n${error.data.remedy}`);
  return hideKnownSecrets(error instanceof Error ? error.message : String(error));
}

/** How long closing the desk may take after an error nobody caught. */
const CLOSE_MS = 5_000;

/**
 * Ends the desk in order after an error nobody caught: what was journaled is on disk already, and a process in an
 * unknown state must not send another order.
 */
export function guardProcess(parts: {
  readonly log: Logger;
  readonly close: () => Promise<void>;
  readonly tell: (error: unknown) => void;
  readonly exit: (code: number) => void;
  readonly process: Pick<NodeJS.Process, 'on'>;
}): void {
  let isEnding = false;
  const end = (error: unknown): void => {
    parts.log.fatal({ event: 'uncaught', err: error });
    if (isEnding) return;
    isEnding = true;
    const limit = new Promise<void>((resolve) => void setTimeout(resolve, CLOSE_MS).unref());
    void Promise.race([parts.close().catch(() => undefined), limit]).then(() => {
      parts.tell(error);
      parts.exit(1);
    });
  };
  parts.process.on('uncaughtException', end);
  parts.process.on('unhandledRejection', end);
}
