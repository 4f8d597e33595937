import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { percentText } from '#shared/format/numbers.ts';
import { BacktestPage } from '#test/support/backtest-page.ts';
import { monteCarloRun, walkForwardRun } from '#test/support/backtest-room.ts';
import { hasBrowser } from '#test/support/browser.ts';
import { deskInBrowser } from '#test/support/desk-in-browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { type RunningDesk } from '#test/support/running-desk.ts';
import { faultsOf, LOOKS } from '#test/support/screen-checks.ts';

describe.skipIf(!hasBrowser())('simulations and walk-forwards in a real browser', () => {
  let running: RunningDesk;
  let page: Page;
  let backtest: BacktestPage;

  deskInBrowser({ screen: DeskPage }, async (opened) => {
    ({ running, page } = opened);
    backtest = new BacktestPage(page);
    await backtest.open();
  });

  const newest = async (kind: 'monte-carlo' | 'walk-forward') => {
    const { runs } = await running.desk.handlers['backtest.runs']({ kind, limit: 1, offset: 0 });
    return running.desk.handlers['backtest.run']({ runId: runs[0]?.runId ?? '' });
  };
  const field = (name: string) => page.getByRole('textbox', { name, exact: true });

  it('draws paths by keyboard and shows the figures the desk computed, beside theory', async () => {
    await page.keyboard.press('m');
    await page.getByText('No simulation yet').waitFor();
    await field('Paths').fill('99');
    await page.getByText('Paths takes a whole number from 100 to 50000.').waitFor();
    expect(await backtest.runButton.getAttribute('aria-disabled')).toBe('true');
    await field('Paths').fill('1200');
    await field('Mean block, trades').fill('1');
    await field('Mean block, trades').blur();
    await backtest.runKind();
    const run = monteCarloRun(await newest('monte-carlo'));
    expect(run.setup).toMatchObject({ paths: 1200, meanBlock: 1, isBlockAutomatic: false });
    const fan = page.getByRole('img', { name: /^Wealth\. After/ });
    await fan.locator('path').first().waitFor({ state: 'attached' });
    const figures = page.getByRole('region', { name: 'Figures' });
    const row = figures.getByRole('row', { name: /^Deepest drawdown, median/ });
    expect(await row.innerText()).toContain(percentText(run.maxDrawdown.p50, 1));
    const theory = page.getByRole('region', { name: 'Beside theory' });
    expect(await theory.locator('tbody tr').count()).toBe(run.closedForms.length);
    expect(await theory.innerText()).toContain('the stake grows with wealth, and this is about constant ones');
  });

  it('compares two simulations figure by figure', async () => {
    await backtest.turnTo('Monte Carlo');
    await field('Seed').fill('7');
    await field('Seed').blur();
    await backtest.runKind();
    await page.keyboard.press('c');
    await page.getByText('Held for a comparison.').waitFor();
    await page.keyboard.press('j');
    await backtest.comparison.getByText('different seeds').waitFor();
    const { comparison } = await running.desk.handlers['backtest.compare']({
      runIds: (await running.desk.handlers['backtest.runs']({ kind: 'monte-carlo', limit: 2, offset: 0 })).runs.map(
        ({ runId }) => runId,
      ),
      ...{ limit: 5, offset: 0 },
    });
    expect(await backtest.comparison.locator('tbody tr').count()).toBe(comparison.figures[0]?.length);
    // The runs of another kind are not among them.
    await backtest.turnTo('Backtest');
    await page.getByText('No backtest yet').waitFor();
  });

  it('exports the report, the fan and a picture', async () => {
    await backtest.turnTo('Monte Carlo');
    await page.getByRole('region', { name: 'Figures' }).waitFor();
    const { head, fan } = monteCarloRun(await newest('monte-carlo'));
    const report = await backtest.downloaded(() => page.keyboard.press('e'));
    expect(readFileSync(await report.path(), 'utf8')).toContain(head.runId);
    const csv = await backtest.downloaded(() => page.getByRole('button', { name: 'CSV' }).click());
    expect(
      readFileSync(await csv.path(), 'utf8')
        .trim()
        .split(/\r?\n/),
    ).toHaveLength(1 + fan.trade.length);
    const picture = await backtest.downloaded(() =>
      page.getByRole('button', { name: /saves the picture kelly-desk-wealth-/ }).click(),
    );
    expect(
      readFileSync(await picture.path())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });

  it('walks forward and shows what was chosen, what it made, and every score', async () => {
    await backtest.turnTo('Walk-forward');
    await field('Kelly multiplier λ').fill('0.25, 0.25');
    await page.getByText('0.25 stands twice in λ.').waitFor();
    await field('Kelly multiplier λ').fill('0.25, 1');
    await field('Prior strength n₀, trades').fill('0, 60');
    await field('Folds').fill('2');
    await field('First choice on, % of days').fill('65');
    await field('First choice on, % of days').blur();
    await backtest.runKind();
    const run = walkForwardRun(await newest('walk-forward'));
    const choices = page.getByRole('region', { name: 'Choices' });
    await choices.locator('tbody tr').nth(1).waitFor();
    expect(await choices.locator('tbody tr').count()).toBe(run.folds.length);
    await page.getByRole('img', { name: /^What was chosen: fold 1 λ/ }).waitFor();
    await page.getByLabel('Scores of', { exact: true }).selectOption('1');
    await page.getByRole('img', { name: /^Scores in sample of fold 2: λ 0\.25, n₀ 0/ }).waitFor();
    await page.getByRole('img', { name: /^Equity\. Walk-forward ends at/ }).waitFor();
    const fold = page.getByRole('slider', { name: 'Folds of the stability' });
    await fold.focus();
    await page.keyboard.press('Home');
    expect(await fold.getAttribute('aria-valuetext')).toMatch(/^Fold 1, λ /);
    await page.getByRole('group', { name: 'Range of the charts' }).getByRole('button').first().click();
    await page.getByRole('img', { name: /^Equity\. Walk-forward ends at/ }).waitFor();
  });

  it.each(LOOKS)('reads cleanly and is accessible in %s at %i×%i', async (colorScheme, width, height) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    for (const [kind, region] of [
      ['Monte Carlo', 'Figures'],
      ['Walk-forward', 'Choices'],
    ] as const) {
      await backtest.turnTo(kind);
      await page.getByRole('region', { name: region }).waitFor();
      await expect.poll(() => page.getByRole('status', { name: /^Reading/ }).count()).toBe(0);
      expect(await faultsOf(page)).toEqual([]);
      const folder = process.env['SIMULATION_PICTURES'];
      if (folder !== undefined) await page.screenshot({ path: `${folder}/${kind}-${colorScheme}-${width}.png` });
    }
  });
});
