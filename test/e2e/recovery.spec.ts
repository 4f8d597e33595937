import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDesk, openRecoverableDesk, verifyJournal, type Desk } from '#desk/desk.ts';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { axeOn, settle } from '#test/support/screen-checks.ts';
import { SettingsPage } from '#test/support/settings-page.ts';

const PAGE = path.resolve(import.meta.dirname, '../../dist/renderer');
const DAY = new Date().toISOString().slice(0, 10);

describe.skipIf(!hasBrowser())('a start under damaged files, in a real browser', () => {
  let browser: Browser;
  let folder: string;
  let profile: string;
  let journal: string;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kelly-desk-recovery-'));
    profile = path.join(folder, 'profiles', 'simulation');
    journal = path.join(profile, 'journal.db');
    const desk = await openDesk(options());
    await desk.ready();
    // The desk makes its daily backup by itself; what comes after it is what a restore leaves behind.
    const backup = path.join(profile, 'backups', `journal-${DAY}.db`);
    await expect.poll(() => existsSync(backup), { timeout: 20_000 }).toBe(true);
    await desk.handlers['trading.halt']({ reason: 'after the backup' });
    await desk.close();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const options = () => ({ dataFolder: folder, profile: 'simulation' as const, seed: 7, warmUpSessions: 3 });
  const serve = async (): Promise<{ readonly desk: Desk; readonly shell: HttpShell }> => {
    const desk = await openRecoverableDesk(options());
    const door = {
      get handlers() {
        return desk.handlers;
      },
      stream: desk.stream,
    };
    return { desk, shell: await startHttpShell({ desk: door, staticFolder: PAGE }) };
  };

  it('offers every verified backup of a damaged journal, restores the one chosen, and opens the desk', async () => {
    writeFileSync(journal, Buffer.alloc(20_000, 7));
    writeFileSync(path.join(profile, 'backups', 'journal-2020-01-01.db'), 'no journal at all');
    const damaged = readFileSync(journal);
    const { desk, shell } = await serve();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const opened = new DeskPage(page);
    try {
      await page.goto(shell.url);
      await page.getByRole('heading', { name: 'The journal cannot be opened' }).waitFor();
      await page.getByRole('row', { name: new RegExp(`journal-${DAY}`) }).waitFor();
      const [good, bad] = [`journal-${DAY}`, 'journal-2020-01-01'].map((name) =>
        page.getByRole('row', { name: new RegExp(name) }),
      );
      expect(await good?.innerText()).toContain('verified');
      expect(await good?.innerText()).toMatch(/at least [\d,]+ later event/);
      expect(await bad?.innerText()).toContain('✕');
      expect(await bad?.getByRole('button').count()).toBe(0);
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Copy the folder’s path' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(profile);
      await settle(page);
      const { violations } = await axeOn(page).analyze();
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
      expect(readFileSync(journal).equals(damaged)).toBe(true);
      await good?.getByRole('button', { name: /^Restore/ }).click();
      await page.getByRole('button', { name: 'Restore this' }).click();
      await page.getByRole('heading', { name: 'The journal cannot be opened' }).waitFor({ state: 'detached' });
      await desk.ready();
      const snapshot = await desk.handlers['desk.snapshot']({});
      expect(snapshot.risk.tradingState).toBe('active');
      expect(snapshot.journal.events).toBeGreaterThan(100);
      const kept = readdirSync(profile).find((name) => /^journal\.db\.replaced-[\dT]+$/.test(name)) ?? '';
      expect(readFileSync(path.join(profile, kept)).equals(damaged)).toBe(true);
      expect(opened.problems).toEqual([]);
    } finally {
      await context.close();
      await shell.close();
      await desk.close();
    }
    expect(verifyJournal(journal)).toMatchObject({ isSound: true });
  });

  it('restores a backup over the journal in use, from the settings, and opens the desk on it', async () => {
    const { desk, shell } = await serve();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const settings = new SettingsPage(await context.newPage());
    const { page } = settings;
    try {
      await desk.ready();
      const open = async () => (await desk.handlers['desk.snapshot']({})).positions;
      for (const { symbol } of await open()) await desk.handlers['position.flatten']({ symbol });
      await expect.poll(open, { timeout: 20_000 }).toEqual([]);
      expect((await desk.handlers['desk.snapshot']({})).risk.tradingState).toBe('halted');
      await settings.open(shell.url);
      await settings.show();
      await settings.section('Backup and restore');
      await page.getByRole('button', { name: `Restore journal-${DAY}.db …` }).click();
      await page.getByText(/Left behind: [\d,]+ later events/).waitFor();
      await page.getByRole('button', { name: 'Restore this' }).click();
      await page.getByText(/The journal was restored from/).waitFor();
      await page.getByRole('button', { name: 'Show the desk as it is now' }).click();
      await settings.queue.waitFor();
      await desk.ready();
      expect((await desk.handlers['desk.snapshot']({})).risk.tradingState).toBe('active');
      expect(readdirSync(profile).some((name) => /^journal\.db\.replaced-[\dT]+$/.test(name))).toBe(true);
      expect(settings.problems).toEqual([]);
    } finally {
      await context.close();
      await shell.close();
      await desk.close();
    }
    expect(verifyJournal(journal)).toMatchObject({ isSound: true });
  });

  it('offers the last settings that could be read, and starts again with them', async () => {
    const settings = path.join(profile, 'settings.json');
    writeFileSync(settings, '{"sizing":{"maxContracts":3}}');
    const before = await openDesk(options());
    await before.ready();
    await before.close();
    writeFileSync(settings, '{"sizing":{"maxContracts":3');
    const { desk, shell } = await serve();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const opened = new DeskPage(page);
    try {
      await desk.ready();
      await opened.open(shell.url);
      const restore = page.getByRole('button', { name: /^Restore those of/ });
      await restore.click();
      await restore.waitFor({ state: 'detached' });
      await desk.ready();
      expect(desk.settingsProblem()).toBeNull();
      expect((await desk.handlers['desk.snapshot']({})).config.maxContracts).toBe(3);
      expect(readFileSync(settings, 'utf8')).toBe('{"sizing":{"maxContracts":3}}');
      const kept = readdirSync(profile).find((name) => name.startsWith('settings.json.replaced-')) ?? '';
      expect(readFileSync(path.join(profile, kept), 'utf8')).toBe('{"sizing":{"maxContracts":3');
      expect(opened.problems).toEqual([]);
    } finally {
      await context.close();
      await shell.close();
      await desk.close();
    }
  });
});
