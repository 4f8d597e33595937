import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';

/** The desk's window as a trader sees it: what is where, by role and name. */
export class DeskPage {
  readonly page: Page;
  readonly problems: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.problems.push(message.text());
    });
    page.on('pageerror', (error) => this.problems.push(error.message));
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.queue.waitFor();
  }

  get queue(): Locator {
    return this.page.getByRole('listbox', { name: 'Recommendations' });
  }

  get hero(): Locator {
    return this.page.getByRole('region', { name: 'Selected recommendation' });
  }

  get approve(): Locator {
    return this.hero.getByRole('button', { name: /^Approve \d+/ });
  }

  get positions(): Locator {
    return this.page.getByRole('grid', { name: 'Positions' });
  }

  get orders(): Locator {
    return this.page.getByRole('grid', { name: 'Working orders' });
  }

  get activity(): Locator {
    return this.page.getByRole('list', { name: 'Activity, newest first' });
  }

  row(symbol: string): Locator {
    return this.queue.getByRole('option').filter({ hasText: symbol });
  }

  async select(symbol: string): Promise<void> {
    await this.row(symbol).click();
    await this.hero.getByText(symbol).first().waitFor();
  }

  async showPerformance(): Promise<void> {
    await this.page.keyboard.press('Control+2');
  }

  async showJournal(): Promise<void> {
    await this.page.keyboard.press('Control+4');
  }

  async showModels(): Promise<void> {
    await this.page.keyboard.press('Control+5');
  }

  async showDesk(): Promise<void> {
    await this.page.keyboard.press('Control+1');
  }

  /** Saves the picture of a chart by its file's name; the kind of file it is by its first bytes. */
  async picture(name: string): Promise<string> {
    const started = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name: new RegExp(`saves the picture ${name}`) }).click();
    const file = await (await started).path();
    return readFileSync(file).subarray(1, 4).toString();
  }

  /** All text of the window. */
  async text(): Promise<string> {
    return this.page.locator('body').innerText();
  }
}
