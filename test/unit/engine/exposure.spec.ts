import { describe, expect, test } from 'vitest';

import { correlatedExposure, portfolioHeat, positionRisk } from '#desk/engine/exposure.ts';
import type { PositionRiskInput } from '#desk/engine/exposure.ts';
import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import { money, moneyFromUsd, ticks } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

const long: PositionRiskInput = {
  spec: contractSpec('NQ')!,
  direction: 1,
  contracts: 2,
  mark: ticks(84_000),
  stop: ticks(83_920),
  slippageTicks: 2,
  feesPerContract: moneyFromUsd(4.6),
  initialMargin: null,
  dailyVolatility: null,
};

const risk = (change: Partial<PositionRiskInput>) => positionRisk({ ...long, ...change });

describe('positionRisk', () => {
  test('is what current equity loses at the stop, both ways', () => {
    expect(risk({})).toEqual({ ok: true, value: { risk: moneyFromUsd(829.2), basis: 'stop' } });
    expect(risk({ direction: -1, stop: ticks(84_080) })).toMatchObject({ value: { risk: moneyFromUsd(829.2) } });
  });

  test('a stop trailed past the entry still risks open profit; one beyond the mark only slippage and fees', () => {
    expect(risk({ stop: ticks(83_990) })).toMatchObject({ value: { risk: moneyFromUsd(2 * (12 * 5 + 4.6)) } });
    expect(risk({ stop: ticks(84_500) })).toMatchObject({ value: { risk: moneyFromUsd(2 * (2 * 5 + 4.6)) } });
  });

  test('rounds up to 1e-4 USD', () => {
    const bond = {
      spec: contractSpec('ZT')!,
      slippageTicks: 0.33333,
      contracts: 1,
      mark: ticks(100),
      stop: ticks(100),
    };
    expect(risk({ ...bond, feesPerContract: money(0) })).toMatchObject({
      value: { risk: Math.ceil(0.33333 * 78_125) },
    });
  });

  test('without a stop it is the larger of margin and three daily deviations', () => {
    const bare = { stop: null, dailyVolatility: 0.012 };
    expect(risk({ ...bare, initialMargin: moneyFromUsd(16_500) })).toEqual({
      ok: true,
      value: { risk: moneyFromUsd(33_000), basis: 'margin' },
    });
    expect(risk({ ...bare, initialMargin: moneyFromUsd(10_000) })).toEqual({
      ok: true,
      value: { risk: moneyFromUsd(2 * 3 * 0.012 * 21_000 * 20), basis: 'volatility' },
    });
    expect(risk({ ...bare, initialMargin: null })).toMatchObject({ value: { basis: 'volatility' } });
    expect(risk({ stop: null, initialMargin: moneyFromUsd(1) })).toMatchObject({ value: { basis: 'margin' } });
  });

  test('with nothing to go by is unknown, not 0', () => {
    expect(risk({ stop: null })).toEqual({ ok: false, error: { code: 'unknown-risk', root: 'NQ' } });
    expect(risk({ stop: null, initialMargin: money(0), dailyVolatility: 0 })).toMatchObject({
      error: { code: 'unknown-risk' },
    });
  });

  test('of no contracts is 0; of half, negative or NaN ones an error', () => {
    expect(risk({ contracts: 0, stop: null })).toMatchObject({ value: { risk: 0 } });
    for (const contracts of [-1, 1.5, NaN])
      expect(risk({ contracts })).toMatchObject({ error: { field: 'contracts' } });
    expect(risk({ slippageTicks: -1 })).toMatchObject({ error: { field: 'slippageTicks' } });
    expect(risk({ dailyVolatility: NaN })).toMatchObject({ error: { field: 'dailyVolatility' } });
  });
});

describe('portfolioHeat', () => {
  test('is the sum of risks over equity', () => {
    expect(portfolioHeat([moneyFromUsd(500), moneyFromUsd(1_500)], moneyFromUsd(100_000))).toEqual({
      ok: true,
      value: 0.02,
    });
    expect(portfolioHeat([], moneyFromUsd(1))).toEqual({ ok: true, value: 0 });
  });

  test('has no value without equity or with a negative risk', () => {
    for (const equity of [0, -1, NaN])
      expect(portfolioHeat([], equity as Money)).toMatchObject({ error: { field: 'equity' } });
    expect(portfolioHeat([money(-1)], money(1)).ok).toBe(false);
  });
});

describe('correlatedExposure', () => {
  const at = (rho: number) => [
    [1, rho],
    [rho, 1],
  ];
  const two = (risks: readonly [number, number], directions: readonly [1 | -1, 1 | -1] = [1, 1]) =>
    risks.map((share, i) => ({ risk: share, direction: directions[i]! }));

  test('an empty book has none', () => {
    expect(correlatedExposure([], [])).toEqual({
      ok: true,
      value: { heat: 0, cluster: [], hasPartner: [], clusterMax: 0, corrAdjusted: 0 },
    });
  });

  test('a correlation exactly at the minimum makes partners, just below does not', () => {
    expect(correlatedExposure(two([0.1, 0.1]), at(0.5))).toMatchObject({
      value: { cluster: [0.15000000000000002, 0.15000000000000002] },
    });
    expect(correlatedExposure(two([0.1, 0.1]), at(0.499999))).toMatchObject({ value: { clusterMax: 0 } });
  });

  test('opposite directions in negatively correlated markets are partners', () => {
    expect(correlatedExposure(two([0.1, 0.05], [1, -1]), at(-0.8))).toMatchObject({
      value: { clusterMax: 0.1 + 0.8 * 0.05, hasPartner: [true, true] },
    });
  });

  test('the same thing twice is the gross sum', () => {
    expect(correlatedExposure(two([0.1, 0.05]), at(1))).toMatchObject({
      value: { cluster: [0.15000000000000002, 0.15000000000000002] },
    });
  });

  test('a position without risk has no exposure, no partner, and is none', () => {
    expect(correlatedExposure(two([0.2, 0]), at(0.9))).toMatchObject({
      value: { cluster: [0.2, 0], hasPartner: [false, false], clusterMax: 0 },
    });
  });

  test('refuses negative risk, NaN, a matrix of another size and a minimum of 0', () => {
    expect(correlatedExposure(two([-0.1, 0.1]), at(0.5))).toMatchObject({ error: { code: 'invalid-input' } });
    expect(correlatedExposure(two([NaN, 0.1]), at(0.5)).ok).toBe(false);
    expect(correlatedExposure(two([0.1, 0.1]), [[1]]).ok).toBe(false);
    expect(correlatedExposure(two([0.1, 0.1]), at(NaN)).ok).toBe(false);
    expect(correlatedExposure(two([0.1, 0.1]), at(0.5), 0).ok).toBe(false);
  });
});
