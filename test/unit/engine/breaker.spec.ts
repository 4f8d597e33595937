import { describe, expect, test } from 'vitest';
import { circuitBreaker, DEFAULT_BREAKER_LIMITS } from '#desk/engine/breaker.ts';
import type { BreakerInput } from '#desk/engine/breaker.ts';

const CALM: BreakerInput = {
  cusum: 0.4,
  resolved: 150,
  brier100: 0.215,
  calibrationError100: 0.04,
  predictionAgeMs: 800,
  dayLoss: 0,
  drawdown: 0.02,
};

const NONE = { level: 'NONE', multiplier: 1, reasons: [] };
const FIELDS = Object.keys(CALM) as (keyof BreakerInput)[];

describe('circuitBreaker', () => {
  test.each<[Partial<BreakerInput>, string, string[]]>([
    [{ cusum: 1.999 }, 'NONE', []],
    [{ cusum: 2 }, 'WARN', ['CUSUM_WARN']],
    [{ cusum: 3 }, 'HALT', ['CUSUM_TRIP']],
    [{ cusum: Infinity }, 'HALT', ['CUSUM_TRIP']],
    [{ brier100: 0.27 }, 'WARN', ['BRIER_NO_SKILL']],
    [{ brier100: 0.27, resolved: 99 }, 'NONE', []],
    [{ brier100: 0.27, resolved: 100 }, 'WARN', ['BRIER_NO_SKILL']],
    [{ calibrationError100: 0.13 }, 'NONE', []],
    [{ calibrationError100: 0.1301 }, 'WARN', ['MISCALIBRATED']],
    [{ calibrationError100: 0.1301, resolved: 99 }, 'NONE', []],
    [{ predictionAgeMs: 60_000 }, 'NONE', []],
    [{ predictionAgeMs: 60_001 }, 'HALT', ['STALE_PREDICTION']],
    [{ dayLoss: 0.0299 }, 'NONE', []],
    [{ dayLoss: 0.03 }, 'HALT', ['DAILY_LOSS']],
    [{ dayLoss: -0.05 }, 'NONE', []],
    [{ drawdown: 0.1 }, 'WARN', ['DRAWDOWN_WARN']],
    [{ drawdown: 0.2 }, 'HALT', ['DRAWDOWN_HALT']],
    [{ drawdown: 1.4 }, 'HALT', ['DRAWDOWN_HALT']],
  ])('under %j is %s for %j', (change, level, reasons) => {
    expect(circuitBreaker({ ...CALM, ...change })).toMatchObject({ level, reasons });
  });

  test('reaches a level in spite of binary fractions', () => {
    expect(0.1 + 0.2 - 0.1).toBeGreaterThan(0.2);
    expect(1 - 0.97).toBeGreaterThan(0.03);
    expect(1 - 0.8).toBeLessThan(0.2);
    expect(circuitBreaker({ ...CALM, drawdown: 1 - 0.8 }).reasons).toEqual(['DRAWDOWN_HALT']);
    expect(circuitBreaker({ ...CALM, calibrationError100: 0.1 + 0.03 }).reasons).toEqual([]);
  });

  test.each(FIELDS)('halts when %s is NaN', (field) => {
    expect(circuitBreaker({ ...CALM, [field]: NaN })).toEqual({
      level: 'HALT',
      multiplier: 0,
      reasons: ['INVALID_INPUT'],
    });
  });

  test('halts on a NaN score even while scores are not judged yet', () => {
    expect(circuitBreaker({ ...CALM, resolved: 10, brier100: NaN }).reasons).toEqual(['INVALID_INPUT']);
  });

  test.each<Partial<BreakerInput>>([
    { cusum: -1 },
    { resolved: -1 },
    { brier100: 1.2 },
    { calibrationError100: -0.1 },
    { predictionAgeMs: -1 },
    { drawdown: -0.1 },
  ])('halts on the impossible %j', (change) => {
    expect(circuitBreaker({ ...CALM, ...change })).toMatchObject({ level: 'HALT' });
    expect(circuitBreaker({ ...CALM, ...change }).reasons).toContain('INVALID_INPUT');
  });

  test('takes an unmeasured value only while there is nothing to measure', () => {
    const fresh = { ...CALM, resolved: 0, cusum: null, brier100: null, calibrationError100: null };
    expect(circuitBreaker(fresh)).toEqual(NONE);
    expect(circuitBreaker({ ...fresh, resolved: 1 }).reasons).toEqual(['INVALID_INPUT']);
    expect(circuitBreaker({ ...CALM, resolved: 99, brier100: null, calibrationError100: null })).toEqual(NONE);
    expect(circuitBreaker({ ...CALM, brier100: null }).reasons).toEqual(['INVALID_INPUT']);
  });

  test('lists every reason once, sorted, and halves only once', () => {
    const worst = circuitBreaker({
      cusum: 5,
      resolved: 200,
      brier100: 0.3,
      calibrationError100: 0.2,
      predictionAgeMs: 1e6,
      dayLoss: 0.04,
      drawdown: 0.3,
    });
    expect(worst.reasons).toEqual([
      'BRIER_NO_SKILL',
      'CUSUM_TRIP',
      'DAILY_LOSS',
      'DRAWDOWN_HALT',
      'MISCALIBRATED',
      'STALE_PREDICTION',
    ]);
    const warned = circuitBreaker({ ...CALM, cusum: 2.5, brier100: 0.3, drawdown: 0.15 });
    expect(warned).toEqual({
      level: 'WARN',
      multiplier: 0.5,
      reasons: ['BRIER_NO_SKILL', 'CUSUM_WARN', 'DRAWDOWN_WARN'],
    });
  });

  test('follows the limits of the profile', () => {
    const strict = { ...DEFAULT_BREAKER_LIMITS, dayLossHalt: 0.01, maxPredictionAgeMs: 500 };
    expect(circuitBreaker({ ...CALM, dayLoss: 0.01 }, strict).reasons).toEqual(['DAILY_LOSS', 'STALE_PREDICTION']);
  });
});
