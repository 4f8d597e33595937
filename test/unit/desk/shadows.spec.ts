import { describe, expect, it } from 'vitest';
import type { Decision } from '#shared/domain/decision.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { createShadows, shadowOf, type Shadow } from '#desk/decisions/shadows.ts';
import { exitIn, netOf } from '#desk/engine/planned-outcome.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { minuteBar, nq } from '#test/support/instruments.ts';
import { aDecision, aPrediction, NOON } from '#test/support/journal-events.ts';

const long: Shadow = {
  recommendationId: 'R1',
  symbol: 'NQZ26-CME',
  direction: 1,
  entry: ticks(1_000),
  stop: ticks(920),
  target: ticks(1_120),
  openedAt: epochMs(60_000),
  combined: 0.68,
  probability: 0.66,
  suggested: 3,
  riskPerContract: money(4_146_000),
};
const short: Shadow = { ...long, direction: -1, stop: ticks(1_080), target: ticks(880) };
type Claim = Pick<Decision, 'status' | 'direction' | 'winProbability'> & { readonly combined: number | null };

/** A recommendation of two models that say short. */
function recommendationWith({ combined, ...claim }: Claim): Recommendation {
  const said = { direction: -1, confidence: 0.6 } as const;
  const weights = { lstm: 0.4, ensemble: 0.6 };
  const decision = aDecision({
    ...claim,
    contracts: 0,
    riskPerContract: money(4_146_000),
    ladder: [
      {
        ...{ code: 'probability', state: 'fail', weights, threshold: 0.6, lstm: 0.6, ensemble: 0.6 },
        ...{ combined, calibrated: null, used: claim.winProbability },
      },
    ],
  });
  return {
    ...{ id: 'R1', symbol: 'NQZ26-CME', root: 'NQ', state: 'blocked', createdAt: NOON, expiresAt: NOON, decision },
    opinions: { lstm: aPrediction('lstm', said), ensemble: aPrediction('ensemble', said) },
    ...{ entry: null, stop: null, target: null, approvedContracts: null, reason: null, actor: 'desk', closedAt: NOON },
  };
}

const follower = (maxBars = 100) => createShadows(() => nq(), { maxBars });

describe('planned trades followed on bars', () => {
  it('assumes the stop first when one bar holds both', () => {
    expect(exitIn(minuteBar(60_000, [1_000, 1_150, 900, 1_100]), long)).toEqual({ exit: 'stop', price: 920 });
    expect(exitIn(minuteBar(60_000, [1_000, 1_150, 850, 900]), short)).toEqual({ exit: 'stop', price: 1_080 });
  });

  it('fills a gap through the stop at the open', () => {
    expect(exitIn(minuteBar(60_000, [900, 910, 890, 905]), long)).toEqual({ exit: 'stop', price: 900 });
    expect(exitIn(minuteBar(60_000, [1_100, 1_105, 1_090, 1_095]), short)).toEqual({ exit: 'stop', price: 1_100 });
  });

  it('takes the target when only the target is touched, and stays otherwise', () => {
    expect(exitIn(minuteBar(60_000, [1_050, 1_120, 1_000, 1_110]), long)).toEqual({ exit: 'target', price: 1_120 });
    expect(exitIn(minuteBar(60_000, [1_000, 1_119, 921, 1_000]), long)).toBeNull();
  });

  it('counts tick value, the round-turn fee, and slippage on stops only', () => {
    expect(netOf(nq(), long, 'target', ticks(1_120))).toBe(120 * 50_000 - 46_000);
    expect(netOf(nq(), long, 'stop', ticks(920))).toBe(-80 * 50_000 - 46_000 - 2 * 50_000);
    expect(netOf(nq(), short, 'timeout', ticks(990))).toBe(10 * 50_000 - 46_000);
  });

  it('does not look at bars that opened before the signal', () => {
    const shadows = follower();
    shadows.follow(long);
    expect(shadows.onBar(minuteBar(0, [1_000, 1_200, 800, 1_000]))).toEqual([]);
    expect(shadows.open()).toHaveLength(1);
  });

  it('reports the outcome once, in R of the planned risk', () => {
    const shadows = follower();
    shadows.follow(long);
    const [outcome] = shadows.onBar(minuteBar(60_000, [1_000, 1_010, 915, 920]));
    expect(outcome).toMatchObject({ exit: 'stop', exitPrice: 920, suggested: 3, decidedAt: 60_000 });
    expect(outcome?.r).toBeCloseTo(-1, 12);
    expect(shadows.onBar(minuteBar(120_000, [900, 900, 900, 900]))).toEqual([]);
  });

  it('marks out at the close after its last bar', () => {
    const shadows = follower(2);
    shadows.follow(long);
    expect(shadows.onBar(minuteBar(60_000, [1_000, 1_001, 999, 1_000]))).toEqual([]);
    expect(shadows.onBar(minuteBar(120_000, [1_000, 1_006, 999, 1_005]))).toMatchObject([
      { exit: 'timeout', exitPrice: 1_005 },
    ]);
  });
});

describe('what is followed of a signal', () => {
  const plan = { entry: ticks(1_000), stopDistance: 80, targetDistance: 120 };

  it('is the planned trade of one below the gate too, without a probability', () => {
    const vetoed = recommendationWith({ status: 'low-confidence', direction: 0, winProbability: null, combined: 0.55 });
    expect(shadowOf(vetoed, plan)).toMatchObject({
      ...{ direction: -1, combined: 0.55, probability: null, suggested: 0 },
      ...{ entry: 1_000, stop: 1_080, target: 880 },
    });
  });

  it('is nothing where the models do not share a direction, or nothing could be planned', () => {
    const apart = recommendationWith({ status: 'disagree', direction: 0, winProbability: null, combined: null });
    expect(shadowOf(apart, plan)).toBeNull();
    const sized = recommendationWith({ status: 'sized', direction: -1, winProbability: 0.66, combined: 0.68 });
    expect(shadowOf(sized, plan)).toMatchObject({ direction: -1, combined: 0.68, probability: 0.66 });
    expect(shadowOf(sized, null)).toBeNull();
  });
});
