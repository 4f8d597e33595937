import path from 'node:path';
import { defineConfig } from 'vite';

const ROOT = path.resolve(import.meta.dirname, '..');

/**
 * Builds one script of the Electron shell: `--mode main` (ES module, packages stay in node_modules) or `--mode preload`
 * (one CommonJS file without any require but `electron`, as a sandboxed preload needs it).
 */
export default defineConfig(({ mode }) => ({
  root: ROOT,
  publicDir: false,
  build: {
    ssr: path.join(ROOT, `electron/shells/electron/${mode}.ts`),
    outDir: process.env['DESK_ELECTRON_OUT'] ?? path.join(ROOT, 'dist/electron'),
    emptyOutDir: false,
    target: 'node24',
    minify: false,
    rollupOptions: {
      external: ['electron'],
      output:
        mode === 'preload'
          ? { format: 'cjs', entryFileNames: 'preload.cjs' }
          : { format: 'es', entryFileNames: 'main.js' },
    },
  },
}));
