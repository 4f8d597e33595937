import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monthsSchema, rollingSchema } from '#shared/domain/performance-detail.ts';
import { performanceHistorySchema, type PerformanceHistory } from '#shared/domain/performance-history.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { withDepths } from '#desk/backtest/depths.ts';
import { readTape } from '#desk/backtest/read-tape.ts';
import { bookStatisticsOf, booksOfTape, overridesOfTape } from '#desk/backtest/tape-books.ts';
import { openDesk } from '#desk/desk.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { journalEventSchema } from '#desk/ports/events.ts';
import { monthsOf, rollingOf } from '#desk/records/performance-detail.ts';
import { performanceHistory } from '#desk/records/performance-history.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';
import { tradeJournal } from '#test/support/trade-journals.ts';
import { newStage, readAside } from './stage.ts';

const START = epochMs(Date.UTC(2026, 5, 3, 17, 0, 20));
const ALL = { from: null, to: null };
const KINDS = journalEventSchema.options.map(({ shape }) => shape.kind.value);

const historyOf = (journal: SqliteJournal, maxHeat = 0.2): PerformanceHistory =>
  performanceHistory({
    ...{ journal, ...ALL, initialEquity: moneyFromUsd(100_000), maxContracts: 5, maxHeat },
    ...{ scratchR: 0.05, calendar: 'always' },
  });

describe('the three books of a simulation with a trader who changes things', () => {
  let folder = '';
  let path = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kelly-desk-'));
    const desk = await openDesk({
      ...{ dataFolder: folder, profile: 'simulation', seed: 7, startAt: START, warmUpSessions: 16 },
    });
    await desk.ready();
    await desk.close();
    path = join(folder, 'profiles', 'simulation', 'journal.db');
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are the same live and replayed, point by point, with the same overrides', () => {
    readAside(path, (journal) => {
      const tape = readTape(journal, ALL);
      const books = booksOfTape(tape);
      const live = historyOf(journal, tape.cases.at(-1)?.snapshot.config.maxHeat);
      expect(books.points.length).toBeGreaterThan(20);
      expect(books.points.some((point) => point.actual !== point.model)).toBe(true);
      expect(live.points).toEqual(withDepths(books.points));
      expect(live.verdict.fixedFraction).toBe(books.fixedFraction);
      const replayed = overridesOfTape(tape, 1);
      expect(live.overrides).toMatchObject({ ...replayed });
      expect(bookStatisticsOf(tape, books).map(({ endEquity }) => endEquity)).toEqual(
        live.books.map(({ endEquity }) => endEquity),
      );
    });
  });

  it('are the same again in a journal that its events were played into', () => {
    readAside(path, (journal) => {
      const copy = temporaryJournal();
      copy.append([...journal.events({ kinds: KINDS })].map(({ at, event }) => ({ at: epochMs(at), event })));
      for (const { event } of journal.events({ kinds: ['instrument'] })) {
        const { symbol } = event.instrument;
        for (const [timeframe, limit] of [['1d', 1_000] as const, ['1m', 1] as const])
          copy.appendBars(journal.bars({ symbol, timeframe, limit }));
      }
      expect(historyOf(copy)).toEqual(historyOf(journal));
      expect(monthsOf(copy, { ...ALL, initialEquity: moneyFromUsd(100_000), scratchR: 0.05 })).toEqual(
        monthsOf(journal, { ...ALL, initialEquity: moneyFromUsd(100_000), scratchR: 0.05 }),
      );
    });
  });
});

describe('the books of a desk that holds something', () => {
  it('are marked: the trader’s is worth what the desk says, and a position without a price says so', async () => {
    const stage = await newStage();
    stage.say('NQ', { direction: 1, confidence: 0.75 });
    const r = await stage.proposal('NQ');
    const { contracts } = r.decision;
    // After the minute's close: no bar has closed since.
    await stage.pass(1_000);
    stage.quote('NQ', 80_000);
    await stage.assembly.pipeline.approve({ id: r.id, contracts, reason: null }, 'trader');
    const { journal, initialEquity } = stage;
    const limits = { maxContracts: 5, maxHeat: 0.2, scratchR: 0.05, calendar: 'always' } as const;
    const history = () =>
      performanceHistorySchema.parse(performanceHistory({ journal, ...ALL, initialEquity, ...limits }));
    const bookOf = (id: string) => history().books.find(({ book }) => book === id);
    expect(bookOf('actual')?.openPnl).toEqual({
      value: null,
      reason: expect.stringMatching(/no price yet: NQ/) as string,
    });
    for (const price of [80_300, 79_500]) {
      stage.quote('NQ', price);
      // The next minute closes at that price.
      await stage.propose('NQ');
      const { equity, realised, openPnl } = stage.assembly.book.account();
      const paid = contracts * 23_000;
      expect(realised).toBe(stage.startEquity - paid);
      expect(bookOf('actual')).toMatchObject({ endEquity: equity, openPnl: { value: openPnl - paid, reason: null } });
      const planned = contracts * ((price - (r.entry ?? 0)) * 50_000 - 23_000);
      expect(bookOf('model')?.openPnl).toEqual({ value: planned, reason: null });
    }
    const tape = readTape(journal, ALL);
    const replayed = bookStatisticsOf(tape, booksOfTape(tape)).map(({ endEquity, openPnl }) => ({
      endEquity,
      openPnl,
    }));
    expect(replayed).toEqual(history().books.map(({ endEquity, openPnl }) => ({ endEquity, openPnl })));
  });
});

