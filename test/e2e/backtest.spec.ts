import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { moneyText } from '#shared/format/numbers.ts';
import { BacktestPage } from '#test/support/backtest-page.ts';
import { policiesRun } from '#test/support/backtest-room.ts';
import { hasBrowser } from '#test/support/browser.ts';
import { deskInBrowser } from '#test/support/desk-in-browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { type RunningDesk } from '#test/support/running-desk.ts';
import { faultsOf, LOOKS } from '#test/support/screen-checks.ts';

describe.skipIf(!hasBrowser())('the backtest in a real browser', () => {
  let running: RunningDesk;
  let desk: DeskPage;
  let page: Page;
  let backtest: BacktestPage;

  deskInBrowser({ screen: DeskPage }, async (opened) => {
    ({ running, page, screen: desk } = opened);
    backtest = new BacktestPage(page);
    await backtest.open();
    await backtest.policies.first().waitFor();
  });

  const stored = async () => (await running.desk.handlers['backtest.runs']({ limit: 20, offset: 0 })).runs;
  const newest = async () => {
    const [head] = await stored();
    if (head === undefined) throw new Error('no run is stored');
    return policiesRun(await running.desk.handlers['backtest.run']({ runId: head.runId }));
  };

  it('says what to do when nothing was run, and what keeps it from running', async () => {
    await page.getByText('No backtest yet').waitFor();
    expect(await backtest.policies.count()).toBe(13);
    await page.getByRole('button', { name: 'None' }).click();
    await page.getByText('Choose at least one policy.').waitFor();
    expect(await backtest.runButton.getAttribute('aria-disabled')).toBe('true');
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByRole('button', { name: 'Parameters of Fixed, 1 contract' }).click();
    await page.getByLabel('Contracts', { exact: true }).fill('0');
    await page.getByText('Fixed, 1 contract: Contracts takes 1 to 1000.').waitFor();
    await page.getByLabel('Contracts', { exact: true }).fill('3');
    await backtest.policies.getByText('Fixed, 3 contracts').waitFor();
    expect(await backtest.runButton.getAttribute('aria-disabled')).toBe('false');
  });

  it('runs all thirteen policies by keyboard and shows the figures the desk computed', async () => {
    await backtest.run(13);
    const run = await newest();
    expect(await backtest.rows.count()).toBe(13);
    for (const [i, { label, finalEquity }] of run.policies.entries()) {
      expect(await backtest.rows.nth(i).innerText()).toContain(label);
      expect(await backtest.rows.nth(i).innerText()).toContain(moneyText(finalEquity));
    }
    const chart = page.getByRole('img', { name: /^Equity\. / });
    await expect.poll(() => chart.locator('path[stroke-width="1.75"]').count()).toBe(1);
    expect((await chart.getAttribute('aria-label'))?.match(/ends at/g)).toHaveLength(6);
    expect(await desk.text()).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('draws at most six lines, and another in place of one', async () => {
    const chart = page.getByRole('img', { name: /^Equity\. / });
    await expect.poll(async () => (await chart.getAttribute('aria-label'))?.match(/ends at/g)?.length).toBe(6);
    const last = backtest.results.getByRole('button', { name: /^Draw Risk-constrained/ });
    expect(await last.getAttribute('aria-disabled')).toBe('true');
    await backtest.results.getByRole('button', { name: /^Draw Recommended/ }).click();
    await last.click();
    expect(await last.getAttribute('aria-pressed')).toBe('true');
    await page.mouse.move(700, 20);
    await expect.poll(() => chart.getAttribute('aria-label')).not.toContain('Recommended');
    expect((await chart.getAttribute('aria-label'))?.match(/ends at/g)).toHaveLength(6);
  });

  it('cancels by keyboard what runs, and keeps nothing of it', async () => {
    const before = await stored();
    await page.keyboard.press('r');
    await backtest.underWay.waitFor();
    await page.keyboard.press('x');
    await page.getByText('Nothing of it is kept.').waitFor({ timeout: 10_000 });
    expect(await stored()).toEqual(before);
    const [job] = await running.desk.handlers['backtest.jobs']({});
    expect(job?.state).toBe('cancelled');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => page.getByText('Nothing of it is kept.').count()).toBe(0);
  });

  it('compares two runs and says what keeps them from being the same experiment', async () => {
    const [first] = await stored();
    await page.getByRole('button', { name: 'None' }).click();
    await backtest.tick('Recommended, as it was live');
    await page.getByRole('textbox', { name: 'Seed' }).fill('7');
    await page.getByRole('textbox', { name: 'Seed' }).blur();
    await backtest.run(1);
    await page.keyboard.press('c');
    await page.getByText('Held for a comparison.').waitFor();
    await page.keyboard.press('j');
    await backtest.comparison.getByText('different seeds').waitFor();
    expect(await backtest.comparison.locator('tbody tr').count()).toBe(13);
    const row = await backtest.comparison.getByRole('row', { name: /Recommended, as it was live/ }).innerText();
    // Sizes do not hang on the seed; the desk goes on trading between the two runs.
    expect(row).toMatch(/[+−]?0\.\d\d\s%$/);
    expect(first?.runId).not.toBe((await newest()).head.runId);
    await page.keyboard.press('k');
    await page.keyboard.press('c');
    await backtest.results.waitFor();
  });

  it('exports the report, the decisions and the figures of the open run', async () => {
    const { head } = await newest();
    const report = await backtest.downloaded(() => page.keyboard.press('e'));
    expect(report.suggestedFilename()).toMatch(/^kelly-desk-backtest-.*\.html$/);
    const text = readFileSync(await report.path(), 'utf8');
    expect(text).toContain(head.runId);
    const csv = await backtest.downloaded(() => backtest.results.getByRole('button', { name: 'CSV' }).click());
    const lines = readFileSync(await csv.path(), 'utf8')
      .trim()
      .split(/\r?\n/);
    expect(lines).toHaveLength(1 + head.opportunities * head.policies.length);
    const json = await backtest.downloaded(() => backtest.results.getByRole('button', { name: 'JSON' }).click());
    expect(JSON.parse(readFileSync(await json.path(), 'utf8'))).toMatchObject({ head: { runId: head.runId } });
  });

  it('deletes the open run with a second key, and not with one', async () => {
    const before = await stored();
    await backtest.results.waitFor();
    await page.keyboard.press('d');
    await backtest.results.getByRole('button', { name: 'Enter to delete' }).waitFor();
    await page.keyboard.press('Escape');
    await backtest.results.getByRole('button', { name: 'Delete', exact: true }).waitFor();
    expect(await stored()).toEqual(before);
    await page.keyboard.press('d');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await stored()).length).toBe(before.length - 1);
    await expect.poll(() => backtest.runs.count()).toBe(before.length - 1);
  });

  it.each(LOOKS)('reads cleanly and is accessible in %s at %i×%i', async (colorScheme, width, height) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await backtest.rows.first().waitFor();
    for (const unfold of width < 1280 ? ['New run', 'Runs'] : [null]) {
      if (unfold !== null) await page.getByRole('button', { name: unfold }).click();
      await expect.poll(() => page.getByRole('status', { name: /^Reading/ }).count()).toBe(0);
      expect(await faultsOf(page)).toEqual([]);
    }
  });
});
