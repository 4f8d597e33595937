import type { Locator } from 'playwright-core';
import { DeskPage } from './desk-page.ts';

/** The Models screen as a trader sees it. */
export class ModelsPage extends DeskPage {
  async show(): Promise<void> {
    await this.showModels();
    await this.page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
  }

  get sentence(): Locator {
    return this.page.getByRole('region').filter({ has: this.page.locator('#models-sentence') });
  }

  get reliability(): Locator {
    return this.page.getByRole('region', { name: 'Reliability' });
  }

  get drift(): Locator {
    return this.page.getByRole('region', { name: 'Drift' });
  }

  get scores(): Locator {
    return this.page.getByRole('table', { name: 'Scores of the models on every resolved signal' });
  }

  get brierParts(): Locator {
    return this.page.getByRole('table', { name: 'The Brier score of the models, taken apart' });
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** The figure under a name in the strip. */
  async figure(name: string): Promise<string> {
    const cell = this.sentence.locator('dl > div').filter({ has: this.page.locator('dt', { hasText: name }) });
    return (await cell.locator('dd').first().innerText()).trim();
  }
}
