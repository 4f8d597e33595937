import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { hasBrowser } from '#test/support/browser.ts';
import { deskInBrowser } from '#test/support/desk-in-browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { type RunningDesk } from '#test/support/running-desk.ts';
import { faultsOf } from '#test/support/screen-checks.ts';
import { textFaultsOf } from '#test/support/text-faults.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/imports');

/** One red pixel. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==',
  'base64',
);

/** The same with a text behind its end: other pictures by what they hold. */
const OTHER_PICTURES = [
  Buffer.concat([PICTURE, Buffer.from('2')]),
  Buffer.concat([PICTURE, Buffer.from('3')]),
] as const;

/** Hands a file to an element as the system does: by the clipboard, or let go over it. */
async function hand(
  target: Locator,
  how: 'paste' | 'drop',
  { name, type, bytes }: { readonly name: string; readonly type: string; readonly bytes: Buffer },
): Promise<void> {
  await target.evaluate(
    (element, file) => {
      const transfer = new DataTransfer();
      const content = Uint8Array.from(atob(file.base64), (char) => char.charCodeAt(0));
      transfer.items.add(new File([content], file.name, { type: file.type }));
      const init = { bubbles: true, cancelable: true };
      element.dispatchEvent(
        file.how === 'paste'
          ? new ClipboardEvent('paste', { ...init, clipboardData: transfer })
          : new DragEvent('drop', { ...init, dataTransfer: transfer }),
      );
    },
    { how, name, type, base64: bytes.toString('base64') },
  );
}

