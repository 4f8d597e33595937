import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verifyJournal } from '#desk/desk.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { startDesk, type RunningDesk } from '#test/support/running-desk.ts';
import { freeze, smallDisk } from '#test/support/small-disk.ts';

/** Opens the list of notices, and waits for what is said in it. */
async function readNotices(page: Page, says: readonly (string | RegExp)[]): Promise<void> {
  await page.getByRole('button', { name: /\d+ notices?$/ }).click();
  const dialog = page.getByRole('dialog');
  for (const text of says) await dialog.getByText(text).waitFor();
}

const stateOf = async ({ desk }: RunningDesk) => (await desk.handlers['risk.metrics']({})).risk.tradingState;

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
    const full = 'The disk is full; new entries are blocked';
    await readNotices(page, [full, 'Free some room; the desk goes on by itself.']);
    const dialog = page.getByRole('dialog');

    // What is said can be handed on to whoever helps.
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await dialog.getByRole('listitem').filter({ hasText: full }).getByRole('button', { name: 'Copy details' }).click();
    await dialog.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(full);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    // Halting works all the same, and there is no way to enter from here.
    await page.keyboard.press('F8');
    await expect.poll(() => stateOf(running), { timeout: 15_000 }).toBe('halted');
    expect(desk.problems).toEqual([]);
  });

  it('or one that turns read-only, is told with what to do, and nothing can be entered', async ({ skip }) => {
    const running = await startDesk();
    onTestFinished(() => running.close());
    const desk = new DeskPage(await browser.newPage({ viewport: { width: 1440, height: 900 } }));
    await desk.open(running.shell.url);
    const { page } = desk;
    await desk.approve.waitFor();
    const { orders, positions } = await running.desk.handlers['desk.snapshot']({});
    const profile = join(running.folder, 'profiles', 'simulation');
    const names = ['', 'journal.db', 'journal.db-wal', 'journal.db-shm', 'journal.db.ballast'];
    const thaw = freeze(names.map((name) => join(profile, name))) ?? skip('files cannot be frozen');
    await desk.approve.click();
    await page
      .getByRole('region', { name: 'Trading state' })
      .getByText(/The journal cannot be written/)
      .waitFor();
    await readNotices(page, ['The journal cannot be written', /Free or replace the disk, and start the desk again/]);
    const after = await running.desk.handlers['desk.snapshot']({});
    expect(after.risk.tradingState).toBe('halted');
    expect({ orders: after.orders, positions: after.positions }).toMatchObject({ orders, positions });
    thaw();
    await running.close();
    expect(verifyJournal(join(profile, 'journal.db'))).toMatchObject({ isSound: true });
  });
});
