import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { figure, grownWith, interleave } from '#test/bench/harness.ts';
import type { Bench, Figures, Series, Side } from '#test/bench/harness.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'desk-process.ts');
/** What the command line loads first. */
const CACHE = new URL('../../../electron/shells/cli/compile-cache.mjs', import.meta.url).href;
const ROOMS = [
  'HTTP',
  'journal',
  'engine',
  'pipeline',
  'model services',
  'market and broker',
  'garbage collector',
  'waiting',
];

const hotSpotSchema = z.object({ where: z.string(), share: z.number() });
const accountSchema = z.object({
  rooms: z.record(z.string(), z.number()),
  inside: z.array(hotSpotSchema),
  self: z.array(hotSpotSchema),
});
const workSchema = z.object({ ms: z.number(), decisions: z.number(), account: accountSchema.optional() });
const startSchema = z.object({ openedMs: z.number(), snapshotMs: z.number(), readyMs: z.number() });

/** Runs one process of the desk and reads its last line of output. */
async function child(args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, ['--import', CACHE, SCRIPT, ...args], { maxBuffer: 64 * 2 ** 20 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as unknown;
}

/** The first `bars` daily bars of a real index, and the header. */
function prices(folder: string, bars: number): string {
  const source = join(import.meta.dirname, '../../../node_modules/vega-datasets/data/sp500-2000.csv');
  const lines = readFileSync(source, 'utf8').split('\n');
  const path = join(folder, 'prices.csv');
  writeFileSync(path, `${lines.slice(0, bars + 1).join('\n')}\n`);
  return path;
}

const rates = (name: string, { ms, decisions }: z.output<typeof workSchema>, simulatedMs: number): Figures => ({
  [`${name}, time`]: figure(ms / 1000, 's'),
  [`${name}, decisions`]: figure((decisions / ms) * 1000, '/s'),
  [`${name}, decisions made`]: figure(decisions, ''),
  [`${name}, simulated time over real time`]: figure(simulatedMs / ms, ''),
});

/** Shares of one profiled run, and the places of our own where most of the time is spent. */
function shares(name: string, account: z.output<typeof accountSchema>): { series: Series[]; note: string } {
  const series = ROOMS.map((room): Series => ({
    name: `${name}, share of ${room}`,
    unit: '%',
    values: [100 * (account.rooms[room] ?? 0)],
  }));
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const spots = account.inside.filter(({ where }) => !where.startsWith('(anonymous)')).slice(0, 14);
  const text = spots.map(({ where, share }) => `\`${where}\` ${percent(share)}`).join(', ');
  return { series, note: `${name}, functions by the share of time on the stack: ${text}.` };
}

/** Node alone, then the desk on nothing, then the desk on a history: each a process of its own. */
async function startTimes(folder: string, history: string, sessions: number): Promise<Figures> {
  const bare = performance.now();
  await run(
    process.execPath,
    ['--input-type=module', '-e', "import 'better-sqlite3'; import 'zod'; import 'fastify'"],
    {
      cwd: import.meta.dirname,
    },
  );
  const bareMs = performance.now() - bare;
  const [empty, copy] = [join(folder, 'empty'), join(folder, 'copy')];
  for (const path of [empty, copy]) rmSync(path, { recursive: true, force: true });
  cpSync(history, copy, { recursive: true });
  const first = startSchema.parse(await child(['start', empty, String(sessions)]));
  const again = startSchema.parse(await child(['start', copy, String(sessions), 'ready']));
  return {
    'start: Node and the libraries': figure(bareMs, 'ms'),
    'start: first snapshot, empty journal': figure(first.snapshotMs, 'ms'),
    'start: desk open, with history': figure(again.openedMs, 'ms'),
    'start: first snapshot, with history': figure(again.snapshotMs, 'ms'),
    'start: live, with history': figure(again.readyMs, 'ms'),
  };
}

/** The whole desk on virtual time, and its start. */
export const desk: Bench = {
  name: 'desk',
  title: 'The whole desk: warm-up, replay, start',
  run: async ({ rounds, isQuick, folder }) => {
    const [sessions, past, bars] = isQuick ? [2, 2, 60] : [20, 90, 1_000];
    const csv = prices(folder, bars);
    const history = join(folder, 'history');
    await child(['warm-up', history, String(past)]);
    if (!existsSync(join(history, 'profiles/simulation/journal.db'))) throw new Error('no history was made');
    const fewer = isQuick ? [1] : [5, 10];
    let made = 0;
    const fresh = (): string => {
      made += 1;
      return join(folder, `run-${made}`);
    };
    const series = await interleave(
      [
        async () =>
          rates(
            'warm-up',
            workSchema.parse(await child(['warm-up', fresh(), String(sessions)])),
            sessions * 6 * 3_600_000,
          ),
        ...fewer.map((part): Side => async () => {
          const { ms } = workSchema.parse(await child(['warm-up', fresh(), String(part)]));
          return { [`warm-up of ${part} sessions`]: figure(ms / 1000, 's') };
        }),
        async () => rates('replay', workSchema.parse(await child(['replay', fresh(), csv])), bars * 86_400_000),
        () => startTimes(folder, history, past),
      ],
      { rounds, warmUps: 0 },
    );
    const looked = [
      ['warm-up', workSchema.parse(await child(['warm-up', fresh(), String(sessions), 'profile']))] as const,
      ['replay', workSchema.parse(await child(['replay', fresh(), csv, 'profile']))] as const,
    ];
    const accounts = looked.flatMap(([name, { account }]) => (account === undefined ? [] : [shares(name, account)]));
    return {
      series: [
        ...series,
        grownWith(series, 'growth exponent, warm-up', [
          ...fewer.map((x) => ({ x, of: `warm-up of ${x} sessions` })),
          { x: sessions, of: 'warm-up, time' },
        ]),
        ...accounts.flatMap((one) => one.series),
      ],
      notes: [
        `Every figure is of a process of its own. Warm-up plays ${sessions} sessions of six markets, replay ${bars} daily bars of one; the history has ${past} sessions.`,
        'Every process of the desk loads its sources as the command line does, through the cache of what Node made of them before. Times of a start run from the start of the process. The first snapshot of an empty journal comes while its history is being made.',
        'Shares are of one more run under the CPU profiler, charged to the nearest owner on the stack: a library works for whoever called it. HTTP is both ends: the adapter, Node and its streams.',
        ...accounts.map((one) => one.note),
      ],
    };
  },
};
