import { describe, expect, it } from 'vitest';
import { medianExecuted, returnsR } from '#desk/backtest/policy-run.ts';
import type { Case } from '#desk/backtest/tape.ts';

const aCase = (terms: Partial<Pick<Case, 'riskPerContract' | 'executed'>>): Case => terms as Case;
const money = (units: number): Case['riskPerContract'] => units as Case['riskPerContract'];

describe('R of what a policy took', () => {
  it('is net over the risk of what was filled, in order of exit; of those of one moment the earlier case comes first', () => {
    const cases = [100, 200, 400, 100, 100].map((units) => aCase({ riskPerContract: money(units) }));
    const walk = {
      filled: Int32Array.of(1, 2, 1, 0, 1),
      net: Float64Array.of(50, -400, 100, NaN, NaN),
      exitAt: Float64Array.of(30, 20, 20, NaN, NaN),
    };
    expect(returnsR({ cases }, walk)).toEqual([-1, 0.25, 0.5]);
  });
});

describe('the median of the executed sizes', () => {
  it.each([
    [[], 1],
    [[0, 0], 1],
    [[0, 10, 9, 2], 9],
    [[3, 0, 2], 2],
  ])('of %j is %d', (sizes, median) => {
    expect(medianExecuted(sizes.map((executed) => aCase({ executed })))).toBe(median);
  });
});
