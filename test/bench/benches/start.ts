import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { figure, grownWith, interleave } from '#test/bench/harness.ts';
import type { Bench, Figures, Side } from '#test/bench/harness.ts';
import { emptyProfile, longProfile } from '#test/bench/long-profile.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';

const SCRIPT = join(import.meta.dirname, 'start-process.ts');
const BUILT = join(import.meta.dirname, '../../../dist/renderer/index.html');
/** A desk that has said nothing by then never will. */
const PATIENCE_MS = 60_000;

const saidSchema = z.object({ snapshotMs: z.number(), url: z.string() });

async function opened(child: ReturnType<typeof spawn>): Promise<z.output<typeof saidSchema>> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the desk has no output');
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('the desk ended before it was open');
  });
  const said = once(createInterface(stdout), 'line', { signal });
  const [line] = (await Promise.race([said, ended])) as [string];
  return saidSchema.parse(JSON.parse(line));
}

/** One start in a process of its own, to the first snapshot and to a window in which the trader can work. */
async function startOnce(name: string, folder: string, browser: Browser | null): Promise<Figures> {
  const begun = performance.now();
  const child = spawn(process.execPath, [SCRIPT, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const { snapshotMs, url } = await opened(child);
    const figures = { [`${name}: first snapshot`]: figure(snapshotMs, 'ms') };
    if (browser === null) return figures;
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    try {
      await new DeskPage(await context.newPage()).open(url);
      return { ...figures, [`${name}: window`]: figure(performance.now() - begun, 'ms') };
    } finally {
      await context.close();
    }
  } finally {
    const ended = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
    child.stdin.end();
    await ended;
  }
}

/** The start of a desk whose journal is long, beside one whose journal is empty. */
export const start: Bench = {
  name: 'start',
  title: 'Start of the desk with 1,000,000 trades in the journal',
  run: async ({ rounds, isQuick, folder, shared }) => {
    const sizes = isQuick ? [100, 300, 1_000] : [10_000, 100_000, 1_000_000];
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    await emptyProfile(empty);
    const folders: { readonly name: string; readonly folder: string }[] = [{ name: 'empty', folder: empty }];
    for (const size of sizes) {
      const copy = join(folder, `${size}`);
      cpSync(await longProfile(shared, size), copy, { recursive: true });
      folders.push({ name: `${size.toLocaleString('en')} trades`, folder: copy });
    }
    const browser = isQuick || !hasBrowser() || !existsSync(BUILT) ? null : await launchBrowser();
    try {
      const sides = folders.map(
        (one): Side =>
          () =>
            startOnce(one.name, one.folder, browser),
      );
      const series = await interleave(sides, { rounds: isQuick ? 1 : 2 * rounds, warmUps: isQuick ? 0 : 1 });
      const grown = (what: string) =>
        grownWith(
          series,
          `growth exponent, ${what}`,
          sizes.map((x) => ({ x, of: `${x.toLocaleString('en')} trades: ${what}` })),
        );
      return {
        series: [...series, grown('first snapshot'), ...(browser === null ? [] : [grown('window')])],
        notes: [
          'From the start of the process, each in one of its own. A window counts as open when the queue stands in it; the browser is up already.',
          'The trades stand in the derived tables; the events of the journal are the same few on all sides, so a start that reads all events of a kind is not put to the test here.',
          ...(browser === null
            ? ['No window was opened: there is no browser, or nothing was built, or this is a smoke run.']
            : []),
        ],
      };
    } finally {
      await browser?.close();
    }
  },
};
