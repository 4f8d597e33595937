import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { startHttpShell } from '#shells/http/server.ts';
import { FEATURES_OFF_ARGUMENT } from '#shells/window-features.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { crowdSymbol } from '#test/support/streaming-desk.ts';
import { derived, figure, grownWith, interleave, quantile } from '#test/bench/harness.ts';
import type { Bench, Figures, Side } from '#test/bench/harness.ts';
import { openLiveDesk } from '#test/bench/live-desk.ts';

const BUILT = join(import.meta.dirname, '../../../dist/renderer');
const ROWS = 40;
const RATES = [200, 500, 1_000] as const;
/** So high that all rows of the queue are in sight; what is more than a window has goes to the panels at the bottom. */
const VIEW = { width: 1440, height: 2_560 };
const BOTTOM_PX = 212 + VIEW.height - 900;
const WARM_UP_S = 4;
/** A change that has not been painted by then never will be. */
const PATIENCE_MS = 10_000;
/** One frame of a display of 60 Hz. */
const FRAME_MS = 1000 / 60;

/** A page with rows whose first cell shows a number, and a way to change some of them to the same one. */
type Shown = { readonly page: Page; readonly send: (rows: readonly number[], value: number) => unknown };
type Open = Shown & { readonly close: () => Promise<void> };

/**
 * Notes in a page, after each picture, what every row shows. Runs in the browser: a task that is posted before a frame
 * is drawn comes up once it has been.
 */
function watchRows(count: number): void {
  const seen: [row: number, value: number, at: number][] = [];
  const shown = new Map<number, string>();
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const at = performance.timeOrigin + performance.now();
    for (let row = 0; row < count; row += 1) {
      const id = `queue-Q${String(row).padStart(3, '0')}Z26-CME`;
      const text = document.getElementById(id)?.firstElementChild?.textContent ?? '';
      if (shown.get(row) === text) continue;
      shown.set(row, text);
      seen.push([row, Number(text), at]);
    }
  };
  const onFrame = (): void => {
    channel.port2.postMessage(null);
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  Object.assign(window, { paintedRows: seen });
}

const seenSchema = z.array(z.tuple([z.number(), z.number(), z.number()]));
const takeSeen = async (page: Page): Promise<z.output<typeof seenSchema>> =>
  seenSchema.parse(
    await page.evaluate(() => {
      const seen: unknown = Reflect.get(window, 'paintedRows');
      return Array.isArray(seen) ? (seen.splice(0) as unknown) : [];
    }),
  );

type Load = { readonly rate: number; readonly seconds: number; readonly from: number };

const clock = (): number => performance.timeOrigin + performance.now();

/**
 * Changes rows in turn at a rate for so many seconds; how long each change took to be painted, in ms. The time runs from
 * when a change was due: a side that cannot keep up does not win time by being asked later.
 * @param from numbers up to this one have been shown before
 */
async function paintTimes(
  { page, send }: Shown,
  { rate, seconds, from }: Load,
): Promise<{ readonly times: readonly number[]; readonly onceSent: readonly number[] }> {
  await takeSeen(page);
  const sent: { readonly row: number; readonly value: number; readonly at: number; goneAt: number }[] = [];
  const begin = clock();
  const total = rate * seconds;
  for (let value = from + 1; sent.length < total; value += 1) {
    const due = Math.min(total, sent.length + ROWS, Math.floor(((clock() - begin) * rate) / 1000));
    const rows: number[] = [];
    while (sent.length < due) {
      const row = sent.length % ROWS;
      rows.push(row);
      sent.push({ row, value, at: begin + ((sent.length + 1) / rate) * 1000, goneAt: NaN });
    }
    if (rows.length > 0) await send(rows, value);
    for (const one of sent.slice(sent.length - rows.length)) one.goneAt = clock();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const seen: [row: number, value: number, at: number][] = [];
  const last = sent.slice(-ROWS);
  const isWhole = (): boolean =>
    last.every(({ row, value }) => seen.some(([of, shown]) => of === row && shown >= value));
  const until = clock() + PATIENCE_MS;
  while (!isWhole() && clock() < until) {
    await page.waitForTimeout(100);
    seen.push(...(await takeSeen(page)));
  }
  const byRow = Array.from({ length: ROWS }, (_, row) => seen.filter(([of]) => of === row));
  const painted = sent.map(({ row, value, at }) => {
    // A value that a later one overtook within a frame was never to be seen: the later one tells of it.
    const first = byRow[row]?.find(([, shown, when]) => shown >= value && when >= at);
    if (first === undefined) throw new Error(`change ${value} of row ${row} was never painted`);
    return first[2];
  });
  return {
    times: sent.map(({ at }, i) => (painted[i] ?? NaN) - at),
    onceSent: sent.map(({ goneAt }, i) => (painted[i] ?? NaN) - goneAt),
  };
}

async function deskPage(browser: Browser, folder: string): Promise<Open> {
  const desk = await openLiveDesk(mkdtempSync(join(folder, 'desk-')), ROWS);
  await desk.predict(desk.symbols, 1);
  const shell = await startHttpShell({ desk: desk.door, staticFolder: BUILT });
  const page = await browser.newPage({ viewport: VIEW });
  // Ladder and chart are as large as in a window of 1440 × 900.
  await page.addInitScript(
    (px) => window.localStorage.setItem('kelly-desk.split.desk.work.regular', px),
    `${BOTTOM_PX}`,
  );
  await new DeskPage(page).open(shell.url);
  await page.locator(`#queue-${crowdSymbol(ROWS - 1)}`).waitFor();
  await page.evaluate(watchRows, ROWS);
  return {
    page,
    send: (rows, value) =>
      desk.predict(
        rows.map((row) => crowdSymbol(row)),
        value,
      ),
    close: async () => {
      await page.close();
      await shell.close();
      desk.close();
    },
  };
}

/** A socket that sends two numbers, and a page of bare rows that writes them down before the next frame. */
async function barePage(browser: Browser): Promise<Open> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(sockets, 'connection');
  const page = await browser.newPage({ viewport: VIEW });
  const rows = Array.from({ length: ROWS }, (_, i) => `<li id="queue-${crowdSymbol(i)}"><span>0</span></li>`);
  await page.setContent(`<ul>${rows.join('')}</ul>`);
  await page.evaluate(
    (port) => {
      const waiting: [number, number][] = [];
      const socket = new WebSocket(`ws://127.0.0.1:${port}`);
      socket.onmessage = ({ data }: MessageEvent<string>) => {
        const first = waiting.length === 0;
        waiting.push(JSON.parse(data) as [number, number]);
        if (!first) return;
        requestAnimationFrame(() => {
          for (const [row, value] of waiting.splice(0)) {
            const cell = document.getElementById(`queue-Q${String(row).padStart(3, '0')}Z26-CME`)?.firstElementChild;
            if (cell !== null && cell !== undefined) cell.textContent = String(value);
          }
        });
      };
    },
    (server.address() as AddressInfo).port,
  );
  const [line] = (await accepted) as [{ send: (text: string) => void }];
  await page.evaluate(watchRows, ROWS);
  return {
    page,
    send: (rows, value) => {
      for (const row of rows) line.send(JSON.stringify([row, value]));
    },
    close: async () => {
      await page.close();
      sockets.close();
      server.close();
    },
  };
}

