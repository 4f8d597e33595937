import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { framesDuring } from '#test/bench/frames.ts';
import { derived, figure, interleave, quantile } from '#test/bench/harness.ts';
import type { Bench, Figures } from '#test/bench/harness.ts';
import { createClient } from '#shared/contract/client.ts';
import type { ServerFrame } from '#shared/contract/frames.ts';
import type { DeskClient, Wire } from '#shared/contract/wire.ts';
import type { BacktestJob } from '#shared/domain/backtest.ts';
import { BacktestPage } from '#test/support/backtest-page.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'backtest-process.ts');
const BUILT = join(import.meta.dirname, '../../../dist/renderer/index.html');
const ASK_EVERY_MS = 25;
const QUIET_MS = 5_000;

const madeSchema = z.object({ bars: z.number(), decisions: z.number() });
const addressSchema = z.object({ url: z.string(), origin: z.string(), token: z.string() });

/** A client of the desk over its own socket that also hears how far a job is. */
type Client = {
  readonly desk: DeskClient;
  /** Resolves when a job is so far, 0 to 1, or over. */
  reached(jobId: string, share: number): Promise<void>;
};

async function socketWire({ origin, token }: z.output<typeof addressSchema>): Promise<Wire> {
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, { origin, headers });
  await once(socket, 'open');
  return {
    send: (frame) => socket.send(JSON.stringify(frame)),
    onFrame: (listener) => {
      socket.on('message', (data: Buffer) => listener(JSON.parse(data.toString('utf8')) as ServerFrame));
      return () => void socket.removeAllListeners('message');
    },
    onState: (listener) => {
      listener('open');
      return () => undefined;
    },
    close: () => socket.terminate(),
  };
}

