import path from 'node:path';
import { startHttpShell } from '#shells/http/server.ts';
import { createJournalDesk } from './journal-desk.ts';

/**
 * Serves the built page with the test desk, for work on the screens:
 * `npx node test/support/test-desk-server.ts [port] [trades] [operations that fail]`, after
 * `npx vite build --config build/vite.renderer.config.ts`. `KELLY_DESK_PAGE` names another folder with the built page.
 */
const desk = createJournalDesk({
  trades: Number(process.argv[3] ?? 486),
  failing: new Set((process.argv[4] ?? '').split(',').filter((name) => name !== '')),
});
const shell = await startHttpShell({
  desk,
  port: Number(process.argv[2] ?? 0),
  staticFolder: process.env['KELLY_DESK_PAGE'] ?? path.resolve(import.meta.dirname, '../../dist/renderer'),
});
console.log(shell.url);
