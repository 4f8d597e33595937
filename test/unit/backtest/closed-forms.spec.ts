import { describe, expect, it } from 'vitest';

import { closedForms, growthPerTrade, kellyShare } from '#desk/backtest/closed-forms.ts';
import { fanMarks, referenceKernel } from '#desk/engine/path-kernel.ts';
import type { PathPlan } from '#desk/engine/path-kernel.ts';
import { tallied } from '#test/support/walked-paths.ts';

/** 68 wins of 1.45 and 32 losses of 1: the odds of the vectors RE1 and RE2. */
const ODDS = [...Array<number>(68).fill(1.45), ...Array<number>(32).fill(-1)];
const FULL = 0.459310344828;

const planOf = (f: number, changes: Partial<PathPlan> = {}): PathPlan => ({
  outcomes: Float64Array.from(ODDS, (r) => f * r),
  isCompounded: true,
  trades: 400,
  meanBlock: 1,
  marks: fanMarks(400, 4),
  lossLevel: 0.8,
  gainLevel: 1.5,
  ...changes,
});

const formsOf = (plan: PathPlan, paths = 1500) => {
  const results = referenceKernel.walk(plan, { seed: 11, chunk: 0, paths });
  const forms = closedForms(plan, tallied(plan, results, 0.5), { loss: 0.2, gain: 0.5, ruinLevel: 0.5 });
  return Object.fromEntries(forms.map(({ key, ...form }) => [key, form]));
};

describe('theory beside the paths', () => {
  it('is the bounds of the vectors for compounded stakes', () => {
    const third = formsOf(planOf(FULL / 3));
    expect(third['ruin-bound']?.theory.value).toBeCloseTo(0.0269820451499, 9);
    expect(third['loss-bound']?.theory.value).toBeCloseTo(0.312549580376, 9);
    expect(third['ruin-continuous']?.theory.value).toBeCloseTo(0.03125, 9);
    expect(third['ruin-bound']?.simulated).toBeLessThan(0.0269820451499);
    expect(formsOf(planOf(FULL))['ruin-bound']?.theory.value).toBeCloseTo(0.5, 9);
  });

  it('is Lundberg and the expected drawdown for constant stakes', () => {
    const plan = planOf(0.1, { isCompounded: false, outcomes: Float64Array.from(ODDS, (r) => 0.02 * r) });
    const forms = formsOf(plan);
    expect(forms['ruin-lundberg']?.simulated).toBeLessThanOrEqual(forms['ruin-lundberg']?.theory.value ?? 0);
    expect(forms['ruin-bound']?.theory.value).toBeNull();
    expect(forms['ruin-bound']?.theory.reason).toContain('does not grow');
    const drawdown = forms['expected-drawdown'];
    // The asymptotic of a continuous motion lies above what steps reach.
    expect((drawdown?.simulated ?? 0) / (drawdown?.theory.value ?? 1)).toBeGreaterThan(0.6);
    expect((drawdown?.simulated ?? 0) / (drawdown?.theory.value ?? 1)).toBeLessThan(1.1);
  });

  it('is a reason where an assumption does not hold', () => {
    const blocks = formsOf(planOf(0.1, { meanBlock: 5 }), 50);
    for (const key of ['ruin-bound', 'loss-bound', 'ruin-continuous', 'loss-before-gain']) {
      expect(blocks[key]?.theory.reason).toContain('in blocks');
    }
    const lost = planOf(1, { outcomes: Float64Array.from([-1, 0.5]) });
    expect(growthPerTrade(lost).reason).toContain('takes everything');
    expect(kellyShare(planOf(1, { outcomes: Float64Array.from([0.1, 0.2]) })).reason).toContain('no trade');
    expect(kellyShare(planOf(1, { outcomes: Float64Array.from([-0.2, 0.1]) })).reason).toContain('no edge');
    expect(formsOf(planOf(-0.1), 50)['trades-to-double']?.theory.reason).toBe('wealth does not grow');
  });

  it('tells the stake as a share of full Kelly', () => {
    expect(kellyShare(planOf(FULL / 4)).value).toBeCloseTo(0.25, 9);
  });
});
