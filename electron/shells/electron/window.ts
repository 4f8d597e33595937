import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { denyNavigation } from './security.ts';
import { PAGE_URL } from './protocol.ts';
import type { WindowState } from './window-state.ts';

const DEFAULT_SIZE = { width: 1440, height: 900 };

/** Options of the desk's window: the page gets no Node, no raw Electron, no second world. */
export const windowOptions = (preload: string, place: WindowState | null): BrowserWindowConstructorOptions => ({
  ...(place === null ? DEFAULT_SIZE : { x: place.x, y: place.y, width: place.width, height: place.height }),
  minWidth: 1024,
  minHeight: 700,
  show: false,
  backgroundColor: '#0B0E12',
  title: 'Kelly Desk',
  autoHideMenuBar: true,
  webPreferences: {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    spellcheck: false,
    disableBlinkFeatures: 'Auxclick',
  },
});

/** Prepares a window and loads the page; it is shown when there is something to see. */
export async function openPage(window: BrowserWindow): Promise<void> {
  denyNavigation(window.webContents);
  window.once('ready-to-show', () => window.show());
  await window.loadURL(PAGE_URL);
}
