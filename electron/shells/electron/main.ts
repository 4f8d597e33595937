import path from 'node:path';
import { app, BrowserWindow, dialog, ipcMain, Menu, powerMonitor, protocol, screen, session } from 'electron';
import updater from 'electron-updater';
import { serve } from '#desk/serve.ts';
import { openForShell, serveOverHttp } from '#shells/host.ts';
import type { OpenedDesk } from '#shells/host.ts';
import { hostOptions } from './arguments.ts';
import { guardPage, guardProcess } from './crash-guard.ts';
import { menuTemplate } from './menu.ts';
import { watchPower } from './power.ts';
import { pageResponse, SCHEME } from './protocol.ts';
import { denyForeignRequests, denyPermissions } from './security.ts';
import { claimSingleInstance } from './single-instance.ts';
import { serveWindow } from './trusted-ipc.ts';
import { createUpdates, feedAddress } from './updates.ts';
import { openPage, windowOptions } from './window.ts';
import { isVisibleOn, readWindowState, rememberWindow } from './window-state.ts';

/** Root of the repository or package: this file is built to dist/electron/main.js. */
const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGE_FOLDER = path.join(ROOT, 'dist/renderer');

const current: { window: BrowserWindow | null } = { window: null };

async function open(): Promise<void> {
  const options = hostOptions(process.argv);
  denyPermissions(session.defaultSession);
  denyForeignRequests(session.defaultSession);
  protocol.handle(SCHEME, (request) => pageResponse(PAGE_FOLDER, request));
  const opened = await openForShell(options);
  const { log, door } = opened;
  const http = await serveOverHttp(door, { port: options.port, root: ROOT });
  const close = closeBeforeQuit(opened, () => http.close());
  guardProcess({ log, close, tell: told, exit: (code) => app.exit(code), process });
  watchPower(powerMonitor, log, () => serve(door.handlers, 'reconciliation.run', {}, door.onIncident));
  const stateFile = path.join(options.dataFolder, 'window.json');
  const place = readWindowState(stateFile);
  const isSeen = place !== null && isVisibleOn(place, screen.getAllDisplays());
  const window = new BrowserWindow(windowOptions(path.join(import.meta.dirname, 'preload.cjs'), isSeen ? place : null));
  current.window = window;
  if (isSeen && place.isMaximized) window.maximize();
  rememberWindow(window, stateFile);
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, { isPackaged: app.isPackaged, onCheckForUpdates: updates(opened) }),
    ),
  );
  serveWindow(ipcMain, window, door);
  guardPage({ app, dialog, window, log, now: () => performance.now() });
  await openPage(window);
}

/** The menu's way to look for a newer version; null while no feed is named. */
function updates({ log }: OpenedDesk): (() => void) | null {
  const feed = feedAddress(process.env['KELLY_DESK_UPDATE_FEED']);
  if (feed.error !== null) log.error({ event: 'update-feed', detail: feed.error });
  if (feed.url === null || !app.isPackaged) return null;
  const { check } = createUpdates({
    updater: updater.autoUpdater,
    feed: feed.url,
    dialog,
    window: () => current.window,
    log,
  });
  return () => void check();
}

/** Holds quitting back until the journal is closed. Returns the same closing, for the end after an error. */
function closeBeforeQuit(opened: OpenedDesk, closeHttp: () => Promise<void>): () => Promise<void> {
  let state: 'open' | 'closing' | 'closed' = 'open';
  const close = (): Promise<void> => closeHttp().then(() => opened.desk.close());
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    void close().finally(() => {
      state = 'closed';
      app.quit();
    });
  });
  return close;
}

function told(error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  dialog.showErrorBox(
    'Kelly Desk had to close',
    `${detail}\n\nWhat was acknowledged is in the journal. Orders at the broker are as they were; start the desk again to see them.`,
  );
}

function fail(error: unknown): void {
  dialog.showErrorBox('Kelly Desk could not start', error instanceof Error ? error.message : String(error));
  app.exit(1);
}

app.enableSandbox();
protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
if (claimSingleInstance(app, () => current.window)) {
  app.on('window-all-closed', () => app.quit());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());
  app.whenReady().then(open).catch(fail);
} else {
  app.quit();
}
