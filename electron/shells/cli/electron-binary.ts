import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** Without output or growth of the download for this long, it is given up. */
const STALL_MS = 10_000;
const CHECK_MS = 500;

const packageSchema = z.object({ version: z.string() });
const memorySchema = z.object({ version: z.string(), failedAt: z.string() });

/** Path of Electron's executable, or null when only the npm package without its binary is here. */
export function electronBinary(root: string): string | null {
  const folder = path.join(root, 'node_modules/electron');
  try {
    const executable = path.join(folder, 'dist', readFileSync(path.join(folder, 'path.txt'), 'utf8').trim());
    return existsSync(executable) ? executable : null;
  } catch {
    // path.txt is written last by the install script: without it there is no binary.
    return null;
  }
}

/** Remembers a failed download, so that later starts do not wait for it again. A new Electron version is tried anew. */
export function downloadMemory(root: string, dataFolder: string) {
  const file = path.join(dataFolder, 'electron-download.json');
  const version = (): string => {
    const text = readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8');
    return packageSchema.parse(JSON.parse(text)).version;
  };
  return {
    hasFailed: (): boolean => {
      try {
        return memorySchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version === version();
      } catch {
        // No memory, or not ours: then it is simply tried.
        return false;
      }
    },
    remember: (isFetched: boolean): void => {
      if (isFetched) {
        rmSync(file, { force: true });
        return;
      }
      mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
      writeFileSync(file, `${JSON.stringify({ version: version(), failedAt: new Date().toISOString() })}\n`);
    },
  };
}

/**
 * Runs Electron's own install script, which downloads the binary and checks its hash.
 * It is ended when it makes no progress for 10 s, or by `signal`. Says whether the binary is there afterwards.
 */
export async function fetchElectron(
  root: string,
  options: { readonly dataFolder: string; readonly signal: AbortSignal; readonly stallMs?: number },
): Promise<boolean> {
  const script = path.join(root, 'node_modules/electron/install.js');
  if (!existsSync(script)) return false;
  // A folder of its own for the download, so that its growth can be seen and what is left over can be removed.
  const folder = path.join(options.dataFolder, 'electron-download');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    await runWatched(script, { folder, signal: options.signal, stallMs: options.stallMs ?? STALL_MS });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return electronBinary(root) !== null;
}

function runWatched(
  script: string,
  { folder, signal, stallMs }: { readonly folder: string; readonly signal: AbortSignal; readonly stallMs: number },
): Promise<void> {
  return new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder };
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const watch = { size: 0, progressAt: performance.now() };
    const progressed = (): void => {
      watch.progressAt = performance.now();
    };
    child.stdout.on('data', progressed);
    child.stderr.on('data', progressed);
    const target = path.join(path.dirname(script), 'dist');
    const timer = setInterval(() => {
      void Promise.all([sizeOf(folder), sizeOf(target)]).then(([download, unpacked]) => {
        const size = download + unpacked;
        if (size > watch.size) progressed();
        watch.size = size;
        if (performance.now() - watch.progressAt > stallMs) child.kill('SIGKILL');
      });
    }, CHECK_MS);
    const abort = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', abort);
    const done = (): void => {
      clearInterval(timer);
      signal.removeEventListener('abort', abort);
      resolve();
    };
    child.on('error', done);
    child.on('close', done);
  });
}

/** Bytes of all files below a folder; 0 when it does not exist. */
async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(path.join(folder, name)).then(
        (entry) => (entry.isFile() ? entry.size : 0),
        // Renamed or removed while we looked.
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