describe.skipIf(!hasBrowser())('the journal in a real browser', () => {
  let running: RunningDesk;
  let desk: DeskPage;
  let page: Page;

  deskInBrowser({ screen: DeskPage }, async (opened) => {
    ({ running, page, screen: desk } = opened);
    await page.keyboard.press('Control+4');
    await trades().waitFor();
    await rows(trades()).first().waitFor();
  });

  const trades = (): Locator => page.getByRole('grid', { name: 'Trades' });
  const rows = (grid: Locator): Locator => grid.getByRole('row').filter({ hasNot: page.getByRole('columnheader') });
  const detail = (): Locator => page.getByRole('complementary');
  const chips = (): Locator => page.getByRole('list', { name: 'Conditions in force' });
  const total = async (): Promise<number> => Number(await trades().getAttribute('aria-rowcount')) - 1;
  const journal = () => running.desk.handlers;
  const count = async (filter: Parameters<ReturnType<typeof journal>['journal.trades']>[0]['filter']) =>
    (await journal()['journal.trades']({ filter, limit: 1, offset: 0 })).total;

  it('lists every closed trade, sorts and filters at the desk, and takes the conditions away again', async () => {
    const all = await count({ origin: 'all' });
    await expect.poll(total).toBe(all);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByLabel('Outcome').selectOption('loss');
    await page.getByLabel('Side').selectOption('1');
    await page.keyboard.press('Escape');
    const lost = await count({ origin: 'all', outcome: 'loss', direction: 1 });
    await expect.poll(total).toBe(lost);
    expect(await chips().innerText()).toMatch(/▲ long[^]*lost/);
    await page.getByRole('button', { name: 'Net P&L' }).click();
    await expect
      .poll(() => page.getByRole('columnheader', { name: /Net P&L/ }).getAttribute('aria-sort'))
      .toBe('descending');
    await page.getByRole('button', { name: 'Remove: lost' }).click();
    await page.getByRole('button', { name: 'Remove: ▲ long' }).click();
    await expect.poll(total).toBe(all);
  });

  it('writes on a trade by keyboard, keeps it after a reload, and finds it by its words', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await detail().waitFor();
    await page.keyboard.press('4');
    const tags = detail().getByRole('combobox', { name: 'Tags' });
    await tags.fill('heron');
    await tags.press('Enter');
    await detail().getByLabel(/^Note/).fill('Waited for the second push, as planned.');
    await detail().getByText('Not saved yet').waitFor();
    await page.keyboard.press('Control+Enter');
    await detail()
      .getByText(/^Saved /)
      .waitFor();
    await page.reload();
    await desk.queue.waitFor();
    await page.keyboard.press('Control+4');
    await rows(trades()).first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('heron second push');
    await expect.poll(total).toBe(1);
    await rows(trades()).first().click();
    expect(await detail().getByLabel(/^Note/).inputValue()).toBe('Waited for the second push, as planned.');
    expect(
      await detail()
        .getByRole('radio', { name: /4 of 5/ })
        .isChecked(),
    ).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => detail().count()).toBe(0);
  });

  it('keeps a picture beside the journal, chosen, pasted or dropped, and shows it again', async () => {
    await rows(trades()).nth(2).click();
    const notes = detail().getByRole('region', { name: 'Your notes' });
    const picture = (n: number) => detail().getByRole('button', { name: `Picture ${n}, open` });
    await detail()
      .locator('input[type=file]')
      .setInputFiles({ name: 'chart.png', mimeType: 'image/png', buffer: PICTURE });
    await picture(1).waitFor();
    await hand(notes, 'paste', { name: 'pasted.png', type: 'image/png', bytes: OTHER_PICTURES[0] });
    await picture(2).waitFor();
    await hand(notes, 'drop', { name: 'dropped.png', type: 'image/png', bytes: OTHER_PICTURES[1] });
    await picture(3).waitFor();
    // What was dropped on the notes is no import.
    expect(await page.getByRole('dialog').count()).toBe(0);
    await detail().getByRole('button', { name: /^Save/ }).click();
    await detail()
      .getByText(/^Saved /)
      .waitFor();
    await detail().getByRole('button', { name: 'Picture 1, open' }).click();
    await page.getByRole('img', { name: 'As kept in the journal' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('shows the decision behind a trade with its ladder as recorded', async () => {
    await rows(trades()).first().click();
    const alone = detail().getByRole('button', { name: 'The trade alone' });
    await alone.click();
    expect(await alone.getAttribute('aria-pressed')).toBe('true');
    await detail()
      .getByRole('slider', { name: /^Bars of/ })
      .focus();
    await detail().locator('table').filter({ hasText: 'Open' }).waitFor();
    const picture = page.waitForEvent('download');
    await detail()
      .getByRole('button', { name: /saves the picture/ })
      .click();
    expect((await picture).suggestedFilename()).toMatch(/^kelly-desk-[\w.-]+\.png$/);
    await detail().getByRole('button', { name: 'Decision record' }).click();
    await detail()
      .getByRole('region', { name: /as recorded/ })
      .waitFor();
    await detail().getByRole('region', { name: 'Contracts each limit allows' }).waitFor();
    await page.keyboard.press('d');
    const decisions = page.getByRole('grid', { name: 'Decisions' });
    await rows(decisions).first().waitFor();
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByLabel('Ended').selectOption('approved');
    const { total: approved } = await journal()['journal.decisions']({
      filter: { state: 'approved' },
      limit: 1,
      offset: 0,
    });
    await expect.poll(async () => Number(await decisions.getAttribute('aria-rowcount')) - 1).toBe(approved);
  });

  it('goes from a day of the calendar to the trades of that day', async () => {
    await page.keyboard.press('c');
    const days = await journal()['journal.calendar']({ filter: { origin: 'all' } });
    const last = days.at(-1);
    if (last === undefined) throw new Error('the desk closed no trade');
    await page.locator(`#day-${last.day}`).click();
    await expect.poll(total).toBe(last.trades);
    expect(await chips().innerText()).toContain('on ');
  });

  it('opens the import for a file that is dropped anywhere', async () => {
    const bytes = readFileSync(path.join(FIXTURES, 'topstep-trades.csv'));
    await hand(page.locator('body'), 'drop', { name: 'topstep-trades.csv', type: 'text/csv', bytes });
    const dialog = page.getByRole('dialog');
    await dialog.getByText('topstep-trades.csv').first().waitFor();
    await dialog.getByText('To add', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('imports a file once: the second time nothing is new', async () => {
    const drop = async () => {
      await page.keyboard.press('i');
      await page.locator('#import-file').setInputFiles(path.join(FIXTURES, 'topstep-trades.csv'));
      await page.getByText('To add', { exact: true }).waitFor();
    };
    const answerAll = async () => {
      const account = page.getByLabel('Account of these rows');
      if ((await account.count()) > 0) {
        await account.fill('TOPSTEP-1');
        await account.press('Tab');
      }
    };
    await drop();
    await answerAll();
    const button = page.getByRole('button', { name: /^Import \d/ });
    await expect.poll(() => button.getAttribute('aria-disabled'), { timeout: 15_000 }).toBe('false');
    await button.click();
    await page.getByText(/^✓ Added \d+ executions/).waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Show imported trades' }).click();
    const imported = await count({ origin: 'imported' });
    expect(imported).toBeGreaterThan(0);
    await expect.poll(total).toBe(imported);
    await drop();
    await answerAll();
    await page.getByText(/are in the journal already/).waitFor({ timeout: 15_000 });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('Escape');
    await page.keyboard.press('m');
    await page.getByRole('rowheader', { name: 'topstep-trades.csv' }).waitFor();
  });

  it('exports what the list shows as a file', async () => {
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByLabel('Outcome').selectOption('win');
    await page.keyboard.press('Escape');
    const won = await count({ origin: 'all', outcome: 'win' });
    await expect.poll(total).toBe(won);
    await page.keyboard.press('e');
    const started = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
    const download = await started;
    expect(download.suggestedFilename()).toMatch(/trades.*\.csv$/);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text.trim().split(/\r?\n/)).toHaveLength(won + 1);
  });

  it.each([
    ['dark', 1024, 700],
    ['light', 3840, 2160],
  ] as const)('reads cleanly in %s at %i×%i', async (colorScheme, width, height) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await rows(trades()).first().click();
    for (const key of ['t', 'd', 'c', 'm']) {
      await page.keyboard.press(key);
      await page.waitForTimeout(600);
      // With the detail open: the list beside it shows no figure cut.
      expect(await textFaultsOf(page), key).toEqual([]);
    }
  });

  it.each([
    ['dark', ['t', 'd', 'c']],
    ['light', ['t', 'm', 'i']],
  ] as const)('has nothing to mend, in %s', async (colorScheme, keys) => {
    await page.emulateMedia({ colorScheme });
    await rows(trades()).first().click();
    for (const key of keys) {
      await page.keyboard.press(key);
      await page.waitForTimeout(600);
      expect(await faultsOf(page), key).toEqual([]);
    }
  });
});
