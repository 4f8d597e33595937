import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { openForShell, serveOverHttp } from '#shells/host.ts';
import type { HostOptions, OpenedDesk } from '#shells/host.ts';
import { findBrowser, hasDisplay, openAppWindow } from './browser.ts';
import { downloadMemory, electronBinary, fetchElectron } from './electron-binary.ts';
import { EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';
import { ensureElectronScripts, ensurePage } from './page-build.ts';
import { ROOT } from './root.ts';
import { interrupted, listenForWindow } from './serve-command.ts';

export type StartOptions = HostOptions & {
  readonly shell: 'auto' | 'electron' | 'browser';
  /** False: open no window of a browser, print the address only. */
  readonly open: boolean;
};

/** A browser that ends sooner than this has handed the address to one that was running. */
const HANDED_OVER_MS = 3000;
/** Electron that fails sooner than this could not open its window (no display, a missing library). */
const ELECTRON_FAILED_MS = 5000;
const AGAIN = '(npm start -- --shell electron tries again)';

/**
 * Opens the desk in a window. Electron is preferred; its binary is fetched at the first start, and while that goes on the
 * desk is already opened here, so that its history is made meanwhile. Where Electron cannot be had, the same desk opens in
 * an installed browser, and where no window can be opened, its address is printed.
 */
export async function startCommand(options: StartOptions, output: Output): Promise<ExitCode> {
  const page = ensurePage(ROOT, output);
  page.catch(() => undefined);
  const binary = options.shell === 'browser' ? null : electronBinary(ROOT);
  if (binary !== null && hasDisplay()) {
    await page;
    if (await startElectron(binary, options, output)) return EXIT.done;
    return inBrowser(await openForShell(options), options, { output, why: 'Electron could not open a window' });
  }
  const opened = await openForShell(options);
  try {
    await page;
    const fetched = binary === null ? await fetchUnlessKnown(options, output) : null;
    if (fetched !== null && hasDisplay()) {
      await opened.desk.close();
      if (await startElectron(fetched, options, output)) return EXIT.done;
      return await inBrowser(await openForShell(options), options, { output, why: 'Electron could not open a window' });
    }
  } catch (error) {
    await opened.desk.close();
    throw error;
  }
  const why = options.shell === 'browser' ? null : reasonForBrowser(binary !== null || electronBinary(ROOT) !== null);
  return inBrowser(opened, options, { output, why });
}

const reasonForBrowser = (hasBinary: boolean): string =>
  hasBinary ? 'There is no display for Electron' : "Electron's binary could not be fetched";

/** Fetches Electron's binary, unless the browser was asked for or an earlier start has failed. */
async function fetchUnlessKnown(options: StartOptions, output: Output): Promise<string | null> {
  if (options.shell === 'browser') return null;
  const memory = downloadMemory(ROOT, options.dataFolder);
  if (options.shell === 'auto' && memory.hasFailed()) return null;
  output.err('Fetching Electron (first start only) …');
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  const isFetched = await fetchElectron(ROOT, { dataFolder: options.dataFolder, signal: stop.signal });
  process.off('SIGINT', onInterrupt);
  // Ctrl-C says nothing about the network.
  if (!stop.signal.aborted) memory.remember(isFetched);
  return electronBinary(ROOT);
}

/** Runs Electron until its window is closed. Says false when it could not open one. */
async function startElectron(binary: string, options: StartOptions, output: Output): Promise<boolean> {
  await ensureElectronScripts(ROOT, output);
  const { dataFolder, profile, port, seed, config = null } = options;
  const arguments_ = [
    path.join(ROOT, 'dist/electron/main.js'),
    `--data=${dataFolder}`,
    `--profile=${profile}`,
    `--port=${port}`,
    ...(seed === null ? [] : [`--seed=${seed}`]),
    ...(config === null ? [] : [`--config=${path.resolve(config)}`]),
  ];
  const startedAt = performance.now();
  const child = spawn(binary, arguments_, { stdio: ['ignore', 'inherit', 'ignore'] });
  const stopForwarding = forwardSignals(child);
  const code = await exitOf(child);
  stopForwarding();
  return code === 0 || performance.now() - startedAt > ELECTRON_FAILED_MS;
}

type Telling = { readonly output: Output; readonly why: string | null };

/** Serves an open desk over HTTP and shows it in a browser where there is one. Ends with its window, or on Ctrl-C. */
async function inBrowser(opened: OpenedDesk, options: StartOptions, { output, why }: Telling): Promise<ExitCode> {
  try {
    const shell = await listenForWindow((port) => serveOverHttp(opened.door, { port, root: ROOT }), options);
    const browser = options.open && hasDisplay() ? findBrowser() : null;
    if (why !== null) {
      const place =
        browser === null ? 'open the desk in a browser instead' : `opening the desk in ${browser.name} instead`;
      output.err(`${why}; ${place} ${AGAIN}.`);
    }
    output.out(`Kelly Desk is at ${shell.url}`);
    output.err('Ctrl-C ends it.');
    const stopped = interrupted();
    if (browser === null) await stopped;
    else {
      const window = openAppWindow(browser, shell.oneTimeUrl(), path.join(options.dataFolder, 'browser'));
      await Promise.race([stopped, closedByTrader(window, output)]);
      window.kill();
    }
    output.err('Closing the journal …');
    await shell.close();
  } finally {
    await opened.desk.close();
  }
  return EXIT.done;
}

/** Resolves when the trader closes the window. A browser that fails, or hands over to another, does not end the desk. */
async function closedByTrader(window: ChildProcess, output: Output): Promise<void> {
  const startedAt = performance.now();
  const code = await exitOf(window);
  if (code === 0 && performance.now() - startedAt > HANDED_OVER_MS) return;
  if (code !== 0) output.err('The browser ended by itself; the desk goes on at the address above.');
  await new Promise(() => undefined);
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code));
  });
}

/** Passes termination on to a child; Ctrl-C reaches it by the terminal. */
function forwardSignals(child: ChildProcess): () => void {
  const onTerminate = (): void => void child.kill('SIGTERM');
  const onInterrupt = (): void => undefined;
  process.on('SIGTERM', onTerminate);
  process.on('SIGINT', onInterrupt);
  return () => {
    process.off('SIGTERM', onTerminate);
    process.off('SIGINT', onInterrupt);
  };
}
