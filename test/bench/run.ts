import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import packageJson from '#package.json' with { type: 'json' };
import { append } from './benches/append.ts';
import { approve } from './benches/approve.ts';
import { backup } from './benches/backup.ts';
import { backtest } from './benches/backtest.ts';
import { charts } from './benches/charts.ts';
import { clusters } from './benches/clusters.ts';
import { desk } from './benches/desk.ts';
import { fuzz } from './benches/fuzz.ts';
import { importing } from './benches/import.ts';
import { journalMillion } from './benches/journal-million.ts';
import { monteCarlo } from './benches/monte-carlo.ts';
import { pages } from './benches/pages.ts';
import { paint } from './benches/paint.ts';
import { policies } from './benches/policies.ts';
import { push } from './benches/push.ts';
import { queue } from './benches/queue.ts';
import { samples } from './benches/samples.ts';
import { sizing } from './benches/sizing.ts';
import { soak } from './benches/soak.ts';
import { start as starting } from './benches/start.ts';
import { isNearGate, judge, readBudget } from './budget.ts';
import type { Judged, Promised } from './budget.ts';
import { pooled } from './harness.ts';
import type { Bench } from './harness.ts';
import { describeMachine, isQuiet, loadNow } from './machine.ts';
import { digits, renderResults } from './report.ts';
import type { BenchRun } from './report.ts';

/**
 * `npm run bench [-- names…] [--check] [--quick] [--rounds n] [--out file] [--shared folder]`: runs the benches (all, or
 * those whose name contains one of the words), writes the results, and with --check ends with 1 when a ratio misses its
 * gate. A shared folder keeps the long journals for the next run.
 */
const BENCHES: readonly Bench[] = [
  sizing,
  clusters,
  append,
  samples,
  pages,
  journalMillion,
  importing,
  backup,
  monteCarlo,
  backtest,
  policies,
  fuzz,
  push,
  paint,
  approve,
  queue,
  charts,
  desk,
  soak,
  starting,
];
const RESULTS = join(import.meta.dirname, 'results.md');
const ROUNDS = 3;

const { values: flags, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: String(ROUNDS) },
    out: { type: 'string' },
    shared: { type: 'string' },
  },
});

const budget = readBudget(join(import.meta.dirname, 'budget.json'));
const chosen = BENCHES.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) fail(`no bench has such a name; there are ${BENCHES.map((b) => b.name).join(', ')}`);
const rounds = flags.quick ? 1 : Number(flags.rounds);
if (!Number.isInteger(rounds) || rounds < 1) fail('--rounds is not a whole number above 0');
if (flags.quick && flags.check)
  fail('a smoke run measures nothing that could be checked; leave out --quick or --check');

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

const shared = flags.shared === undefined ? mkdtempSync(join(tmpdir(), 'desk-bench-shared-')) : resolve(flags.shared);
if (flags.shared === undefined) process.once('exit', () => rmSync(shared, { recursive: true, force: true }));

async function once(bench: Bench): Promise<BenchRun> {
  const folder = mkdtempSync(join(tmpdir(), `desk-bench-${bench.name}-`));
  try {
    const outcome = await bench.run({ rounds, isQuick: flags.quick, folder, shared });
    return { name: bench.name, title: bench.title, rounds, isRepeated: false, ...outcome };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const promisesOf = (bench: Bench): readonly Promised[] =>
  budget.promises.filter((promised) => promised.bench === bench.name);

/** One bench, and once more when a ratio of it came near its gate. */
async function measure(bench: Bench): Promise<{ readonly run: BenchRun; readonly judged: readonly Judged[] }> {
  const first = await once(bench);
  const judged = promisesOf(bench).map((promised) => judge(promised, first.series));
  if (flags.quick || !judged.some(isNearGate)) return { run: first, judged };
  const again = await once(bench);
  const run = { ...first, isRepeated: true, series: pooled(first.series, again.series) };
  return { run, judged: promisesOf(bench).map((promised) => judge(promised, run.series)) };
}

const start = performance.now();
const before = loadNow();
const done: { readonly run: BenchRun; readonly judged: readonly Judged[] }[] = [];
for (const bench of chosen) {
  const began = performance.now();
  const measured = await measure(bench);
  done.push(measured);
  console.log(`${bench.name} (${digits((performance.now() - began) / 1000)} s)`);
  for (const { promised, ratio, holds } of measured.judged) {
    const judgement = holds === null ? 'not measured' : holds ? 'holds' : 'MISSES ITS GATE';
    const verdict = flags.quick ? 'a smoke run' : judgement;
    console.log(`  ${promised.id}: ${digits(ratio ?? NaN)} (${promised.is} ${digits(promised.gate)}): ${verdict}`);
  }
}
const page = renderResults({
  date: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
  version: packageJson.version,
  machine: describeMachine(),
  load: { before, after: loadNow(), isQuiet: isQuiet(before) },
  isQuick: flags.quick,
  minutes: (performance.now() - start) / 60_000,
  benches: done.map(({ run }) => run),
  judged: done.flatMap(({ judged }) => judged),
  notMeasured: budget.notMeasured,
});
// Part of the benches, or a smoke run, is not the record.
const isRecord = chosen.length === BENCHES.length && !flags.quick;
const target = flags.out === undefined ? (isRecord ? RESULTS : null) : resolve(flags.out);
if (target === null) console.log(`\n${page}`);
else {
  mkdirSync(dirname(target), { recursive: true });
  const style = await resolveConfig(import.meta.filename);
  writeFileSync(target, await format(page, { ...style, parser: 'markdown' }));
  console.log(`written to ${target}`);
}
const missed = done.flatMap(({ judged }) => judged).filter(({ holds }) => holds === false);
if (flags.check && missed.length > 0) {
  console.error(`these ratios miss their gates: ${missed.map(({ promised }) => promised.id).join(', ')}`);
  process.exit(1);
}
