import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { rounds } from '#test/support/scale.ts';

const ALL_LOOKS = [
  ['dark', 1440, 900],
  ['light', 1024, 768],
  ['light', 1440, 900],
  ['dark', 1024, 768],
] as const;

/**
 * The looks every screen is tried in: both themes and both sizes, each once, since axe takes a while. A scale of 2 or
 * more tries every theme at every size.
 */
export const LOOKS = ALL_LOOKS.slice(0, rounds(2));

/** Waits for running transitions: a colour half-way between two themes is no colour of the screen. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    const running = document
      .getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(running.map((animation) => animation.finished));
  });
}

/** What is wrong with the page as it stands: bare codes, contents beyond the window, what axe calls serious. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  await settle(page);
  const text = await page.locator('body').innerText();
  const codes = /NaN|undefined|Infinity|\[object|null\b/.exec(text);
  const overflow = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth - window.innerWidth,
    height: document.documentElement.scrollHeight - window.innerHeight,
  }));
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag22aa']).analyze();
  return [
    ...(codes === null ? [] : [`the text holds ${codes[0]}`]),
    ...(overflow.width > 0 ? [`${overflow.width} px too wide`] : []),
    ...(overflow.height > 0 ? [`${overflow.height} px too high`] : []),
    ...violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
  ];
}
