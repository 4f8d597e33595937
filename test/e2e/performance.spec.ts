import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nowText, ROLLING_FIGURES, rollingText } from '#renderer/src/features/performance/rolling-figures.ts';
import { pointsIn } from '#renderer/src/features/performance/time-range.ts';
import { BOOK_LINES, TRADE_LINES } from '#renderer/src/features/performance/statistics-words.ts';
import { verdictParts } from '#renderer/src/features/performance/verdict-parts.ts';
import { nextVerdictWords } from '#renderer/src/features/performance/verdict-words.ts';
import type { Handlers } from '#shared/contract/index.ts';
import { countText, signedMoneyText } from '#shared/format/numbers.ts';
import { moneyFromUsd } from '#shared/units.ts';
import { monthsOf, rollingOf } from '#desk/records/performance-detail.ts';
import { performanceHistory } from '#desk/records/performance-history.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { PerformancePage } from '#test/support/performance-page.ts';
import { startDesk, type RunningDesk } from '#test/support/running-desk.ts';
import { faultsOf, LOOKS, partsIn } from '#test/support/screen-checks.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';
import { createTestDesk, type TestDesk } from '#test/support/test-desk.ts';
import { tradeJournal } from '#test/support/trade-journals.ts';

const PAGE = path.resolve(import.meta.dirname, '../../dist/renderer');
const PARTS = ['Three books', 'Verdict', 'Rolling', 'Months and days', 'Statistics'] as const;

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

  it('shows every part of the verdict with its figure, as of the month end and as of now', async () => {
    await screen.part('Verdict');
    const { verdict } = await history();
    for (const part of verdictParts(verdict)) {
      const text = await screen.verdictParts
        .getByRole('row')
        .filter({ has: screen.page.getByRole('rowheader', { name: part.name, exact: true }) })
        .innerText();
      expect(text).toContain(part.read(verdict.running));
      if (verdict.standing !== null) expect(text).toContain(part.read(verdict.standing));
      expect(text).toContain(part.needed ?? 'shown only');
    }
  });

  it('draws the rolling figures of the window that is chosen, and says that it is not full', async () => {
    await screen.part('Rolling');
    await screen.window(20);
    const rolling = await running.desk.handlers['performance.rolling']({ window: 20 });
    for (const figure of ROLLING_FIGURES) {
      await screen.rolling(figure.title).getByText(nowText(rolling, figure), { exact: false }).first().waitFor();
    }
    const last = rolling.points.at(-1);
    const said = await screen.rollingPoints.getAttribute('aria-valuetext');
    expect(said).toBe(last === undefined ? null : rollingText(last));
    await screen.window(200);
    await screen.rolling('Expectancy').getByText('The window is not full yet').waitFor();
    await screen
      .rolling('SQN')
      .getByText(/needs 200 trades/)
      .first()
      .waitFor();
  });

  it('reads the distribution of R bar by bar, and saves every chart as a picture', async () => {
    const { histogram } = await history();
    const bars = screen.page.getByRole('slider', { name: 'Bars of the distribution of R' });
    await bars.focus();
    await screen.page.keyboard.press('Home');
    for (const at of [0, 1, 2]) {
      expect(await bars.getAttribute('aria-valuetext')).toContain(`Trades ${histogram[at]?.count}`);
      await screen.page.keyboard.press('ArrowRight');
    }
    const chart = screen.page.getByRole('img', { name: /^Distribution of R/ });
    await chart.hover();
    await screen.page.getByText('Of all', { exact: true }).waitFor();
    expect(await screen.picture('kelly-desk-r-distribution')).toBe('PNG');
    await screen.part('Rolling');
    await screen
      .rolling('Expectancy')
      .getByRole('button', { name: /saves the picture/ })
      .waitFor();
    const { points } = await running.desk.handlers['performance.rolling']({ window: 50 });
    const shown = pointsIn(points, '1M').length - 1;
    await screen.page.getByRole('group', { name: 'Range of the rolling figures' }).getByRole('button').first().click();
    await expect.poll(async () => Number(await screen.rollingPoints.getAttribute('max'))).toBe(shown);
  });

  it('adds the months up and leads from a day to its trades in the journal', async () => {
    await screen.part('Months and days');
    const { total, months, bestDay } = await running.desk.handlers['performance.months']({});
    const text = await screen.months.innerText();
    for (const { net } of [total, ...months]) if (net !== 0) expect(text).toContain(signedMoneyText(net));
    expect(await screen.extremes.innerText()).toContain(signedMoneyText(bestDay?.net));
    const day = screen.days.last();
    const name = (await day.getAttribute('aria-label')) ?? '';
    const trades = Number(/, (\d+) trades?,/.exec(name)?.[1]);
    await day.click();
    const grid = screen.page.getByRole('grid', { name: 'Trades' });
    await grid.waitFor();
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(trades + 1));
  });

  it('tells every statistic with its definition', async () => {
    await screen.part('Statistics');
    const { statistics, trades } = await history();
    const book = await screen.bookStatistics.innerText();
    for (const { name, how, of, write } of BOOK_LINES) {
      expect(book).toContain(name);
      expect(book).toContain(how);
      for (const one of statistics) {
        const { value, reason } = of(one);
        expect(book).toContain(value === null ? reason : write(value));
      }
    }
    const own = await screen.tradeStatistics.innerText();
    for (const { name, how } of TRADE_LINES) {
      expect(own).toContain(name);
      expect(own).toContain(how);
    }
    expect(own).toContain(`${trades.wins}, ${trades.losses}, ${trades.scratches}`);
  });

  it.each(LOOKS)('holds in the %s theme at %i by %i', async (theme, width, height) => {
    await context.close();
    await openAt(width, height, theme);
    for (const part of partsIn(theme, PARTS)) {
      await screen.part(part);
      expect(await faultsOf(screen.page), part).toEqual([]);
    }
  });
});

