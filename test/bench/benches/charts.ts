import { join, resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import { z } from 'zod';
import { figure, grownWith, interleave, quantile } from '#test/bench/harness.ts';
import type { Bench, Figures, Side } from '#test/bench/harness.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import type { ChartsBench, DrawingName } from './charts-page.tsx';

const ROOT = resolve(import.meta.dirname, '../../..');
const MILLION = 1_000_000;
const SIZES = [10_000, 100_000, MILLION] as const;
const FRAMES = 12;
const UPDATES = 60;
/** Bars a price chart of the desk holds at most, and those the library's own figure is taken at. */
const [MOST_BARS, FEW_BARS] = [10_000, 2_000];
const NAMES: Readonly<Record<DrawingName, string>> = {
  desk: 'the desk’s chart',
  library: 'lightweight-charts',
  bare: 'bare canvas',
};

/** The functions of the page, as they are called from here. */
declare global {
  interface Window {
    readonly chartsBench: ChartsBench;
  }
}

/** Builds the page of the bench with the desk's own charts into two files. */
async function buildPage(outDir: string): Promise<{ readonly script: string; readonly style: string }> {
  await build({
    ...{ configFile: false, root: ROOT, logLevel: 'error', plugins: [react()] },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      ...{ outDir, emptyOutDir: true, target: 'es2023', cssCodeSplit: false, copyPublicDir: false },
      lib: {
        ...{ entry: join(import.meta.dirname, 'charts-page.tsx'), formats: ['iife'], name: 'bench' },
        ...{ fileName: () => 'page.js', cssFileName: 'page' },
      },
    },
  });
  return { script: join(outDir, 'page.js'), style: join(outDir, 'page.css') };
}

type Files = Awaited<ReturnType<typeof buildPage>>;

/** A page of its own for each side: what one leaves in memory slows no other. */
async function withPage<T>(browser: Browser, { script, style }: Files, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 720 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    await page.setContent('<div id="chart" style="width: 1200px; height: 600px"></div>');
    await page.addStyleTag({ path: style });
    await page.addScriptTag({ path: script });
    return await work(page);
  } finally {
    await context.close();
  }
}

function drawing(browser: Browser, files: Files, of: { readonly name: DrawingName; readonly points: number }): Side {
  const label = `${of.points.toLocaleString('en')} points, ${NAMES[of.name]}`;
  return () =>
    withPage(browser, files, async (page) => {
      const { first, pan } = await page.evaluate(
        async ([name, points, frames]) => {
          window.chartsBench.make(points);
          return window.chartsBench.draw(name, frames);
        },
        [of.name, of.points, FRAMES] as const,
      );
      return { [`${label}: first paint`]: figure(first, 'ms'), [`${label}: pan`]: figure(quantile(pan, 0.5), 'ms') };
    });
}

const usageSchema = z.object({
  usedSize: z.number(),
  embedderHeapUsedSize: z.number().optional(),
  backingStorageSize: z.number().optional(),
});

/** What the page holds once nothing more can be let go, MB. */
async function heldMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const usage = usageSchema.parse(await session.send('Runtime.getHeapUsage'));
  return (usage.usedSize + (usage.embedderHeapUsedSize ?? 0) + (usage.backingStorageSize ?? 0)) / 1e6;
}

function memory(browser: Browser, files: Files, name: DrawingName): Side {
  return () =>
    withPage(browser, files, async (page): Promise<Figures> => {
      const session = await page.context().newCDPSession(page);
      const before = await heldMb(session);
      await page.evaluate(
        async ([of, points]) => {
          window.chartsBench.make(points);
          await window.chartsBench.hold(of);
        },
        [name, MILLION] as const,
      );
      return { [`held for a million points, ${NAMES[name]}`]: figure((await heldMb(session)) - before, 'MB') };
    });
}

function ticking(
  browser: Browser,
  files: Files,
  of: { readonly name: 'desk' | 'library'; readonly bars: number },
): Side {
  const label = `a bar closes on ${of.bars.toLocaleString('en')}, ${NAMES[of.name]}`;
  return () =>
    withPage(browser, files, async (page): Promise<Figures> => {
      const taken = await page.evaluate(
        ([name, bars, updates]) => window.chartsBench.candles(name, { bars, updates }),
        [of.name, of.bars, UPDATES] as const,
      );
      // The first ones run code that the browser has not compiled yet.
      const settled = taken.slice(UPDATES / 3);
      return { [label]: figure(1000 * (settled.reduce((sum, ms) => sum + ms, 0) / settled.length), 'µs') };
    });
}

/** Charts of a million points in a real browser, drawn by the desk's own components, against the library and a bare canvas. */
export const charts: Bench = {
  name: 'charts',
  title: 'Charts of 1,000,000 points, and a price chart that ticks',
  run: async ({ rounds, isQuick, folder }) => {
    if (isQuick || !hasBrowser()) {
      const notes = ['Not measured: a smoke run opens no window, nor does a machine without a browser.'];
      return { series: [], notes };
    }
    const files = await buildPage(join(folder, 'page'));
    const browser = await launchBrowser();
    try {
      const series = await interleave(
        [
          ...SIZES.map((points) => drawing(browser, files, { name: 'desk', points })),
          drawing(browser, files, { name: 'bare', points: MILLION }),
          drawing(browser, files, { name: 'library', points: MILLION }),
          memory(browser, files, 'desk'),
          memory(browser, files, 'library'),
          ticking(browser, files, { name: 'desk', bars: FEW_BARS }),
          ticking(browser, files, { name: 'desk', bars: MOST_BARS - UPDATES }),
          ticking(browser, files, { name: 'library', bars: FEW_BARS }),
        ],
        { rounds, warmUps: 0 },
      );
      const grown = (what: string) =>
        grownWith(
          series,
          `growth exponent, ${what}`,
          SIZES.map((x) => ({ x, of: `${x.toLocaleString('en')} points, ${NAMES.desk}: ${what}` })),
        );
      return {
        series: [...series, grown('first paint'), grown('pan')],
        notes: [
          'Each side is a page of its own in one browser, 1200 by 600 px; a time ends when the frame is painted, so none is under one frame. The desk draws three lines of the million points, the others one.',
          'Panning shows three fifths of the points, further on with each frame. Memory is what is held after a collection, the points included.',
          'A closed bar is taken in by the price chart of the desk (lines, gaps and marks included) and by a candle series of the library: script time alone, the mean of forty.',
        ],
      };
    } finally {
      await browser.close();
    }
  },
};
