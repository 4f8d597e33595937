import { describe, expect, it } from 'vitest';

import { fixedContracts, fixedFractional } from '#desk/backtest/policies.ts';
import { averageRiskFraction, walkForward } from '#desk/backtest/walk-forward.ts';
import type { DecisionContext, Opportunity, SizingPolicy } from '#desk/backtest/walk-forward.ts';
import { money, moneyFromUsd } from '#shared/units.ts';

const opportunity = (id: number, entry: number, exit: number, changes: Partial<Opportunity> = {}): Opportunity => ({
  id,
  symbol: 'MNQ',
  entry,
  exit,
  winProbability: 0.6,
  riskPerContract: moneyFromUsd(100),
  netPerContract: moneyFromUsd(50),
  ...changes,
});

/** Records what it was shown, and takes one contract. */
function witness(): { readonly policy: SizingPolicy; readonly seen: DecisionContext[] } {
  const seen: DecisionContext[] = [];
  const size = (context: DecisionContext) => {
    seen.push(context);
    return { contracts: 1, status: 'OK', fraction: null };
  };
  return { seen, policy: { name: 'witness', size } };
}

const start = { initialEquity: moneyFromUsd(10_000), maxContracts: 10 };

describe('what a decision may see', () => {
  it('is trades that closed strictly before its entry: not at the same moment, not those still open', () => {
    const { policy, seen } = witness();
    walkForward([opportunity(1, 0, 10), opportunity(2, 1, 20), opportunity(3, 10, 30), opportunity(4, 11, 40)], {
      ...start,
      policy,
    });
    expect(seen.map((context) => context.closed.map((trade) => trade.id))).toEqual([[], [], [], [1]]);
    expect(seen.map((context) => context.open.map((position) => position.id))).toEqual([[], [1], [1, 2], [2, 3]]);
    expect(seen.map((context) => context.equity)).toEqual([10_000, 10_000, 10_000, 10_050].map(moneyFromUsd));
  });

  it('does not contain the outcome it decides on', () => {
    const { policy, seen } = witness();
    walkForward([opportunity(1, 0, 10)], { ...start, policy });
    expect(Object.keys(seen[0]!)).not.toContain('exit');
    expect(JSON.stringify(seen[0])).not.toContain('netPerContract');
  });

  it('is the same book for all decisions of one moment, whatever their order', () => {
    const batch = [opportunity(1, 5, 9), opportunity(2, 5, 7, { symbol: 'MES' })];
    const walk = (opportunities: readonly Opportunity[]) =>
      walkForward(opportunities, { ...start, policy: fixedContracts(2) });
    const byId = (result: ReturnType<typeof walk>) => result.decisions.toSorted((a, b) => Number(a.id) - Number(b.id));
    expect(byId(walk(batch))).toEqual(byId(walk(batch.toReversed())));
    expect(walk(batch).finalEquity).toBe(walk(batch.toReversed()).finalEquity);
  });

  it('counts closed trades that the policy itself did not take', () => {
    const { decisions } = walkForward([opportunity(1, 0, 1), opportunity(2, 2, 3)], {
      ...start,
      policy: fixedContracts(0),
    });
    expect(decisions[1]).toMatchObject({ closedTradesUsed: 1, equityAtDecision: start.initialEquity });
  });
});

describe('open profit and loss', () => {
  const trades = [opportunity(1, 0, 10), opportunity(2, 5, 20)];
  const equityWith = (pnl: number, at = 4) => {
    const marks = [
      { id: 1, at: 1, pnlPerContract: money(7) },
      { id: 1, at, pnlPerContract: moneyFromUsd(pnl) },
    ];
    return walkForward(trades, { ...start, policy: fixedContracts(3), marks }).decisions[1]!.equityAtDecision;
  };

  it('counts a loss of the last mark, per contract held', () => {
    expect(equityWith(-40)).toBe(moneyFromUsd(10_000 - 3 * 40));
  });

  it('does not count a profit', () => {
    expect(equityWith(40)).toBe(moneyFromUsd(10_000));
  });

  it('does not know a mark of the same moment or later', () => {
    expect(equityWith(-40, 5)).toBe(moneyFromUsd(10_000));
    expect(equityWith(-40, 6)).toBe(moneyFromUsd(10_000));
  });
});

