import type { Locator } from 'playwright-core';
import { DeskPage } from './desk-page.ts';

declare global {
  interface Window {
    /** What the page told the system, and the notes it played. */
    told?: string[];
    notes?: number[];
  }
}

/** The Settings screen as a trader sees it. */
export class SettingsPage extends DeskPage {
  async show(): Promise<void> {
    await this.page.keyboard.press('Control+6');
    await this.page.getByRole('table', { name: 'Size of a trade' }).waitFor();
  }

  limit(label: string): Locator {
    return this.page.getByRole('textbox', { name: label, exact: true });
  }

  get unsaved(): Locator {
    return this.page.getByRole('region', { name: 'Unsaved changes' });
  }

  get save(): Locator {
    return this.unsaved.getByRole('button', { name: 'Save limits' });
  }

  get picker(): Locator {
    return this.page.getByRole('combobox', { name: 'Section', exact: true });
  }

  get list(): Locator {
    return this.page.getByRole('navigation', { name: 'Settings sections' });
  }

  /** The sections, from the list or, in a small window, from the select. */
  async sectionNames(): Promise<readonly string[]> {
    await this.list.or(this.picker).waitFor();
    return (await this.picker.isVisible())
      ? this.picker.locator('option').allInnerTexts()
      : this.list.getByRole('button').allInnerTexts();
  }

  async section(name: string): Promise<void> {
    if (await this.picker.isVisible()) await this.picker.selectOption(name);
    else await this.list.getByRole('button', { name }).click();
    await this.page.getByRole('heading', { level: 2, name }).waitFor({ state: 'attached' });
  }

  /** Writes down every notification and note of this page, which happen all the same. To be called before `open`. */
  async listen(): Promise<void> {
    await this.page.addInitScript(() => {
      const told: string[] = (window.told = []);
      const notes: number[] = (window.notes = []);
      window.Notification = new Proxy(Notification, {
        construct: (target, [title, options]: [string, NotificationOptions | undefined]) => {
          told.push(`${title}|${options?.body ?? ''}`);
          return new target(title, options);
        },
      });
      window.OscillatorNode = new Proxy(OscillatorNode, {
        construct: (target, [context, options]: [BaseAudioContext, OscillatorOptions | undefined]) => {
          notes.push(options?.frequency ?? 0);
          return new target(context, options);
        },
      });
    });
  }

  told(): Promise<readonly string[]> {
    return this.page.evaluate(() => window.told ?? []);
  }

  notes(): Promise<readonly number[]> {
    return this.page.evaluate(() => window.notes ?? []);
  }

  check(label: string | RegExp): Locator {
    return this.page.getByRole('checkbox', { name: label, exact: true });
  }
}
