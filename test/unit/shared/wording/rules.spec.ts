import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RISK_RULES, riskRuleResultSchema } from '#shared/domain/risk.ts';
import type { RiskRuleResult } from '#shared/domain/risk.ts';
import { ruleName, ruleText } from '#shared/wording/index.ts';

const plain = (text: string): string => text.replaceAll('\u202f', ' ');

const failed = (code: RiskRuleResult['code'], overrides: Partial<RiskRuleResult>): string =>
  plain(ruleText({ code, state: 'fail', unit: 'none', value: null, limit: null, subject: null, ...overrides }));

describe('a rule that denies', () => {
  test.each([
    ['trading-state', { subject: 'reducing' }, 'trading state: only orders that reduce risk are allowed'],
    ['trading-state', { subject: 'halted' }, 'trading state: trading is halted'],
    [
      'breaker',
      { unit: 'fraction', value: 0.0312, limit: 0.03, subject: 'day-loss, drift' },
      'breakers: stopped by daily loss and model drift (3.12 %, limit 3 %) until armed again',
    ],
    ['broker-live', { subject: 'syncing' }, 'broker connection: the broker connection is syncing, not live'],
    [
      'clock-skew',
      { unit: 'ms', value: 2_000, limit: 1_000 },
      "clock: this computer's clock is 2.0 s off the broker's, at most 1.0 s",
    ],
    [
      'quote-age',
      { unit: 'ms', limit: 10_000, subject: 'ahead of the clock' },
      'quote age: the quote is dated ahead of the clock',
    ],
    [
      'intent-age',
      { unit: 'ms', limit: 3_000, subject: 'ahead of the clock' },
      'age of the order: the clock was set back while the order waited',
    ],
    ['instrument-lock', { subject: 'not reconciled' }, 'contract lock: locked, not reconciled'],
    ['session', { subject: 'CME' }, 'session: CME is closed'],
    [
      'roll-guard',
      { unit: 'count', value: 2, limit: 3, subject: '2026-11-25' },
      'roll guard: too near the end of the contract on 2026-11-25: 2 business days left',
    ],
    ['quote-age', { unit: 'ms', subject: 'NQ', limit: 10_000 }, 'quote age: no quote for NQ'],
    ['quote-age', { unit: 'ms', value: 16_200, limit: 10_000 }, 'quote age: the quote is 16 s old, at most 10 s'],
    [
      'quote-age',
      { unit: 'ms', value: 10_001, limit: 10_000 },
      'quote age: the quote is 10,001 ms old, at most 10,000 ms',
    ],
    [
      'price-collar',
      { unit: 'ticks', value: 21, limit: 20 },
      'price collar: the limit is 21 ticks beyond the last price, at most 20',
    ],
    [
      'max-contracts',
      { unit: 'contracts', value: 6, limit: 5, subject: 'NQH27-CME' },
      'max contracts: 6 contracts would be open, at most 5 (NQH27-CME)',
    ],
    [
      'risk-per-trade',
      { unit: 'fraction', value: 0.0520001, limit: 0.05 },
      'risk per trade: the trade would risk 5.20 % of equity, at most 5 %',
    ],
    ['heat', { unit: 'fraction', value: 0.2000001, limit: 0.2 }, 'heat: heat would be 20.00001 %, at most 20 %'],
    ['heat', { unit: 'contracts', value: 2, limit: 0 }, 'heat: nothing was sized, so nothing may be sent'],
    ['consecutive-losses', { unit: 'count', value: 5, limit: 5 }, 'losses in a row: 5 losses in a row, the limit is 5'],
    [
      'orders-per-minute',
      { unit: 'count', value: 11, limit: 10 },
      'orders per minute: this would be entry 11 within a minute, at most 10',
    ],
    [
      'duplicate',
      { unit: 'ms', value: 120, limit: 2_000 },
      'duplicate guard: the same order was asked for 0.1 s before; within 2.0 s it counts as one',
    ],
    [
      'intent-age',
      { unit: 'ms', value: 4_500, limit: 3_000 },
      'age of the order: the order waited 4.5 s for its turn, at most 3.0 s',
    ],
  ] as const)('%s %j', (code, overrides, text) => {
    expect(failed(code, overrides)).toBe(text);
  });
});

test('one that passes gives value and limit, one with nothing to measure says so', () => {
  const heat: RiskRuleResult = {
    code: 'heat',
    state: 'pass',
    unit: 'fraction',
    value: 0.123,
    limit: 0.2,
    subject: null,
  };
  expect(plain(ruleText(heat))).toBe('heat: 12.30 % of 20 %');
  expect(ruleText({ ...heat, value: null })).toBe('heat: passed');
  expect(ruleText({ ...heat, state: 'skipped' })).toBe('heat: nothing to check');
});

test('every rule has a name, and no result reads as a code or an absent number', () => {
  expect(new Set(RISK_RULES.map(ruleName)).size).toBe(RISK_RULES.length);
  const number = fc.option(fc.oneof(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer()));
  const result = fc.record({
    code: fc.constantFrom(...RISK_RULES),
    state: fc.constantFrom('pass' as const, 'fail' as const, 'skipped' as const),
    unit: fc.constantFrom(...riskRuleResultSchema.shape.unit.options),
    value: number,
    limit: number,
    subject: fc.option(fc.constantFrom('drift', 'NQZ26-CME', 'degraded')),
  });
  fc.assert(
    fc.property(result, (one) => {
      expect(ruleText(one)).not.toMatch(/NaN|undefined|null|Infinity/);
    }),
  );
});
