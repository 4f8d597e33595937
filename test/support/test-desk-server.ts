import path from 'node:path';
import { startHttpShell } from '#shells/http/server.ts';
import { createTestDesk } from './test-desk.ts';

/**
 * Serves the built page with the test desk, for work on the screens:
 * `npx node test/support/test-desk-server.ts [port]`, after `npx vite build --config build/vite.renderer.config.ts`.
 */
const desk = createTestDesk({ stepEveryMs: 500 });
const shell = await startHttpShell({
  desk,
  port: Number(process.argv[2] ?? 0),
  staticFolder: path.resolve(import.meta.dirname, '../../dist/renderer'),
});
console.log(shell.url);
