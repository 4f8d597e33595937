import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { FEATURES_OFF_ARGUMENT } from '#shells/window-features.ts';

export type Browser = { readonly name: string; readonly executable: string };
export type Surroundings = {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exists: (file: string) => boolean;
};

const HERE: Surroundings = { platform: process.platform, env: process.env, exists: existsSync };

const LINUX: readonly (readonly [string, string])[] = [
  ['chromium', 'Chromium'],
  ['chromium-browser', 'Chromium'],
  ['google-chrome', 'Google Chrome'],
  ['google-chrome-stable', 'Google Chrome'],
  ['microsoft-edge', 'Microsoft Edge'],
  ['microsoft-edge-stable', 'Microsoft Edge'],
];
const MAC: readonly string[] = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
const WINDOWS: readonly (readonly [string, string])[] = [
  ['Google\\Chrome\\Application\\chrome.exe', 'Google Chrome'],
  ['Chromium\\Application\\chrome.exe', 'Chromium'],
  ['Microsoft\\Edge\\Application\\msedge.exe', 'Microsoft Edge'],
];

/** Finds an installed browser that can show a page as an app window; null when there is none. */
export function findBrowser(here: Surroundings = HERE): Browser | null {
  return candidates(here).find((browser) => here.exists(browser.executable)) ?? null;
}

function candidates({ platform, env }: Surroundings): readonly Browser[] {
  if (platform === 'darwin') {
    const roots = ['/Applications', ...(env['HOME'] === undefined ? [] : [`${env['HOME']}/Applications`])];
    return MAC.flatMap((name) =>
      roots.map((root) => ({ name, executable: `${root}/${name}.app/Contents/MacOS/${name}` })),
    );
  }
  if (platform === 'win32') {
    const roots = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].filter((r) => r !== undefined);
    return WINDOWS.flatMap(([file, name]) => roots.map((root) => ({ name, executable: path.win32.join(root, file) })));
  }
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  return LINUX.flatMap(([file, name]) => folders.map((folder) => ({ name, executable: path.join(folder, file) })));
}

/** Says whether a window can be opened at all. */
export function hasDisplay({ platform, env }: Pick<Surroundings, 'platform' | 'env'> = HERE): boolean {
  if (platform === 'darwin' || platform === 'win32') return true;
  return (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== '';
}

/** Arguments of an app window with a profile of its own, so that no extension and no other page's cookie is in it. */
export function appWindowArguments(url: string, profileFolder: string, isRoot: boolean): readonly string[] {
  return [
    `--app=${url}`,
    `--user-data-dir=${profileFolder}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-extensions',
    '--disable-sync',
    FEATURES_OFF_ARGUMENT,
    // Chromium refuses to start as root with its sandbox on.
    ...(isRoot ? ['--no-sandbox'] : []),
  ];
}

/** Opens the app window. */
export function openAppWindow(browser: Browser, url: string, profileFolder: string): ChildProcess {
  mkdirSync(profileFolder, { recursive: true, mode: 0o700 });
  const isRoot = process.getuid?.() === 0;
  return spawn(browser.executable, [...appWindowArguments(url, profileFolder, isRoot)], { stdio: 'ignore' });
}
