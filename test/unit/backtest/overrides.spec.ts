import { describe, expect, it } from 'vitest';

import { overrideDecomposition, overrideIntervals, overrideType, overrideValue } from '#desk/backtest/overrides.ts';
import { money, moneyFromUsd } from '#shared/units.ts';

const trade = (suggested: number, executed: number, net: number) => ({
  id: `${suggested}-${executed}-${net}`,
  suggested,
  executed,
  net: moneyFromUsd(net),
});

describe('the value of overrides', () => {
  it('names what the trader did', () => {
    const typeOf = (suggested: number, executed: number) => overrideType({ suggested, executed });
    expect([typeOf(2, 0), typeOf(0, 2), typeOf(1, 2), typeOf(2, 1)]).toEqual([
      'rejected',
      'initiated',
      'increased',
      'decreased',
    ]);
    expect([typeOf(2, 2), typeOf(0, 0)]).toEqual([null, null]);
  });

  it('is executed less model, in all and by type, to the last unit', () => {
    const value = overrideValue([
      trade(2, 0, 0.1),
      trade(0, 1, 0.2),
      trade(1, 3, -0.1),
      trade(3, 1, -0.7),
      trade(1, 1, 9),
    ]);
    expect(value.value).toBe(value.executedPnl - value.modelPnl);
    const parts = Object.values(value.byType);
    expect(parts.reduce((sum, part) => sum + part.value, 0)).toBe(value.value);
    expect(parts.map((part) => part.count)).toEqual([1, 1, 1, 1]);
  });

  it('of no trades is nothing in every type', () => {
    const none = { count: 0, value: 0 };
    expect(overrideValue([])).toEqual({
      modelPnl: 0,
      executedPnl: 0,
      value: 0,
      byType: { rejected: none, initiated: none, increased: none, decreased: none },
    });
  });

  it('shows counts only below thirty, and an interval from there on', () => {
    const rejections = Array.from({ length: 29 }, (_, i) => trade(1, 0, i % 2 ? 10 : -8));
    expect(overrideIntervals(rejections, 1).rejected).toEqual({ count: 29, interval: null });
    const { count, interval } = overrideIntervals([...rejections, trade(1, 0, 3)], 1).rejected;
    expect(count).toBe(30);
    expect(interval!.lower).toBeLessThan(interval!.mean);
    expect(interval!.upper).toBeGreaterThan(interval!.mean);
    expect(overrideIntervals([...rejections, trade(1, 0, 3)], 1).rejected.interval).toEqual(interval);
  });
});

describe('the split into size and exit', () => {
  it('adds up exactly', () => {
    const split = overrideDecomposition([
      { id: 1, suggested: 2, executed: 3, planNet: money(801), actualNet: money(497) },
      { id: 2, suggested: 4, executed: 0, planNet: money(-423), actualNet: null },
      { id: 3, suggested: 0, executed: 2, planNet: money(-7), actualNet: money(-1000) },
    ]);
    if (!split.ok) throw new Error(split.error.code);
    const { modelPnl, actualPnl, sizeEffect, exitEffect } = split.value;
    expect(sizeEffect + exitEffect).toBe(actualPnl - modelPnl);
    expect(exitEffect).toBe(3 * (497 - 801) + 2 * (-1000 + 7));
  });

  it('is refused when an executed trade has no outcome: unknown is not zero', () => {
    const open = { id: 7, suggested: 1, executed: 1, planNet: money(5), actualNet: null };
    expect(overrideDecomposition([open])).toEqual({ ok: false, error: { code: 'missing-outcome', id: 7 } });
  });
});
