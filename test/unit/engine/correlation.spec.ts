import { describe, expect, test } from 'vitest';

import {
  ewmaCorrelation,
  portfolioCorrelation,
  priorCorrelation,
  priorsOf,
  priorTraits,
  priorTable,
  shrinkCorrelation,
} from '#desk/engine/correlation.ts';
import { ledoitWolfConstantCorrelation, ledoitWolfIdentity } from '#desk/engine/ledoit-wolf.ts';
import fixture from '#test/fixtures/quant-vectors.json' with { type: 'json' };

const three = fixture.datasets.RET40x3;

describe('ewmaCorrelation', () => {
  test('with λ = 1 is the plain zero-mean correlation', () => {
    const estimate = ewmaCorrelation(
      [
        [1, 2],
        [2, 1],
        [-1, 1],
      ],
      1,
    );
    if (!estimate.ok) throw new Error();
    expect(estimate.value.correlation[0]?.[1]).toBeCloseTo(3 / 6, 15);
    expect(estimate.value.volatility[0]).toBeCloseTo(Math.sqrt(2), 15);
  });

  test('a series against itself and its mirror is 1 and −1, exactly', () => {
    const estimate = ewmaCorrelation([0.01, -0.02, 0.005].map((r) => [r, r, -r]));
    expect(estimate).toMatchObject({
      value: {
        correlation: [
          [1, 1, -1],
          [1, 1, -1],
          [-1, -1, 1],
        ],
      },
    });
  });

  test('recent periods weigh more', () => {
    const rows = [...Array<number[]>(50).fill([0.01, 0.01]), ...Array<number[]>(50).fill([0.01, -0.01])];
    const estimate = ewmaCorrelation(rows, 0.97);
    expect(estimate.ok && estimate.value.correlation[0]?.[1]).toBeLessThan(-0.5);
  });

  test.each([
    ['empty', []],
    ['no series', [[]]],
    ['ragged', [[1, 2], [1]]],
    ['NaN', [[1, NaN]]],
  ])('refuses a table that is %s', (_, rows) => {
    expect(ewmaCorrelation(rows)).toMatchObject({ error: { code: 'invalid-input' } });
  });

  test.each([0, -1, 1.01, NaN])('refuses λ = %d', (lambda) => {
    expect(ewmaCorrelation(three, lambda)).toMatchObject({ error: { field: 'lambda' } });
  });

  test('a flat series has no correlation', () => {
    expect(
      ewmaCorrelation([
        [1, 0],
        [2, 0],
      ]),
    ).toEqual({ ok: false, error: { code: 'flat-series', index: 1 } });
  });
});

describe('shrinkCorrelation', () => {
  const estimate = [
    [1, 0.9],
    [0.9, 1],
  ];
  const prior = [
    [1, 0.2],
    [0.2, 1],
  ];

  test('is the prior without observations and the estimate without a prior strength', () => {
    expect(shrinkCorrelation({ estimate, prior, observations: 0 })).toEqual({
      ok: true,
      value: { delta: 1, correlation: prior },
    });
    expect(shrinkCorrelation({ estimate, prior, observations: 5, priorStrength: 0 })).toEqual({
      ok: true,
      value: { delta: 0, correlation: estimate },
    });
  });

  test('refuses what is no correlation and counts that are none', () => {
    const refused = { error: { code: 'invalid-input' } };
    expect(
      shrinkCorrelation({
        estimate: [
          [1, 0.9],
          [0.8, 1],
        ],
        prior,
        observations: 9,
      }),
    ).toMatchObject(refused);
    expect(
      shrinkCorrelation({
        estimate: [
          [1, 1.2],
          [1.2, 1],
        ],
        prior,
        observations: 9,
      }),
    ).toMatchObject(refused);
    expect(shrinkCorrelation({ estimate, prior: [[1]], observations: 9 })).toMatchObject(refused);
    expect(shrinkCorrelation({ estimate, prior, observations: -1 })).toMatchObject(refused);
    expect(shrinkCorrelation({ estimate, prior, observations: NaN })).toMatchObject(refused);
    expect(shrinkCorrelation({ estimate, prior, observations: 0, priorStrength: 0 })).toMatchObject(refused);
  });
});

