import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { Output } from './output.ts';

/** Something built from sources: rebuilt when it is missing or older than any of them. */
type Built = {
  readonly what: string;
  readonly result: string;
  readonly sources: readonly string[];
  readonly command: readonly string[];
};

const PAGE: Built = {
  what: 'the page',
  result: 'dist/renderer/index.html',
  sources: ['renderer', 'shared', 'build/vite.renderer.config.ts', 'package-lock.json'],
  command: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error', '-c', 'build/vite.renderer.config.ts'],
};

const ELECTRON: Built = {
  what: 'the Electron shell',
  result: 'dist/electron/main.js',
  sources: ['electron', 'shared', 'build/vite.electron.config.ts', 'package-lock.json'],
  command: ['build/build-electron.mjs'],
};

/** Builds the page when it is missing or older than its sources. */
export const ensurePage = (root: string, output: Output): Promise<void> => ensureBuilt(root, PAGE, output);

/** Builds Electron's main and preload scripts when they are missing or older than their sources. */
export const ensureElectronScripts = (root: string, output: Output): Promise<void> =>
  ensureBuilt(root, ELECTRON, output);

async function ensureBuilt(root: string, built: Built, output: Output): Promise<void> {
  const result = path.join(root, built.result);
  // A package that ships without its build tools ships with the results.
  if (!existsSync(path.join(root, 'node_modules/vite')) || !(await isStale(root, built))) return;
  output.err(`Building ${built.what} (a few seconds, once) …`);
  const failure = await runNode(root, built.command);
  if (failure === null) return;
  if (!existsSync(result)) {
    const remedy = 'make the installation whole with npm ci (--omit=optional leaves out parts of the build tools)';
    throw new DeskError({ code: 'refused', message: `${built.what} could not be built: ${failure}`, remedy });
  }
  output.err(`${built.what} could not be rebuilt, the last build is used: ${failure}`);
}

async function isStale(root: string, built: Built): Promise<boolean> {
  const result = await stat(path.join(root, built.result)).catch(() => null);
  if (result === null) return true;
  const newest = await Promise.all(built.sources.map((source) => newestChange(path.join(root, source))));
  return Math.max(...newest) > result.mtimeMs;
}

/** Newest modification time below a path, in epoch ms; 0 when it does not exist. */
async function newestChange(target: string): Promise<number> {
  const found = await stat(target).catch(() => null);
  if (found === null) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const inside = await readdir(target);
  return Math.max(found.mtimeMs, ...(await Promise.all(inside.map((name) => newestChange(path.join(target, name))))));
}

/** The line that names the error; Node says first where it was thrown. */
function failureOf(said: string): string | null {
  const lines = said.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  return lines.find((line) => /^(\[?\w*Error\b)/.test(line)) ?? lines[0] ?? null;
}

/** Runs a script of the repository on this node; returns null, or what went wrong in one line. */
function runNode(root: string, command: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...command], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? null : (failureOf(errors) ?? `exit code ${code}`)));
  });
}
