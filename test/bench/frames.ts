import type { Page } from 'playwright-core';
import { z } from 'zod';

/** Gaps between the frames of a page while `work` goes on, in ms; none without a page. */
export async function framesDuring(page: Page | null, work: () => Promise<void>): Promise<readonly number[]> {
  await page?.evaluate(() => {
    const gaps: number[] = [];
    let before = performance.now();
    const onFrame = (): void => {
      const now = performance.now();
      gaps.push(now - before);
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
