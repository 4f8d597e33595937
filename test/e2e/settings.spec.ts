import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { isWaiting } from '#shared/domain/recommendation.ts';
import { deskInBrowser } from '#test/support/desk-in-browser.ts';
import { hasBrowser } from '#test/support/browser.ts';
import { type RunningDesk } from '#test/support/running-desk.ts';
import { faultsOf, LOOKS, partsIn } from '#test/support/screen-checks.ts';
import { SettingsPage } from '#test/support/settings-page.ts';

const nowhere = { kind: 'desk', url: 'http://127.0.0.1:9' };
/** A paper profile at a program that is not there, with a secret that is not set. */
const PAPER = {
  ...{ profile: 'paper', account: 'P1', equityUsd: 50_000, instruments: [{ contract: 'NQ' }] },
  models: { lstm: nowhere, ensemble: nowhere },
  broker: { kind: 'dtc', host: '127.0.0.1', port: 1, passwordSecret: 'dtc-password' },
  marketData: [{ kind: 'dtc', host: '127.0.0.1', port: 1 }],
};

describe.skipIf(!hasBrowser())('the Settings screen on the simulation', () => {
  let running: RunningDesk;
  let settings: SettingsPage;

  deskInBrowser({ screen: SettingsPage }, async (opened) => {
    ({ running, screen: settings } = opened);
    await settings.show();
  });

  it('changes a limit by keyboard: money first, then written, journaled and in force', async () => {
    const { equity } = await running.desk.handlers['settings.read']({});
    const field = settings.limit('Most at risk per trade');
    await field.focus();
    await field.fill('2');
    await settings.unsaved.getByText('Most at risk per trade 5').waitFor();
    await settings.save.focus();
    await settings.page.keyboard.press('Enter');
    await settings.unsaved.waitFor({ state: 'detached' });
    const snapshot = await running.desk.handlers['desk.snapshot']({});
    expect(snapshot.config.maxRiskPerTrade).toBe(0.02);
    expect(equity).toBeGreaterThan(0);
    const file: unknown = JSON.parse(
      readFileSync(path.join(running.folder, 'profiles/simulation/settings.json'), 'utf8'),
    );
    expect(file).toMatchObject({ sizing: { maxRiskPerTrade: 0.02 } });
    await settings.showDesk();
    await settings.activity.getByText(/Settings were changed/i).waitFor();
  });

  it('says what is wrong beside the field and raises a ceiling only by name', async () => {
    const field = settings.limit('Most contracts');
    await field.fill('many');
    await settings.page.getByText('This is not a number').waitFor();
    await field.fill('8');
    await settings.page
      .getByText(/Most contracts is 8: set 5 or less/)
      .first()
      .waitFor();
    expect(await settings.save.getAttribute('aria-disabled')).toBe('true');
    expect(await faultsOf(settings.page)).toEqual([]);
    await settings.page.getByRole('checkbox', { name: /Raise .Most contracts. beyond/ }).check();
    await settings.unsaved.getByText('Most contracts 5').waitFor();
    await settings.page.getByRole('button', { name: 'Discard' }).click();
    expect(await field.inputValue()).toBe('5');
  });

  it('looks as chosen, and again after a reload', async () => {
    await settings.section('Appearance');
    await settings.page.getByRole('radio', { name: 'High contrast' }).check();
    await settings.page.getByRole('radio', { name: 'Comfortable, 32 px' }).check();
    await settings.page.getByRole('checkbox', { name: /Show keys/ }).uncheck();
    await settings.check('Nothing moves').check();
    await settings.page.getByRole('radio', { name: '150 %' }).check();
    await settings.page.getByText('This window has room for 105 %').waitFor();
    expect(await faultsOf(settings.page)).toEqual([]);
    await settings.page.reload();
    await settings.queue.waitFor();
    expect(await settings.page.locator('html').getAttribute('data-theme')).toBe('contrast');
    expect(await settings.page.locator('html').getAttribute('data-motion')).toBe('reduced');
    expect(await settings.page.locator('kbd:visible').count()).toBe(0);
    expect(await settings.page.locator('html').evaluate((html) => html.style.getPropertyValue('--row'))).toBe('32px');
    expect(await faultsOf(settings.page)).toEqual([]);
  });

  it('tests each connection step by step, with its time, and shows where paper and live are configured', async () => {
    const { page } = settings;
    await settings.section('Connections');
    await page.getByRole('button', { name: 'Test Ensemble' }).click();
    const one = page.getByRole('group', { name: 'Test of Ensemble' });
    await one.getByText(/✓ Works: \d+ steps, \d+ ms/).waitFor();
    expect(await one.getByRole('listitem').allInnerTexts()).toContainEqual(expect.stringMatching(/Ready.* ms/s));
    await page.getByRole('button', { name: 'Test all' }).click();
    const broker = page.getByRole('group', { name: 'Test of Paper broker' });
    await broker.getByText(/^SIM-100K: /).waitFor();
    await page
      .getByRole('group', { name: 'Test of Simulated market' })
      .getByText(/✓ Works/)
      .waitFor();
    await page.getByText('There is no such file yet.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  it('names what is wrong in a connections file and which secret is missing, and never shows one', async () => {
    const { page } = settings;
    const file = path.join(running.folder, 'profiles/paper/connections.json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ ...PAPER, equityUsd: -1 }));
    await settings.section('Connections');
    await page.getByText(/equityUsd is -1: /).waitFor();
    writeFileSync(file, JSON.stringify(PAPER));
    await settings.section('Profile');
    await settings.section('Connections');
    await page.getByText('missing: connecting will fail without it').waitFor();
    await page.getByRole('button', { name: 'Set dtc-password …' }).click();
    await page.getByLabel('Secret dtc-password').fill('open sesame');
    await page.getByRole('button', { name: 'Save secret' }).click();
    await page.getByText('set, in this session only').waitFor();
    await page.getByRole('button', { name: 'Test what is saved' }).click();
    await page
      .getByText(/What to do:/)
      .first()
      .waitFor();
    expect(await settings.text()).not.toContain('sesame');
    rmSync(file);
  });

  it('shows what is traded and where that is from, and takes costs that are in force at the next start', async () => {
    const { page } = settings;
    await settings.section('Instruments');
    const table = page.getByRole('table', { name: 'Instruments' });
    await table.getByRole('row').filter({ hasText: 'ZNZ26' }).getByText('1/64 = $15.625').waitFor();
    await table.getByText(/E-mini Nasdaq-100. From the exchange’s specification/).waitFor();
    await page.getByRole('button', { name: /^Change the costs of NQ/ }).click();
    const form = page.getByRole('form', { name: 'Costs of NQ' });
    await form.getByLabel('Slippage at a stop').fill('1.5');
    await form.getByRole('button', { name: 'Save costs' }).click();
    await form.getByText(/costs.NQ.slippageTicks is 1.5/).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await form.getByLabel('Slippage at a stop').fill('3');
    await form.getByRole('button', { name: 'Save costs' }).click();
    await page.getByText('Saved costs come into force at the next start.').waitFor();
  });

  it('backs up now, checks a backup, and says what a restore would bring and leave', async () => {
    const { page } = settings;
    await settings.section('Backup and restore');
    await page.getByRole('button', { name: 'Back up now' }).click();
    const file = page.getByRole('table', { name: 'Backups' }).getByRole('row').nth(1);
    await file.getByText(/✓ verified now: [\d,]+ events/).waitFor();
    await file.getByRole('button', { name: /^Restore/ }).click();
    await page.getByText(/It brings back [\d,]+ events, [\d,]+ decisions and [\d,]+ trades/).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Restore this' }).click();
    await page
      .getByText(/cannot open its journal again by itself/)
      .first()
      .waitFor();
  });

  it('changes a key by pressing another, says what has it already, and puts it back', async () => {
    const { page } = settings;
    await settings.section('Keys');
    const change = page.getByRole('button', { name: 'Change the key: What if: other odds, equity or lines' });
    await change.click();
    await page.keyboard.press('x');
    await page.getByRole('alert').filter({ hasText: 'Reject' }).waitFor();
    await change.click();
    await page.keyboard.press('q');
    await page.getByRole('button', { name: 'Put 1 back as they came' }).click();
    await page.getByRole('button', { name: 'All keys as they came' }).waitFor();
  });

  it.each(LOOKS)('has nothing to mend in %s at %i×%i, section by section', async (colorScheme, width, height) => {
    await settings.page.emulateMedia({ colorScheme });
    await settings.page.setViewportSize({ width, height });
    for (const name of partsIn(colorScheme, await settings.sectionNames())) {
      await settings.section(name);
      expect(await faultsOf(settings.page)).toEqual([]);
    }
  });
});

describe.skipIf(!hasBrowser())('the Settings screen in a whole browser', () => {
  let running: RunningDesk;
  let context: BrowserContext;
  let settings: SettingsPage;

  // The system's notifications are not the page's.
  deskInBrowser({ screen: SettingsPage, isWhole: true }, async (opened) => {
    ({ running, context, screen: settings } = opened);
    await settings.show();
  });

  it('calls the trader as chosen, once for what happens at once, and remembers it', async () => {
    const { origin } = new URL(running.shell.url);
    await context.grantPermissions(['notifications'], { origin });
    await settings.page.close();
    settings = new SettingsPage(await context.newPage());
    await settings.listen();
    await settings.open(running.shell.url);
    await settings.show();
    await settings.section('Attention');
    // The box follows the answer of the system, which comes a moment after the click.
    await settings.check('Notifications on the desktop').click();
    await settings.page.getByText('The system shows them.').waitFor();
    await settings.check('Also while this window is in use').check();
    await settings.check('Sounds').check();
    await settings.page.getByRole('button', { name: 'Play: A fill' }).click();
    await expect.poll(() => settings.notes()).toEqual([784, 988, 1319]);
    await running.desk.handlers['trading.halt']({ reason: 'lunch' });
    await expect.poll(() => settings.told()).toContainEqual(expect.stringMatching(/Halted.*lunch/i));
    await running.desk.handlers['trading.resume']({ reason: 'back' });
    await settings.check('Quiet hours').check();
    await settings.page.getByLabel('From').fill('21:30');
    await settings.check('Fills').uncheck();
    expect(await faultsOf(settings.page)).toEqual([]);
    await settings.page.reload();
    await settings.queue.waitFor();
    await settings.show();
    await settings.section('Attention');
    expect(await settings.page.getByLabel('From').inputValue()).toBe('21:30');
    expect(await settings.check('Fills').isChecked()).toBe(false);
    expect(await settings.check('Notifications on the desktop').isChecked()).toBe(true);
  });

  it('says so when the system refuses notifications, and counts what waits in the title', async () => {
    await settings.section('Attention');
    await settings.check('Notifications on the desktop').click();
    await settings.page.getByText('The system refuses them').waitFor();
    expect(await settings.check('Notifications on the desktop').isChecked()).toBe(false);
    const { recommendations } = await running.desk.handlers['desk.snapshot']({});
    const count = recommendations.filter(isWaiting).length;
    await expect.poll(() => settings.page.title()).toBe(count === 0 ? 'Kelly Desk' : `(${count}) Kelly Desk`);
  });
});
