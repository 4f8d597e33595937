import path from 'node:path';
import { defineConfig } from 'vite';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Source of each script of the Electron shell. Threads of the desk lie beside the main script that starts them. */
const SOURCES: Readonly<Record<string, string>> = {
  main: 'electron/shells/electron/main.ts',
  preload: 'electron/shells/electron/preload.ts',
  'import-worker': 'electron/desk/records/import-worker.ts',
  'journal-worker': 'electron/desk/records/journal-worker.ts',
  'onnx-worker': 'electron/desk/adapters/models/onnx/onnx-worker.ts',
  'backtest-worker': 'electron/desk/proof/backtest-worker.ts',
  'path-worker': 'electron/desk/proof/path-worker.ts',
  'report-worker': 'electron/desk/watch/report-worker.ts',
  'checkpoint-worker': 'electron/desk/journal/checkpoint-worker.ts',
};

/**
 * Builds one script of the Electron shell by its mode: ES modules whose packages stay in node_modules, and `preload`, one
 * CommonJS file without any require but `electron`, as a sandboxed preload needs it.
 */
export default defineConfig(({ mode }) => ({
  root: ROOT,
  publicDir: false,
  build: {
    ssr: path.join(ROOT, SOURCES[mode] ?? ''),
    outDir: process.env['DESK_ELECTRON_OUT'] ?? path.join(ROOT, 'dist/electron'),
    emptyOutDir: false,
    target: 'node24',
    minify: false,
    rollupOptions: {
      external: ['electron'],
      output:
        mode === 'preload'
          ? { format: 'cjs', entryFileNames: 'preload.cjs' }
          : // One file, also of what is loaded when it is needed: a part must not load the main script a second time.
            { format: 'es', entryFileNames: `${mode}.js`, codeSplitting: false },
    },
  },
}));
