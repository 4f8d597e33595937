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
 * first and ends. Its arguments are not read: nothing another program passes can change a running desk.
 * @returns false when another process is the desk already; then this one must not open anything
 */
export function claimSingleInstance(app: App, window: () => BrowserWindow | null): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', () => {
    showWindow(window());
  });
  return true;
}
