import path from 'node:path';
import type { Page } from 'playwright-core';
import { BacktestPage } from '#test/support/backtest-page.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { startDesk } from '#test/support/running-desk.ts';
import { SettingsPage } from '#test/support/settings-page.ts';
import { FAR_LOOKS, LOOKS, openCamera } from './camera.ts';
import type { Camera, Look } from './camera.ts';
import { openState, STATES, withState } from './states.ts';

/**
 * Takes a picture of every screen and state into `screenshots/`: the screens from the real simulation, the states it is
 * never in from the test desk. Words after the command choose: `npm run screenshots -- desk light 1024`, or one half alone:
 * `npm run screenshots -- states desk-live`.
 */
const words = process.argv.slice(2);
const THEMES = ['dark', 'light', 'contrast'];
/** Halves of the pictures: what a living simulation shows, and what it never does. */
const HALVES = ['screens', 'states'];
const names = words.filter((word) => ![...THEMES, ...HALVES].includes(word) && !/^\d+$/.test(word));
const isWanted = (name: string): boolean => names.length === 0 || names.some((word) => name.startsWith(word));
const isLooked = ({ theme, width }: Look): boolean =>
  [THEMES, ['1440', '1024', '3840']].every((values) => {
    const chosen = words.filter((word) => values.includes(word));
    return chosen.length === 0 || chosen.includes(theme) || chosen.includes(String(width));
  });

const IMPORT = path.resolve(import.meta.dirname, '../../fixtures/imports/topstep-trades.csv');
// In the lean browser, where it is installed: its letters are not bent to the pixels, as on a screen of our days.
process.env['KELLY_DESK_LEAN_BROWSER'] ??= '1';
const browser = await launchBrowser();

async function deskShots({ desk, shoot }: Camera): Promise<void> {
  await shoot('desk');
  await desk.page.keyboard.press('w');
  await shoot('desk-what-if');
  await desk.page.keyboard.press('Escape');
  await desk.page.keyboard.press('Control+k');
  await shoot('palette');
  await desk.page.keyboard.press('Escape');
  await desk.page.keyboard.press('?');
  await shoot('keys');
  await desk.page.keyboard.press('Escape');
}

const LOOK_AGAIN_MS = 200;
const LOOKS_AT_MOST = 300;

/** Runs what is set up until so many runs are stored. A small window folds their list, and once more to show a result. */
async function runUntil({ page, runs }: BacktestPage, count: number): Promise<void> {
  const unfold = page.getByRole('button', { name: 'Runs', exact: true, expanded: false });
  const stored = async (): Promise<number> => {
    if ((await unfold.count()) > 0) await unfold.click();
    return runs.count();
  };
  while ((await stored()) < count) {
    const wanted = (await stored()) + 1;
    await page.keyboard.press('r');
    for (let looks = 0; (await stored()) < wanted; looks += 1) {
      if (looks === LOOKS_AT_MOST) throw new Error('a run was begun and is not in the list');
      await page.waitForTimeout(LOOK_AGAIN_MS);
    }
  }
  const fold = page.getByRole('button', { name: 'Runs', exact: true, expanded: true });
  if ((await fold.count()) > 0) await fold.click();
}

/** The Backtest with two finished runs, the latest in view. */
async function backtestAtWork(page: Page): Promise<BacktestPage> {
  const backtest = new BacktestPage(page);
  await backtest.open();
  await runUntil(backtest, 2);
  await backtest.rows.nth(12).waitFor();
  return backtest;
}

async function backtestShots({ desk, look, shoot }: Camera): Promise<void> {
  const backtest = await backtestAtWork(desk.page);
  await shoot('backtest');
  if (look.width < 1280) {
    await desk.page.keyboard.press('s');
    await shoot('backtest-setup');
    await desk.page.keyboard.press('Escape');
    await desk.page.getByRole('button', { name: 'New run' }).click();
  }
  await desk.page.keyboard.press('c');
  await desk.page.keyboard.press('j');
  await backtest.comparison.locator('tbody tr').nth(12).waitFor();
  await shoot('backtest-comparison');
  await desk.page.keyboard.press('c');
  for (const [kind, file] of [
    ['Monte Carlo', 'backtest-monte-carlo'],
    ['Walk-forward', 'backtest-walk-forward'],
  ] as const) {
    await backtest.turnTo(kind);
    await runUntil(backtest, 1);
    await shoot(file);
  }
  await backtest.turnTo('Backtest');
}

