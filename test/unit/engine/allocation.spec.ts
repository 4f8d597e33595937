import { describe, expect, test } from 'vitest';

import { allocateHeat } from '#desk/engine/allocation.ts';
import type { AllocationCandidate, AllocationInput, BookedRisk } from '#desk/engine/allocation.ts';

const symbols = ['NQ', 'ES', 'GC', 'ZB'];
const rho = [
  [1, 0.92, 0.15, -0.1],
  [0.92, 1, 0.12, -0.05],
  [0.15, 0.12, 1, 0.05],
  [-0.1, -0.05, 0.05, 1],
];

const ask = (
  symbol: string,
  contracts: number,
  riskPerContract = 0.02,
  direction: 1 | -1 = 1,
): AllocationCandidate => ({
  symbol,
  direction,
  contracts,
  riskPerContract,
});
const book = (symbol: string, risk: number, direction: 1 | -1 = 1): BookedRisk => ({ symbol, direction, risk });
const allocate = (
  candidates: readonly AllocationCandidate[],
  existing: readonly BookedRisk[] = [],
  more: Partial<AllocationInput> = {},
) => allocateHeat({ existing, candidates, correlation: { symbols, rho }, ...more });

describe('allocateHeat', () => {
  test('nothing asked is nothing given', () => {
    expect(allocate([])).toEqual({ ok: true, value: [] });
    expect(allocate([ask('NQ', 0)])).toEqual({ ok: true, value: [{ theta: 1, contracts: 0, boundBy: null }] });
  });

  test('a lone candidate is bound by heat, not by its own cluster', () => {
    expect(allocate([ask('NQ', 9)])).toEqual({ ok: true, value: [{ theta: 1, contracts: 9, boundBy: null }] });
    const [nq] = valueOf(allocate([ask('NQ', 20)]));
    expect(nq).toEqual({ theta: 0.5, contracts: 10, boundBy: 'HEAT' });
  });

  test('a limit reached exactly at the full size binds nothing', () => {
    expect(allocate([ask('NQ', 10)])).toEqual({ ok: true, value: [{ theta: 1, contracts: 10, boundBy: null }] });
  });

  test('equal candidates of one symbol share alike and are partners', () => {
    const [first, second] = valueOf(allocate([ask('NQ', 5), ask('NQ', 5)]));
    expect(first).toEqual(second);
    expect(first?.theta).toBeCloseTo(0.75, 12);
    expect(first).toMatchObject({ contracts: 3, boundBy: 'CLUSTER:NQ' });
  });

  test('adding to a position counts with it', () => {
    const [nq] = valueOf(allocate([ask('NQ', 5)], [book('NQ', 0.1)]));
    expect(nq).toMatchObject({ contracts: 2, boundBy: 'CLUSTER:NQ' });
    const [short] = valueOf(allocate([ask('NQ', 5, 0.02, -1)], [book('NQ', 0.1)]));
    expect(short).toMatchObject({ contracts: 5, boundBy: null });
  });

  test('heat that is spent leaves nothing for anyone', () => {
    const given = valueOf(allocate([ask('ES', 2), ask('GC', 2)], [book('ZB', 0.25)]));
    expect(given).toEqual([
      { theta: 0, contracts: 0, boundBy: 'HEAT' },
      { theta: 0, contracts: 0, boundBy: 'HEAT' },
    ]);
  });

  test('the label is the alphabetically first tight constraint', () => {
    const [es] = valueOf(allocate([ask('ES', 4)], [book('NQ', 0.2)]));
    expect(es).toEqual({ theta: 0, contracts: 0, boundBy: 'CLUSTER:ES' });
  });

  test('a candidate that cannot start does not hold back its would-be partners', () => {
    // C is full because of A and B; D is alike with C only.
    const names = ['A', 'B', 'C', 'D'];
    const chain = [
      [1, 0, 0.6, 0],
      [0, 1, 0.6, 0],
      [0.6, 0.6, 1, 0.6],
      [0, 0, 0.6, 1],
    ];
    const given = valueOf(
      allocate([ask('C', 2, 0.01), ask('D', 2, 0.01)], [book('A', 0.08), book('B', 0.08)], {
        correlation: { symbols: names, rho: chain },
        limits: { heatMax: 0.2, clusterMax: 0.09, rhoMin: 0.5 },
      }),
    );
    expect(given).toEqual([
      { theta: 0, contracts: 0, boundBy: 'CLUSTER:C' },
      { theta: 1, contracts: 2, boundBy: null },
    ]);
  });

  test('opposite directions in negatively correlated markets share a cluster', () => {
    const correlation = {
      symbols: ['NQ', 'ZB'],
      rho: [
        [1, -0.8],
        [-0.8, 1],
      ],
    };
    const given = valueOf(allocate([ask('NQ', 5), ask('ZB', 5, 0.02, -1)], [], { correlation }));
    expect(given.map(({ boundBy }) => boundBy)).toEqual(['CLUSTER:NQ', 'CLUSTER:NQ']);
  });

  test('refuses a symbol without correlations, and numbers that are none', () => {
    expect(allocate([ask('CL', 1)])).toEqual({ ok: false, error: { code: 'unknown-symbol', symbol: 'CL' } });
    expect(allocate([], [book('CL', 0.1)])).toMatchObject({ error: { code: 'unknown-symbol' } });
    for (const bad of [
      ask('NQ', -1),
      ask('NQ', 1.5),
      ask('NQ', NaN),
      ask('NQ', 1, 0),
      ask('NQ', 1, -0.1),
      ask('NQ', 1, NaN),
    ]) {
      expect(allocate([bad])).toMatchObject({ error: { code: 'invalid-input' } });
    }
    expect(allocate([], [book('NQ', -0.1)])).toMatchObject({ error: { code: 'invalid-input' } });
    expect(allocate([], [], { limits: { heatMax: NaN, clusterMax: 0.15, rhoMin: 0.5 } }).ok).toBe(false);
    expect(allocate([], [], { correlation: { symbols, rho: [[1]] } }).ok).toBe(false);
  });
});

function valueOf(result: ReturnType<typeof allocateHeat>) {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}
