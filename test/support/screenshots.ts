import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { BacktestPage } from './backtest-page.ts';
import { launchBrowser } from './browser.ts';
import { DeskPage } from './desk-page.ts';
import { startDesk } from './running-desk.ts';

/** Takes a picture of every screen in both themes at both sizes, from the real simulation, into `screenshots/`. */
const FOLDER = path.resolve(import.meta.dirname, '../../screenshots');
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
] as const;

mkdirSync(FOLDER, { recursive: true });
const running = await startDesk({ sessions: 90 });
const browser = await launchBrowser();
const snapshot = () => running.desk.handlers['desk.snapshot']({});

// A desk at work: some proposals approved before the pictures are taken.
const proposals = (await snapshot()).recommendations.filter((r) => r.state === 'proposed');
for (const proposal of proposals.slice(0, Math.max(1, proposals.length - 2))) {
  await running.desk.handlers['recommendation.approve']({ id: proposal.id, contracts: proposal.decision.contracts });
}
await new Promise((resolve) => setTimeout(resolve, 4_000));

let isRun = false;
for (const colorScheme of ['dark', 'light'] as const) {
  for (const viewport of SIZES) {
    const context = await browser.newContext({ viewport, colorScheme });
    const desk = new DeskPage(await context.newPage());
    await desk.open(running.shell.url);
    const shoot = async (screen: string): Promise<void> => {
      await desk.page.waitForTimeout(1_500);
      const file = `${screen}-${colorScheme}-${viewport.width}.png`;
      await desk.page.screenshot({ path: path.join(FOLDER, file) });
      console.log(file);
    };
    const open = (await snapshot()).recommendations.find((r) => r.state === 'proposed');
    if (open !== undefined) await desk.select(open.symbol.split('-')[0] ?? open.symbol);
    await shoot('desk');
    await desk.showPerformance();
    await shoot('performance');
    await desk.showModels();
    await shoot('models');
    const backtest = new BacktestPage(desk.page);
    await backtest.open();
    if (!isRun) {
      await backtest.run(13);
      await backtest.run(13);
      isRun = true;
    }
    await backtest.rows.nth(12).waitFor();
    await shoot('backtest');
    if (viewport.width < 1280) {
      await desk.page.keyboard.press('s');
      await shoot('backtest-setup');
      await desk.page.keyboard.press('Escape');
      await desk.page.getByRole('button', { name: 'New backtest' }).click();
    }
    await desk.page.keyboard.press('c');
    await desk.page.keyboard.press('j');
    await backtest.comparison.locator('tbody tr').nth(12).waitFor();
    await shoot('backtest-comparison');
    await desk.showJournal();
    await desk.page.getByRole('grid', { name: 'Trades' }).getByRole('row').nth(3).click();
    await shoot('journal');
    await desk.page.keyboard.press('d');
    await desk.page.getByRole('grid', { name: 'Decisions' }).getByRole('row').nth(1).click();
    await shoot('journal-decisions');
    await desk.page.keyboard.press('Escape');
    await desk.page.keyboard.press('c');
    await shoot('journal-calendar');
    for (const problem of desk.problems) console.error(`${colorScheme} ${viewport.width}: ${problem}`);
    await context.close();
  }
}
await browser.close();
await running.close();
process.exit(0);