async function journalShots({ desk: { page }, shoot }: Camera): Promise<void> {
  await page.keyboard.press('Control+4');
  await page.getByRole('grid', { name: 'Trades' }).waitFor();
  await shoot('journal-list');
  await page.getByRole('grid', { name: 'Trades' }).getByRole('row').nth(3).click();
  await shoot('journal');
  await page.keyboard.press('d');
  await page.getByRole('grid', { name: 'Decisions' }).getByRole('row').nth(2).click();
  await shoot('journal-decisions');
  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  await shoot('journal-calendar');
  await page.keyboard.press('i');
  await page.locator('#import-file').setInputFiles(IMPORT);
  await page.getByText('To add', { exact: true }).waitFor();
  await shoot('journal-import');
  await page.keyboard.press('Escape');
}

/** The file name of a part by its title: `Stopped signals` is `stopped`. */
const wordOf = (title: string): string => title.split(/[ :-]/)[0]?.toLowerCase() ?? '';

async function modelShots({ desk, shoot }: Camera): Promise<void> {
  await desk.showModels();
  await shoot('models');
  const tabs = desk.page.getByRole('tablist', { name: 'Details of the models' }).getByRole('tab');
  for (const tab of (await tabs.all()).slice(1)) {
    await tab.click();
    await shoot(`models-${wordOf((await tab.textContent()) ?? '')}`);
  }
}

async function performanceShots({ desk: { page }, shoot }: Camera): Promise<void> {
  await page.keyboard.press('Control+2');
  await shoot('performance');
  const tabs = page.getByRole('tablist', { name: 'Parts of the performance' }).getByRole('tab');
  for (const tab of (await tabs.all()).slice(1)) {
    await tab.click();
    await shoot(`performance-${wordOf((await tab.textContent()) ?? '')}`);
  }
}

async function settingsShots({ desk: { page }, shoot }: Camera): Promise<void> {
  const settings = new SettingsPage(page);
  await settings.show();
  for (const name of await settings.sectionNames()) {
    await settings.section(name);
    await shoot(`settings-${wordOf(name)}`);
  }
}

/** Each of the other screens once: what a far look is there to show. */
async function screenShots({ desk, shoot }: Camera): Promise<void> {
  for (const [name, key] of [
    ['performance', '2'],
    ['backtest', '3'],
    ['journal', '4'],
    ['models', '5'],
    ['settings', '6'],
  ] as const) {
    if (!isWanted(name)) continue;
    await desk.page.keyboard.press(`Control+${key}`);
    if (name === 'journal') await desk.page.getByRole('grid', { name: 'Trades' }).getByRole('row').nth(3).click();
    if (name === 'backtest') await backtestAtWork(desk.page);
    await shoot(name);
  }
}

/** Every screen of the real simulation, at work. */
async function screens(): Promise<void> {
  const running = await startDesk({ sessions: 90 });
  const snapshot = () => running.desk.handlers['desk.snapshot']({});
  const proposals = (await snapshot()).recommendations.filter((r) => r.state === 'proposed');
  for (const { id, decision } of proposals.slice(0, Math.max(1, proposals.length - 2))) {
    await running.desk.handlers['recommendation.approve']({ id, contracts: decision.contracts });
  }
  for (const look of [...LOOKS, ...FAR_LOOKS].filter(isLooked)) {
    const camera = await openCamera(browser, look);
    await camera.desk.open(running.shell.url);
    const open = (await snapshot()).recommendations.find((r) => r.state === 'proposed');
    if (open !== undefined) await camera.desk.select(open.symbol.split('-')[0] ?? open.symbol);
    const isWhole = LOOKS.includes(look);
    if (isWanted('desk') || isWanted('palette') || isWanted('keys')) {
      await (isWhole ? deskShots(camera) : camera.shoot('desk'));
    }
    if (isWhole && isWanted('performance')) await performanceShots(camera);
    if (isWhole && isWanted('models')) await modelShots(camera);
    if (isWhole && isWanted('backtest')) await backtestShots(camera);
    if (isWhole && isWanted('journal')) await journalShots(camera);
    if (isWhole && isWanted('settings')) await settingsShots(camera);
    if (!isWhole) await screenShots(camera);
    await camera.close();
  }
  await running.close();
}

/** Every state the simulation is never in. */
async function states(): Promise<void> {
  for (const state of STATES.filter(({ name }) => isWanted(name))) {
    for (const look of LOOKS.filter(isLooked)) {
      await withState(state, async (shell) => {
        const camera = await openCamera(browser, look);
        await openState(state, camera.desk, shell);
        await camera.shoot(state.name);
        await camera.close();
      });
    }
  }
}

if (!words.includes('screens')) await states();
if (!words.includes('states')) await screens();
await browser.close();
process.exit(0);
