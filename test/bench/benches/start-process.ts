import { resolve } from 'node:path';
import { openDesk } from '#desk/desk.ts';
import { serve } from '#desk/serve.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { START_AT } from '#test/bench/long-profile.ts';

/**
 * One start of a desk, for the bench of it: `start-process <folder>` opens the profile of a folder behind the real HTTP
 * shell, prints where it is and when the first snapshot was answered, and lives until its input ends.
 */
const [folder = ''] = process.argv.slice(2);
const desk = await openDesk({
  ...{ dataFolder: folder, profile: 'simulation', seed: 1, startAt: START_AT, warmUpSessions: 0 },
});
const staticFolder = resolve(import.meta.dirname, '../../../dist/renderer');
const shell = await startHttpShell({ desk, staticFolder });
const answer = await serve(desk.handlers, 'desk.snapshot', {});
if (!answer.ok) throw new Error(answer.error.message);
// Counted from the start of the process.
process.stdout.write(`${JSON.stringify({ snapshotMs: performance.now(), url: shell.url })}\n`);
process.stdin.resume();
await new Promise((ended) => process.stdin.once('end', ended));
await shell.close();
await desk.close();
process.exit(0);
