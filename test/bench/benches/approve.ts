import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { Browser, WebSocket } from 'playwright-core';
import { z } from 'zod';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { FEATURES_OFF_ARGUMENT } from '#shells/window-features.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { derived, figure, grownWith, interleave, quantile } from '#test/bench/harness.ts';
import type { Bench, Figures, Side } from '#test/bench/harness.ts';
import { openLiveDesk } from '#test/bench/live-desk.ts';

const BUILT = join(import.meta.dirname, '../../../dist/renderer');
const APPROVALS = 20;
/** Proposals in the queue: those that are approved and the one selected first; and more of them. */
const FEW = APPROVALS + 1;
const MORE = [45, 95] as const;
/** One frame of a display of 60 Hz. */
const FRAME_MS = 1000 / 60;

/**
 * Waits for a click in the page, then for the picture in which a row says that it is approved; how long that took, in ms.
 * Runs in the browser: a task that is posted before a frame is drawn comes up once it has been.
 */
function approvedAfter(id: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const said = (): string => Array.from(document.querySelectorAll('[role=status]'), (e) => e.textContent).join(' ');
    const giveUp = setTimeout(() => reject(new Error(`${id} was not approved; the window says: ${said()}`)), 10_000);
    let clickedAt = NaN;
    document.addEventListener('click', ({ timeStamp }) => (clickedAt = timeStamp), { capture: true, once: true });
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const isShown = document.getElementById(id)?.textContent.includes('approved') === true;
      if (isShown) {
        clearTimeout(giveUp);
        resolve(performance.now() - clickedAt);
      } else requestAnimationFrame(onFrame);
    };
    const onFrame = (): void => channel.port2.postMessage(null);
    requestAnimationFrame(onFrame);
  });
}

const CLICK = 'desk: click to acknowledged';
const among = (proposals: number): string => `desk: click among ${proposals} proposals`;

/** A finger stays on the button for so long. */
const PRESS_MS = 60;

/**
 * Presses Approve as a hand does: nothing ties its time to that of the frames, as the steps of a test's click are tied.
 * @param phase share of a frame, 0 to 1
 */
async function pressAtAnyTime({ page, approve: button }: DeskPage, phase: number): Promise<void> {
  const box = await button.boundingBox();
  if (box === null) throw new Error('there is no button to press');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await new Promise((resolve) => setTimeout(resolve, PRESS_MS + phase * FRAME_MS));
  await page.mouse.up();
}

/** Does something at the desk, and waits until the page has been told of all the proposals that it made. */
async function untilTold(socket: WebSocket, make: () => Promise<readonly Recommendation[]>): Promise<void> {
  const heard: string[] = [];
  const hear = ({ payload }: { readonly payload: string | Buffer }): void => void heard.push(payload.toString());
  socket.on('framereceived', hear);
  try {
    const made = await make();
    while (!made.every(({ id }) => heard.some((words) => words.includes(id)))) {
      await socket.waitForEvent('framereceived', { timeout: 10_000 });
    }
  } finally {
    socket.off('framereceived', hear);
  }
}

const summary = (name: string, times: readonly number[]): Figures => ({
  [`${name}, p50`]: figure(quantile(times, 0.5), 'ms'),
  [`${name}, p95`]: figure(quantile(times, 0.95), 'ms'),
});

/** Clicks Approve on proposal after proposal of a desk with a journal on disk. */
async function approvals(name: string, browser: Browser, folder: string, proposals = FEW): Promise<Figures> {
  const live = await openLiveDesk(mkdtempSync(join(folder, 'desk-')), proposals);
  await live.predict(live.symbols, 1);
  const shell = await startHttpShell({ desk: live.door, staticFolder: BUILT });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const desk = new DeskPage(await context.newPage());
    const connected = desk.page.waitForEvent('websocket');
    await desk.open(shell.url);
    const socket = await connected;
    const times: number[] = [];
    // The first is selected, and one that changes under the hand cannot be approved at once.
    for (const symbol of live.symbols.slice(1, APPROVALS + 1)) {
      const id = `queue-${symbol}`;
      // Nothing is sent at a price that is old, and nothing for a proposal that was replaced before the page was told so.
      await untilTold(socket, () => live.predict([symbol], 1));
      await desk.page.locator(`#${id}`).click();
      await desk.page.locator(`#${id}[aria-selected=true]`).waitFor();
      const took = desk.page.evaluate(approvedAfter, id);
      await pressAtAnyTime(desk, times.length / APPROVALS);
      times.push(z.number().parse(await took));
    }
    const sent = live.journal.orders({ limit: 10 * APPROVALS }).filter(({ role }) => role === 'entry');
    if (sent.length !== APPROVALS) throw new Error(`${sent.length} of ${APPROVALS} approvals became an order`);
    return summary(name, times);
  } finally {
    await context.close();
    await shell.close();
    live.close();
  }
}

/** One row per transaction under synchronous FULL in a database that has nothing else, and then a frame. */
function bareRows(folder: string): Figures {
  const database = new SqliteDatabase(join(mkdtempSync(join(folder, 'bare-')), 'bare.db'));
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.exec('CREATE TABLE intents (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT');
    const insert = database.prepare('INSERT INTO intents (body) VALUES (?)');
    const body = 'x'.repeat(2_000);
    const times = Array.from({ length: APPROVALS }, () => {
      const start = performance.now();
      insert.run(body);
      return performance.now() - start + FRAME_MS;
    });
    return summary('bare: a row and a frame', times);
  } finally {
    database.close();
  }
}

/** From the click on Approve until the row says so, its intent on disk. */
export const approve: Bench = {
  name: 'approve',
  title: 'The click on Approve',
  run: async ({ rounds, isQuick, folder }) => {
    if (!hasBrowser() || !existsSync(join(BUILT, 'index.html')) || isQuick) {
      return { series: [], notes: ['There is no browser, nothing was built to show, or this is a smoke run.'] };
    }
    const [browser, asItComes] = [await launchBrowser({ extraArgs: [FEATURES_OFF_ARGUMENT] }), await launchBrowser()];
    try {
      const series = await interleave(
        [
          () => approvals(CLICK, browser, folder),
          () => bareRows(folder),
          () => approvals('a tab of a browser as it comes: click to acknowledged', asItComes, folder),
          ...MORE.map(
            (proposals): Side =>
              () =>
                approvals(among(proposals), browser, folder, proposals),
          ),
        ],
        { rounds },
      );
      const [of, over] = [`${CLICK}, p50`, 'bare: a row and a frame, p50'];
      const ratio = derived(
        series,
        { name: 'desk over bare, p50', unit: '', from: [of, over] },
        ([desk = NaN, bare = NaN]) => desk / bare,
      );
      const grown = [{ x: FEW, of }, ...MORE.map((x) => ({ x, of: `${among(x)}, p50` }))];
      return {
        series: [...series, ratio, grownWith(series, 'growth exponent, proposals', grown)],
        notes: [
          `${APPROVALS} proposals, approved one after the other by the mouse in Chromium, at any time between two frames. From the time of the click to the first task after the frame in which the row of the queue says that it is approved: sized and checked again, decision and intents journaled under synchronous FULL, told to the page, drawn. What the broker answers comes later.`,
          'The window of the desk turns off what makes a click’s answer wait for a frame (see electron/shells/window-features.ts); a tab of a browser cannot.',
          'The bare side is one row of 2,000 characters in a transaction of its own under synchronous FULL, and 16.7 ms for a frame.',
        ],
      };
    } finally {
      await browser.close();
      await asItComes.close();
    }
  },
};