/** R of the trades of a journal that is hard to show; one trade a day. */
const HARD: readonly (readonly [name: string, r: readonly number[]])[] = [
  ['one trade', [1.5]],
  ['wins alone', Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? 1 : 2))],
  ['trades that do not differ', Array.from({ length: 60 }, () => 0)],
  ['five thousand trades', Array.from({ length: 5_000 }, (_, i) => [1.5, -1, -1, 2, 0.025][i % 5] ?? 0)],
];

describe.skipIf(!hasBrowser())('the Performance screen on a history that is hard to show', () => {
  let browser: Browser;
  let desk: TestDesk;
  let shell: HttpShell;
  let screen: PerformancePage;
  let journal: SqliteJournal;
  const all = { from: null, to: null, initialEquity: moneyFromUsd(100_000), scratchR: 0.05 };

  beforeAll(async () => {
    browser = await launchBrowser();
    const inner = createTestDesk();
    const answers = {
      'performance.history': () =>
        performanceHistory({ ...all, journal, maxContracts: 5, maxHeat: 0.2, calendar: 'always' }),
      'performance.rolling': ({ window = 50 }) => rollingOf(journal, { ...all, window }),
      'performance.months': () => monthsOf(journal, all),
      'journal.calendar': ({ filter = {} }) => [...journal.calendar(filter)],
    } satisfies Partial<Handlers>;
    desk = { ...inner, handlers: { ...inner.handlers, ...answers } };
    shell = await startHttpShell({ desk, staticFolder: PAGE });
  });
  afterAll(async () => {
    await shell.close();
    desk.close();
    await browser.close();
  });
  const open = async (r: readonly number[]): Promise<void> => {
    journal = temporaryJournal();
    journal.append(tradeJournal(r.map((one) => ({ r: one }))));
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    screen = new PerformancePage(await context.newPage());
    await screen.open(shell.url);
    await screen.showPerformance();
  };
  afterEach(async () => {
    expect(screen.problems).toEqual([]);
    await screen.page.context().close();
  });

  it('says that nothing has closed yet, and what changes that', async () => {
    await open([]);
    await screen.page.getByText('No closed trade yet').waitFor();
    expect(await faultsOf(screen.page)).toEqual([]);
  });

  it.each(HARD)('shows %s without a figure that is none', async (_name, r) => {
    await open(r);
    for (const part of PARTS) {
      await screen.part(part);
      await screen.settled(part);
      const text = await screen.page.locator('main').innerText();
      expect(text, part).not.toMatch(/NaN|undefined|Infinity|null\b|∞/);
    }
    // Statistics is the last: whatever is not defined there says why.
    const { statistics } = performanceHistory({ ...all, journal, maxContracts: 5, maxHeat: 0.2, calendar: 'always' });
    const shown = await screen.bookStatistics.innerText();
    for (const one of statistics) if (one.sortino.reason !== null) expect(shown).toContain(one.sortino.reason);
    expect(await faultsOf(screen.page)).toEqual([]);
  });
});
