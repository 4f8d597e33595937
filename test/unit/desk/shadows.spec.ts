import { describe, expect, it } from 'vitest';
import { createShadows, exitIn, netOf, type Shadow } from '#desk/decisions/shadows.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { minuteBar, nq } from '#test/support/instruments.ts';

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