const FRAME = 64 * 1024;

/** All three answers over a journal, as the contract has them. */
function answersOf(made: Parameters<typeof tradeJournal>[0]) {
  const journal = temporaryJournal();
  journal.append(tradeJournal(made));
  const answers = {
    history: performanceHistorySchema.parse(historyOf(journal)),
    rolling: rollingSchema.parse(rollingOf(journal, { ...ALL, window: 50, scratchR: 0.05 })),
    months: monthsSchema.parse(monthsOf(journal, { ...ALL, initialEquity: moneyFromUsd(100_000), scratchR: 0.05 })),
  };
  for (const answer of Object.values(answers)) {
    const text = JSON.stringify(answer);
    expect(text.length).toBeLessThan(FRAME);
    expect(text).not.toMatch(/NaN|Infinity/);
  }
  return answers;
}

/** Every statistic that is not defined must say why. */
function expectReasons({ history }: ReturnType<typeof answersOf>): void {
  const all = [...history.statistics, history.trades].flatMap((one) => Object.entries(one));
  for (const [name, value] of all) {
    if (typeof value !== 'object') continue;
    if (value.value === null) expect(value.reason, name).toMatch(/\w{3}/);
    else expect(Number.isFinite(value.value), name).toBe(true);
  }
}

describe('a history that is hard to reckon', () => {
  it('is empty in a fresh journal', () => {
    const fresh = answersOf([]);
    expectReasons(fresh);
    expect(fresh.history).toMatchObject({ points: [], from: null, verdict: { standing: null } });
    expect(fresh.history.trades.expectancy).toEqual({ value: null, reason: 'no trades yet' });
    expect(fresh.months).toMatchObject({ months: [], bestDay: null });
  });

  it('has one trade', () => {
    const one = answersOf([{ r: 1.5 }]);
    expectReasons(one);
    expect(one.history.points.at(-1)).toMatchObject({ actual: moneyFromUsd(100_300), model: moneyFromUsd(100_300) });
    expect(one.history.trades).toMatchObject({ trades: 1, winRate: { value: 1 }, payoff: { value: null } });
    expect(one.history.statistics[0]?.sharpe.reason).toBe('one day has no spread');
    expect(one.rolling.now.expectancy.reason).toBe('needs 50 trades, there is 1');
    expect(one.months.bestTrade).toEqual(one.months.worstTrade);
  });

  it('only ever won: no downside, no payoff, no drawdown, each undefined and none 0 or infinite', () => {
    const wins = answersOf(Array.from({ length: 80 }, (_, i) => ({ r: i % 2 === 0 ? 1 : 2 })));
    expectReasons(wins);
    const [actual] = wins.history.statistics;
    expect(actual?.sortino).toEqual({ value: null, reason: 'no day lost' });
    expect(actual?.calmar).toEqual({ value: null, reason: 'equity never fell below a peak' });
    expect(actual?.upi.value).toBeNull();
    expect(wins.history.trades.profitFactor).toEqual({ value: null, reason: 'needs a loss' });
    expect(wins.history.trades.payoff.value).toBeNull();
    expect(wins.history.trades.sqn.value).toBeGreaterThan(0);
    expect(wins.history.verdict.running.drawdownRatio).toBeNull();
  });

  it('does not vary: no spread, so no Sharpe ratio of R or SQN', () => {
    const flat = answersOf(Array.from({ length: 60 }, () => ({ r: 0 })));
    expectReasons(flat);
    const [actual] = flat.history.statistics;
    expect(actual?.sharpe).toEqual({ value: null, reason: 'the days do not differ' });
    expect(actual?.skew.value).toBeNull();
    expect(flat.history.trades).toMatchObject({ scratches: 60, winRate: { value: null }, expectancy: { value: 0 } });
    expect(flat.history.trades.sqn.reason).toBe('needs trades that differ');
    expect(flat.rolling.points.every(({ winRate, sqn }) => winRate === null && sqn === null)).toBe(true);
    expect(flat.history.verdict.running.growth.value).toBe(0);
  });

  it('has five thousand trades over fourteen years', () => {
    const many = answersOf(Array.from({ length: 5_000 }, (_, i) => ({ r: [1.5, -1, -1, 2, 0.025][i % 5] ?? 0 })));
    expectReasons(many);
    expect(many.history.trades).toMatchObject({ trades: 5_000, scratches: 1_000 });
    expect(many.history.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
    expect(many.history.trades.expectancy.value).toBeCloseTo(1.525 / 5, 12);
    expect(many.months.total.trades).toBe(5_000);
    expect(many.months.months.reduce((sum, { trades }) => sum + trades, 0)).toBe(5_000);
    expect(many.history.points.at(-1)?.actual).toBe(moneyFromUsd(100_000 + 1_000 * 1.525 * 200));
    const deepest = Math.max(...many.history.points.map(({ depth }) => depth.actual));
    // Two losses in a row from the highest equity: the worst at the start.
    expect(deepest).toBeCloseTo(400 / 100_300, 6);
  });
});
