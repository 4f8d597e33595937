import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nextVerdictWords } from '#renderer/src/features/performance/verdict-words.ts';
import { countText, signedMoneyText } from '#shared/format/numbers.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { PerformancePage } from '#test/support/performance-page.ts';
import { startDesk, type RunningDesk } from '#test/support/running-desk.ts';
import { faultsOf, LOOKS } from '#test/support/screen-checks.ts';

describe.skipIf(!hasBrowser())('the Performance screen on the simulation', () => {
  let browser: Browser;
  let running: RunningDesk;
  let context: BrowserContext;
  let screen: PerformancePage;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await startDesk();
  });
  afterAll(async () => {
    await running.close();
    await browser.close();
  });
  const openAt = async (width: number, height: number, colorScheme: 'dark' | 'light') => {
    context = await browser.newContext({ viewport: { width, height }, colorScheme });
    screen = new PerformancePage(await context.newPage());
    await screen.open(running.shell.url);
    await screen.show();
  };
  beforeEach(() => openAt(1440, 900, 'dark'));
  afterEach(async () => {
    expect(screen.problems).toEqual([]);
    await context.close();
  });
  const history = () => running.desk.handlers['performance.history']({});

  it('shows the verdict that stands, the day it is read again, and the running reading beside it', async () => {
    const { verdict } = await history();
    expect(await screen.figure('Days so far')).toBe(countText(verdict.running.days));
    expect(await screen.figure('Decisions')).toBe(countText(verdict.running.decisions));
    expect(await screen.figure('Next verdict')).toBe(nextVerdictWords(verdict).value);
    const said = (await screen.interval.getAttribute('aria-label')) ?? '';
    expect(said.includes('Running, not decided on')).toBe(verdict.standing !== null);
  });

  it('takes actual less recommended apart into size and exit, to the cent', async () => {
    const { overrides } = await history();
    expect(overrides.actualPnl - overrides.modelPnl).toBe(overrides.sizeEffect + overrides.exitEffect);
    const text = await screen.overrides.innerText();
    expect(text).toContain(signedMoneyText(overrides.sizeEffect));
    expect(text).toContain(signedMoneyText(overrides.exitEffect));
    for (const { kind, count } of overrides.foregone) {
      const label = kind === 'rejected' ? /^Rejected/ : /^Expired unseen/;
      expect(await screen.overrides.getByRole('row', { name: label }).innerText()).toContain(countText(count));
    }
  });

  it.each(LOOKS)('holds in the %s theme at %i by %i', async (theme, width, height) => {
    await context.close();
    await openAt(width, height, theme);
    expect(await faultsOf(screen.page)).toEqual([]);
  });
});
