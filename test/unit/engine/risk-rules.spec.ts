import { describe, expect, test } from 'vitest';

import { decide } from '#desk/engine/decide.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { checkRules, firstFailure } from '#desk/engine/risk-rules.ts';
import type { RiskFacts, RiskInput } from '#desk/engine/risk-rules.ts';
import { RISK_RULES } from '#shared/domain/risk.ts';
import type { Latch, RiskLimits, RiskRuleCode, RiskRuleResult } from '#shared/domain/risk.ts';
import { epochMs, moneyFromUsd, ticks } from '#shared/units.ts';
import { exposure, holding, nasdaq, referenceSample, snapshot, SNAPSHOT_NOW } from '#test/support/snapshots.ts';
import type { SnapshotOverrides } from '#test/support/snapshots.ts';

const usd = moneyFromUsd;
const ago = (ms: number) => epochMs(SNAPSHOT_NOW - ms);

const quiet: RiskFacts = {
  stage: 'send',
  brokerState: 'live',
  clockSkewMs: 40,
  lastEntries: [],
  recentIntents: [],
  intentAgeMs: 0,
  consecutiveLosses: 0,
  latches: [],
  rearmed: [],
  dayLoss: 0,
  drawdown: 0,
};

type Changes = {
  readonly snapshot?: SnapshotOverrides;
  readonly facts?: Partial<RiskFacts>;
  readonly limits?: Partial<RiskLimits>;
  readonly contracts?: number;
  readonly limitPrice?: number | null;
};

/** An entry of what was sized, at the ask, on a quiet desk. */
function inputOf(changes: Changes = {}): RiskInput {
  const sized = snapshot(changes.snapshot);
  const decision = decide(sized);
  const { limitPrice = 93_946 } = changes;
  return {
    snapshot: sized,
    decision,
    contracts: changes.contracts ?? decision.contracts,
    limitPrice: limitPrice === null ? null : ticks(limitPrice),
    limits: { ...DEFAULT_RISK_LIMITS, ...changes.limits },
    facts: { ...quiet, ...changes.facts },
  };
}

const rule = (code: RiskRuleCode, changes: Changes = {}): RiskRuleResult =>
  checkRules(inputOf(changes)).find((result) => result.code === code)!;

const latch: Latch = {
  code: 'drawdown',
  effect: 'entries',
  value: 0.21,
  limit: 0.2,
  since: SNAPSHOT_NOW,
  sessionDay: '2026-11-23',
};

describe('an entry that may go', () => {
  test('passes every rule, in their order', () => {
    const results = checkRules(inputOf());
    expect(results.map(({ code }) => code)).toEqual(RISK_RULES);
    expect(firstFailure(results)).toBeNull();
    expect(results.filter(({ state }) => state === 'skipped').map(({ code }) => code)).toEqual(['cluster']);
  });

  test('has nothing to say of price, double click and age before it is proposed', () => {
    const results = checkRules(inputOf({ limitPrice: null, facts: { stage: 'recommended', intentAgeMs: null } }));
    const skipped = results.filter(({ state }) => state === 'skipped').map(({ code }) => code);
    expect(skipped).toEqual(['price-collar', 'cluster', 'duplicate', 'intent-age']);
  });
});

