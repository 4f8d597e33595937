import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runReplay, verifyJournal, type ReplayOptions, type ReplaySummary } from '#desk/desk.ts';
import type { JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import { journalEventSchema } from '#desk/ports/events.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { limitFaults } from './limits.ts';
import { errorOf, readAside } from './stage.ts';

const SOURCE = 'node_modules/vega-datasets/data/sp500-2000.csv';
const [HEADER = '', ...ROWS] = readFileSync(SOURCE, 'utf8').trim().split('\n');
const ALL = journalEventSchema.options.map((option) => option.shape.kind.value);

function csv(folder: string, rows: readonly string[], name = 'prices.csv', header = HEADER): string {
  const path = join(folder, name);
  writeFileSync(path, [header, ...rows].join('\n') + '\n');
  return path;
}

const replay = (folder: string, options: Partial<ReplayOptions> = {}): Promise<ReplaySummary> =>
  runReplay({
    ...{ prices: join(folder, 'prices.csv'), symbol: 'MES', from: null, to: null, lookBackDays: 365, seed: 7 },
    ...{ journal: join(folder, 'journal.db'), autoApprove: true },
    ...options,
  });

const hashesOf = (path: string): readonly string[] =>
  readAside(path, (aside) => [...aside.events({ kinds: ALL })].map((e) => `${e.seq} ${e.hash}`));
const decisionsUntil = (path: string, now: number): readonly StoredEvent<JournalEventOf<'decision'>>[] =>
  readAside(path, (aside) =>
    [...aside.events({ kinds: ['decision'] })].filter(({ event }) => event.snapshot.now <= now),
  );

const folders: string[] = [];
/** A folder that outlives one test: the suite removes it. */
function suiteFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('a replay of recorded bars', () => {
  const slice = ROWS.slice(1_500, 2_300);
  let folder = '';
  let summary: ReplaySummary;
  let journal = '';
  beforeAll(async () => {
    folder = suiteFolder();
    csv(folder, slice);
    journal = join(folder, 'journal.db');
    summary = await replay(folder);
  });

  it('plays every bar and finds a journal that verifies, every decision recomputed', () => {
    const report = verifyJournal(journal);
    expect(report).toMatchObject({ isSound: true, findings: [] });
    expect(summary).toMatchObject({ bars: 800, rejectedRows: 0, isCancelled: false });
    expect(report.decisions).toBe(summary.signals);
    expect(summary.vetoed + summary.sizedToZero + summary.evaluated + summary.sized).toBe(summary.signals);
    expect(report.trades).toBe(summary.trades);
    expect(summary.trades).toBeGreaterThan(5);
  });

  it('ends with the equity its own fills add up to', () => {
    const { net, open } = readAside(journal, (aside) => ({ net: aside.netOfTrades(), open: aside.openLots() }));
    if (open.length === 0) expect(summary.endEquity).toBe(1_000_000_000 + net);
    else expect(Number.isSafeInteger(summary.endEquity)).toBe(true);
  });

  it('is the same, event by event, for the same file, options and seed', async () => {
    const again = join(folder, 'again.db');
    const second = await replay(folder, { journal: again });
    expect(second).toEqual(summary);
    expect(hashesOf(again)).toEqual(hashesOf(journal));
  });

  it('decides nothing by what comes later', async () => {
    const cut = 700;
    const changed = slice.map((row, i) => {
      if (i <= cut) return row;
      const [date = '', ...numbers] = row.split(',');
      const [open = 0, high = 0, low = 0, close = 0] = numbers.map(Number);
      const factor = 1 + 0.2 * Math.sin(i);
      return [
        date,
        open * factor,
        Math.max(high, open) * factor * 1.01,
        Math.min(low, open) * factor * 0.97,
        Math.max(low, Math.min(high, close)) * factor,
        close,
        1,
      ].join(',');
    });
    const other = suiteFolder();
    csv(other, changed);
    await replay(other);
    const [day = ''] = (slice[cut] ?? '').split(',');
    const end = Date.parse(`${day}T00:00:00Z`) + 86_400_000;
    const before = decisionsUntil(journal, end);
    const after = decisionsUntil(join(other, 'journal.db'), end);
    expect(before.length).toBeGreaterThan(100);
    expect(after.map((e) => e.event.decision)).toEqual(before.map((e) => e.event.decision));
    // A notice counts the prices that were rounded to ticks, so the chain differs; what was decided must not.
    expect(after.map((e) => e.event)).toEqual(before.map((e) => e.event));
    const last = decisionsUntil(join(other, 'journal.db'), Infinity).at(-1);
    expect(last?.hash).not.toBe(decisionsUntil(journal, Infinity).at(-1)?.hash);
  });

  it('stays within every limit, by the journal alone', () => {
    const found = limitFaults(journal);
    expect(found.faults).toEqual([]);
    expect(found.approvals).toBeGreaterThan(5);
  });

  it('stops when it is told to, and says so', async () => {
    const stop = new AbortController();
    const path = join(folder, 'stopped.db');
    const stopped = await replay(folder, { journal: path, signal: stop.signal, onProgress: () => stop.abort() });
    expect(stopped).toMatchObject({ isCancelled: true });
    expect(stopped.bars).toBeLessThan(800);
    expect(verifyJournal(path).isSound).toBe(true);
  });

  it('sends nothing when nobody approves', async () => {
    const path = join(folder, 'watched.db');
    const watched = await replay(folder, { journal: path, autoApprove: false, to: '2008-06-30' });
    expect(watched).toMatchObject({ trades: 0, endEquity: 1_000_000_000 });
    expect(readAside(path, (aside) => [...aside.events({ kinds: ['intent'] })])).toEqual([]);
  });
});

describe('a replay that cannot be run', () => {
  const rows = ROWS.slice(0, 80);
  const cases: readonly [string, (folder: string) => Partial<ReplayOptions>, { field: string; value: RegExp }][] = [
    ['a file that is not there', (f) => ({ prices: join(f, 'no.csv') }), { field: '--prices', value: /no\.csv/ }],
    [
      'a column that is missing',
      (f) => ({ prices: csv(f, rows, 'c.csv', HEADER.replace('close', 'klose').replace('adjclose', 'x')) }),
      { field: '--prices', value: /c\.csv/ },
    ],
    ['a file without rows', (f) => ({ prices: csv(f, [], 'e.csv') }), { field: '--prices|--from', value: /./ }],
    [
      'a file of garbage',
      (f) => ({ prices: csv(f, ['\u0000\u0001', '"'], 'g.csv', 'PK\u0003\u0004') }),
      { field: '--prices', value: /g\.csv/ },
    ],
    ['a symbol nobody knows', () => ({ symbol: 'NOPE' }), { field: '--symbol', value: /NOPE/ }],
    ['a day that is none', () => ({ from: 'soon' }), { field: '--from', value: /soon/ }],
    ['a day its month does not have', () => ({ to: '2000-02-31' }), { field: '--to', value: /2000-02-31/ }],
    ['a range without bars', () => ({ from: '2031-01-01' }), { field: '--from', value: /2031/ }],
    [
      'a range that ends before it begins',
      () => ({ from: '2000-03-01', to: '2000-02-01' }),
      { field: '--from', value: /2000/ },
    ],
    ['a look-back of no days', () => ({ lookBackDays: 0 }), { field: '--look-back-days', value: /^0$/ }],
    ['a seed that is no number', () => ({ seed: NaN }), { field: '--seed', value: /NaN/ }],
    [
      'a journal inside of what is no folder',
      (f) => ({ journal: join(f, 'prices.csv', 'journal.db') }),
      { field: '--journal', value: /journal\.db/ },
    ],
  ];
  it.each(cases)('names %s, and leaves nothing behind', async (_, options, expected) => {
    const folder = temporaryFolder();
    csv(folder, rows);
    const given = options(folder);
    const before = readdirSync(folder).sort();
    const error = await errorOf(() => replay(folder, given));
    expect(error.code).toBe('invalid-input');
    expect(error).toMatchObject({
      field: expect.stringMatching(expected.field) as string,
      value: expect.stringMatching(expected.value) as string,
    });
    expect(error.message.length).toBeGreaterThan(10);
    expect(error.remedy?.length ?? 0).toBeGreaterThan(5);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it('refuses a journal that exists, and leaves it as it is', async () => {
    const folder = temporaryFolder();
    csv(folder, rows);
    writeFileSync(join(folder, 'journal.db'), 'something of somebody');
    const error = await errorOf(() => replay(folder));
    expect(error).toMatchObject({ code: 'invalid-input', field: '--journal' });
    expect(readFileSync(join(folder, 'journal.db'), 'utf8')).toBe('something of somebody');
  });

  it('leaves broken rows out, counts them and goes on', async () => {
    const folder = temporaryFolder();
    const broken = [...rows];
    broken[20] = '2000-02-01,abc,1,1,1,1,1';
    broken[30] = broken[30]?.replace(/,.*$/, ',-5,-4,-6,-5,-5,0') ?? '';
    csv(folder, broken);
    const summary = await replay(folder);
    expect(summary.bars + summary.rejectedRows).toBe(80);
    expect(summary.rejectedRows).toBe(2);
    expect(existsSync(join(folder, 'journal.db'))).toBe(true);
    expect(verifyJournal(join(folder, 'journal.db')).isSound).toBe(true);
  });
});
