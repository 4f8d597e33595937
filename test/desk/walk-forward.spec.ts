import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WalkForwardRequest } from '#shared/contract/backtest-requests.ts';
import type { WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { finished, openRoom, walkForwardRun } from '#test/support/backtest-room.ts';
import { signalJournal } from '#test/support/signal-journal.ts';
import { errorOf } from './stage.ts';

const DAYS = 90;
/** With a first choice on half of the days, the second of three folds begins on day 60. */
const SECOND_FOLD = 60;

type Desk = ReturnType<typeof openRoom>;
const desks: { readonly desk: Desk; readonly folder: string }[] = [];
const open = (twistedFrom?: number): Desk => {
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-'));
  const days = { days: DAYS, ownTrades: DAYS, ...(twistedFrom === undefined ? {} : { twistedFrom }) };
  const desk = openRoom(signalJournal(folder, days), { onFailure: () => undefined });
  desks.push({ desk, folder: dirname(desk.journal.path) });
  return desk;
};
afterAll(async () => {
  for (const { desk, folder } of desks) {
    await desk.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

const request = (changes: Partial<WalkForwardRequest> = {}): WalkForwardRequest => ({
  ...{ kind: 'walk-forward', multipliers: [0.1, 0.5, 1], evidenceTrades: [0, 60], lookBackDays: [20, 200] },
  ...{ folds: 3, inSampleShare: 0.5, window: 'anchored', score: 'growth', workers: 1 },
  ...changes,
});
const runOf = async ({ room, told }: Desk, changes: Partial<WalkForwardRequest> = {}): Promise<WalkForwardRun> => {
  const { jobId } = await room['backtest.start']({ request: request(changes) });
  const job = await finished(told, jobId);
  expect(job).toMatchObject({ state: 'done', error: null });
  return walkForwardRun(await room['backtest.run']({ runId: job.runId ?? '' }));
};

describe('a walk-forward of the sizing parameters', () => {
  let desk: Desk;
  let shared: WalkForwardRun;
  beforeAll(async () => {
    desk = open();
    shared = await runOf(desk);
  });

  it('chooses among every combination, fold after fold, and trades each choice on the days after it', () => {
    expect(shared.combinations).toHaveLength(12);
    expect(shared.folds).toHaveLength(3);
    for (const [k, fold] of shared.folds.entries()) {
      const best = Math.max(...fold.inSample.map((score) => score ?? -Infinity));
      expect(fold.inSample[fold.chosen]).toBe(best);
      expect(fold.split).toBe(k === 0 ? fold.split : shared.folds[k - 1]?.to);
      expect(fold.from).toBe(shared.folds[0]?.from);
    }
    const [own, live, hindsight] = shared.books;
    const growth = shared.folds.reduce((wealth, fold) => wealth * (1 + fold.growth), 1) - 1;
    expect(own?.statistics.totalReturn).toBeCloseTo(growth, 12);
    expect(own?.statistics.days).toBe(shared.folds.reduce((sum, fold) => sum + fold.outOfSampleDays, 0));
    expect([live?.key, hindsight?.key]).toEqual(['recommended', 'hindsight']);
    expect(new Set(shared.folds.flatMap(({ inSample }) => inSample)).size).toBeGreaterThan(6);
  });

  it('deflates by the number of combinations tried: never above the bare ratio', () => {
    expect(shared.trials.count).toBe(12);
    const [own, live] = shared.books.map(({ statistics }) => statistics);
    expect(own?.deflatedSharpe.value).toBeLessThan(own?.psr.value ?? 0);
    // The scheme as it was live was not chosen among these.
    expect(live?.deflatedSharpe.value).toBe(live?.psr.value);
  });

  it('gives the same bits for every number of workers', async () => {
    expect({ ...(await runOf(desk, { workers: 2 })), head: null }).toEqual({ ...shared, head: null });
  });

  it('chooses by nothing that is dated after the choice', async () => {
    const twisted = await runOf(open(SECOND_FOLD));
    const known = ({ folds }: WalkForwardRun, k: number) => [folds[k]?.inSample, folds[k]?.chosen];
    expect(known(twisted, 0)).toEqual(known(shared, 0));
    expect(known(twisted, 1)).toEqual(known(shared, 1));
    expect(twisted.folds[0]).toEqual(shared.folds[0]);
    expect(twisted.folds[2]?.inSample).not.toEqual(shared.folds[2]?.inSample);
  });

  it('keeps the accounts as series, and exports scores, figures and a page', async () => {
    const { runId } = shared.head;
    const { at, equity } = await desk.room['backtest.series']({ runId, key: 'walk-forward', points: 100 });
    expect(at[0]).toBe(shared.folds[0]?.split);
    expect(equity.at(-1)).toBeGreaterThan(0);
    const exported = async (format: 'csv' | 'json' | 'html') =>
      desk.fetch(await desk.room['backtest.export']({ runId, format }));
    expect((await exported('csv')).trim().split('\r\n')).toHaveLength(1 + 3 * 12);
    const { series, ...figures } = JSON.parse(await exported('json')) as { series: unknown[] };
    expect(figures).toEqual(shared);
    expect(series).toHaveLength(3);
    const page = await exported('html');
    expect(page).not.toMatch(/NaN|undefined|Infinity|<script|<link|<img|url\(|(src|href)=/i);
    expect(page.match(/<polyline/g)).toHaveLength(6);
    expect(JSON.stringify(shared).length).toBeLessThan(64 * 1024);
  });

  it('refuses one combination, a value twice, and more folds than there are days for', async () => {
    const of = (changes: Partial<WalkForwardRequest>) =>
      errorOf(() => desk.room['backtest.start']({ request: request(changes) }));
    const one = { multipliers: [1], evidenceTrades: [0], lookBackDays: [30] };
    expect(await of(one)).toMatchObject({ code: 'invalid-input' });
    expect(await of({ lookBackDays: [30, 30] })).toMatchObject({ field: 'request.lookBackDays' });
    const { jobId } = await desk.room['backtest.start']({ request: request({ folds: 12 }) });
    const failed = await finished(desk.told, jobId);
    expect([failed.state, failed.error]).toEqual(['failed', expect.stringContaining('too few for 12 folds')]);
  });
});
