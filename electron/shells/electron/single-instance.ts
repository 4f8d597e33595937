import type { App, BrowserWindow } from 'electron';

/** Brings a window before the trader, where there is one. */
export function showWindow(window: BrowserWindow | null): void {
  if (window === null || window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/**
 * Keeps the desk to one process per user: two would fight over the journal. A second start shows the window of the
 * first and ends. Of its arguments only an archive to be opened is read, and that is asked about: nothing another program
 * passes can change a running desk.
 * @param onStart told the arguments and the folder of a second start
 * @returns false when another process is the desk already; then this one must not open anything
 */
export function claimSingleInstance(
  app: App,
  window: () => BrowserWindow | null,
  onStart: (argv: readonly string[], folder: string) => void,
): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', (_event, argv, folder) => {
    showWindow(window());
    onStart(argv, folder);
  });
  return true;
}
