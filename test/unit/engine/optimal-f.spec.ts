import { describe, expect, it } from 'vitest';

import { kellyEmpirical } from '#desk/engine/kelly-empirical.ts';
import { vinceOptimalF, vinceTWR } from '#desk/engine/optimal-f.ts';

describe("Vince's optimal f", () => {
  it('is the empirical Kelly fraction times the worst loss', () => {
    const R = [2.1, -1, -1.3, 0.8, -0.4, 1.9, -2.2, 0.6, 1.1];
    const optimal = vinceOptimalF(R);
    const kelly = kellyEmpirical(R);
    expect(optimal.ok && kelly.ok && optimal.value.optimalF! - kelly.value.fraction! * 2.2).toBeCloseTo(0, 12);
  });

  it('beats its neighbours', () => {
    const trades = [100, -500, 1500, -600];
    const optimal = vinceOptimalF(trades);
    if (!optimal.ok || optimal.value.optimalF === null) throw new Error('no optimum');
    const { optimalF, twr } = optimal.value;
    for (const f of [optimalF - 0.01, optimalF + 0.01]) {
      const other = vinceTWR(trades, f);
      expect(other.ok && other.value).toBeLessThan(twr);
    }
  });

  it('does not depend on the unit', () => {
    const [small, large] = [1, 1e6].map((unit) => vinceOptimalF([3 * unit, -2 * unit, unit, -unit]));
    expect(small!.ok && large!.ok && large!.value.optimalF! - small!.value.optimalF!).toBeCloseTo(0, 14);
  });

  it('is 0 without an edge, at growth factor 1', () => {
    const none = { status: 'NO_EDGE', optimalF: 0, dollarsPerContract: null, geometricMean: 1, twr: 1 };
    expect(vinceOptimalF([1, -1])).toEqual({ ok: true, value: none });
    expect(vinceOptimalF([1, -5])).toEqual({ ok: true, value: none });
    expect(vinceOptimalF([-5])).toEqual({ ok: true, value: none });
  });

  it('has no value without a loss or without trades', () => {
    expect(vinceOptimalF([1, 2])).toMatchObject({ value: { status: 'UNBOUNDED_NO_LOSS', optimalF: null } });
    expect(vinceOptimalF([])).toMatchObject({ value: { status: 'NO_TRADES', optimalF: null } });
    expect(vinceTWR([1, 2], 0.1)).toEqual({ ok: true, value: null });
    expect(vinceTWR([], 0.1)).toEqual({ ok: true, value: 1 });
  });

  it('loses everything at f = 1 and refuses what is beyond', () => {
    expect(vinceTWR([10, -2], 1)).toEqual({ ok: true, value: 0 });
    for (const f of [-0.1, 1.1, NaN]) expect(vinceTWR([10, -2], f).ok).toBe(false);
    expect(vinceOptimalF([1, NaN]).ok).toBe(false);
  });
});
