import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '#shared/contract/client.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import type { PoliciesRequest } from '#shared/contract/backtest-requests.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { DEFAULT_POLICIES, isLivePolicy } from '#desk/backtest/catalogue.ts';
import { readTape } from '#desk/backtest/read-tape.ts';
import { runPolicy } from '#desk/backtest/policy-run.ts';
import { replayPolicy } from '#desk/backtest/replay.ts';
import { createSampleWindows, samplesOf } from '#desk/backtest/sample-windows.ts';
import { ruleOf } from '#desk/backtest/sizing-rules.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import { openDesk, runReplay } from '#desk/desk.ts';
import type { Door } from '#desk/serve.ts';
import { finished, openRoom, policiesRun, reached } from '#test/support/backtest-room.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import { webSocketWire } from '#test/support/wires.ts';
import { errorOf, readAside } from './stage.ts';

const LIVE: PolicySpec = { kind: 'recommended', multiplier: null, evidenceTrades: null, lookBackDays: null };
const SOURCE = 'node_modules/vega-datasets/data/sp500-2000.csv';

const TASKS = '/proc/self/task';
const isLinux = existsSync(TASKS);
/** Threads of workers, and of workers of workers, in this process; by the names Node gives them. */
const workerThreads = (): number =>
  isLinux
    ? readdirSync(TASKS).filter((id) => readFileSync(join(TASKS, id, 'comm'), 'utf8').startsWith('WorkerThread')).length
    : NaN;

const folders: string[] = [];
function suiteFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const tapeOf = (path: string, to: number | null = null): Tape =>
  readAside(path, (aside) => readTape(aside, { from: null, to }));
const liveWalk = (tape: Tape) => replayPolicy(tape, { rule: (sources) => ruleOf(LIVE, sources), isLive: true });

async function replayed(folder: string, from: number, to: number): Promise<string> {
  const [header = '', ...rows] = readFileSync(SOURCE, 'utf8').trim().split('\n');
  const prices = join(folder, 'prices.csv');
  writeFileSync(prices, [header, ...rows.slice(from, to)].join('\n') + '\n');
  const journal = join(folder, 'journal.db');
  await runReplay({
    ...{ prices, symbol: 'MES', from: null, to: null, journal, lookBackDays: 365, seed: 7, autoApprove: true },
  });
  return journal;
}

/** One replay for all that is asked of one here: it takes a while to make. */
let journal = '';
beforeAll(async () => {
  journal = await replayed(suiteFolder(), 2_500, 3_200);
});

describe('the backtest of a daily replay, in which nothing was overridden', () => {
  let tape: Tape;
  beforeAll(() => {
    tape = tapeOf(journal);
  });

  it('reproduces the journal’s own equity under the policy that was live, to the cent', () => {
    const walk = liveWalk(tape);
    const net = readAside(journal, (aside) => aside.netOfTrades());
    expect(tape.cases.filter(({ executed }) => executed > 0).length).toBeGreaterThan(20);
    expect(walk.leftAt).toBeNull();
    expect(walk.finalEquity).toBe(1_000_000_000 + net);
    expect(tape.journalEquity).toBe(1_000_000_000 + net);
    expect([...walk.contracts]).toEqual(tape.cases.map(({ executed }) => executed));
  });

  it('counts the same trades, to the last bit, as the desk did at each decision', () => {
    const windows = createSampleWindows(tape);
    for (const item of tape.cases) {
      const { lookBackDays, scratchR } = item.snapshot.config.sample;
      const counted = samplesOf(windows.of(item, lookBackDays, scratchR), item.at, lookBackDays);
      expect(counted).toEqual(item.snapshot.samples);
    }
  });

  it('starts a range from what the account had realised by then', () => {
    const middle = tape.cases[Math.floor(tape.cases.length / 2)]?.at ?? 0;
    const late = readAside(journal, (aside) => readTape(aside, { from: middle, to: null }));
    const before = tape.cases
      .flatMap(({ outcome }) => (outcome.source === 'executed' ? outcome.legs : []))
      .filter(({ exitAt }) => exitAt < middle)
      .reduce((sum, { net }) => sum + net, 0);
    expect(late.initialEquity).toBe(1_000_000_000 + before);
    expect(late.journalEquity).toBe(tape.journalEquity);
    expect(late.cases.every(({ at }) => at >= middle)).toBe(true);
  });
});

