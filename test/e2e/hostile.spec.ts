import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { FLAVOURS, hostileDesk } from '#test/support/hostile-desk.ts';
import { textFaultsOf } from '#test/support/text-faults.ts';
import { rounds } from '#test/support/scale.ts';
import { createTestDesk } from '#test/support/test-desk.ts';

const PAGE = path.resolve(import.meta.dirname, '../../dist/renderer');
const SCREENS = ['Desk', 'Performance', 'Backtest', 'Journal', 'Models', 'Settings'] as const;
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
] as const;

/** What opens over a screen, each under one flavour; a scale of 2 or more opens all under each. */
const OPENED = [
  ['1', 'Control+k'],
  ['1', '?'],
  ['1', 'j', 'w'],
  ['1', 'x'],
  ['4', 'e'],
  ['4', 'Enter'],
  ['1', 'F8'],
] as const;
const openedBy = (turn: number): readonly (typeof OPENED)[number][] =>
  rounds(1) > 1 ? OPENED : OPENED.slice(turn % OPENED.length, (turn % OPENED.length) + 1);

/** The sizes take turns over screens and flavours; a scale of 2 or more tries both each time. */
const sizesOf = (turn: number): readonly (typeof SIZES)[number][] =>
  rounds(1) > 1 ? SIZES : SIZES.slice(turn % 2, (turn % 2) + 1);

describe.skipIf(!hasBrowser())('every screen under a hostile desk, in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it.each(FLAVOURS)('shows the %s the contract allows, whole and in words', async (flavour) => {
    const own = createTestDesk({ trades: flavour === 'nothing' ? 0 : 60 });
    const shell = await startHttpShell({ desk: hostileDesk(own, flavour), staticFolder: PAGE });
    const context = await browser.newContext({ viewport: SIZES[0] });
    const desk = new DeskPage(await context.newPage());
    const found: string[] = [];
    try {
      await desk.page.goto(shell.url);
      await desk.page.getByRole('heading', { level: 1, name: 'Desk' }).waitFor();
      for (const [i, screen] of SCREENS.entries()) {
        await desk.page.keyboard.press(`Control+${i + 1}`);
        await desk.page.getByRole('heading', { level: 1, name: screen }).waitFor();
        for (const size of sizesOf(FLAVOURS.indexOf(flavour) + i)) {
          await desk.page.setViewportSize(size);
          await desk.page.waitForTimeout(400);
          const faults = await textFaultsOf(desk.page);
          found.push(...faults.map((fault) => `${screen} at ${size.width}: ${fault}`));
        }
        // The market goes on under the trader’s eyes.
        own.step();
      }
      for (const [screen, ...keys] of openedBy(FLAVOURS.indexOf(flavour))) {
        await desk.page.keyboard.press(`Control+${screen}`);
        for (const key of keys) await desk.page.keyboard.press(key);
        await desk.page.waitForTimeout(300);
        const faults = await textFaultsOf(desk.page);
        found.push(...faults.map((fault) => `after ${keys.join(' ')}: ${fault}`));
        await desk.page.keyboard.press('Escape');
      }
      expect(found).toEqual([]);
      expect(desk.problems).toEqual([]);
    } finally {
      await context.close();
      await shell.close();
      own.close();
    }
  });
});