describe('limits that hold for every policy', () => {
  it('are a maximum and whole contracts, rounded down', () => {
    const { decisions } = walkForward([opportunity(1, 0, 1)], { ...start, maxContracts: 4, policy: fixedContracts(9) });
    expect(decisions[0]).toMatchObject({ contracts: 4, requested: 4 });
    const half = walkForward([opportunity(1, 0, 1)], { ...start, policy: fixedContracts(2.9) });
    expect(half.decisions[0]!.contracts).toBe(2);
    const negative = walkForward([opportunity(1, 0, 1)], { ...start, policy: fixedContracts(-2) });
    expect(negative.decisions[0]!.contracts).toBe(0);
  });

  it('are the margin that open positions leave', () => {
    const margin = { marginPerContract: moneyFromUsd(3000) };
    const trades = [opportunity(1, 0, 10, margin), opportunity(2, 5, 20, margin), opportunity(3, 6, 30, margin)];
    const { decisions } = walkForward(trades, { ...start, policy: fixedContracts(2) });
    expect(decisions.map((decision) => decision.contracts)).toEqual([2, 1, 0]);
  });

  it('are the portfolio limits on the policy own open book, which can only take away', () => {
    const heat: number[] = [];
    const { decisions } = walkForward([opportunity(1, 0, 10), opportunity(2, 5, 20), opportunity(3, 5, 20)], {
      ...start,
      policy: fixedContracts(3),
      limits: (batch) => {
        heat.push(batch[0]!.context.open.reduce((sum, position) => sum + position.contracts, 0));
        return batch.map((_, i) => (i === 0 ? 99 : 1.9));
      },
    });
    expect(heat).toEqual([0, 3]);
    expect(decisions.map((decision) => decision.contracts)).toEqual([3, 3, 1]);
    expect(decisions.map((decision) => decision.requested)).toEqual([3, 3, 3]);
  });
});

describe('ruin', () => {
  const losing = (id: number, entry: number) =>
    opportunity(id, entry, entry + 1, { netPerContract: moneyFromUsd(-4000) });

  it('stops the policy for good and records when', () => {
    const trades = [losing(1, 0), losing(2, 2), losing(3, 4), opportunity(4, 6, 7), opportunity(5, 8, 9)];
    const result = walkForward(trades, { ...start, policy: fixedContracts(1) });
    expect(result.ruinedAt).toBe(6);
    expect(result.decisions.slice(3)).toMatchObject([
      { contracts: 0, status: 'RUINED' },
      { contracts: 0, status: 'RUINED' },
    ]);
    expect(result.finalEquity).toBe(moneyFromUsd(-2000));
  });

  it('comes sooner with a level to keep', () => {
    const trades = [losing(1, 0), losing(2, 2), opportunity(3, 4, 5)];
    const result = walkForward(trades, { ...start, policy: fixedContracts(1), ruinBelow: moneyFromUsd(2500) });
    expect(result.ruinedAt).toBe(4);
  });
});

describe('the result', () => {
  it('compounds on the policy own equity, exactly', () => {
    const trades = [opportunity(1, 0, 1), opportunity(2, 2, 3), opportunity(3, 4, 5, { netPerContract: money(-1) })];
    const result = walkForward(trades, { ...start, policy: fixedFractional(0.05) });
    expect(result.decisions.map((decision) => decision.contracts)).toEqual([5, 5, 5]);
    expect(result.finalEquity).toBe(moneyFromUsd(10_500) - 5);
    expect(result.equity.map((point) => point.at)).toEqual([1, 3, 5]);
    expect(averageRiskFraction(result)).toBeCloseTo((0.05 + 500 / 10_250 + 500 / 10_500) / 3, 14);
  });

  it('settles by exit, whatever the order of entries and of the list', () => {
    const trades = [opportunity(3, 4, 6), opportunity(1, 0, 9), opportunity(2, 1, 5)];
    const result = walkForward(trades, { ...start, policy: fixedContracts(1) });
    expect(result.decisions.map((decision) => decision.id)).toEqual([1, 2, 3]);
    expect(result.equity.map((point) => point.at)).toEqual([5, 6, 9]);
  });

  it('of nothing is the start', () => {
    const result = walkForward([], { ...start, policy: fixedContracts(1) });
    expect(result).toMatchObject({ decisions: [], finalEquity: start.initialEquity, equity: [], ruinedAt: null });
    expect(averageRiskFraction(result)).toBeNull();
  });

  it('does not exist for a trade that ends before it begins or risks nothing', () => {
    const settings = { ...start, policy: fixedContracts(1) };
    expect(() => walkForward([opportunity(1, 5, 4)], settings)).toThrow(RangeError);
    expect(() => walkForward([opportunity(1, NaN, 4)], settings)).toThrow(RangeError);
    expect(() => walkForward([opportunity(1, 0, 4, { riskPerContract: money(0) })], settings)).toThrow(RangeError);
  });
});
