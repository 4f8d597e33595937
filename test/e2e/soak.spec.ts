import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { startHttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import { soakPage } from '#test/soak/page-soak.ts';

const PAGE = path.resolve(import.meta.dirname, '../../dist/renderer');

/** How many canvases the page keeps, drawn or not, after a collection. */
async function canvasesOf({ page }: DeskPage): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  const { result } = await devtools.send('Runtime.evaluate', { expression: 'HTMLCanvasElement.prototype' });
  const found = await devtools.send('Runtime.queryObjects', { prototypeObjectId: result.objectId ?? '' });
  const counted = await devtools.send('Runtime.callFunctionOn', {
    objectId: found.objects.objectId ?? '',
    functionDeclaration: 'function () { return this.length; }',
    returnByValue: true,
  });
  // A session keeps every object it was told of: what was counted would never be let go.
  await devtools.detach();
  return Number(counted.result.value);
}

describe.skipIf(!hasBrowser())('a page that is open for long', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('takes samples of heap, nodes and tasks while the desk changes', async () => {
    const found = await soakPage({ minutes: 0.1, rate: 20 });
    expect(found.updates).toBeGreaterThan(0);
    expect(found.nodes).toHaveLength(1);
    expect(found.nodes[0]).toBeGreaterThan(100);
    expect(found.heap[0]?.dataMb).toBeGreaterThan(1);
    expect(found.heap[0]?.codeMb).toBeGreaterThan(0);
  });

  it('draws the lines of activity in sight, and all of them while the trader is there', async () => {
    const own = createTestDesk({ activity: 100 });
    const shell = await startHttpShell({ desk: own, staticFolder: PAGE });
    const desk = new DeskPage(await browser.newPage({ viewport: { width: 1440, height: 900 } }));
    try {
      const lines = () => desk.activity.getByRole('listitem').count();
      const scrollTo = (top: number) =>
        desk.activity.evaluate((list, to) => list.parentElement?.scrollTo({ top: to }), top);
      // How high the list is and what of it is in sight is told in any order: several pages.
      for (let n = 0; n < 3; n += 1) {
        await desk.open(shell.url);
        await desk.activity.waitFor();
        await desk.page.waitForTimeout(300);
        expect(await lines()).toBeLessThan(40);
      }
      await scrollTo(10_000);
      await expect.poll(lines).toBe(100);
      await scrollTo(0);
      await expect.poll(lines).toBeLessThan(40);
    } finally {
      await desk.page.close();
      await shell.close();
      own.close();
    }
  });

  it('lets go of the charts of symbols that were looked at', async () => {
    const own = createTestDesk();
    const shell = await startHttpShell({ desk: own, staticFolder: PAGE });
    try {
      const desk = new DeskPage(await browser.newPage({ viewport: { width: 1440, height: 900 } }));
      await desk.open(shell.url);
      const look = async (rounds: number): Promise<number> => {
        for (let n = 0; n < rounds; n += 1) {
          for (const symbol of ['NQ', 'CL']) {
            await desk.select(symbol);
            await desk.page.getByRole('img', { name: new RegExp(`^Price chart of ${symbol}`) }).waitFor();
          }
        }
        return canvasesOf(desk);
      };
      const few = await look(2);
      await look(10);
      // Twenty charts more, of two canvases and more each. The browser itself keeps the last few for its way back, and what
      // waits for a frame keeps its chart until then.
      await expect.poll(() => canvasesOf(desk), { timeout: 20_000 }).toBeLessThan(few + 20);
      expect(desk.problems).toEqual([]);
    } finally {
      await shell.close();
      own.close();
    }
  });
});