describe('the backtest of a simulation with a trader who changes things', () => {
  let simulated = '';
  beforeAll(async () => {
    const folder = suiteFolder();
    const startAt = epochMs(Date.UTC(2026, 5, 3, 17, 0, 20));
    const desk = await openDesk({ dataFolder: folder, profile: 'simulation', seed: 7, startAt, warmUpSessions: 16 });
    await desk.ready();
    await desk.close();
    simulated = join(folder, 'profiles', 'simulation', 'journal.db');
  }, 60_000);

  const firstChange = (tape: Tape): number =>
    tape.cases.find(({ isProposal, suggested, executed }) => isProposal && suggested !== executed)?.at ?? Infinity;

  it('reproduces the journal’s own equity to the cent up to the first change', () => {
    const whole = tapeOf(simulated);
    const until = tapeOf(simulated, firstChange(whole));
    const walk = liveWalk(until);
    expect(until.cases.filter(({ outcome }) => outcome.source === 'executed').length).toBeGreaterThan(5);
    expect(walk.leftAt).toBeNull();
    expect(walk.finalEquity).toBe(until.journalEquity);
  });

  it('leaves the trader’s account at the first decision after a change, and goes on with its own', () => {
    const tape = tapeOf(simulated);
    const walk = liveWalk(tape);
    expect(walk.leftAt).toBeGreaterThan(firstChange(tape));
    tape.cases.forEach((item, i) => {
      if (item.at <= firstChange(tape)) expect(walk.contracts[i]).toBe(item.suggested);
    });
    const own = tape.cases.reduce((sum, _, i) => sum + (Number.isNaN(walk.net[i]) ? 0 : (walk.net[i] ?? 0)), 0);
    expect(walk.finalEquity).toBe(tape.initialEquity + own);
  });
});

