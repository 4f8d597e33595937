import type { Page } from 'playwright-core';
import { z } from 'zod';

/**
 * Gaps between the frames of a page while `work` goes on, in ms; none without a page. A frame's time is the one the
 * browser gives it, that of the display's beat it is made for: when its callback comes to run depends on whatever task
 * ran before it, which is late by itself on a page at rest and says nothing of frames the trader did not get.
 */
export async function framesDuring(page: Page | null, work: () => Promise<void>): Promise<readonly number[]> {
  await page?.evaluate(() => {
    const gaps: number[] = [];
    let before: number | null = null;
    const onFrame = (now: DOMHighResTimeStamp): void => {
      if (before !== null) gaps.push(now - before);
      before = now;
      requestAnimationFrame(onFrame);
    };
    requestAnimationFrame(onFrame);
    Object.assign(window, { frameGaps: gaps });
  });
  await work();
  const gaps = await page?.evaluate((): unknown => Reflect.get(window, 'frameGaps'));
  return z.array(z.number()).parse(gaps ?? []);
}