async function connect(address: z.output<typeof addressSchema>): Promise<Client> {
  const desk = createClient(await socketWire(address));
  const jobs = new Map<string, BacktestJob>();
  const waiting = new Set<() => void>();
  desk.on('backtest.progress', (job) => {
    jobs.set(job.jobId, job);
    for (const look of waiting) look();
  });
  return {
    desk,
    reached: (jobId, share) =>
      new Promise((resolve) => {
        const look = (): void => {
          const job = jobs.get(jobId);
          if (job === undefined) return;
          if (job.endedAt === null && (share >= 1 || job.done < share * job.total)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Asks for a snapshot every so often until `work` is done; how long each answer took, in ms. */
async function answersDuring(client: Client, work: () => Promise<void>): Promise<readonly number[]> {
  const times: number[] = [];
  const state = { isOver: false };
  const asking = (async () => {
    while (!state.isOver) {
      const start = performance.now();
      await client.desk.call('desk.snapshot', {});
      times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  })();
  await work();
  state.isOver = true;
  await asking;
  return times;
}

async function watched(
  name: string,
  { client, page }: { readonly client: Client; readonly page: Page | null },
  work: () => Promise<void>,
): Promise<Figures> {
  const start = performance.now();
  let answers: readonly number[] = [];
  const gaps = await framesDuring(page, async () => {
    answers = await answersDuring(client, work);
  });
  const seconds = (performance.now() - start) / 1000;
  const shown: Figures =
    page === null
      ? {}
      : {
          [`${name}: frames painted`]: figure(gaps.length / seconds, '/s'),
          [`${name}: longest time without a frame`]: figure(Math.max(...gaps), 'ms'),
        };
  return {
    [`${name}: time`]: figure(seconds, 's'),
    [`${name}: snapshots answered`]: figure(answers.length, ''),
    [`${name}: answer, p50`]: figure(quantile(answers, 0.5), 'ms'),
    [`${name}: answer, p95`]: figure(quantile(answers, 0.95), 'ms'),
    [`${name}: answer, slowest`]: figure(Math.max(...answers), 'ms'),
    ...shown,
  };
}

async function startJob({ desk }: Client): Promise<string> {
  const { policies } = await desk.call('backtest.offer', {});
  const request = { kind: 'policies', policies: policies.map(({ spec }) => spec), seed: 5 } as const;
  return (await desk.call('backtest.start', { request })).jobId;
}

async function cancelled(client: Client, share: number): Promise<number> {
  const jobId = await startJob(client);
  await client.reached(jobId, share);
  const start = performance.now();
  const job = await client.desk.call('backtest.cancel', { jobId });
  if (job.state !== 'cancelled') throw new Error(`the job was ${job.state}, not cancelled`);
  return performance.now() - start;
}

type Shown = { readonly page: Page | null; readonly close: () => Promise<void> };
const NO_PAGE: Shown = { page: null, close: () => Promise.resolve() };

/** A window on the desk; none where there is no browser, or nothing was built to show. */
async function openPage(url: string): Promise<Shown> {
  if (!hasBrowser() || !existsSync(BUILT)) return NO_PAGE;
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await new DeskPage(page).open(url);
  await new BacktestPage(page).open();
  return { page, close: () => browser.close() };
}

/** The first `bars` of a real index over twenty years. */
function prices(folder: string, bars: number): string {
  const source = join(import.meta.dirname, '../../../node_modules/vega-datasets/data/sp500-2000.csv');
  const path = join(folder, 'prices.csv');
  writeFileSync(
    path,
    `${readFileSync(source, 'utf8')
      .split('\n')
      .slice(0, bars + 1)
      .join('\n')}\n`,
  );
  return path;
}

async function startDesk(folder: string, sessions: number) {
  const child = spawn(process.execPath, [SCRIPT, 'desk', folder, String(sessions)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const close = async (): Promise<void> => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  };
  return { address: addressSchema.parse(JSON.parse(line)), close };
}

/** Twenty years of daily bars under all policies, while a client and a page go on using the desk. */
export const backtest: Bench = {
  name: 'backtest',
  title: 'Backtest of a 20-year replay under all policies, the desk in use',
  run: async ({ rounds, isQuick, folder }) => {
    const [bars, sessions] = isQuick ? [400, 1] : [Infinity, 5];
    const { stdout } = await run(process.execPath, [SCRIPT, 'replay', folder, prices(folder, bars)]);
    const made = madeSchema.parse(JSON.parse(stdout));
    const desk = await startDesk(folder, sessions);
    const client = await connect(desk.address);
    const { page, close } = isQuick ? NO_PAGE : await openPage(desk.address.url);
    try {
      const series = await interleave(
        [
          () =>
            watched('alone', { client, page }, () => new Promise((over) => setTimeout(over, isQuick ? 500 : QUIET_MS))),
          () => watched('backtest', { client, page }, async () => client.reached(await startJob(client), 1)),
          async () => {
            const times = [await cancelled(client, 0.05), await cancelled(client, 0.5)];
            return { 'cancel: until answered': figure(Math.max(...times) / 1000, 's') };
          },
        ],
        { rounds, warmUps: isQuick ? 0 : 1 },
      );
      const gap = { name: 'backtest: slowest answer over its time', unit: '%' } as const;
      const share = derived(series, { ...gap, from: ['backtest: answer, slowest', 'backtest: time'] }, (found) => {
        const [slowest = NaN, seconds = NaN] = found;
        return slowest / (10 * seconds);
      });
      return {
        series: [...series, share],
        notes: [
          `${made.bars} daily bars, ${made.decisions} decisions, 13 policies each with its benchmark; as many workers as a desk takes by itself.`,
          'The desk, the backtest, its client and the browser share the machine: with two processors, one works for the backtest and one is left for all else.',
          'A snapshot is asked for over the WebSocket, and again so many milliseconds after it came. Cancelled early (reading the journal) and in the middle (walking policies); the slower counts.',
        ],
      };
    } finally {
      await close();
      client.desk.close();
      await desk.close();
    }
  },
};
