import type { Locator } from 'playwright-core';
import { DeskPage } from './desk-page.ts';

/** The Performance screen as a trader sees it. */
export class PerformancePage extends DeskPage {
  async show(): Promise<void> {
    await this.showPerformance();
    await this.page.getByRole('heading', { level: 1, name: 'Performance' }).waitFor();
    await this.books.waitFor();
  }

  get books(): Locator {
    return this.page.getByRole('table', { name: /Statistics of the three books/ });
  }

  get overrides(): Locator {
    return this.page.getByRole('region', { name: 'Value of your overrides' });
  }

  get interval(): Locator {
    return this.page.getByRole('img', { name: /Log growth of Kelly less fixed sizing/ });
  }

  /** The figure under a name in the strip of the verdict. */
  async figure(name: string): Promise<string> {
    const cell = this.page.locator('dl > div').filter({ has: this.page.locator('dt', { hasText: name }) });
    return (await cell.locator('dd').first().innerText()).trim();
  }
}
