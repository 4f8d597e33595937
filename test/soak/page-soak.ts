import path from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { z } from 'zod';
import { startHttpShell } from '#shells/http/server.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { createJournalDesk } from '#test/support/journal-desk.ts';
import { heapOf, type PageHeap } from './page-heap.ts';
import { slopeOf } from './slope.ts';

export type PageSoakOptions = {
  readonly minutes: number;
  /** Changes of the desk a second: quotes, positions, pulse and what comes with them. */
  readonly rate: number;
  readonly onSample?: (line: string) => void;
};

/** A task that held the page's main thread. */
export type LongTask = {
  readonly ms: number;
  /** What the frame it fell into was spent on, where the browser says; much of neither is a machine that was busy. */
  readonly blame: string;
};

export type PageSoak = {
  readonly updates: number;
  /** Those over 50 ms. The first ten seconds, in which the page is built, are left out. */
  readonly longTasks: readonly LongTask[];
  /** DOM nodes at each sample, after a collection. */
  readonly nodes: readonly number[];
  readonly heap: readonly PageHeap[];
  /** Growth of what the page holds, after the warm-up; null under three samples. */
  readonly heapSlopeMbPerHour: number | null;
};

const SETTLE_MS = 10_000;
const SAMPLES = 20;
/** Share of the samples that are left out of the slope: until then the page's lists fill up. */
const WARM_UP = 1 / 4;

/** Notes long tasks, and the long frames they fall into; the lists are read and emptied with each sample. */
const WATCH_TASKS = `
  window.__tasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.__tasks.push({ at: startTime, ms: Math.round(duration) });
  }).observe({ entryTypes: ['longtask'] });
  window.__frames = [];
  if (PerformanceObserver.supportedEntryTypes.includes('long-animation-frame'))
    new PerformanceObserver((list) => {
      for (const { startTime, duration, styleAndLayoutStart, scripts } of list.getEntries()) {
        const spent = scripts.map((one) => one.invoker + ' ' + Math.round(one.duration) + ' ms').join(', ');
        const layout = styleAndLayoutStart === 0 ? 0 : Math.round(startTime + duration - styleAndLayoutStart);
        window.__frames.push({ at: startTime, until: startTime + duration, blame: (spent || 'no script') + ', layout ' + layout + ' ms' });
      }
    }).observe({ entryTypes: ['long-animation-frame'] });
`;

const watchedSchema = z.object({
  tasks: z.array(z.object({ at: z.number(), ms: z.number() })),
  frames: z.array(z.object({ at: z.number(), until: z.number(), blame: z.string() })),
});

async function takeTasks(page: Page): Promise<readonly LongTask[]> {
  const found: unknown = await page.evaluate('({ tasks: __tasks.splice(0), frames: __frames.splice(0) })');
  const { tasks, frames } = watchedSchema.parse(found);
  return tasks.map(({ at, ms }) => ({
    ms,
    blame: frames.find((frame) => frame.at <= at + ms && frame.until >= at)?.blame ?? 'outside of any frame',
  }));
}

async function nodesOf(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'Nodes')?.value ?? 0;
}

/** Looks at the page so many times, evenly over the minutes. */
async function watch(page: Page, { minutes, onSample }: PageSoakOptions): Promise<Omit<PageSoak, 'updates'>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  await page.waitForTimeout(Math.min(SETTLE_MS, minutes * 30_000));
  await takeTasks(page);
  const longTasks: LongTask[] = [];
  const points: { readonly hour: number; readonly heap: PageHeap; readonly nodes: number }[] = [];
  const began = performance.now();
  const count = Math.max(1, Math.min(SAMPLES, Math.round(minutes)));
  for (let n = 1; n <= count; n += 1) {
    await page.waitForTimeout(Math.max(0, (n * minutes * 60_000) / count - (performance.now() - began)));
    // Before the sample: collecting is not the page's doing.
    longTasks.push(...(await takeTasks(page)));
    const nodes = await nodesOf(devtools);
    const heap = await heapOf(devtools);
    await takeTasks(page);
    const hour = (performance.now() - began) / 3_600_000;
    points.push({ hour, heap, nodes });
    const [data, code] = [heap.dataMb.toFixed(3), heap.codeMb.toFixed(2)];
    onSample?.(`  ${(hour * 60).toFixed(1).padStart(6)} min  data ${data} MB  code ${code} MB  nodes ${nodes}`);
  }
  const warm = points.slice(Math.floor(points.length * WARM_UP));
  return {
    longTasks,
    nodes: points.map(({ nodes }) => nodes),
    heap: points.map(({ heap }) => heap),
    heapSlopeMbPerHour: slopeOf(warm.map(({ hour, heap }) => [hour, heap.dataMb])),
  };
}

/** Keeps the built page before a desk that changes all the time, and measures it from outside. */
export async function soakPage(options: PageSoakOptions): Promise<PageSoak> {
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
  }, 1_000 / options.rate);
  try {
    await page.addInitScript(WATCH_TASKS);
    await page.goto(shell.url);
    await page.getByRole('listbox', { name: 'Recommendations' }).waitFor();
    return { ...(await watch(page, options)), updates };
  } finally {
    clearInterval(timer);
    await browser.close();
    await shell.close();
  }
}
