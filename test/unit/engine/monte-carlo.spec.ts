import { describe, expect, it } from 'vitest';

import { monteCarloTrades } from '#desk/engine/monte-carlo.ts';

const settings = { f: 0.02, trades: 40, paths: 200, meanBlock: 1, seed: 42 };
const R = [1.8, -1, 2.4, -1, -0.6, 1.1, -1, 3.2, 0.7, -1.2];

const run = (trades: readonly number[], changes: Partial<typeof settings & { fanPoints: number }> = {}) => {
  const result = monteCarloTrades(trades, { ...settings, ...changes });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe('Monte Carlo of trades', () => {
  it('is certain when every trade is the same', () => {
    const result = run([1], { f: 0.1, trades: 3 });
    for (const wealth of Object.values(result.finalWealth)) expect(wealth).toBeCloseTo(1.331, 12);
    expect(result).toMatchObject({ maxDrawdown: { p05: 0, p50: 0, p95: 0 }, probLoss: 0, probDrawdownOver20: 0 });
  });

  it('stays at zero once everything is lost', () => {
    const result = run([-1, -2], { f: 1 });
    expect(result).toMatchObject({ probRuin: 1, probLoss: 1, probDrawdownOver20: 1 });
    expect(result.finalWealth).toEqual({ p05: 0, p50: 0, p95: 0 });
    // Two negative factors must not multiply into a gain.
    expect(run([-3], { f: 0.5, trades: 2 }).finalWealth.p95).toBe(0);
  });

  it('does not move without a bet or without trades', () => {
    expect(run(R, { f: 0 })).toMatchObject({ finalWealth: { p05: 1, p50: 1, p95: 1 }, probLoss: 0 });
    expect(run(R, { trades: 0, fanPoints: 5 })).toMatchObject({ finalWealth: { p50: 1 }, fan: [] });
  });

  it('draws a fan that ends at the final bands and changes nothing else', () => {
    const { fan, ...withFan } = run(R, { fanPoints: 8 });
    const { fan: none, ...without } = run(R);
    expect(withFan).toEqual(without);
    expect(none).toEqual([]);
    expect(fan.map((point) => point.trade)).toEqual([5, 10, 15, 20, 25, 30, 35, 40]);
    expect(fan.at(-1)).toEqual({ trade: 40, ...withFan.finalWealth });
    expect(run(R, { trades: 3, fanPoints: 8 }).fan.map((point) => point.trade)).toEqual([1, 2, 3]);
  });

  it('keeps absurd stakes finite', () => {
    const result = run([50], { f: 100, trades: 1000 });
    expect(Number.isFinite(result.finalWealth.p50)).toBe(true);
    expect(result.maxDrawdown.p95).toBe(0);
  });

  it('refuses an empty history and figures out of their domain', () => {
    expect(monteCarloTrades([], settings)).toMatchObject({ ok: false, error: { code: 'invalid-input', field: 'n' } });
    expect(monteCarloTrades([1, NaN], settings).ok).toBe(false);
    for (const broken of [
      { f: -1 },
      { f: NaN },
      { paths: 0 },
      { trades: -1 },
      { trades: 1.5 },
      { seed: NaN },
      { meanBlock: 0 },
    ]) {
      expect(monteCarloTrades(R, { ...settings, ...broken }).ok).toBe(false);
    }
  });
});
