import { describe, expect, test } from 'vitest';

import { equicorrelation, multiAssetKelly, simultaneousKelly } from '#desk/engine/multi-asset.ts';

describe('multiAssetKelly', () => {
  test('one asset is mean over variance', () => {
    const kelly = multiAssetKelly({ mean: [0.08], volatility: [0.2], correlation: [[1]], fraction: 0.5 });
    if (!kelly.ok) throw new Error();
    expect(kelly.value.full[0]).toBeCloseTo(2, 12);
    expect(kelly.value.scaled[0]).toBeCloseTo(1, 12);
    expect(kelly.value.growth).toBeCloseTo(0.06, 12);
  });

  test('three uncorrelated assets stand alone', () => {
    const input = {
      mean: [0.04, 0.09, -0.01],
      volatility: [0.2, 0.3, 0.1],
      correlation: equicorrelation(3, 0),
      fraction: 1,
    };
    const kelly = multiAssetKelly(input);
    expect(kelly.ok && kelly.value.full.map((f) => Number(f.toFixed(12)))).toEqual([1, 1, -1]);
    expect(kelly.ok && kelly.value.gross).toBeCloseTo(3, 12);
  });

  test('solves Σf = μ for five correlated assets', () => {
    const mean = [0.1, 0.05, -0.02, 0.07, 0.03];
    const volatility = [0.2, 0.15, 0.3, 0.25, 0.1];
    const correlation = equicorrelation(5, 0.4);
    const kelly = multiAssetKelly({ mean, volatility, correlation, fraction: 1 });
    if (!kelly.ok) throw new Error();
    mean.forEach((mu, i) => {
      const row = kelly.value.full.reduce(
        (sum, f, j) => sum + correlation[i]![j]! * volatility[i]! * volatility[j]! * f,
        0,
      );
      expect(row).toBeCloseTo(mu, 12);
    });
  });

  test('a singular or indefinite correlation has no optimum', () => {
    const two = { mean: [0.1, 0.1], volatility: [0.2, 0.2], fraction: 1 };
    for (const rho of [1, -1]) {
      expect(multiAssetKelly({ ...two, correlation: equicorrelation(2, rho) })).toMatchObject({
        error: { code: 'singular-covariance' },
      });
    }
    const three = { mean: [0.1, 0.1, 0.1], volatility: [1, 1, 1], fraction: 1 };
    expect(multiAssetKelly({ ...three, correlation: equicorrelation(3, -0.9) })).toMatchObject({
      error: { code: 'singular-covariance' },
    });
  });

  test.each([
    [{ mean: [] }],
    [{ mean: [NaN, 0.1] }],
    [{ volatility: [0.2] }],
    [{ volatility: [0.2, 0] }],
    [{ correlation: [[1]] }],
    [{ correlation: equicorrelation(2, 1.1) }],
    [{ fraction: -1 }],
    [{ fraction: NaN }],
  ])('refuses %o', (change) => {
    const good = { mean: [0.1, 0.1], volatility: [0.2, 0.2], correlation: equicorrelation(2, 0.1), fraction: 1 };
    expect(multiAssetKelly({ ...good, ...change })).toMatchObject({ error: { code: 'invalid-input' } });
  });
});

const bet = (winProbability: number, payoffRatio: number) => ({ winProbability, payoffRatio });
const solve = (...args: Parameters<typeof simultaneousKelly>) => {
  const kelly = simultaneousKelly(...args);
  if (!kelly.ok) throw new Error();
  return kelly.value;
};

describe('simultaneousKelly', () => {
  test.each([0.55, 0.6, 0.7, 0.9])('two independent even bets at p = %d have the closed form', (p) => {
    const { fractions } = solve([bet(p, 1), bet(p, 1)], 0);
    const closed = (p - (1 - p)) / (2 * (p * p + (1 - p) * (1 - p)));
    expect(fractions[0]).toBeCloseTo(closed, 10);
    expect(fractions[1]).toBeCloseTo(closed, 10);
  });

  test('a bet without an edge gets nothing and leaves the other alone', () => {
    const { fractions } = solve([bet(0.6, 1), bet(0.4, 1)], 0);
    expect(fractions[0]).toBeCloseTo(0.2, 12);
    expect(fractions[1]).toBe(0);
    expect(solve([bet(0.5, 1), bet(0.3, 2)], 0)).toMatchObject({ fractions: [0, 0], growth: 0 });
  });

  test('the order of the bets only swaps the answer', () => {
    const one = solve([bet(0.68, 1.45), bet(0.6, 2)], 0.3);
    const other = solve([bet(0.6, 2), bet(0.68, 1.45)], 0.3);
    expect(other.fractions[0]).toBeCloseTo(one.fractions[1], 9);
    expect(other.fractions[1]).toBeCloseTo(one.fractions[0], 9);
    expect(other.growth).toBeCloseTo(one.growth, 12);
  });

  test('one bet entered twice is staked once', () => {
    const { fractions, bothWin } = solve([bet(0.6, 1), bet(0.6, 1)], 1);
    expect(bothWin).toBeCloseTo(0.6, 12);
    expect(fractions[0]).toBeCloseTo(0.1, 12);
    expect(fractions[0]).toBe(fractions[1]);
  });

  test('stakes never exceed equity, even where the table knows no double loss', () => {
    const { fractions } = solve([bet(0.6, 2), bet(0.6, 2)], -1);
    expect(fractions[0] + fractions[1]).toBeLessThanOrEqual(1);
    expect(fractions[0]).toBeCloseTo(0.5, 9);
    const sure = solve([bet(1, 1), bet(0.6, 1)], 0);
    expect(sure.fractions[0] + sure.fractions[1]).toBeLessThanOrEqual(1);
    expect(sure.fractions[0]).toBeGreaterThan(0.5);
  });

  test('p = 1 with b = 0 is 0', () => {
    expect(solve([bet(1, 0), bet(0, 1)], 0)).toMatchObject({ fractions: [0, 0], growth: 0, bothWin: 0 });
  });

  test('no neighbouring stake grows faster', () => {
    const growthOf = (f: readonly [number, number], p11: number) =>
      p11 * Math.log(1 + 1.45 * f[0] + 2 * f[1]) +
      (0.68 - p11) * Math.log(1 + 1.45 * f[0] - f[1]) +
      (0.6 - p11) * Math.log(1 - f[0] + 2 * f[1]) +
      (1 - 0.68 - 0.6 + p11) * Math.log(1 - f[0] - f[1]);
    const { fractions, growth, bothWin } = solve([bet(0.68, 1.45), bet(0.6, 2)], 0.3);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
      [1, -1],
      [-1, 1],
    ] as const) {
      expect(growthOf([fractions[0] + dx * 1e-4, fractions[1] + dy * 1e-4], bothWin)).toBeLessThan(growth);
    }
  });

  test.each([
    [bet(NaN, 1), 0],
    [bet(1.1, 1), 0],
    [bet(0.6, -1), 0],
    [bet(0.6, Infinity), 0],
    [bet(0.6, 1), 1.1],
    [bet(0.6, 1), NaN],
  ])('refuses %o with φ = %d', (bad, phi) => {
    expect(simultaneousKelly([bet(0.6, 1), bad], phi)).toMatchObject({ error: { code: 'invalid-input' } });
  });
});
