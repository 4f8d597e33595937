import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import { z } from 'zod';
import { framesDuring } from '#test/bench/frames.ts';
import { derived, figure, grownWith, interleave, quantile } from '#test/bench/harness.ts';
import type { Bench, Figures, Side } from '#test/bench/harness.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { FEATURES_OFF_ARGUMENT } from '#shells/window-features.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { createStreamingDesk } from '#test/support/streaming-desk.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BUILT = join(ROOT, 'dist/renderer');
const ROWS = 500;
/** Fewer rows, for how the work grows with them. */
const FEWER = [125, 250] as const;
const EVERY_MS = 100;
const SETTLE_MS = 1_500;
/** A frame that comes later than this is a hitch: one frame of 60 a second, and the clock's own jitter. */
const LATE_MS = 17;
/** One frame of a display of 60 Hz. */
const FRAME_MS = 1000 / 60;

/** Builds the page with every row in the document, whatever their number: the table as it would be without its window. */
async function buildWhole(outDir: string): Promise<void> {
  const seen = { isReplaced: false };
  await build({
    configFile: join(ROOT, 'build/vite.renderer.config.ts'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
    plugins: [
      {
        name: 'every-row',
        enforce: 'pre',
        transform(code, id) {
          if (!id.endsWith('/features/desk/queue-list.tsx')) return null;
          const whole = code.replace('MANY = 100;', 'MANY = Infinity;');
          seen.isReplaced = whole !== code;
          return whole;
        },
      },
    ],
  });
  if (!seen.isReplaced) throw new Error('the number from which rows are windowed is not where it was');
}

/** CPU time of the page's main thread so far, ms: what other programs take of the machine is not in it. */
async function mainThreadMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  const seconds = metrics.find(({ name }) => name === 'ThreadTime')?.value;
  if (seconds === undefined) throw new Error('this browser does not say what its main thread took');
  return seconds * 1_000;
}

/** Notes in a page when messages with changed rows arrive. Runs in the browser, before the page does. */
function noteArrivals(): void {
  const arrived: number[] = [];
  const Socket = window.WebSocket;
  Object.assign(window, {
    arrived,
    WebSocket: class extends Socket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
          if (String(data).includes('recommendation.changed')) arrived.push(performance.now());
        });
      }
    },
  });
}

/**
 * Notes in a page when a frame with another size in a row has been drawn. Runs in the browser: a task that is posted
 * before a frame is drawn comes up once it has been.
 */
function notePaints(): void {
  const painted: number[] = [];
  let isChanged = false;
  const sizeOf = ({ target }: MutationRecord): Element | null | undefined =>
    (target instanceof Element ? target : target.parentElement)?.closest('[id^="queue-"] > :first-child');
  const list = document.querySelector('[aria-label="Recommendations"]');
  if (list === null) throw new Error('there is no queue');
  new MutationObserver((records) => {
    isChanged ||= records.some((record) => sizeOf(record) != null);
  }).observe(list, { subtree: true, childList: true, characterData: true });
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    if (isChanged) painted.push(performance.now());
    isChanged = false;
  };
  const onFrame = (): void => {
    channel.port2.postMessage(null);
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  Object.assign(window, { painted });
}

const timesSchema = z.tuple([z.array(z.number()), z.array(z.number())]);

/** From the first message of the update just made to its last frame, ms; null when no row in sight changed. */
async function updateMs(page: Page): Promise<number | null> {
  const [arrived, painted] = timesSchema.parse(
    await page.evaluate(() =>
      ['arrived', 'painted'].map((name): unknown => (Reflect.get(window, name) as unknown[]).splice(0)),
    ),
  );
  const [first, last] = [arrived[0], painted.at(-1)];
  return first === undefined || last === undefined || last < first ? null : last - first;
}

type Watched = {
  readonly browser: Browser;
  readonly page: string;
  readonly updates: number;
  readonly streams: boolean;
  readonly rows?: number;
};

