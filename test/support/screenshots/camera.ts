import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { DeskPage } from '#test/support/desk-page.ts';
import { settle } from '#test/support/screen-checks.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../screenshots');

export type Look = {
  readonly theme: 'dark' | 'light' | 'contrast';
  readonly width: number;
  readonly height: number;
};

/** Both themes at both sizes: what every screen is looked at in. */
export const LOOKS: readonly Look[] = (['dark', 'light'] as const).flatMap((theme) => [
  { theme, width: 1440, height: 900 },
  { theme, width: 1024, height: 768 },
]);

/** Looks that one picture of each screen is enough for: a 4K screen, the smallest window, high contrast. */
export const FAR_LOOKS: readonly Look[] = [
  { theme: 'dark', width: 3840, height: 2160 },
  { theme: 'dark', width: 1024, height: 700 },
  { theme: 'contrast', width: 1440, height: 900 },
];

/** One window of the desk in one look, and what takes its picture. */
export type Camera = {
  readonly desk: DeskPage;
  readonly look: Look;
  /** Takes the picture `screen-theme-width.png` once nothing moves any more. */
  readonly shoot: (screen: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What is being read is not the screen yet. */
async function settled(page: Page): Promise<void> {
  const reading = page.getByRole('status', { name: /^(Reading|Reckoning|Opening) / }).first();
  await reading.waitFor({ state: 'detached', timeout: 30_000 });
}

/** Opens a window; what the page complains of is told at the end. */
export async function openCamera(browser: Browser, look: Look): Promise<Camera> {
  mkdirSync(FOLDER, { recursive: true });
  const { theme, width, height } = look;
  const context: BrowserContext = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme === 'light' ? 'light' : 'dark',
    contrast: theme === 'contrast' ? 'more' : 'no-preference',
  });
  const desk = new DeskPage(await context.newPage());
  return {
    desk,
    look,
    shoot: async (screen) => {
      // Skeletons come after 150 ms, charts draw a frame after their data.
      await desk.page.waitForTimeout(700);
      if (!/starting|waiting/.test(screen)) await settled(desk.page);
      await settle(desk.page);
      const file = `${screen}-${theme}-${width}${height === 700 ? 'x700' : ''}.png`;
      await desk.page.screenshot({ path: path.join(FOLDER, file) });
      console.log(file);
    },
    close: async () => {
      for (const problem of desk.problems) console.error(`${theme} ${width}: ${problem}`);
      await context.close();
    },
  };
}