describe('priorCorrelation', () => {
  test.each([
    ['NQ', 'NQ', 1],
    ['NQ', 'MNQ', 1],
    ['MET', 'ETH', 1],
    ['NQ', 'ES', 0.85],
    ['MNQ', 'RTY', 0.85],
    ['ZN', 'ZB', 0.85],
    ['MCL', 'HO', 0.8],
    ['CL', 'NG', 0.2],
    ['GC', 'SIL', 0.6],
    ['6E', '6J', 0.6],
    ['M6E', '6E', 1],
    ['BTC', 'ETH', 0.2],
    ['ZC', 'ZW', 0.2],
    ['LE', 'HE', 0.2],
    ['NQ', 'ZN', 0.2],
    ['QQQ', 'NQ', 0.2],
    ['QQQ', 'QQQ', 1],
  ])('of %s and %s is %d, both ways', (a, b, rho) => {
    expect(priorCorrelation(a, b)).toBe(rho);
    expect(priorCorrelation(b, a)).toBe(rho);
  });

  test('is the same of a whole list at once, mini and micro, unknown roots and those named twice included', () => {
    const roots = ['ES', 'MES', 'NQ', 'ZN', 'ZB', 'CL', 'MCL', 'RB', 'NG', 'GC', 'SI', '6E', 'X1', 'X2', 'X1', 'ES'];
    const traits = roots.map(priorTraits);
    const priorOf = priorsOf(traits);
    for (const [i, a] of roots.entries())
      for (const [j, b] of roots.entries()) expect([a, b, priorOf(i, j)]).toEqual([a, b, priorCorrelation(a, b)]);
  });
});

describe('portfolioCorrelation', () => {
  const history = { underlyings: ['NQ', 'ES', 'GC'], returns: three };

  test('a mini and its micro are 1 with each other and alike with all others', () => {
    const table = portfolioCorrelation(['MNQ', 'NQ', 'ES', 'MES'], history);
    if (!table.ok) throw new Error();
    const { rho } = table.value;
    expect(rho[0]?.[1]).toBe(1);
    expect(rho[2]?.[3]).toBe(1);
    expect(rho[0]?.[2]).toBe(rho[1]?.[3]);
    expect(rho[0]?.[2]).toBeCloseTo(0.872158463094, 11);
  });

  test('pairs without history, or with a flat one, take their prior', () => {
    const flat = { underlyings: ['NQ', 'CL'], returns: three.map((row) => [row[0]!, 0]) };
    const table = portfolioCorrelation(['NQ', 'CL', 'HO'], flat);
    expect(table).toEqual({ ok: true, value: priorTable(['NQ', 'CL', 'HO']) });
    const none = portfolioCorrelation(['NQ', 'ES'], { underlyings: [], returns: [] });
    expect(none).toEqual({ ok: true, value: priorTable(['NQ', 'ES']) });
  });

  test('refuses NaN in the history', () => {
    expect(portfolioCorrelation(['NQ'], { underlyings: ['NQ'], returns: [[0.1], [NaN]] }).ok).toBe(false);
  });
});

describe('Ledoit-Wolf', () => {
  test('two series are their own constant-correlation target', () => {
    const shrunk = ledoitWolfConstantCorrelation(three.map((row) => row.slice(0, 2)));
    expect(shrunk.ok && shrunk.value.delta).toBe(0);
    expect(shrunk.ok && shrunk.value.sigma).toEqual(shrunk.ok && shrunk.value.sample);
  });

  test('one series, or a flat table, is its own identity target', () => {
    expect(ledoitWolfIdentity([[1], [2], [4]])).toMatchObject({ value: { delta: 0 } });
    expect(
      ledoitWolfIdentity([
        [1, 1],
        [1, 1],
      ]),
    ).toMatchObject({
      value: {
        delta: 0,
        mu: 0,
        sigma: [
          [0, 0],
          [0, 0],
        ],
      },
    });
  });

  test('δ stays in [0, 1] and trace is kept', () => {
    const shrunk = ledoitWolfIdentity([
      [1, -1],
      [-1, 1],
      [0.1, 0.3],
    ]);
    if (!shrunk.ok) throw new Error();
    const { delta, sigma, mu } = shrunk.value;
    expect(delta).toBeGreaterThanOrEqual(0);
    expect(delta).toBeLessThanOrEqual(1);
    expect(sigma[0]![0]! + sigma[1]![1]!).toBeCloseTo(2 * mu, 12);
  });

  test('refuses tables too small and flat series', () => {
    expect(ledoitWolfConstantCorrelation([[1, 2]])).toMatchObject({ error: { code: 'invalid-input' } });
    expect(ledoitWolfConstantCorrelation([[1], [2]])).toMatchObject({ error: { code: 'invalid-input' } });
    expect(
      ledoitWolfConstantCorrelation([
        [1, 2],
        [3, 2],
      ]),
    ).toMatchObject({ error: { code: 'flat-series', index: 1 } });
    expect(ledoitWolfIdentity([])).toMatchObject({ error: { code: 'invalid-input' } });
    expect(
      ledoitWolfIdentity([
        [1, NaN],
        [1, 2],
      ]),
    ).toMatchObject({ error: { code: 'invalid-input' } });
  });
});
