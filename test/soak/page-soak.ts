import path from 'node:path';
import type { CDPSession } from 'playwright-core';
import { startHttpShell } from '#shells/http/server.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { createJournalDesk } from '#test/support/journal-desk.ts';
import { slopeOf } from './slope.ts';

export type PageSoakOptions = {
  readonly minutes: number;
  /** Changes of the desk a second: quotes, positions, pulse and what comes with them. */
  readonly rate: number;
  readonly onMinute?: (line: string) => void;
};

export type PageSoak = {
  readonly updates: number;
  /** Of the main thread, in ms, those over 50 ms. The first ten seconds, in which the page is built, are left out. */
  readonly longTasks: readonly number[];
  /** DOM nodes at each sample, after a collection. */
  readonly nodes: readonly number[];
  readonly heapMb: readonly number[];
  /** Null under three samples. */
  readonly heapSlopeMbPerHour: number | null;
};

const SETTLE_MS = 10_000;
const SAMPLES_PER_MINUTE = 2;

/** Notes tasks of the page's main thread; the list is read and emptied with each sample. */
const WATCH_TASKS = `
  window.__tasks = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.__tasks.push(Math.round(entry.duration));
  }).observe({ entryTypes: ['longtask'] });
`;

async function sample(devtools: CDPSession): Promise<{ readonly heapMb: number; readonly nodes: number }> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const metric = (name: string): number => metrics.find((one) => one.name === name)?.value ?? 0;
  return { heapMb: metric('JSHeapUsedSize') / 1_048_576, nodes: metric('Nodes') };
}

/** Keeps the built page before a desk that changes all the time, and measures it from outside. */
export async function soakPage({ minutes, rate, onMinute }: PageSoakOptions): Promise<PageSoak> {
  // Its activity is as long as a page keeps it: what is measured is a day's end, not a list that fills up.
  const desk = createJournalDesk({ trades: 200, activity: 100 });
  const shell = await startHttpShell({
    desk,
    staticFolder: path.resolve(import.meta.dirname, '../../dist/renderer'),
  });
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  let updates = 0;
  const timer = setInterval(() => {
    desk.step();
    updates += 1;
  }, 1_000 / rate);
  try {
    await page.addInitScript(WATCH_TASKS);
    await page.goto(shell.url);
    await page.getByRole('listbox', { name: 'Recommendations' }).waitFor();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable');
    await page.waitForTimeout(Math.min(SETTLE_MS, minutes * 30_000));
    const takeTasks = (): Promise<number[]> => page.evaluate('window.__tasks.splice(0)');
    await takeTasks();
    const longTasks: number[] = [];
    const points: { readonly hour: number; readonly heapMb: number; readonly nodes: number }[] = [];
    const began = performance.now();
    const count = Math.max(1, Math.round(minutes * SAMPLES_PER_MINUTE));
    for (let n = 0; n < count; n += 1) {
      await page.waitForTimeout((minutes * 60_000) / count);
      // Before the sample: collecting is not the page's doing.
      longTasks.push(...(await takeTasks()));
      const found = await sample(devtools);
      await takeTasks();
      points.push({ hour: (performance.now() - began) / 3_600_000, ...found });
      onMinute?.(
        `  ${((n + 1) / SAMPLES_PER_MINUTE).toFixed(1)} min  heap ${found.heapMb.toFixed(2)} MB  nodes ${found.nodes}`,
      );
    }
    return {
      updates,
      longTasks,
      nodes: points.map(({ nodes }) => nodes),
      heapMb: points.map(({ heapMb }) => heapMb),
      heapSlopeMbPerHour: slopeOf(points.map(({ hour, heapMb }) => [hour, heapMb])),
    };
  } finally {
    clearInterval(timer);
    await browser.close();
    await shell.close();
  }
}
