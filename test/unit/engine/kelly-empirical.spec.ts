import { describe, expect, test } from 'vitest';
import { firstOrderResidual, kellyEmpirical, kellyTilted } from '#desk/engine/kelly-empirical.ts';

const RETURNS = [1.8, -1, 2.4, -1, -0.6, 1.1, -1, 3.2, 0.7, -1.2];

describe('kellyEmpirical', () => {
  test('gives no fraction to size from when nothing was lost', () => {
    expect(kellyEmpirical([0.5, 1, 2])).toMatchObject({
      value: { status: 'UNBOUNDED_NO_LOSS', fraction: null, growth: null, averageLoss: null, binaryFraction: null },
    });
  });

  test('sees no loss in a loss of weight 0', () => {
    expect(kellyEmpirical([1, -1], { weights: [1, 0] })).toMatchObject({ value: { status: 'UNBOUNDED_NO_LOSS' } });
  });

  test('is 0 without an edge, also when float64 leaves a crumb of one', () => {
    expect(kellyEmpirical([-1, -0.5])).toMatchObject({ value: { status: 'NO_EDGE', fraction: 0, averageWin: null } });
    expect(kellyEmpirical([0.1, 0.2, -0.3])).toMatchObject({ value: { status: 'NO_EDGE', fraction: 0, growth: 0 } });
  });

  test('leaves statistics of a sample of scratches undefined', () => {
    expect(kellyEmpirical([0, 0])).toMatchObject({
      value: { fraction: 0, winRate: null, payoffRatio: null, secondOrderFraction: null },
    });
  });

  test('counts a trade at exactly the scratch level as a scratch', () => {
    expect(kellyEmpirical([1, -1, 0.05, -0.05])).toMatchObject({ value: { winRate: 0.5, averageLoss: 1 } });
  });

  test('stays below ruin when losses are very rare', () => {
    const result = kellyEmpirical([...Array.from({ length: 1000 }, () => 5), -1], {
      weights: [...Array.from({ length: 1000 }, () => 1), 1e-18],
    });
    expect(result.ok && result.value.fraction).toBeLessThan(1);
    expect(result.ok && Number.isFinite(result.value.growth)).toBe(true);
  });

  test('solves its first-order condition', () => {
    const result = kellyEmpirical(RETURNS);
    const residual = firstOrderResidual(RETURNS, result.ok ? (result.value.fraction ?? 0) : 0);
    expect(Math.abs(residual.ok ? residual.value : 1)).toBeLessThan(1e-14);
  });

  test.each([
    [[], {}, 'returnsR.length'],
    [[1, NaN], {}, 'returnsR[1]'],
    [[1, -Infinity], {}, 'returnsR[1]'],
    [[1, -1], { weights: [1] }, 'weights.length'],
    [[1, -1], { weights: [1, -1] }, 'weights[1]'],
    [[1, -1], { weights: [0, 0] }, 'weights'],
    [[1, -1], { scratchR: NaN }, 'scratchR'],
  ])('refuses %j with %j', (returns, options, field) => {
    expect(kellyEmpirical(returns, options)).toMatchObject({ ok: false, error: { code: 'invalid-input', field } });
  });
});

describe('kellyTilted', () => {
  test('is the empirical fraction at the win rate of the sample', () => {
    const tilted = kellyTilted(RETURNS, 0.5);
    const empirical = kellyEmpirical(RETURNS);
    expect(tilted.ok && tilted.value.fraction).toBeCloseTo((empirical.ok && empirical.value.fraction) || 0, 12);
  });

  test('has no haircut without an edge', () => {
    expect(kellyTilted(RETURNS, 0.1)).toMatchObject({
      value: { status: 'NO_EDGE', fraction: 0, dispersionHaircut: null },
    });
  });

  test('cannot win without a winning shape, nor be bounded without a losing one', () => {
    expect(kellyTilted([-1, -0.5], 0.9)).toMatchObject({ value: { status: 'NO_EDGE', binaryFraction: null } });
    expect(kellyTilted([1, 2], 0.5)).toMatchObject({ value: { status: 'UNBOUNDED_NO_LOSS', fraction: null } });
    expect(kellyTilted(RETURNS, 1)).toMatchObject({ value: { status: 'UNBOUNDED_NO_LOSS', fraction: null } });
    expect(kellyTilted(RETURNS, 0)).toMatchObject({ value: { status: 'NO_EDGE', fraction: 0 } });
  });

  test('refuses a probability out of range and a sample of scratches', () => {
    expect(kellyTilted(RETURNS, 1.2)).toMatchObject({ error: { field: 'winProbability' } });
    expect(kellyTilted([0.01, -0.02], 0.5)).toMatchObject({ error: { field: 'returnsR.length' } });
    expect(kellyTilted([], 0.5)).toMatchObject({ error: { field: 'returnsR.length' } });
  });
});

test('the residual is −∞ at ruin and refused beyond it', () => {
  expect(firstOrderResidual([1, -1], 1)).toEqual({ ok: true, value: -Infinity });
  expect(firstOrderResidual([1, -1], 1.5)).toMatchObject({ error: { field: 'fraction' } });
  expect(firstOrderResidual([1, -1], NaN)).toMatchObject({ error: { field: 'fraction' } });
});
