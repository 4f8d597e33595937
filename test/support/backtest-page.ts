import type { Download, Locator, Page } from 'playwright-core';

/** The Backtest screen as a trader sees it. */
export class BacktestPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.keyboard.press('Control+3');
    await this.page.getByRole('heading', { name: 'Backtest', level: 1 }).waitFor();
  }

  get policies(): Locator {
    return this.page.getByRole('list', { name: 'Policies' }).getByRole('listitem');
  }

  get runs(): Locator {
    return this.page.getByRole('list', { name: 'Stored runs' }).getByRole('listitem');
  }

  get results(): Locator {
    return this.page.getByRole('region', { name: 'Results' });
  }

  get rows(): Locator {
    return this.results.locator('tbody tr');
  }

  get comparison(): Locator {
    return this.page.getByRole('region', { name: 'Two runs side by side' });
  }

  get underWay(): Locator {
    return this.page.getByRole('region', { name: 'Run under way' });
  }

  get runButton(): Locator {
    return this.page.getByRole('button', { name: 'Run', exact: true });
  }

  /** Turns to a kind of run. */
  async turnTo(kind: 'Backtest' | 'Monte Carlo' | 'Walk-forward'): Promise<void> {
    await this.page.getByRole('group', { name: 'Kind of run' }).getByRole('button', { name: kind }).click();
  }

  /** Runs by the key what is set up, and waits until its run is in the list. */
  async runKind(): Promise<void> {
    const before = await this.runs.count();
    await this.page.keyboard.press('r');
    await this.runs.nth(before).waitFor({ timeout: 60_000 });
  }

  /** Takes a policy in or out by its name. */
  async tick(name: string): Promise<void> {
    await this.policies.getByRole('checkbox', { name }).click();
  }

  /** Runs by the key and waits until the result is on the screen. */
  async run(expected: number): Promise<void> {
    const before = await this.runs.count();
    await this.page.keyboard.press('r');
    await this.runs.nth(before).waitFor({ timeout: 60_000 });
    await this.rows.nth(expected - 1).waitFor();
  }

  async downloaded(action: () => Promise<void>): Promise<Download> {
    const started = this.page.waitForEvent('download');
    await action();
    return started;
  }
}
