import path from 'node:path';
import { parseArgs } from 'node:util';
import { app, BrowserWindow, dialog, ipcMain, protocol, session } from 'electron';
import { z } from 'zod';
import { defaultDataFolder } from '#desk/desk.ts';
import { openForShell, serveOverHttp } from '#shells/host.ts';
import type { HostOptions, OpenedDesk } from '#shells/host.ts';
import { pageResponse, SCHEME } from './protocol.ts';
import { denyForeignRequests, denyPermissions } from './security.ts';
import { serveWindow } from './trusted-ipc.ts';
import { openPage, windowOptions } from './window.ts';

/** Root of the repository or package: this file is built to dist/electron/main.js. */
const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGE_FOLDER = path.join(ROOT, 'dist/renderer');

const argumentsSchema = z.object({
  data: z
    .string()
    .min(1)
    .default(() => defaultDataFolder()),
  profile: z.enum(['simulation', 'paper', 'live']).default('simulation'),
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  seed: z.coerce.number().int().min(0).optional(),
});

/** Reads the options the launcher passes on; Chromium's own switches are left alone. */
function hostOptions(argv: readonly string[]): HostOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: argv.filter((argument) => /^--(data|profile|port|seed)=/.test(argument)),
    options: { data: text, profile: text, port: text, seed: text },
  });
  const { data, seed, ...rest } = argumentsSchema.parse(values);
  return { ...rest, dataFolder: data, seed: seed ?? null };
}

async function open(): Promise<void> {
  const options = hostOptions(process.argv);
  denyPermissions(session.defaultSession);
  denyForeignRequests(session.defaultSession);
  protocol.handle(SCHEME, (request) => pageResponse(PAGE_FOLDER, request));
  const opened = await openForShell(options);
  const http = await serveOverHttp(opened.door, { port: options.port, root: ROOT });
  closeBeforeQuit(opened, () => http.close());
  const window = new BrowserWindow(windowOptions(path.join(import.meta.dirname, 'preload.cjs')));
  serveWindow(ipcMain, window, opened.door);
  await openPage(window);
}

/** Holds quitting back until the journal is closed. */
function closeBeforeQuit(opened: OpenedDesk, closeHttp: () => Promise<void>): void {
  let state: 'open' | 'closing' | 'closed' = 'open';
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    void closeHttp()
      .then(() => opened.desk.close())
      .finally(() => {
        state = 'closed';
        app.quit();
      });
  });
}

function fail(error: unknown): void {
  dialog.showErrorBox('Kelly Desk could not start', error instanceof Error ? error.message : String(error));
  app.exit(1);
}

app.enableSandbox();
protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
app.on('window-all-closed', () => app.quit());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());
app.whenReady().then(open).catch(fail);
