import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { averageTrueRange, planTrade } from '#desk/engine/plan.ts';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, ticks } from '#shared/units.ts';

const bar = (i: number, low: number, high: number, close: number): Bar => ({
  symbol: 'NQZ26-CME',
  timeframe: '1m',
  openAt: epochMs(i * 60_000),
  closeAt: epochMs((i + 1) * 60_000),
  open: ticks(close),
  high: ticks(high),
  low: ticks(low),
  close: ticks(close),
  volume: 10,
});

const flat = (count: number, range: number): Bar[] =>
  Array.from({ length: count }, (_, i) => bar(i, 1000, 1000 + range, 1000 + Math.floor(range / 2)));

const planning = { stopAtr: 2, targetAtr: 3, minStopTicks: 8 };

describe('average true range', () => {
  test('needs one bar more than it averages', () => {
    expect(averageTrueRange(flat(14, 10))).toBeNull();
    expect(averageTrueRange(flat(15, 10))).toBe(10);
  });

  test('counts the gap from the previous close', () => {
    const bars = [...flat(14, 10), bar(14, 1100, 1104, 1102)];
    // The true range of the last bar reaches from the close at 1005 to 1104.
    expect(averageTrueRange(bars)).toBeCloseTo((13 * 10 + 99) / 14, 12);
  });

  test('smooths by one fourteenth once it is formed', () => {
    const bars = [...flat(15, 10), bar(15, 1000, 1038, 1005)];
    expect(averageTrueRange(bars)).toBeCloseTo(10 + 28 / 14, 12);
  });
});

describe('plan', () => {
  test('puts stop and target at multiples of ATR around the last close', () => {
    expect(planTrade(flat(20, 10), planning)).toEqual({ entry: 1005, stopDistance: 20, targetDistance: 30 });
  });

  test('rounds the stop away from the price and the target toward it', () => {
    expect(planTrade(flat(20, 7), { ...planning, stopAtr: 1.5, targetAtr: 1.5 })).toMatchObject({
      stopDistance: 11,
      targetDistance: 10,
    });
  });

  test('never puts the stop nearer than the minimum, nor the target on the price', () => {
    expect(planTrade(flat(20, 1), { ...planning, targetAtr: 0.1 })).toMatchObject({
      stopDistance: 8,
      targetDistance: 1,
    });
    expect(planTrade(flat(20, 0), planning)).toMatchObject({ stopDistance: 8, targetDistance: 1 });
  });

  test('plans nothing from too few bars or from planning out of domain', () => {
    expect(planTrade([], planning)).toBeNull();
    expect(planTrade(flat(14, 10), planning)).toBeNull();
    for (const bad of [
      { stopAtr: 0 },
      { stopAtr: NaN },
      { targetAtr: -1 },
      { minStopTicks: 0 },
      { minStopTicks: 1.5 },
    ]) {
      expect(planTrade(flat(20, 10), { ...planning, ...bad })).toBeNull();
    }
    expect(planTrade(flat(20, 10), { ...planning, stopAtr: Infinity })).toBeNull();
  });

  test('never understates the risk, whatever the bars', () => {
    const shape = fc.record({ low: fc.integer({ min: 900, max: 1000 }), range: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(shape, { minLength: 15, maxLength: 40 }), (shapes) => {
        const bars = shapes.map(({ low, range }, i) => bar(i, low, low + range, low + Math.floor(range / 3)));
        const plan = planTrade(bars, planning)!;
        const atr = averageTrueRange(bars)!;
        expect(plan.stopDistance).toBeGreaterThanOrEqual(planning.stopAtr * atr - 1e-6);
        expect(plan.targetDistance).toBeLessThanOrEqual(Math.max(1, planning.targetAtr * atr + 1e-6));
        expect(plan.entry).toBe(bars.at(-1)!.close);
      }),
      { numRuns: 1000 },
    );
  });
});