/** Opens the desk on 500 rows, changes all of them ten times a second, and says what it took. */
async function watch(
  name: string,
  { browser, page: staticFolder, updates, streams, rows = ROWS }: Watched,
): Promise<Figures> {
  const streaming = createStreamingDesk(rows);
  const shell = await startHttpShell({ desk: streaming.door, staticFolder });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const desk = new DeskPage(await context.newPage());
    await desk.page.addInitScript(noteArrivals);
    await desk.open(shell.url);
    await desk.page.waitForTimeout(SETTLE_MS);
    await desk.page.evaluate(notePaints);
    const session = await context.newCDPSession(desk.page);
    await session.send('Performance.enable');
    const before = await mainThreadMs(session);
    const start = performance.now();
    const shownAfter: number[] = [];
    const gaps = await framesDuring(desk.page, async () => {
      for (let i = 0; i < updates; i += 1) {
        if (streams) streaming.update();
        // At any time between two frames, ten times a second in all.
        await desk.page.waitForTimeout(EVERY_MS + ((7 * i) % 17) - 8);
        const ms = await updateMs(desk.page);
        if (ms !== null) shownAfter.push(ms);
      }
    });
    const seconds = (performance.now() - start) / 1000;
    // A page that fell behind still has messages to read: they are of these updates.
    await desk.page.waitForTimeout(2 * EVERY_MS);
    await desk.page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
    const late = gaps.filter((gap) => gap > LATE_MS + 1).length / Math.max(1, gaps.length);
    return {
      [`${name}: main thread per update`]: figure((await mainThreadMs(session)) / updates - before / updates, 'ms'),
      [`${name}: frames painted`]: figure(gaps.length / seconds, '/s'),
      [`${name}: gap between frames, p50`]: figure(quantile(gaps, 0.5), 'ms'),
      [`${name}: gap between frames, p95`]: figure(quantile(gaps, 0.95), 'ms'),
      [`${name}: gap between frames, p99`]: figure(quantile(gaps, 0.99), 'ms'),
      [`${name}: frames that came late`]: figure(100 * late, '%'),
      ...(streams
        ? {
            [`${name}: an update painted after, p50`]: figure(quantile(shownAfter, 0.5), 'ms'),
            [`${name}: an update painted after, p95`]: figure(quantile(shownAfter, 0.95), 'ms'),
          }
        : {}),
    };
  } finally {
    await context.close();
    await shell.close();
    streaming.close();
  }
}

/** 500 recommendations that all change ten times a second, against the same page with every row drawn. */
export const queue: Bench = {
  name: 'queue',
  title: 'The queue with 500 recommendations, all changing ten times a second',
  run: async ({ rounds, isQuick, folder }) => {
    if (isQuick || !hasBrowser() || !existsSync(BUILT)) {
      return {
        series: [],
        notes: ['Not measured: a smoke run opens no window, nor does a machine without a browser.'],
      };
    }
    const whole = join(folder, 'whole');
    await buildWhole(whole);
    const browser = await launchBrowser({ extraArgs: [FEATURES_OFF_ARGUMENT] });
    const updates = 60;
    try {
      const series = await interleave(
        [
          () => watch('at rest', { browser, page: BUILT, updates, streams: false }),
          () => watch('windowed', { browser, page: BUILT, updates, streams: true }),
          () => watch('every row', { browser, page: whole, updates, streams: true }),
          ...FEWER.map(
            (rows): Side =>
              () =>
                watch(`${rows} rows`, { browser, page: BUILT, updates, streams: true, rows }),
          ),
        ],
        { rounds },
      );
      const change = (name: 'windowed' | 'every row') =>
        derived(
          series,
          {
            name: `${name}: main thread per update, less what it takes at rest`,
            unit: 'ms',
            from: [`${name}: main thread per update`, 'at rest: main thread per update'],
          },
          ([all = NaN, rest = NaN]) => Math.max(0, all - rest),
        );
      const grown = [...FEWER.map((x) => ({ x, name: `${x} rows` })), { x: ROWS, name: 'windowed' }];
      const tails = ['gap between frames, p95', 'gap between frames, p99', 'an update painted after, p95'];
      const inFrames = tails.map((tail) => {
        const name = `windowed: ${tail}`;
        return derived(series, { name: `${name}, in frames`, unit: '', from: [name] }, ([ms = NaN]) => ms / FRAME_MS);
      });
      return {
        series: [
          ...series,
          change('windowed'),
          change('every row'),
          ...inFrames,
          grownWith(
            series,
            'growth exponent, rows',
            grown.map(({ x, name }) => ({ x, of: `${name}: main thread per update` })),
          ),
        ],
        notes: [
          'Both pages are of one source: in the other the window on the rows is off. An update is 500 changed rows over the WebSocket, each checked, and a step of market, account and connections.',
          'An update is painted from when the first of its messages has arrived to the first task after the last frame that shows another size of it.',
          'A page that falls behind takes several updates in at once, which saves it work: what a trader sees is the frames. The main thread is counted in its own CPU time; frames are those of the machine, which also runs the desk and the browser.',
        ],
      };
    } finally {
      await browser.close();
    }
  },
};
