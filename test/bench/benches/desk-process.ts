import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDesk, runReplay } from '#desk/desk.ts';
import { serve } from '#desk/serve.ts';
import { epochMs } from '#shared/units.ts';
import { accountOf, profiled } from '#test/bench/profile.ts';

/**
 * One whole process of the desk, for the benches: `warm-up <folder> <sessions>`, `replay <folder> <prices>` or
 * `start <folder> <sessions>`, each with `profile` behind it where the shares of time are wanted. Prints one line of JSON.
 */
const [task = '', folder = '', argument = '', mode = ''] = process.argv.slice(2);
const SEED = 1;
const START = epochMs(Date.UTC(2026, 8, 15, 15, 0, 5));

const open = (sessions: number) =>
  openDesk({ dataFolder: folder, profile: 'simulation', seed: SEED, startAt: START, warmUpSessions: sessions });

async function warmUp(): Promise<object> {
  const start = performance.now();
  const desk = await open(Number(argument));
  await desk.ready();
  const ms = performance.now() - start;
  const { total } = await desk.handlers['journal.decisions']({ limit: 1, offset: 0 });
  const { journal } = await desk.handlers['desk.snapshot']({});
  await desk.close();
  return { ms, decisions: total, events: journal.events, trades: journal.trades };
}

async function replay(): Promise<object> {
  mkdirSync(folder, { recursive: true });
  const start = performance.now();
  const summary = await runReplay({
    prices: argument,
    symbol: 'MES',
    from: null,
    to: null,
    journal: join(folder, 'replay.db'),
    lookBackDays: 365,
    seed: SEED,
    autoApprove: true,
  });
  return { ms: performance.now() - start, decisions: summary.signals, bars: summary.bars, trades: summary.trades };
}

/** From the start of the process to the first snapshot a screen would get, and to live signals. */
async function start(): Promise<object> {
  const desk = await open(Number(argument));
  const opened = performance.now();
  const answer = await serve(desk.handlers, 'desk.snapshot', {});
  if (!answer.ok) throw new Error(answer.error.message);
  const snapshotMs = performance.now();
  if (mode === 'ready') await desk.ready();
  const readyMs = performance.now();
  process.stdout.write(`${JSON.stringify({ openedMs: opened, snapshotMs, readyMs })}\n`);
  // The way out is not part of what is measured.
  await desk.close();
  return {};
}

const TASKS: Readonly<Record<string, () => Promise<object>>> = { 'warm-up': warmUp, replay, start };
const run = TASKS[task];
if (run === undefined) throw new Error(`no task is called ${task}`);
let result: object = {};
if (mode === 'profile') {
  const profile = await profiled(async () => {
    result = await run();
  });
  process.stdout.write(`${JSON.stringify({ ...result, account: accountOf(profile) })}\n`);
} else {
  result = await run();
  if (task !== 'start') process.stdout.write(`${JSON.stringify(result)}\n`);
}
process.exit(0);
