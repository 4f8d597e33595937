import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { verifyJournal } from '#desk/desk.ts';
import { launchBrowser } from './browser.ts';
import type { DeskPage } from './desk-page.ts';
import { startDesk, type RunningDesk } from './running-desk.ts';

/** What a test is given: its window, and the desk behind it. */
type Opened<P extends DeskPage> = {
  readonly browser: Browser;
  readonly running: RunningDesk;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly screen: P;
};
type Plan<P extends DeskPage> = {
  readonly screen: new (page: Page) => P;
  readonly size?: { readonly width: number; readonly height: number };
  /** A desk for each test instead of one for the block: for tests that trade. */
  readonly isDeskForEach?: boolean;
  /** In a browser with what stands around a page, such as the notifications of the system. */
  readonly isWhole?: boolean;
};

/**
 * Hooks of a block of tests: the simulation in a browser, with a window of its own for each test. A window that complained
 * fails its test, a journal out of order the block.
 * @param take is given what was opened before each test
 */
export function deskInBrowser<P extends DeskPage>(
  plan: Plan<P>,
  take: (opened: Opened<P>) => void | Promise<void>,
): void {
  const { size = { width: 1440, height: 900 }, isDeskForEach = false, isWhole = false } = plan;
  let browser: Browser;
  let running: RunningDesk;
  let context: BrowserContext;
  let screen: P;
  const open = async (): Promise<void> => {
    running = await startDesk();
  };
  const close = async (): Promise<void> => {
    await running.close();
    expect(verifyJournal(running.desk.identity().journalPath).findings).toEqual([]);
  };

  beforeAll(async () => {
    browser = await launchBrowser({ isWhole });
    if (!isDeskForEach) await open();
  });
  afterAll(async () => {
    await browser.close();
    if (!isDeskForEach) await close();
  });
  beforeEach(async () => {
    if (isDeskForEach) await open();
    context = await browser.newContext({ viewport: size, acceptDownloads: true });
    const page = await context.newPage();
    screen = new plan.screen(page);
    await screen.open(running.shell.url);
    await take({ browser, running, context, page, screen });
  });
  afterEach(async () => {
    await context.close();
    if (isDeskForEach) await close();
    expect(screen.problems).toEqual([]);
  });
}