/** One way to fail each rule, with what it compares. */
const FAILURES: Readonly<Record<RiskRuleCode, readonly [Changes, Partial<RiskRuleResult>]>> = {
  'trading-state': [{ snapshot: { tradingState: 'reducing' } }, { subject: 'reducing' }],
  breaker: [{ facts: { latches: [latch] } }, { value: 0.21, limit: 0.2, unit: 'fraction', subject: 'drawdown' }],
  'broker-live': [{ facts: { brokerState: 'degraded' } }, { subject: 'degraded' }],
  'clock-skew': [{ facts: { clockSkewMs: -1_001 } }, { value: 1_001, limit: 1_000, unit: 'ms' }],
  'instrument-lock': [{ snapshot: { lock: 'position not reconciled' } }, { subject: 'position not reconciled' }],
  session: [
    { snapshot: { instrument: { calendar: 'cme' }, now: epochMs(Date.UTC(2026, 10, 22, 12)) } },
    { subject: 'CME' },
  ],
  'roll-guard': [{ snapshot: { instrument: { lastTradeDate: '2026-11-25' } } }, { value: 2, limit: 3 }],
  'quote-age': [
    { snapshot: { quote: { ...snapshot().quote!, asOf: ago(10_001) } } },
    { value: 10_001, limit: 10_000, unit: 'ms' },
  ],
  'price-collar': [{ limitPrice: 93_945 + 21 }, { value: 21, limit: 20, unit: 'ticks' }],
  'max-contracts': [{ contracts: 6 }, { value: 6, limit: 5, unit: 'contracts' }],
  'risk-per-trade': [
    { contracts: 13, snapshot: { config: { maxContracts: 30 } } },
    { limit: 0.05, unit: 'fraction' },
  ],
  heat: [{ contracts: 49, snapshot: { config: { maxContracts: 60, maxRiskPerTrade: 0.25 } } }, { limit: 0.2 }],
  cluster: [{ contracts: 3, snapshot: { exposures: [exposure({ risk: usd(14_200) })] } }, { limit: 0.15 }],
  'buying-power': [{ contracts: 12, snapshot: { config: { maxContracts: 30 } } }, { limit: 0.5 }],
  'day-loss': [{ facts: { dayLoss: 0.03 } }, { value: 0.03, limit: 0.03 }],
  drawdown: [{ facts: { drawdown: 0.2 } }, { value: 0.2, limit: 0.2 }],
  'consecutive-losses': [{ facts: { consecutiveLosses: 5 } }, { value: 5, limit: 5, unit: 'count' }],
  'orders-per-minute': [
    { facts: { lastEntries: [ago(59_999), ago(1)] }, limits: { maxOrdersPerMinute: 2 } },
    { value: 3, limit: 2 },
  ],
  duplicate: [
    { facts: { recentIntents: [{ symbol: nasdaq.symbol, direction: 1, contracts: 5, at: ago(1_999) }] } },
    { value: 1_999, limit: 2_000 },
  ],
  'intent-age': [{ facts: { intentAgeMs: 3_001 } }, { value: 3_001, limit: 3_000 }],
};

describe('every rule', () => {
  test.each(RISK_RULES.map((code) => ({ code })))('$code denies with its value and limit', ({ code }) => {
    const [changes, expected] = FAILURES[code];
    expect(rule(code, changes)).toMatchObject({ code, state: 'fail', ...expected });
    expect(firstFailure(checkRules(inputOf(changes)))).not.toBeNull();
  });
});

describe('at the edge', () => {
  test('what is as large as its limit passes', () => {
    expect(rule('quote-age', { snapshot: { quote: { ...snapshot().quote!, asOf: ago(10_000) } } }).state).toBe('pass');
    expect(rule('price-collar', { limitPrice: 93_965 }).state).toBe('pass');
    expect(rule('intent-age', { facts: { intentAgeMs: 3_000 } }).state).toBe('pass');
    expect(rule('max-contracts', { contracts: 5 })).toMatchObject({ state: 'pass', value: 5, limit: 5 });
    const like = { symbol: nasdaq.symbol, direction: 1, contracts: 5, at: ago(2_000) } as const;
    expect(rule('duplicate', { facts: { recentIntents: [like] } }).state).toBe('pass');
    expect(
      rule('orders-per-minute', { facts: { lastEntries: [ago(60_000)] }, limits: { maxOrdersPerMinute: 1 } }).state,
    ).toBe('pass');
  });

  test('breakers are reached at their limit, within rounding', () => {
    expect(rule('day-loss', { facts: { dayLoss: 0.1 + 0.2 - 0.27 } }).state).toBe('fail');
    expect(rule('day-loss', { facts: { dayLoss: 0.0299 } }).state).toBe('pass');
    expect(rule('day-loss', { facts: { dayLoss: Number.NaN } }).state).toBe('fail');
  });

  test('the older of two age limits on a quote does not loosen the other', () => {
    const old = { snapshot: { quote: { ...snapshot().quote!, asOf: ago(9_000) } } };
    expect(rule('quote-age', { ...old, limits: { maxOrderQuoteAgeMs: 8_000 } })).toMatchObject({
      state: 'fail',
      limit: 8_000,
    });
    expect(rule('quote-age', old).state).toBe('pass');
  });

  test('a limit on the cheap side has no collar; a sell is held against the other side', () => {
    expect(rule('price-collar', { limitPrice: 1 })).toMatchObject({ state: 'pass', value: 1 - 93_945 });
    const { lstm, ensemble } = snapshot().opinions;
    const opinions = { lstm: { ...lstm!, direction: -1 as const }, ensemble: { ...ensemble!, direction: -1 as const } };
    expect(rule('price-collar', { snapshot: { opinions }, limitPrice: 93_945 - 21 })).toMatchObject({ state: 'fail' });
    expect(rule('price-collar', { snapshot: { opinions }, limitPrice: 93_945 + 500 })).toMatchObject({ state: 'pass' });
  });

  test('another quantity, side or contract is no double click', () => {
    const like = { symbol: nasdaq.symbol, direction: 1, contracts: 5, at: ago(10) } as const;
    const others = [
      { ...like, contracts: 4 },
      { ...like, direction: -1 as const },
      { ...like, symbol: 'ESZ26-CME' },
    ];
    expect(rule('duplicate', { facts: { recentIntents: others } })).toMatchObject({ state: 'pass', value: null });
  });

  test('a clock is off by as much as it may be, either way, or nobody knows', () => {
    for (const clockSkewMs of [1_000, -1_000])
      expect(rule('clock-skew', { facts: { clockSkewMs } }).state).toBe('pass');
    expect(rule('clock-skew', { facts: { clockSkewMs: null } })).toMatchObject({ state: 'skipped', value: null });
  });

  test('what is dated a little ahead of the clock is of now, never younger', () => {
    const ahead = { snapshot: { quote: { ...snapshot().quote!, asOf: ago(-2_000) } } };
    expect(rule('quote-age', ahead)).toMatchObject({ state: 'pass', value: 0 });
    expect(rule('intent-age', { facts: { intentAgeMs: -2_000 } })).toMatchObject({ state: 'pass', value: 0 });
    const like = { symbol: nasdaq.symbol, direction: 1, contracts: 5, at: ago(-50) } as const;
    expect(rule('duplicate', { facts: { recentIntents: [like] } })).toMatchObject({ state: 'fail', value: 0 });
  });

  test('a clock that was set back is not an age', () => {
    expect(rule('intent-age', { facts: { intentAgeMs: -60_000 } }).state).toBe('fail');
    expect(rule('quote-age', { snapshot: { quote: { ...snapshot().quote!, asOf: ago(-60_000) } } }).state).toBe('fail');
    expect(
      rule('orders-per-minute', { facts: { lastEntries: [ago(-1000)] }, limits: { maxOrdersPerMinute: 1 } }).state,
    ).toBe('fail');
  });
});