describe('backtests beside a desk', () => {
  let desk: ReturnType<typeof openRoom>;
  beforeAll(() => {
    desk = openRoom(journal);
  });
  afterAll(() => desk.close());

  const request = (changes: Partial<PoliciesRequest> = {}): PoliciesRequest => ({
    kind: 'policies',
    policies: [LIVE, { kind: 'kelly', multiplier: 0.5 }, { kind: 'fixed-fractional', fraction: 0.01 }],
    workers: 1,
    seed: 5,
    ...changes,
  });
  const runOf = async (asked: PoliciesRequest) => {
    const job = await desk.room['backtest.start']({ request: asked });
    const done = await finished(desk.told, job.jobId);
    expect(done).toMatchObject({ state: 'done', error: null });
    return policiesRun(await desk.room['backtest.run']({ runId: done.runId ?? '' }));
  };

  it('gives the same result for every number of workers, and again', async () => {
    const [one, two, again] = [await runOf(request()), await runOf(request({ workers: 3 })), await runOf(request())];
    const resultOf = (run: typeof one) => ({ ...run, head: null });
    expect(resultOf(two)).toEqual(resultOf(one));
    expect(resultOf(again)).toEqual(resultOf(one));
    const [first, second] = [one, two].map(({ head }) => head.runId);
    for (const key of one.policies.map((policy) => policy.key)) {
      const page = { key, limit: 100, offset: 0 };
      const decisions = (runId = '') => desk.room['backtest.decisions']({ runId, ...page });
      expect(await decisions(second)).toEqual(await decisions(first));
    }
  });

  it('says how long it took by the machine’s own count, whatever the desk’s clock shows', async () => {
    const before = performance.now();
    const { durationMs } = (await runOf(request())).head;
    expect(durationMs).toBeGreaterThan(0);
    expect(durationMs).toBeLessThanOrEqual(performance.now() - before);
  });

  it('tells how far it is, and ends at the whole', async () => {
    const job = await desk.room['backtest.start']({ request: request() });
    await finished(desk.told, job.jobId);
    const shares = desk.told
      .filter((one) => one.job.jobId === job.jobId)
      .map(({ job: { done, total } }) => done / total);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    expect(shares.length).toBeGreaterThan(3);
  });

  it('runs all thirteen policies, each on its own account, and keeps them', async () => {
    const run = await runOf(request({ policies: [...DEFAULT_POLICIES], workers: 2 }));
    expect(run.policies).toHaveLength(13);
    expect(new Set(run.policies.map(({ key }) => key)).size).toBe(13);
    const live = run.policies.find(({ spec }) => isLivePolicy(spec));
    expect(live?.finalEquity).toBe(run.reproduction.journalEquity);
    for (const policy of run.policies) {
      const { total, ...series } = await desk.room['backtest.series']({
        runId: run.head.runId,
        key: policy.key,
        points: 50,
      });
      expect(series.at.length).toBeLessThanOrEqual(50);
      expect(total).toBeGreaterThan(300);
      expect(series.equity.at(-1)).toBe(policy.finalEquity + policy.openPnl);
      expect(Math.max(...series.drawdown)).toBeCloseTo(policy.statistics.maxDrawdown, 9);
    }
    expect(JSON.stringify(run).length).toBeLessThan(64 * 1024);
  });

  it('compares runs, names what differs, and deletes them', async () => {
    const [one, two] = [await runOf(request()), await runOf(request({ seed: 6, policies: [LIVE] }))];
    const runIds = [one.head.runId, two.head.runId];
    const { total, comparison } = await desk.room['backtest.compare']({ runIds, limit: 5, offset: 0 });
    expect(total).toBe(3);
    expect(comparison.rows[0]?.results.map((result) => result?.finalEquity)).toEqual([
      one.policies[0]?.finalEquity,
      one.policies[0]?.finalEquity,
    ]);
    expect(comparison.rows[1]?.results[1]).toBeNull();
    expect(comparison.differences).toHaveLength(2);
    await desk.room['backtest.delete']({ runId: two.head.runId });
    expect(await errorOf(() => desk.room['backtest.run']({ runId: two.head.runId }))).toMatchObject({
      code: 'not-found',
    });
    expect(readdirSync(join(dirname(journal), 'backtests'))).not.toContain(two.head.runId);
  });

  it('ends on demand, and leaves neither its threads nor anything of the run', async () => {
    const policies = Array.from({ length: 16 }, (_, i): PolicySpec => ({ kind: 'kelly', multiplier: (i + 1) / 20 }));
    const job = await desk.room['backtest.start']({ request: request({ policies, workers: 2 }) });
    const waiting = await desk.room['backtest.start']({ request: request() });
    await reached(desk.told, job.jobId, 0.3);
    // The job's own, which works too, and a helper beside it.
    const idle = workerThreads() - 2;
    const before = readdirSync(join(dirname(journal), 'backtests')).filter((name) => !name.endsWith('.part'));
    expect(await desk.room['backtest.cancel']({ jobId: waiting.jobId })).toMatchObject({
      state: 'cancelled',
      runId: null,
    });
    expect(await desk.room['backtest.cancel']({ jobId: job.jobId })).toMatchObject({ state: 'cancelled', runId: null });
    if (isLinux) expect(workerThreads()).toBe(idle);
    expect(readdirSync(join(dirname(journal), 'backtests'))).toEqual(before);
    expect(await desk.room['backtest.cancel']({ jobId: job.jobId })).toMatchObject({ state: 'cancelled' });
  });

  /** Works while the event loop is watched: its longest stop as a share of the whole, and what a client was answered. */
  async function watched(work: () => Promise<unknown>) {
    const shown = createTestDesk();
    const door: Door = { stream: shown.stream, handlers: { ...shown.handlers, ...desk.room } };
    const line = await webSocketWire(door);
    const client = createClient(line.wire);
    const state = { isOver: false, longest: 0, answered: 0 };
    const start = performance.now();
    const loop = (async () => {
      for (let last = start; !state.isOver;) {
        await new Promise((resolve) => void setImmediate(resolve));
        const now = performance.now();
        state.longest = Math.max(state.longest, now - last);
        last = now;
      }
    })();
    const asking = (async () => {
      while (!state.isOver) {
        await client.call('desk.snapshot', {});
        state.answered += 1;
      }
    })();
    await work();
    const total = performance.now() - start;
    state.isOver = true;
    await Promise.all([loop, asking]);
    client.close();
    await line.close();
    shown.close();
    return { share: state.longest / total, answered: state.answered };
  }

  it('leaves the desk its thread: a client is answered all along, and no policy is walked there', async () => {
    const policies = DEFAULT_POLICIES.slice(0, 5);
    const beside = await watched(async () => {
      const job = await desk.room['backtest.start']({ request: request({ policies, workers: 1 }) });
      await finished(desk.told, job.jobId);
    });
    const tape = tapeOf(journal);
    const within = await watched(async () => {
      await new Promise((resolve) => void setImmediate(resolve));
      for (const spec of policies) runPolicy(tape, spec);
    });
    // What the walking itself would do to the thread is seen by the same watch.
    expect(within.share).toBeGreaterThan(0.5);
    expect(beside.share).toBeLessThan(0.25);
    expect(beside.answered).toBeGreaterThan(20);
  });

  it('does not keep the journal from being written, and does not see what is written meanwhile', async () => {
    const events = desk.journal.lastSeq();
    const at: EpochMs = epochMs(Date.now());
    const job = await desk.room['backtest.start']({ request: request() });
    const done = finished(desk.told, job.jobId);
    const ended = { is: false };
    void done.then(() => (ended.is = true));
    let written = 0;
    while (!ended.is) {
      const notice = { kind: 'notice', level: 'info', title: 'written', detail: String(written) } as const;
      desk.journal.append([{ at, event: notice }]);
      written += 1;
      await new Promise((resolve) => void setTimeout(resolve, 5));
    }
    const run = policiesRun(await desk.room['backtest.run']({ runId: (await done).runId ?? '' }));
    expect(written).toBeGreaterThan(1);
    expect(run.head.journal.events).toBeGreaterThanOrEqual(events);
    expect(run.reproduction.policyEquity).toBe(run.reproduction.journalEquity);
  });

  it('refuses a policy twice, a range that ends before it begins, and a run that is not there', async () => {
    const twice = await errorOf(() => desk.room['backtest.start']({ request: request({ policies: [LIVE, LIVE] }) }));
    expect(twice).toMatchObject({ code: 'invalid-input' });
    const backwards = request({ from: epochMs(2), to: epochMs(1) });
    expect(await errorOf(() => desk.room['backtest.start']({ request: backwards }))).toMatchObject({
      code: 'invalid-input',
    });
    for (const runId of ['..', 'x'.repeat(26), '0'.repeat(26)])
      expect(await errorOf(() => desk.room['backtest.run']({ runId }))).toMatchObject({ code: 'not-found' });
  });

  it('exports decisions, figures and a page that fetches nothing', async () => {
    const run = await runOf(request({ name: '<b>"mine" & yours</b>' }));
    const { runId } = run.head;
    const exported = async (format: 'csv' | 'json' | 'html') =>
      desk.fetch(await desk.room['backtest.export']({ runId, format }));
    const [header, ...rows] = (await exported('csv')).trim().split('\r\n');
    expect(header?.split(',').slice(0, 3)).toEqual(['policy', 'recommendation', 'time']);
    expect(rows).toHaveLength(3 * run.head.opportunities);
    const { series, ...figures } = JSON.parse(await exported('json')) as { series: { at: number[] }[] };
    expect(figures).toEqual(run);
    expect(series).toHaveLength(3);
    const page = await exported('html');
    expect(page).toContain('&lt;b&gt;&quot;mine&quot; &amp; yours&lt;/b&gt;');
    expect(page).not.toContain('<b>');
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|(src|href)=/i);
    expect(page).toContain("default-src 'none'");
    expect(page.match(/<polyline/g)).toHaveLength(6);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('finds its runs again after a restart, without what a crash left', async () => {
    const { total } = await desk.room['backtest.runs']({ limit: 20, offset: 0 });
    await desk.close();
    const left = join(dirname(journal), 'backtests', '01KNW3Q1D0C5VZJDNYM1QQGEG9.part');
    writeFileSync(left, '');
    desk = openRoom(journal);
    expect((await desk.room['backtest.runs']({ limit: 20, offset: 0 })).total).toBe(total);
    expect(existsSync(left)).toBe(false);
  });
});
