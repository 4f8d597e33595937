import path from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
} from 'electron';
import updater from 'electron-updater';
import type { Logger } from 'pino';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import { deskSnapshotSchema } from '#shared/contract/views.ts';
import { serve } from '#desk/serve.ts';
import type { Door } from '#desk/serve.ts';
import { openForShell, serveOverHttp } from '#shells/host.ts';
import { FEATURES_OFF } from '#shells/window-features.ts';
import type { OpenedDesk } from '#shells/host.ts';
import { archiveOf, createArchiveOpener } from './archive-file.ts';
import { hostOptions } from './arguments.ts';
import { failureText, guardPage, guardProcess } from './crash-guard.ts';
import { menuTemplate } from './menu.ts';
import { watchPower } from './power.ts';
import { pageResponse, SCHEME } from './protocol.ts';
import { denyForeignRequests, denyPermissions } from './security.ts';
import { atStake, guardQuit } from './quit-guard.ts';
import { claimSingleInstance, showWindow } from './single-instance.ts';
import { followForTray, trayLine, trayMenu } from './tray.ts';
import { TRAY_ICON_BASE64 } from './tray-icon.ts';
import { serveFolder, serveWindow } from './trusted-ipc.ts';
import { createUpdates, feedAddress } from './updates.ts';
import { openVault } from './vault.ts';
import { openPage, windowOptions } from './window.ts';
import { isVisibleOn, readWindowState, rememberWindow } from './window-state.ts';

/** Root of the repository or package: this file is built to dist/electron/main.js. */
const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGE_FOLDER = path.join(ROOT, 'dist/renderer');

// Held for as long as the process lives: a tray that nobody holds is collected, and gone.
const current: { window: BrowserWindow | null; tray: Tray | null; log: Logger | null } = {
  ...{ window: null, tray: null, log: null },
};
const archives = createArchiveOpener(app, { dialog, window: () => current.window, log: () => current.log });

async function open(): Promise<void> {
  const options = hostOptions(process.argv);
  denyPermissions(session.defaultSession);
  denyForeignRequests(session.defaultSession);
  protocol.handle(SCHEME, (request) => pageResponse(PAGE_FOLDER, request));
  const vault = await openVault(safeStorage, process.platform);
  const opened = await openForShell({ ...options, vault });
  const { log, door } = opened;
  current.log = log;
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
  serveFolder(ipcMain, window, () => showFolder(opened));
  guardPage({ app, dialog, window, log, now: () => performance.now() });
  addToTray(opened);
  await openPage(window);
  archives.take(archiveOf(process.argv, process.cwd()));
  archives.start();
}

/** Shows the folder of the profile in the system's file manager; a system without one says so in the log. */
function showFolder({ folder, log }: OpenedDesk): void {
  void shell.openPath(folder).then((problem) => {
    if (problem !== '') log.warn({ event: 'folder-not-opened', detail: problem });
  });
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

/** Holds quitting back until the trader agrees and the journal is closed. Returns the same closing, for an error. */
function closeBeforeQuit(opened: OpenedDesk, closeHttp: () => Promise<void>): () => Promise<void> {
  const close = (): Promise<void> => closeHttp().then(() => opened.desk.close());
  const stake = async () => {
    const snapshot = await readSnapshot(opened.door);
    return snapshot === null ? null : atStake(snapshot);
  };
  const quit = guardQuit({ app, dialog, stake, close, log: opened.log });
  const endAtOnce = (): void => {
    quit.force();
    app.quit();
  };
  // A system that shuts down, or a service manager, does not wait for an answer.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, endAtOnce);
  powerMonitor.on('shutdown', endAtOnce);
  return close;
}

/** The state of the desk as a screen gets it; null while it cannot be told. */
async function readSnapshot(door: Door): Promise<DeskSnapshot | null> {
  const answer = await serve(door.handlers, 'desk.snapshot', {}, door.onIncident);
  return answer.ok ? deskSnapshotSchema.parse(answer.output) : null;
}

/** A tray of the desk; null where the system has none, which is no reason to be without the desk. */
function openTray(log: OpenedDesk['log']): Tray | null {
  try {
    return new Tray(nativeImage.createFromBuffer(Buffer.from(TRAY_ICON_BASE64, 'base64')));
  } catch (error) {
    log.warn({ event: 'no-tray', err: error });
    return null;
  }
}

/** The desk in the tray, and how many recommendations wait on the icon of the app, where the system has these. */
function addToTray({ door, log }: OpenedDesk): void {
  const tray = openTray(log);
  current.tray = tray;
  const halt = (): void =>
    void serve(door.handlers, 'trading.halt', { reason: 'halted from the tray' }, door.onIncident).then((answer) => {
      if (!answer.ok) dialog.showErrorBox('Trading was not halted', answer.error.message);
    });
  const actions = { open: () => showWindow(current.window), halt, quit: () => app.quit() };
  tray?.on('click', actions.open);
  followForTray(
    door,
    () => readSnapshot(door),
    (status) => {
      app.setBadgeCount(status.waiting.size);
      tray?.setToolTip(`Kelly Desk · ${trayLine(status)}`);
      tray?.setContextMenu(Menu.buildFromTemplate(trayMenu(status, actions)));
    },
  );
}

function told(error: unknown): void {
  dialog.showErrorBox(
    'Kelly Desk had to close',
    `${failureText(error)}\n\nWhat was acknowledged is in the journal. Orders at the broker are as they were; start the desk again to see them.`,
  );
}

function fail(error: unknown): void {
  dialog.showErrorBox('Kelly Desk could not start', failureText(error));
  app.exit(1);
}

app.enableSandbox();
app.commandLine.appendSwitch(FEATURES_OFF.name, FEATURES_OFF.value);
protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
const onStart = (argv: readonly string[], folder: string): void => archives.take(archiveOf(argv, folder));
if (claimSingleInstance(app, () => current.window, onStart)) {
  app.on('window-all-closed', () => app.quit());
  app.whenReady().then(open).catch(fail);
} else {
  app.quit();
}
