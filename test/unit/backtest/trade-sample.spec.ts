import { describe, expect, it } from 'vitest';

import { journalSample, outcomesOf, storedSample } from '#desk/backtest/trade-sample.ts';
import type { Trade } from '#shared/domain/order.ts';
import { epochMs, money, ticks } from '#shared/units.ts';

let made = 0;
const trade = (entryAt: number, exitAt: number, net: number, changes: Partial<Trade> = {}): Trade => ({
  ...{ id: `T${(made += 1)}`, account: 'A', symbol: 'NQ', root: 'NQ', direction: 1, quantity: 1, sessionDay: '' },
  ...{ entryAt: epochMs(entryAt), exitAt: epochMs(exitAt), entryPrice: ticks(1), exitPrice: ticks(1) },
  ...{ gross: money(net), fees: money(0), net: money(net), plannedRisk: money(100), r: net / 100 },
  recommendationId: null,
  ...changes,
});

describe('the account’s own trades', () => {
  it('stand on the equity realised before they were entered, not before they left', () => {
    const rows = [trade(0, 10, 50), trade(5, 20, -30), trade(10, 30, 40), trade(21, 40, 1)];
    expect(journalSample(rows, 1_000, { from: null, to: null }).map(({ equity }) => equity)).toEqual([
      1_000, 1_000, 1_000, 1_020,
    ]);
  });

  it('are whole: parts of one entry count once, at the last exit', () => {
    const parts = { recommendationId: 'R1' };
    const rows = [trade(0, 10, 50, parts), trade(2, 12, -10), trade(0, 20, -90, parts)];
    const sample = journalSample(rows, 1_000, { from: null, to: null });
    expect(sample).toEqual([
      { exitAt: 12, net: -10, equity: 1_000, r: -0.1 },
      { exitAt: 20, net: -40, equity: 1_000, r: -0.2 },
    ]);
  });

  it('have no R where a part had no planned risk', () => {
    const parts = { recommendationId: 'R1' };
    const rows = [trade(0, 10, 50, parts), trade(0, 20, -90, { ...parts, plannedRisk: null, r: null })];
    const sample = journalSample(rows, 1_000, { from: null, to: null });
    expect(sample[0]?.r).toBeNull();
    expect(outcomesOf(sample, { kind: 'fraction', fraction: 0.1 }).used).toHaveLength(0);
    expect(outcomesOf(sample, { kind: 'as-taken' }).used).toHaveLength(1);
  });

  it('lie in a range by their exit', () => {
    const rows = [trade(0, 10, 1), trade(0, 20, 2), trade(0, 30, 3)];
    expect(journalSample(rows, 1_000, { from: 20, to: 30 }).map(({ net }) => net)).toEqual([2]);
  });
});

describe('the trades of a stored run', () => {
  const columns = {
    ...{ contracts: [0, 4, 2, 3], filled: [0, 2, 2, 0], equity: [1_000, 1_000, 2_000, 2_000] },
    ...{ riskFraction: [0, 0.04, 0.02, 0.03], net: [null, 10, -20, null], exitAt: [null, 30, 10, null] },
  };

  it('measure R on what filled, in order of the exits', () => {
    expect(storedSample(columns)).toEqual([
      { exitAt: 10, net: -20, equity: 2_000, r: -0.5 },
      { exitAt: 30, net: 10, equity: 1_000, r: 0.5 },
    ]);
  });

  it('count as filled whole where a run of before does not say', () => {
    expect(storedSample({ ...columns, filled: undefined }).map(({ r }) => r)).toEqual([-0.5, 0.25]);
  });
});

describe('outcomes of a stake', () => {
  const sample = [
    { exitAt: 1, net: 50, equity: 1_000, r: 0.5 },
    { exitAt: 2, net: -30, equity: 0, r: -1 },
  ];

  it('are returns as taken, or R times the share at risk', () => {
    expect([...outcomesOf(sample, { kind: 'as-taken' }).outcomes]).toEqual([0.05]);
    expect([...outcomesOf(sample, { kind: 'fraction', fraction: 0.02 }).outcomes]).toEqual([0.01, -0.02]);
    expect(outcomesOf(sample, { kind: 'fixed', fraction: 0.02 }).isCompounded).toBe(false);
  });
});
