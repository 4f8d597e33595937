import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { startDesk, type RunningDesk } from '#test/support/running-desk.ts';
import { settle } from '#test/support/screen-checks.ts';

/** Notes every breach of the policy, in the page itself: the console does not tell all of them. */
const WATCH = `
  window.__breaches = [];
  addEventListener('securitypolicyviolation', (event) =>
    window.__breaches.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile));
`;

/** Waits a moment for a dialog, and closes it; says whether there was one. */
async function close(dialog: Locator): Promise<0 | 1> {
  const isOpen = await dialog.waitFor({ timeout: 400 }).then(
    () => true,
    () => false,
  );
  if (!isOpen) return 0;
  await settle(dialog.page());
  await dialog.page().keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  return 1;
}

describe.skipIf(!hasBrowser())('the policy of the page, in a real browser', () => {
  let browser: Browser;
  let running: RunningDesk;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await startDesk({ sessions: 30 });
  });
  afterAll(async () => {
    await running.close();
    await browser.close();
  });

  it('is broken on no screen, in either theme, with every dialog that a key opens', async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.addInitScript(WATCH);
    await new DeskPage(page).open(running.shell.url);
    const screens = page.getByRole('navigation').getByRole('button');
    const count = await screens.count();
    expect(count).toBeGreaterThanOrEqual(3);
    let opened = 0;
    for (let n = 0; n < count; n += 1) {
      await screens.nth(n).click();
      await page.waitForTimeout(400);
      for (const key of ['?', 'n', 'i', 'e', '/']) {
        await page.keyboard.press(key);
        opened += await close(page.getByRole('dialog'));
      }
      // A dialog of a part that is fetched late, on a slow machine.
      while ((await close(page.getByRole('dialog'))) > 0) opened += 1;
    }
    expect(opened).toBeGreaterThan(count);
    const breaches: unknown = await page.evaluate('window.__breaches');
    expect(breaches).toEqual([]);
    await context.close();
  });

  it('is one whose breach would be seen', async () => {
    const page = await browser.newPage();
    await page.addInitScript(WATCH);
    await new DeskPage(page).open(running.shell.url);
    await page.evaluate(() => {
      const image = document.createElement('img');
      image.src = 'https://example.invalid/pixel.png';
      document.body.append(image);
    });
    await expect.poll(() => page.evaluate('window.__breaches.length')).toBeGreaterThan(0);
    await page.close();
  });
});
