import { describe, expect, it } from 'vitest';

import { contractsForFraction, fixedFractional, kellyPolicy } from '#desk/backtest/policies.ts';
import type { ClosedTrade, DecisionContext } from '#desk/backtest/walk-forward.ts';
import { moneyFromUsd } from '#shared/units.ts';

const trade = (R: number, closedAt = 0): ClosedTrade => ({
  id: closedAt,
  symbol: 'NQ',
  closedAt,
  netPerContract: moneyFromUsd(100 * R),
  R,
});

const context = (changes: Partial<DecisionContext> = {}): DecisionContext => ({
  id: 1,
  symbol: 'NQ',
  at: 100,
  winProbability: 0.68,
  riskPerContract: moneyFromUsd(100),
  marginPerContract: null,
  equity: moneyFromUsd(50_000),
  freeMargin: moneyFromUsd(50_000),
  closed: [],
  open: [],
  ...changes,
});

const settings = {
  limits: { multiplier: 1 / 3, cap: 0.25, minFraction: 0.01 },
  evidenceTrades: 0,
  payoffTrades: 0,
  minimum: { trades: 4, wins: 1, losses: 1 },
  scratchR: 0.05,
  lookBack: null,
  resolvedPredictions: null,
  riskCap: null,
  evaluation: { contracts: 1, maxRisk: null },
};

const history = [1.45, 1.45, 1.45, -1, -1].map((R, i) => trade(R, i * 10));

describe('contracts for a fraction of equity', () => {
  it('survive the rounding of the product', () => {
    expect(
      contractsForFraction(0.29, context({ equity: moneyFromUsd(100_000), riskPerContract: moneyFromUsd(1000) })),
    ).toBe(29);
  });

  it('are 0 without equity or without a fraction', () => {
    expect(contractsForFraction(0.1, context({ equity: moneyFromUsd(-5) }))).toBe(0);
    expect(fixedFractional(0).size(context()).contracts).toBe(0);
  });
});

describe('the Kelly policy', () => {
  it('bets a third of full Kelly on its own payoff ratio', () => {
    const { fraction, status, contracts } = kellyPolicy('third', settings).size(context({ closed: history }));
    expect(status).toBe('OK');
    expect(fraction).toBeCloseTo((0.68 - 0.32 / 1.45) / 3, 14);
    expect(contracts).toBe(Math.floor((fraction! * 50_000) / 100));
  });

  it('drops scratches from the sample', () => {
    const padded = [...history, trade(0.05, 60), trade(-0.02, 70)];
    const policy = kellyPolicy('third', settings);
    expect(policy.size(context({ closed: padded }))).toEqual(policy.size(context({ closed: history })));
    const scratches = [trade(0, 1), trade(0.01, 2), trade(0.02, 3), trade(0.03, 4), trade(-0.01, 5)];
    expect(policy.size(context({ closed: scratches })).status).toBe('EVALUATION');
  });

  it('forgets trades that closed exactly a look-back ago or earlier', () => {
    const policy = kellyPolicy('third', { ...settings, lookBack: 70 });
    expect(policy.size(context({ closed: history })).status).toBe('EVALUATION');
    expect(policy.size(context({ closed: history, at: 69 })).status).toBe('OK');
  });

  it('evaluates with a set number of contracts while the sample is thin, if their risk is allowed', () => {
    const thin = context({ closed: history.slice(0, 3) });
    expect(kellyPolicy('k', settings).size(thin)).toEqual({ contracts: 1, status: 'EVALUATION', fraction: null });
    const strict = kellyPolicy('k', { ...settings, evaluation: { contracts: 1, maxRisk: 0.01 } });
    expect(strict.size(thin).contracts).toBe(1);
    expect(strict.size(context({ equity: moneyFromUsd(9_999) })).contracts).toBe(0);
    expect(kellyPolicy('k', settings).size(context({ equity: moneyFromUsd(0) })).contracts).toBe(0);
  });

  it('shrinks by the thinner of trades and resolved predictions', () => {
    const withEvidence = { ...settings, evidenceTrades: 5 };
    const rich = kellyPolicy('k', withEvidence).size(context({ closed: history })).fraction!;
    const poor = kellyPolicy('k', { ...withEvidence, resolvedPredictions: () => 1 }).size(context({ closed: history }));
    expect(rich).toBeCloseTo(((0.68 - 0.32 / 1.45) / 3) * (5 / 10), 14);
    expect(poor.fraction).toBeCloseTo(((0.68 - 0.32 / 1.45) / 3) * (1 / 6), 14);
  });

  it('keeps its ceiling per trade, and takes nothing without an edge', () => {
    expect(kellyPolicy('k', { ...settings, riskCap: 0.05 }).size(context({ closed: history })).contracts).toBe(25);
    const none = kellyPolicy('k', settings).size(context({ closed: history, winProbability: 0.3 }));
    expect(none).toMatchObject({ contracts: 0, status: 'NO_EDGE', fraction: 0 });
  });

  it('throws on a probability that is none: the journal was validated before', () => {
    expect(() => kellyPolicy('k', settings).size(context({ winProbability: NaN }))).toThrow(RangeError);
  });
});
