import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { startDesk, type RunningDesk } from '#test/support/running-desk.ts';
import { settle } from '#test/support/screen-checks.ts';

describe.skipIf(!hasBrowser())('commands and keys in a real browser', () => {
  let browser: Browser;
  let running: RunningDesk;
  let desk: DeskPage;
  let context: BrowserContext;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await startDesk();
  });
  afterAll(async () => {
    await browser.close();
    await running.close();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1024, height: 768 } });
    desk = new DeskPage(await context.newPage());
    await desk.open(running.shell.url);
  });
  afterEach(() => context.close());

  const dialog = (name: string) => desk.page.getByRole('dialog', { name });
  const ask = async (text: string): Promise<void> => {
    await desk.page.keyboard.press('Control+k');
    await dialog('Commands').waitFor();
    await desk.page.keyboard.type(text);
  };

  it('any command is found by its name and run by Enter, screens and symbols included', async () => {
    await ask('journal scr');
    await desk.page.keyboard.press('Enter');
    await desk.page.getByRole('grid', { name: 'Trades' }).waitFor();
    const { recommendations } = await running.desk.handlers['desk.snapshot']({});
    const symbol = recommendations[3]?.symbol ?? '';
    await ask(symbol);
    await desk.page.keyboard.press('Enter');
    await desk.hero
      .getByText(symbol.split('-')[0] ?? '')
      .first()
      .waitFor();
    await ask('what if');
    await desk.page.keyboard.press('Enter');
    await desk.page.getByRole('complementary', { name: 'What if' }).waitFor();
    await ask('trading');
    await settle(desk.page);
    const { violations } = await new AxeBuilder({ page: desk.page }).include('[role="dialog"]').analyze();
    expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
    await desk.page.keyboard.press('Escape');
    await ask('qqqq');
    await dialog('Commands').getByText('Nothing by that name.').waitFor();
    await desk.page.keyboard.press('Escape');
    expect(await dialog('Commands').count()).toBe(0);
    expect(desk.problems).toEqual([]);
  });

  it('F8 halts from inside the palette', async () => {
    await ask('any');
    await desk.page.keyboard.press('F8');
    await expect
      .poll(async () => (await running.desk.handlers['risk.metrics']({})).risk.tradingState, { timeout: 15_000 })
      .toBe('halted');
  });

  it('a key is changed by pressing another, refused where it is taken, and kept over a reload', async () => {
    await desk.page.keyboard.press('?');
    const row = dialog('Keys').getByRole('button', { name: /^Change the key: What if/ });
    await row.click();
    await desk.page.keyboard.press('x');
    await dialog('Keys').getByRole('alert').filter({ hasText: 'Reject' }).waitFor();
    await row.click();
    await desk.page.keyboard.press('q');
    await desk.page.keyboard.press('Escape');
    await desk.page.reload();
    await desk.queue.waitFor();
    await desk.page.keyboard.press('w');
    expect(await desk.page.getByRole('complementary', { name: 'What if' }).count()).toBe(0);
    await desk.page.keyboard.press('q');
    await desk.page.getByRole('complementary', { name: 'What if' }).waitFor();
    expect(desk.problems).toEqual([]);
  });
});
