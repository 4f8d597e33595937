import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MonteCarloRequest } from '#shared/contract/backtest-requests.ts';
import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import { CHUNK_PATHS } from '#desk/engine/path-kernel.ts';
import { finished, monteCarloRun, openRoom, policiesRun, reached } from '#test/support/backtest-room.ts';
import { signalJournal } from '#test/support/signal-journal.ts';
import { errorOf } from './stage.ts';

const HALF_KELLY = { kind: 'kelly', multiplier: 0.5 } as const;

let desk: ReturnType<typeof openRoom>;
let journal = '';
beforeAll(() => {
  journal = signalJournal(mkdtempSync(join(tmpdir(), 'kelly-desk-')), { days: 60, ownTrades: 24 });
  desk = openRoom(journal, { onFailure: () => undefined });
});
afterAll(async () => {
  await desk.close();
  rmSync(dirname(journal), { recursive: true, force: true });
});

const request = (changes: Partial<MonteCarloRequest> = {}): MonteCarloRequest => ({
  ...{ kind: 'monte-carlo', source: { from: 'journal' }, bet: { kind: 'as-taken' } },
  ...{ trades: 60, paths: 3 * CHUNK_PATHS + 100, meanBlock: 1, loss: 0.1, gain: 0.1, ruinLevel: 0.5, seed: 5 },
  ...changes,
});
const doneOf = async (asked: Parameters<(typeof desk)['room']['backtest.start']>[0]['request']) => {
  const { jobId } = await desk.room['backtest.start']({ request: asked });
  const job = await finished(desk.told, jobId);
  expect(job).toMatchObject({ state: 'done', error: null });
  return desk.room['backtest.run']({ runId: job.runId ?? '' });
};
const runOf = async (changes: Partial<MonteCarloRequest> = {}) => monteCarloRun(await doneOf(request(changes)));

/** One run for all that only looks at one. */
let shared: MonteCarloRun;
beforeAll(async () => {
  shared = await runOf({ workers: 1, name: '<i>mine</i>' });
});

describe('a simulation of trades beside a desk', () => {
  it('gives the same bits for every number of workers', async () => {
    const two = await runOf({ workers: 2, name: '<i>mine</i>' });
    expect({ ...two, head: null }).toEqual({ ...shared, head: null });
  });

  it('draws own trades whole: parts of one entry that left apart are one', () => {
    const { sample, head, fan } = shared;
    expect(sample).toMatchObject({ label: 'Your own trades', trades: 24 });
    expect(head).toMatchObject({ kind: 'monte-carlo', opportunities: 24, policies: [] });
    expect(head.journal.events).toBe(desk.journal.lastSeq());
    expect(head.journal.headHash).toBe(desk.journal.headHash());
    expect([fan.trade[0], fan.trade.at(-1)]).toEqual([0, 60]);
  });

  it('draws the same trades from a policy walked now as from a stored run that has it', async () => {
    const stored = policiesRun(
      await doneOf({ kind: 'policies', policies: [{ kind: 'fixed-contracts', contracts: 1 }, HALF_KELLY], workers: 1 }),
    );
    const { runId } = stored.head;
    const bet = { kind: 'fraction', fraction: 0.02 } as const;
    const walked = await runOf({ bet, source: { from: 'policy', spec: HALF_KELLY } });
    const drawn = await runOf({ bet, source: { from: 'run', runId, key: 'kelly-0.5' } });
    expect(walked.sample.trades).toBeGreaterThan(20);
    expect(drawn.sample.trades).toBe(walked.sample.trades);
    expect(drawn.fan.p50.at(-1)).toBeCloseTo(walked.fan.p50.at(-1) ?? 0, 9);
    expect(drawn.head.journal).toEqual(stored.head.journal);
  });

  it('ends on demand: what is told after that is the end alone, and nothing of the run is left', async () => {
    const many = request({ paths: 50_000, trades: 4_000, workers: 2 });
    const { jobId } = await desk.room['backtest.start']({ request: many });
    await reached(desk.told, jobId, 0.31);
    const before = readdirSync(join(dirname(journal), 'backtests')).filter((name) => !name.endsWith('.part'));
    const cancelled = desk.room['backtest.cancel']({ jobId });
    const told = desk.told.length;
    expect(await cancelled).toMatchObject({ state: 'cancelled', runId: null });
    const after = desk.told.slice(told).map(({ job }) => job);
    // A message of a chunk that had ended may still be on its way; the threads are gone before the end is told.
    expect(after.at(-1)?.state).toBe('cancelled');
    expect(readdirSync(join(dirname(journal), 'backtests'))).toEqual(before);
  });

  it('refuses more draws than it would ever end, an unknown run, and nothing to draw from', async () => {
    const of = (changes: Partial<MonteCarloRequest>) =>
      errorOf(() => desk.room['backtest.start']({ request: request(changes) }));
    expect(await of({ paths: 50_000, trades: 10_000 })).toMatchObject({
      code: 'invalid-input',
      field: 'request.paths',
    });
    const source = { from: 'run', runId: '0'.repeat(26), key: 'kelly-0.5' } as const;
    expect(await of({ source })).toMatchObject({ code: 'not-found' });
    const first = desk.journal.trades({ order: 'oldest', limit: 1 })[0]?.exitAt;
    const { jobId } = await desk.room['backtest.start']({
      request: request({ ...(first === undefined ? {} : { to: first }) }),
    });
    const failed = await finished(desk.told, jobId);
    expect(failed.state).toBe('failed');
    expect(failed.error).toContain('no closed trade in this range');
  });

  it('exports the fan, every figure, and a page that fetches nothing', async () => {
    const { runId } = shared.head;
    const exported = async (format: 'csv' | 'json' | 'html') =>
      desk.fetch(await desk.room['backtest.export']({ runId, format }));
    const [header, ...rows] = (await exported('csv')).trim().split('\r\n');
    expect(header).toBe('trade,p05,p25,p50,p75,p95');
    expect(rows).toHaveLength(shared.fan.trade.length);
    expect(JSON.parse(await exported('json'))).toEqual(shared);
    const page = await exported('html');
    expect(page).toContain('&lt;i&gt;mine');
    expect(page).not.toMatch(/NaN|undefined|Infinity|<script|<link|<img|url\(|(src|href)=/i);
    expect(page.match(/<polyline/g)).toHaveLength(6);
    expect(JSON.stringify(shared).length).toBeLessThan(64 * 1024);
  });

  it('compares two simulations figure by figure, and not with a backtest', async () => {
    const [one, two] = [shared, await runOf({ seed: 6, loss: 0.2 })];
    const page = { limit: 5, offset: 0 };
    const runIds = [one.head.runId, two.head.runId];
    const { comparison } = await desk.room['backtest.compare']({ runIds, ...page });
    expect(comparison.figures.map((list) => list.map(({ key }) => key))[0]).toEqual(
      comparison.figures[1]?.map(({ key }) => key),
    );
    expect(comparison.figures[1]?.find(({ key }) => key === 'final-p50')?.value).toBe(two.finalWealth.p50);
    expect(two.finalWealth).not.toEqual(one.finalWealth);
    expect(comparison.differences.join(' ')).toMatch(/different seeds.*The loss and the gain differs/);
    const { runs } = await desk.room['backtest.runs']({ kind: 'policies', limit: 1, offset: 0 });
    const mixed = [one.head.runId, runs[0]?.runId ?? ''];
    expect(await errorOf(() => desk.room['backtest.compare']({ runIds: mixed, ...page }))).toMatchObject({
      code: 'invalid-input',
    });
  });
});