const sideOf =
  (name: string, open: () => Promise<Open>, seconds: number): Side =>
  async () => {
    const shown = await open();
    try {
      const figures: Record<string, Figures[string]> = {};
      let from = 1;
      // A desk is open all day: what the browser and Node compile in the first seconds of a page is not counted.
      const [rate] = RATES;
      await paintTimes(shown, { rate, seconds: WARM_UP_S, from });
      from += rate * WARM_UP_S;
      // One page at a time is in the foreground: one in the background draws no frames.
      for (const rate of RATES) {
        const { times, onceSent } = await paintTimes(shown, { rate, seconds, from });
        from += rate * seconds;
        const label = `${name}, ${rate.toLocaleString('en')}/s`;
        for (const [tail, p] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          figures[`${label}, ${tail}`] = figure(quantile(times, p), 'ms');
          figures[`${label}, once sent, ${tail}`] = figure(quantile(onceSent, p), 'ms');
        }
      }
      return figures;
    } finally {
      await shown.close();
    }
  };

/** How long after its predictions arrive a recommendation stands on the screen, and how long a bare number takes. */
export const paint: Bench = {
  name: 'paint',
  title: 'Predictions on their way to the screen',
  run: async ({ rounds, isQuick, folder }) => {
    if (!hasBrowser() || !existsSync(join(BUILT, 'index.html')) || isQuick) {
      return { series: [], notes: ['There is no browser, nothing was built to show, or this is a smoke run.'] };
    }
    const browser = await launchBrowser({ extraArgs: [FEATURES_OFF_ARGUMENT] });
    try {
      const series = await interleave(
        [sideOf('desk', () => deskPage(browser, folder), 4), sideOf('bare', () => barePage(browser), 4)],
        { rounds },
      );
      const grown = RATES.map((rate) => ({ x: rate, of: `desk, ${rate.toLocaleString('en')}/s, p50` }));
      const inFrames = RATES.flatMap((rate) =>
        ['p50', 'p95', 'p99'].map((tail) => {
          const name = `desk, ${rate.toLocaleString('en')}/s, ${tail}`;
          return derived(series, { name: `${name}, in frames`, unit: '', from: [name] }, ([ms = NaN]) => ms / FRAME_MS);
        }),
      );
      return {
        series: [...series, ...inFrames, grownWith(series, 'growth exponent, predictions a second', grown)],
        notes: [
          `${ROWS} rows in sight, changed in turn. From when a price and both predictions are there to the first task after the frame that shows the new size: engine with ${ROWS - 1} standing proposals, decision record in a journal on disk under synchronous FULL, the contract's check, the socket, the store, React, layout and paint. What is due in one turn of the event loop is sized together. A change that a later one overtook counts until the later one was shown.`,
          `Both sides have shown ${WARM_UP_S} seconds of changes before the first that counts.`,
          'The bare side sends two numbers over a socket and writes them into a list before the next frame.',
          'A frame is 16.7 ms. Chromium draws without a graphics card here.',
        ],
      };
    } finally {
      await browser.close();
    }
  },
};