describe('a reading accepted by arming its breaker again', () => {
  test('passes up to that reading and fails beyond it', () => {
    const rearmed = [{ code: 'day-loss' as const, value: 0.035 }];
    expect(rule('day-loss', { facts: { dayLoss: 0.035, rearmed } }).state).toBe('pass');
    expect(rule('day-loss', { facts: { dayLoss: 0.0351, rearmed } }).state).toBe('fail');
    expect(rule('drawdown', { facts: { drawdown: 0.2, rearmed } }).state).toBe('fail');
  });
});

describe('sizes', () => {
  test('a decision that sized nothing lets nothing out', () => {
    const results = checkRules(inputOf({ snapshot: { quote: null }, contracts: 1 }));
    for (const code of ['max-contracts', 'risk-per-trade', 'heat', 'buying-power'] as const) {
      expect(results.find((result) => result.code === code)).toMatchObject({ state: 'fail', value: 1, limit: 0 });
    }
  });

  test('a trader may go above Kelly, not above a limit', () => {
    const few = { snapshot: { equity: usd(50_000), config: { maxContracts: 30 } } };
    expect(inputOf(few).decision.contracts).toBe(4);
    expect(firstFailure(checkRules(inputOf({ ...few, contracts: 5 })))).toBeNull();
    expect(firstFailure(checkRules(inputOf({ ...few, contracts: 7 })))).toMatchObject({ code: 'risk-per-trade' });
  });

  test('without enough own trades the evaluation size is the limit', () => {
    const samples = [{ ...referenceSample, wins: 8, losses: 4, sumWinR: 11.6, sumLossR: 4 }];
    const early = { snapshot: { samples } };
    expect(rule('max-contracts', { ...early, contracts: 1 })).toMatchObject({ state: 'pass', value: 1, limit: 1 });
    expect(rule('max-contracts', { ...early, contracts: 2 })).toMatchObject({ state: 'fail', value: 2, limit: 1 });
  });

  test('what is held counts', () => {
    const input = inputOf();
    const held = holding(input.snapshot, { contracts: 2, risk: usd(829.2) });
    const at = (contracts: number) =>
      firstFailure(checkRules({ ...input, snapshot: held, decision: decide(held), contracts }));
    expect(at(3)).toBeNull();
    expect(at(4)).toMatchObject({ code: 'max-contracts', value: 6, limit: 5 });
  });

  test('a number that is no count of contracts fails', () => {
    for (const contracts of [0, -1, 1.5, Number.NaN]) {
      expect(rule('max-contracts', { contracts }).state, String(contracts)).toBe('fail');
    }
  });
});
