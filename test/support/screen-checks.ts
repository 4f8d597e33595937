import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { rounds } from '#test/support/scale.ts';
import { namelessFiguresOf } from './nameless-figures.ts';
import { overlapsOf } from './overlaps.ts';
import { textFaultsOf } from './text-faults.ts';

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

/**
 * The parts of a screen that are tried in one theme: they take turns over both, since axe takes a while. A scale of 2 or
 * more tries all of them in each.
 */
export function partsIn<T>(theme: 'dark' | 'light', parts: readonly T[]): readonly T[] {
  if (rounds(1) > 1) return parts;
  return parts.filter((_, i) => (i % 2 === 0) === (theme === 'dark'));
}

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

/** What is wrong with the words on the page as it stands, where they stand on each other, and figures without a name. */
export async function wordFaultsOf(page: Page): Promise<readonly string[]> {
  return [...(await textFaultsOf(page)), ...(await overlapsOf(page)), ...(await namelessFiguresOf(page))];
}

/** Axe over one page. The desk has no frames: without the mode made for them axe opens no tab of its own each time. */
export const axeOn = (page: Page): AxeBuilder =>
  new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });

/** What is wrong with the page as it stands: its words, and what axe calls serious. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  await settle(page);
  const { violations } = await axeOn(page).withTags(['wcag2a', 'wcag2aa', 'wcag22aa']).analyze();
  return [
    ...(await wordFaultsOf(page)),
    ...violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
  ];
}
