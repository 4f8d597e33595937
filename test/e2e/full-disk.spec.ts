import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { startDesk } from '#test/support/running-desk.ts';
import { smallDisk } from '#test/support/small-disk.ts';

describe.skipIf(!hasBrowser())('a full disk, in a real browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('is told where the trader looks, with what to do, and nothing can be entered', async ({ skip }) => {
    const disk = smallDisk(90) ?? skip('mounting is not allowed');
    const running = await startDesk({ folder: disk });
    onTestFinished(() => running.close());
    const desk = new DeskPage(await browser.newPage({ viewport: { width: 1440, height: 900 } }));
    await desk.open(running.shell.url);
    const { page } = desk;
    const banner = page.getByRole('region', { name: 'Trading state' });
    await banner.getByText(/nothing is sent until there is room/).waitFor();
    // Nothing can be approved: each signal is sized to nothing, and says why.
    expect(await desk.approve.count()).toBe(0);
    const notices = page.getByRole('button', { name: /\d+ notices?$/ });
    await notices.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The disk is full; new entries are blocked').waitFor();
    await dialog.getByText('Free some room; the desk goes on by itself.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    // Halting works all the same, and there is no way to enter from here.
    await page.keyboard.press('F8');
    await expect
      .poll(async () => (await running.desk.handlers['risk.metrics']({})).risk.tradingState, { timeout: 15_000 })
      .toBe('halted');
    expect(desk.problems).toEqual([]);
  });
});
