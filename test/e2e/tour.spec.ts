import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { faultsOf } from '#test/support/screen-checks.ts';
import { createTestDesk, type TestDesk } from '#test/support/test-desk.ts';

const PAGE = path.resolve(import.meta.dirname, '../../dist/renderer');
const TARGETS = [
  '[aria-labelledby="queue-title"]',
  '[aria-label="Selected recommendation"]',
  '[aria-labelledby="ladder-title"]',
  '[aria-labelledby="risk-title"]',
  '[aria-label="Account and connections"]',
];

describe.skipIf(!hasBrowser())('the first run, in a real browser', () => {
  let browser: Browser;
  let context: BrowserContext;
  let own: TestDesk;
  let shell: HttpShell;
  let desk: DeskPage;

  beforeAll(async () => {
    browser = await launchBrowser({ isNewcomer: true });
    own = createTestDesk();
    shell = await startHttpShell({ desk: own, staticFolder: PAGE });
  });
  afterAll(async () => {
    await browser.close();
    await shell.close();
    own.close();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    desk = new DeskPage(await context.newPage());
    await desk.open(shell.url);
  });
  afterEach(() => context.close());

  const card = () => desk.page.getByRole('dialog');
  /** The card is wholly in the window and nowhere over what it explains. */
  const clearOf = async (target: string, width: number, height: number): Promise<boolean> => {
    const [shown, explained] = await Promise.all([
      card().boundingBox(),
      desk.page.locator(target).first().boundingBox(),
    ]);
    if (shown === null || explained === null) return false;
    const [right, bottom] = [shown.x + shown.width, shown.y + shown.height];
    const isApart =
      shown.x >= explained.x + explained.width ||
      right <= explained.x ||
      shown.y >= explained.y + explained.height ||
      bottom <= explained.y;
    return isApart && shown.x >= 0 && shown.y >= 0 && right <= width && bottom <= height;
  };
  const named = (title: string) => desk.page.getByRole('dialog', { name: title });

  it.each([
    [1440, 900],
    [1024, 768],
  ] as const)('walks five steps by keyboard and covers nothing it explains, at %i×%i', async (width, height) => {
    await desk.page.setViewportSize({ width, height });
    for (const [i, target] of TARGETS.entries()) {
      await card()
        .getByText(`Tour, step ${i + 1} of 5`)
        .waitFor();
      expect(await card().evaluate((element) => element.contains(document.activeElement))).toBe(true);
      await expect.poll(() => clearOf(target, width, height)).toBe(true);
      if (i === 0) expect(await faultsOf(desk.page)).toEqual([]);
      await desk.page.keyboard.press('ArrowRight');
    }
    await expect.poll(() => card().count()).toBe(0);
    await desk.page.reload();
    await desk.queue.waitFor();
    await desk.page.waitForTimeout(500);
    expect(await card().count()).toBe(0);
    expect(desk.problems).toEqual([]);
  });

  it('is skipped by Escape, stays away, and comes back from the palette and the list of keys', async () => {
    await named('What waits for you').waitFor();
    await desk.page.keyboard.press('Escape');
    await expect.poll(() => card().count()).toBe(0);
    await desk.page.keyboard.press('Control+2');
    await desk.page.keyboard.press('Control+k');
    await named('Commands').getByRole('option').first().waitFor();
    await desk.page.keyboard.type('tour');
    await desk.page.keyboard.press('Enter');
    await named('What waits for you').waitFor();
    await desk.page.getByRole('button', { name: 'Next' }).click();
    await named('One size, and your decision').waitFor();
    await desk.page.getByRole('button', { name: 'Back', exact: true }).click();
    await desk.page.getByRole('button', { name: 'Skip the tour' }).click();
    await desk.page.keyboard.press('?');
    await named('Keys').getByRole('button', { name: 'Show the tour' }).click();
    await named('What waits for you').waitFor();
    expect(desk.problems).toEqual([]);
  });
});
