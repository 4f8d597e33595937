/** Builds Electron's main and preload scripts and the desk's threads into dist/electron (or DESK_ELECTRON_OUT). */
import path from 'node:path';
import { build } from 'vite';

const THREADS = [
  ...['import-worker', 'journal-worker', 'checkpoint-worker', 'onnx-worker'],
  ...['backtest-worker', 'path-worker', 'report-worker'],
];

for (const mode of ['preload', ...THREADS, 'main']) {
  await build({ configFile: path.join(import.meta.dirname, 'vite.electron.config.ts'), mode, logLevel: 'error' });
}
