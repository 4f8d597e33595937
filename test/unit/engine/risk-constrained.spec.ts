import { describe, expect, test } from 'vitest';

import { rckLambda, riskConstrainedKelly } from '#desk/engine/risk-constrained.ts';

const dial = { alpha: 0.7, beta: 0.1 };
const coin = { returnsR: [1.45, -1], probabilities: [0.68, 0.32] };

describe('rckLambda', () => {
  test.each([
    [0, 0.1],
    [1, 0.1],
    [0.7, 0],
    [0.7, 1],
    [NaN, 0.1],
    [-0.7, 0.1],
  ])('refuses α = %d, β = %d', (alpha, beta) => {
    expect(rckLambda({ alpha, beta })).toMatchObject({ error: { code: 'invalid-input' } });
  });
});

describe('riskConstrainedKelly', () => {
  test('a promise that does not bind leaves full Kelly', () => {
    const kelly = riskConstrainedKelly({ ...coin, alpha: 0.5, beta: 0.6 });
    expect(kelly).toMatchObject({ value: { status: 'OK', equivalentFraction: 1 } });
    if (kelly.ok && kelly.value.status === 'OK') {
      expect(kelly.value.bound).toBeGreaterThan(kelly.value.kelly);
      expect(kelly.value.fraction).toBe(kelly.value.kelly);
    }
  });

  test('without an edge there is nothing and no equivalent', () => {
    for (const returnsR of [
      [1, -1],
      [-1, -2],
      [0, 0],
      [0.5, -1],
    ]) {
      expect(riskConstrainedKelly({ returnsR, ...dial })).toMatchObject({
        value: { status: 'NO_EDGE', bound: 0, kelly: 0, fraction: 0, equivalentFraction: null },
      });
    }
  });

  test('without a loss nothing is sized', () => {
    expect(riskConstrainedKelly({ returnsR: [1, 2], ...dial })).toMatchObject({
      value: { status: 'UNBOUNDED_NO_LOSS' },
    });
    const weightless = { returnsR: [1, -1], probabilities: [1, 0], ...dial };
    expect(riskConstrainedKelly(weightless)).toMatchObject({ value: { status: 'UNBOUNDED_NO_LOSS' } });
  });

  test('weights need not sum to 1, and order does not matter', () => {
    const normal = riskConstrainedKelly({ ...coin, ...dial });
    const scaled = riskConstrainedKelly({ returnsR: [-1, 1.45], probabilities: [32, 68], ...dial });
    if (!normal.ok || normal.value.status !== 'OK' || !scaled.ok || scaled.value.status !== 'OK') throw new Error();
    expect(scaled.value.fraction).toBeCloseTo(normal.value.fraction, 12);
  });

  test('a severe promise and a tiny edge stay precise', () => {
    const kelly = riskConstrainedKelly({
      returnsR: [1, -1],
      probabilities: [0.50001, 0.49999],
      alpha: 0.99,
      beta: 1e-6,
    });
    if (!kelly.ok || kelly.value.status !== 'OK') throw new Error();
    // To second order f = 2·edge/(λ + 1).
    expect(kelly.value.fraction / ((2 * 2e-5) / (kelly.value.lambda + 1))).toBeCloseTo(1, 5);
  });

  test.each([
    [{ returnsR: [] }],
    [{ returnsR: [1, NaN] }],
    [{ returnsR: [1, -1], probabilities: [0.5] }],
    [{ returnsR: [1, -1], probabilities: [0.5, -0.5] }],
    [{ returnsR: [1, -1], probabilities: [0, 0] }],
    [{ returnsR: [1, -1], alpha: 1 }],
  ])('refuses %o', (change) => {
    expect(riskConstrainedKelly({ ...dial, ...change })).toMatchObject({ error: { code: 'invalid-input' } });
  });
});
