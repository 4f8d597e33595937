import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { createStreamingDesk, crowdSymbol } from '#test/support/streaming-desk.ts';
import { sidewaysOf } from '#test/support/text-faults.ts';

const PAGE = path.resolve(import.meta.dirname, '../../dist/renderer');
const ROWS = 500;
const UPDATES = 30;
const EVERY_MS = 100;

describe.skipIf(!hasBrowser())('a desk that streams, in a real browser', () => {
  let browser: Browser;
  let context: BrowserContext;
  let shell: HttpShell;
  let desk: DeskPage;
  let streaming: ReturnType<typeof createStreamingDesk>;
  /** The recommendations whose approval was asked for. */
  let asked: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await context.close();
    await shell.close();
    streaming.close();
  });

  const open = async (rows: number | 'own', width = 1440, height = 900): Promise<void> => {
    streaming = createStreamingDesk(rows);
    asked = [];
    const { handlers, stream } = streaming.door;
    const approve: (typeof handlers)['recommendation.approve'] = (input) => {
      asked.push(input.id);
      return handlers['recommendation.approve'](input);
    };
    const door = { stream, handlers: { ...handlers, 'recommendation.approve': approve } };
    shell = await startHttpShell({ desk: door, staticFolder: PAGE });
    context = await browser.newContext({ viewport: { width, height } });
    desk = new DeskPage(await context.newPage());
    await desk.open(shell.url);
    await desk.page.evaluate(() => document.fonts.ready);
  };
  /** Changes everything several times over and waits until the page has it. */
  const stream = async (): Promise<void> => {
    for (let i = 0; i < UPDATES; i += 1) {
      streaming.update();
      await desk.page.waitForTimeout(EVERY_MS);
    }
  };
  const name = (i: number): string => crowdSymbol(i).split('-')[0] ?? '';
  const scroller = () => desk.queue.locator('xpath=..');

  it('holds 500 recommendations that change ten times a second in a few rows, and moves nothing of the trader’s', async () => {
    await open(ROWS);
    const options = desk.queue.getByRole('option');
    expect(await options.first().getAttribute('aria-setsize')).toBe(String(ROWS));
    const bounded = await options.count();
    expect(bounded).toBeLessThan(60);
    await desk.queue.focus();
    for (let i = 0; i < 40; i += 1) await desk.page.keyboard.press('j');
    const chosen = desk.queue.locator('[aria-selected="true"]');
    const selected = await chosen.getAttribute('id');
    const place = await chosen.boundingBox();
    const top = await scroller().evaluate((element) => element.scrollTop);
    expect(top).toBeGreaterThan(0);
    const nodes = () => desk.page.evaluate(() => document.querySelectorAll('*').length);
    const before = await nodes();
    await stream();
    expect(await chosen.getAttribute('id')).toBe(selected);
    expect(await chosen.boundingBox()).toEqual(place);
    expect(await scroller().evaluate((element) => element.scrollTop)).toBe(top);
    expect(await desk.queue.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await options.count()).toBeLessThan(60);
    expect(await nodes()).toBeLessThan(before + 200);
    // What is on screen is the newest, and a row far away is reached by name.
    await desk.page.keyboard.press('Control+k');
    await desk.page.getByRole('dialog', { name: 'Commands' }).getByRole('option').first().waitFor();
    await desk.page.keyboard.type(crowdSymbol(498));
    await desk.page.keyboard.press('Enter');
    await desk.hero.getByText(name(498)).first().waitFor();
    await desk.row(name(498)).waitFor();
    expect(desk.problems).toEqual([]);
  });

  it('keeps the scrolled place when the selection is out of sight', async () => {
    await open(ROWS);
    await scroller().evaluate((element) => element.scrollTo({ top: 4_400 }));
    await expect.poll(() => desk.queue.locator('[aria-selected="true"]').count()).toBe(0);
    const shown = await desk.queue.getByRole('option').allInnerTexts();
    await stream();
    expect(await scroller().evaluate((element) => element.scrollTop)).toBe(4_400);
    const rows = await desk.queue.getByRole('option').allInnerTexts();
    expect(rows.map((text) => text.split('\n')[1])).toEqual(shown.map((text) => text.split('\n')[1]));
    expect(await desk.queue.getAttribute('aria-activedescendant')).toBeNull();
  });

  it('takes a press for the proposal it began on, and keeps the focus when another takes its place', async () => {
    await open('own');
    const told = desk.page.getByText('The recommendation has just changed.').first();
    const id = (round: number): string => `next-${round}`;
    const replaced = async (round: number): Promise<void> => {
      streaming.replace(symbol, id(round));
      // Longer than anything new is held back from the trader's hand.
      await desk.page.waitForTimeout(1_000);
    };
    const symbol =
      (await desk.queue.locator('[aria-selected="true"]').getAttribute('id'))?.slice('queue-'.length) ?? '';
    await desk.approve.hover();
    await desk.page.mouse.down();
    await replaced(1);
    await desk.page.mouse.up();
    await told.waitFor();
    expect(await desk.approve.evaluate((element) => element === document.activeElement)).toBe(true);
    await desk.page.keyboard.down('Space');
    await replaced(2);
    await desk.page.keyboard.up('Space');
    await desk.page.waitForTimeout(100);
    expect(asked).toEqual([]);
    await desk.page.keyboard.press('Space');
    await expect.poll(() => asked).toEqual([id(2)]);
  });

  it.each([
    [1440, 900],
    [1024, 768],
  ] as const)('moves nothing when figures change, at %i×%i', async (width, height) => {
    await open('own', width, height);
    await desk.page.getByRole('img', { name: /^Price chart of/ }).waitFor();
    // The first figures make their room; on a busy machine they take longer to come.
    const words = () => desk.page.locator('header').first().innerText();
    await expect.poll(words, { timeout: 15_000 }).not.toContain('—');
    await desk.page.waitForTimeout(2_000);
    await desk.page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { shifts: seen });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, hadRecentInput, sources } = entry as PerformanceEntry & {
            readonly value: number;
            readonly hadRecentInput: boolean;
            readonly sources: readonly {
              readonly node: Node | null;
              readonly previousRect: DOMRectReadOnly;
              readonly currentRect: DOMRectReadOnly;
            }[];
          };
          // A mark of a gauge moves along its scale, and a longer figure begins further left but ends where it did; what
          // else bears words or figures stays.
          const moved = sources
            .filter(({ previousRect, currentRect }) => Math.abs(previousRect.right - currentRect.right) > 1)
            .map(({ node }) => node?.textContent?.trim() ?? '')
            .filter((text) => text !== '');
          if (!hadRecentInput && moved.length > 0) seen.push(`${value}: ${moved.join(' | ')}`);
        }
      }).observe({ type: 'layout-shift' });
    });
    const places = () =>
      desk.page
        .locator(
          'button:visible, tr:visible, th:visible, td:visible, [role="option"], dt, dd, h2, header [role="img"], [role="meter"], [role="separator"]',
        )
        .evaluateAll((elements) =>
          elements.map((element) => {
            const { x, y, width: w, height: h } = element.getBoundingClientRect();
            // A figure may grow to the left in its own cell: what stands there is told by the cell.
            return [element.tagName, x, y, element.matches('button, tr, th, td, dt, dd, [role="img"]') ? w : 0, h]
              .map(String)
              .join(' ');
          }),
        );
    const step = desk.hero.getByRole('button', { name: /^One contract more/ });
    await step.focus();
    const before = await places();
    expect(before.length).toBeGreaterThan(60);
    await stream();
    expect(await places()).toEqual(before);
    expect(await step.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await desk.page.evaluate(() => (window as unknown as { readonly shifts: string[] }).shifts)).toEqual([]);
    // Nor is any of it pushed out of its panel, also between the two sizes.
    for (const room of width === 1440 ? [1440, 1366, 1280] : [1024]) {
      await desk.page.setViewportSize({ width: room, height });
      await desk.page.waitForTimeout(300);
      expect(await sidewaysOf(desk.page), `at ${room}`).toEqual([]);
    }
    expect(desk.problems).toEqual([]);
  });
});
