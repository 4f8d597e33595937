import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { createTestDesk, type TestDesk } from '#test/support/test-desk.ts';

const PAGE_FOLDER = path.resolve(import.meta.dirname, '../../dist/renderer');

/** Every screen by its key, and something that is only there. */
const SCREENS = [
  ['Desk', 'Control+1', (page) => page.queue],
  ['Performance', 'Control+2', ({ page }) => page.getByRole('main').getByText('Verdict').first()],
  ['Backtest', 'Control+3', ({ page }) => page.getByRole('main').getByRole('heading').first()],
  ['Journal', 'Control+4', ({ page }) => page.getByRole('grid', { name: 'Trades' })],
  ['Models', 'Control+5', ({ page }) => page.getByRole('main').getByRole('heading').first()],
  ['Settings', 'Control+6', ({ page }) => page.getByRole('main').getByRole('heading').first()],
] as const satisfies readonly (readonly [string, string, (page: DeskPage) => ReturnType<DeskPage['row']>])[];

/** Dialogs by what opens them; a dialog has the keyboard, and must not have this key. */
const DIALOGS: readonly (readonly [string, (page: DeskPage) => Promise<void>])[] = [
  ['the palette', ({ page }) => page.keyboard.press('Control+k')],
  ['the list of keys', ({ page }) => page.keyboard.press('?')],
  [
    'the import',
    async ({ page }) => {
      await page.keyboard.press('Control+4');
      await page.getByRole('button', { name: /^Import/ }).click();
    },
  ],
  [
    'the export',
    async ({ page }) => {
      await page.keyboard.press('Control+4');
      await page.getByRole('button', { name: /^Export/ }).click();
    },
  ],
];

describe.skipIf(!hasBrowser())('the halt in a real browser', () => {
  let browser: Browser;
  let desk: TestDesk;
  let shell: HttpShell;
  let page: DeskPage;

  beforeAll(async () => {
    browser = await launchBrowser();
    desk = createTestDesk();
    shell = await startHttpShell({ desk, staticFolder: PAGE_FOLDER });
    page = new DeskPage(await browser.newPage({ viewport: { width: 1280, height: 800 } }));
    await page.open(shell.url);
  });
  afterAll(async () => {
    await browser.close();
    await shell.close();
    desk.close();
  });
  const halted = () => page.page.getByRole('button', { name: 'Trading is halted' });
  const halt = () => page.page.getByRole('button', { name: 'Halt trading at once' });
  const stateOf = async () => (await desk.handlers['desk.snapshot']({})).risk.tradingState;
  const expectHalted = async (): Promise<void> => {
    // By its name alone: behind a dialog the rest of the window is hidden from the tree of roles.
    await page.page.locator('[aria-label="Trading is halted"]').waitFor();
    expect(await stateOf()).toBe('halted');
  };
  beforeEach(async () => {
    while ((await page.page.getByRole('dialog').count()) > 0) await page.page.keyboard.press('Escape');
    await desk.handlers['trading.resume']({ reason: 'the next one' });
    await halt().waitFor();
    await page.showDesk();
    await page.queue.waitFor();
  });

  it.each(SCREENS)('is one key and one click away on the %s screen', async (_, key, mark) => {
    await page.page.keyboard.press(key);
    await mark(page).waitFor();
    await page.page.keyboard.press('F8');
    await halted().waitFor();
    await expectHalted();
    await desk.handlers['trading.resume']({ reason: 'the click' });
    await halt().click();
    await expectHalted();
  });

  it.each(DIALOGS)('is one key and one click away while %s is open', async (_, open) => {
    await open(page);
    const dialog = page.page.getByRole('dialog');
    await dialog.waitFor();
    await page.page.keyboard.press('F8');
    await expectHalted();
    await desk.handlers['trading.resume']({ reason: 'the click' });
    const button = page.page.locator('[aria-label="Halt trading at once"]');
    await button.waitFor();
    await button.click();
    await expectHalted();
  });

  it('leaves nothing wrong in the console', () => {
    expect(page.problems).toEqual([]);
  });
});
