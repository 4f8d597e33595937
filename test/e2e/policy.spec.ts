import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { startDesk, type RunningDesk } from '#test/support/running-desk.ts';

/** Notes every breach of the policy, in the page itself: the console does not tell all of them. */
const WATCH = `
  window.__breaches = [];
  addEventListener('securitypolicyviolation', (event) =>
    window.__breaches.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile));
`;

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
    for (let n = 0; n < count; n += 1) {
      await screens.nth(n).click();
      await page.waitForTimeout(400);
      for (const key of ['?', 'n', 'i', 'e', '/']) {
        await page.keyboard.press(key);
        await page.waitForTimeout(60);
        await page.keyboard.press('Escape');
      }
    }
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
