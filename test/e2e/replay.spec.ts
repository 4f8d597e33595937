import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openDesk, openReplayProfile } from '#desk/desk.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { faultsOf } from '#test/support/screen-checks.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { trainedFolder } from '#test/support/trained-folder.ts';
import { ask } from '#test/support/venue-desk.ts';

const PAGE_FOLDER = path.resolve(import.meta.dirname, '../../dist/renderer');
const SHOTS = process.env['KELLY_DESK_SHOTS'];
const [HEADER = '', ...ROWS] = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8')
  .trim()
  .split('\n');

describe.skipIf(!hasBrowser())('a replay of daily bars in the window', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('stands at the first proposal in the time of its bars, goes on when it is approved, and shows every screen', async () => {
    const folder = temporaryFolder();
    const prices = path.join(folder, 'sp500.csv');
    writeFileSync(prices, [HEADER, ...ROWS.slice(2_430, 2_640)].join('\n'));
    const asked = { prices, models: trainedFolder(folder), symbol: null, from: null, dataFolder: folder };
    const { dataFolder } = openReplayProfile({ ...asked, secondsPerBar: 0.05, autoApprove: false });
    const desk = await openDesk({ dataFolder, profile: 'replay' });
    onTestFinished(() => desk.close());
    await desk.ready();
    const shell = await startHttpShell({ desk, staticFolder: PAGE_FOLDER });
    onTestFinished(() => shell.close());
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = new DeskPage(await context.newPage());
    await page.open(shell.url);

    await page.approve.waitFor();
    expect(await page.text()).toContain('REPLAY');
    const { now } = await ask(desk, 'desk.snapshot', {});
    expect(new Date(now).getUTCFullYear()).toBe(2010);
    await look(page, 'desk');
    await page.approve.click();
    await expect.poll(async () => (await ask(desk, 'desk.snapshot', {})).now, { timeout: 20_000 }).toBeGreaterThan(now);
    // The price moves with the bars: what is proposed next can be approved as well.
    await page.approve.and(page.page.locator(':enabled')).click({ timeout: 20_000 });

    for (const [key, name] of [
      ['2', 'performance'],
      ['3', 'backtest'],
      ['4', 'journal'],
      ['5', 'models'],
      ['6', 'settings'],
      ['1', 'desk again'],
    ] as const) {
      await page.page.keyboard.press(`Control+${key}`);
      await page.page.waitForTimeout(SHOTS === undefined ? 0 : 1_500);
      await look(page, name);
    }
    expect(page.problems).toEqual([]);
  });
});

async function look({ page }: DeskPage, name: string): Promise<void> {
  expect(await faultsOf(page)).toEqual([]);
  if (SHOTS !== undefined) await page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
}
