import { describe, expect, test } from 'vitest';

import { DEFAULT_RISK_LIMITS, RISK_BOUNDS, riskLimitsOf } from '#desk/engine/risk-limits.ts';
import { riskLimitsSchema } from '#shared/domain/risk.ts';

describe('risk limits', () => {
  test('are the defaults where nothing is said, which keep within their own bounds', () => {
    expect(riskLimitsOf(undefined)).toEqual({ ok: true, value: DEFAULT_RISK_LIMITS });
    expect(riskLimitsOf({})).toEqual({ ok: true, value: riskLimitsSchema.parse(DEFAULT_RISK_LIMITS) });
    expect(riskLimitsOf(DEFAULT_RISK_LIMITS).ok).toBe(true);
  });

  test('take what is said, of the effects too, and leave the rest', () => {
    const result = riskLimitsOf({ maxOrdersPerMinute: 3, breakerEffects: { drawdown: 'flatten' } });
    expect(result).toEqual({
      ok: true,
      value: {
        ...DEFAULT_RISK_LIMITS,
        maxOrdersPerMinute: 3,
        breakerEffects: { ...DEFAULT_RISK_LIMITS.breakerEffects, drawdown: 'flatten' },
      },
    });
  });

  test.each(Object.entries(RISK_BOUNDS))('%s can be moved within its bounds and not beyond', (field, { min, max }) => {
    for (const value of [min, max]) expect(riskLimitsOf({ [field]: value }).ok).toBe(true);
    for (const value of [min - 1, max + 1]) expect(riskLimitsOf({ [field]: value }).ok).toBe(false);
    expect(riskLimitsOf({ [field]: max + 1 })).toMatchObject({
      error: { code: 'out-of-bounds', field, value: max + 1, min, max },
    });
  });

  test('refuse what is no limit, and say where', () => {
    expect(riskLimitsOf({ maxOrdersPerMinute: 1.5 })).toMatchObject({
      error: { code: 'invalid-limits', field: 'maxOrdersPerMinute' },
    });
    expect(riskLimitsOf({ maxOrders: 5 })).toMatchObject({ error: { field: 'maxOrders' } });
    expect(riskLimitsOf({ breakerEffects: { 'day-loss': 'none' } })).toMatchObject({
      error: { field: 'breakerEffects.day-loss' },
    });
    expect(riskLimitsOf({ breakerEffects: { drift: 'flatten' } })).toMatchObject({
      error: { field: 'breakerEffects.drift' },
    });
    expect(riskLimitsOf({ maxIntentAgeMs: null })).toMatchObject({ error: { field: 'maxIntentAgeMs' } });
  });
});
