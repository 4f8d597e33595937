import { describe, expect, it } from 'vitest';
import { createDailyCloses, FIGURES_KEPT, TABLES_KEPT } from '#desk/account/daily-closes.ts';
import { calibratorOf, createWatchKeeper } from '#desk/account/watch-keeper.ts';
import { CONTRACTS } from '#desk/engine/futures/contract-table.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { createBarKeeper } from '#desk/records/bar-keeper.ts';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { NOON } from '#test/support/journal-events.ts';
import { nasdaq } from '#test/support/snapshots.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';

const MINUTE = 60_000;

describe('the outcomes a calibrator is fitted on', () => {
  it('are all of them, in their order, however often more room was made for them', () => {
    const random = createPrng(5);
    const keeper = createWatchKeeper(temporaryJournal(), 0);
    const all = Array.from({ length: 5_000 }, () => {
      const combined = 0.4 + random.nextDouble() / 3;
      return { combined, y: random.nextDouble() < combined ? (1 as const) : (0 as const) };
    });
    for (const { combined, y } of all) {
      keeper.add({
        ...{ kind: 'outcome', recommendationId: 'R', symbol: nasdaq.symbol, decidedAt: epochMs(NOON), exit: 'timeout' },
        ...{ exitPrice: ticks(1), exitAt: epochMs(NOON), netPerContract: money(y === 1 ? 1 : -1), r: y === 1 ? 1 : -1 },
        ...{ combined, probability: combined, suggested: 1, riskPerContract: money(1) },
      });
    }
    expect(keeper.fitted()).toEqual({ on: 0, of: 5_000, isDue: true });
    expect(keeper.dueFit('desk')).toMatchObject({ fittedOn: 5_000, calibrator: calibratorOf(all) });
    const last = all.slice(-100).map(({ combined, y }) => (combined - y) ** 2);
    const brier = last.reduce((sum, one) => sum + one, 0) / 100;
    expect(keeper.watch({ dayLoss: 0, drawdown: 0 }).brier100).toBeCloseTo(brier, 12);
  });
});

describe('the correlations of many markets', () => {
  it('are held for the sets used last, and come out the same when they are made again', () => {
    const roots = ['NQ', 'ES', 'GC', 'CL', 'ZN', 'YM', 'SI'];
    const instruments = roots.map((root) => ({ ...nasdaq, root, symbol: `${root}Z26` }));
    const closes = createDailyCloses(temporaryJournal(), instruments);
    const sets = Array.from({ length: 2 ** roots.length - 1 }, (_, n) =>
      roots.filter((_root, i) => ((n + 1) & (1 << i)) !== 0),
    );
    expect(sets.length).toBeGreaterThan(TABLES_KEPT + 1);
    const [first, second, ...others] = sets.map((set) => () => closes.correlations(set));
    if (first === undefined || second === undefined) throw new Error('there are sets');
    const [one, two] = [first(), second()];
    for (const other of others.slice(0, TABLES_KEPT - 2)) other();
    expect(first()).toBe(one);
    others[TABLES_KEPT - 2]?.();
    expect(first()).toBe(one);
    expect(second()).not.toBe(two);
    expect(second()).toEqual(two);
  });

  it('are fewer the larger they are: what counts is how many figures are held', () => {
    const roots = CONTRACTS.map(({ root }) => root);
    const instruments = roots.map((root) => ({ ...nasdaq, root, symbol: `${root}Z26` }));
    const closes = createDailyCloses(temporaryJournal(), instruments);
    const without = roots.map((root) => roots.filter((one) => one !== root));
    const fit = Math.floor(FIGURES_KEPT / (roots.length - 1) ** 2);
    expect(fit).toBeLessThan(roots.length - 1);
    const asked = without.slice(0, fit + 1).map((set) => closes.correlations(set));
    expect(closes.correlations(without[1] ?? [])).toBe(asked[1]);
    expect(closes.correlations(without[0] ?? [])).not.toBe(asked[0]);
  });
});

describe('the bars of a market', () => {
  it('are the newest a forecast is asked with, and those given away stay what they were', () => {
    const journal = temporaryJournal();
    const keeper = createBarKeeper(journal, createDailyCloses(journal, [nasdaq]), '1m');
    keeper.setStored('never');
    const barAt = (n: number): Bar => ({
      ...{ symbol: nasdaq.symbol, timeframe: '1m', volume: 1 },
      ...{ openAt: epochMs(NOON + n * MINUTE), closeAt: epochMs(NOON + (n + 1) * MINUTE) },
      ...{ open: ticks(n), high: ticks(n), low: ticks(n), close: ticks(n) },
    });
    for (let n = 0; n < 1_000; n += 1) expect(keeper.take(barAt(n))).toBe(true);
    const given = keeper.history(nasdaq.symbol) ?? [];
    expect([given.length, given[0]?.close, given.at(-1)?.close]).toEqual([460, 540, 999]);
    keeper.take(barAt(1_000));
    expect(given.at(-1)?.close).toBe(999);
    expect(keeper.history(nasdaq.symbol)?.[0]?.close).toBe(541);
  });
});
