import type { Locator } from 'playwright-core';
import { DeskPage } from './desk-page.ts';

type Part = 'Three books' | 'Verdict' | 'Rolling' | 'Months and days' | 'Statistics';

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

  /** Opens one part of the screen. */
  async part(name: Part): Promise<void> {
    await this.page.getByRole('tablist', { name: 'Parts of the performance' }).getByRole('tab', { name }).click();
  }

  /** Waits for what a part reads. */
  async settled(part: Part): Promise<void> {
    const shown = {
      'Three books': this.books,
      Verdict: this.verdictParts,
      Rolling: this.rolling('Expectancy'),
      'Months and days': this.months,
      Statistics: this.bookStatistics,
    };
    await shown[part].waitFor();
  }

  get verdictParts(): Locator {
    return this.page.getByRole('table', { name: 'Every part of the verdict' });
  }

  /** A rolling figure's chart. */
  rolling(figure: string): Locator {
    return this.page.getByRole('region', { name: figure, exact: true });
  }

  /** What the rolling figures were at the trade looked at. */
  get rollingPoints(): Locator {
    return this.page.getByRole('slider', { name: 'Points of the rolling figures' });
  }

  async window(trades: number): Promise<void> {
    await this.page.getByRole('button', { name: `Last ${trades} trades` }).click();
  }

  get months(): Locator {
    return this.page.getByRole('table', { name: /Months and years/ });
  }

  get extremes(): Locator {
    return this.page.getByRole('region', { name: 'Best and worst' });
  }

  /** The days of the chosen month on which trades closed. */
  get days(): Locator {
    return this.page.getByRole('button', { name: /Show its trades$/ });
  }

  get bookStatistics(): Locator {
    return this.page.getByRole('table', { name: /how each is reckoned/ }).first();
  }

  get tradeStatistics(): Locator {
    return this.page.getByRole('table', { name: /how each is reckoned/ }).last();
  }

  /** The figure under a name in the strip of the verdict. */
  async figure(name: string): Promise<string> {
    const cell = this.page.locator('dl > div').filter({ has: this.page.locator('dt', { hasText: name }) });
    return (await cell.locator('dd').first().innerText()).trim();
  }
}
