import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tradeFigures } from '#desk/backtest/equity-statistics.ts';
import { rolling, type RatedTrade } from '#desk/backtest/rolling.ts';
import { DETAIL_LIMITS, rollingSchema } from '#shared/domain/performance-detail.ts';

const tradesOf = (r: readonly (number | null)[]): readonly RatedTrade[] =>
  r.map((value, i) => ({ exitAt: 1_000 + i, r: value }));
const of = (r: readonly (number | null)[], window: number) => rolling(tradesOf(r), { window, scratchR: 0.05 });

describe('figures of the newest trades', () => {
  // Window of 5 over +2 −1 +1 0 −1 +3: the mean of the first five is 1/5, of the last five 2/5. The 0 is a scratch:
  // two wins of mean 1.5 and two losses of 1, then wins 1 and 3 and losses 1 and 1.
  it('follow the last five trades, by hand', () => {
    const { points, now } = of([2, -1, 1, 0, -1, 3], 5);
    expect(points.map(({ at, trade }) => [at, trade])).toEqual([
      [1_004, 5],
      [1_005, 6],
    ]);
    expect(points[0]).toMatchObject({ expectancy: 0.2, winRate: 0.5, payoff: 1.5, sqn: null });
    expect(points[1]).toMatchObject({ expectancy: 0.4, winRate: 0.5, payoff: 2, sqn: null });
    expect(now.payoff).toEqual({ value: 2, reason: null });
    expect(now.sqn).toEqual({ value: null, reason: 'needs 30 trades' });
  });

  it('are not defined until the window is full, and say how far it is', () => {
    const { points, now, whole } = of([1, -1, 2], 20);
    expect(points).toEqual([]);
    expect(now.expectancy).toEqual({ value: null, reason: 'needs 20 trades, there are 3' });
    expect(of([1], 20).now.sqn.reason).toBe('needs 20 trades, there is 1');
    expect(whole.expectancy.value).toBeCloseTo(2 / 3, 12);
  });

  it('have no payoff in a window without a loss, and no SQN where trades do not differ', () => {
    const { points, now } = of(
      Array.from({ length: 40 }, () => 1),
      30,
    );
    expect(points.every(({ payoff, sqn }) => payoff === null && sqn === null)).toBe(true);
    expect(now.payoff.reason).toBe('needs a win and a loss');
    expect(now.sqn.reason).toBe('needs trades that differ');
  });

  it('leave out trades without an R, and say how many', () => {
    const { trades, unrated, points } = of([1, null, -1, null, 2, 1, 1], 5);
    expect({ trades, unrated }).toEqual({ trades: 5, unrated: 2 });
    expect(points.map(({ trade }) => trade)).toEqual([5]);
  });

  it('are those of the whole record in a window that holds all of it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -30, max: 50 }), { minLength: 5, maxLength: 60 }), (tenths) => {
        const r = tenths.map((x) => x / 10);
        const { now, whole, points } = of(r, r.length);
        const { expectancy, winRate, payoff, sqn } = tradeFigures(r, 0.05).trades;
        expect(now).toEqual({ expectancy, winRate, payoff, sqn });
        expect(whole).toEqual(now);
        expect(points).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });

  it('keep every peak of five thousand trades within a frame', () => {
    const r = Array.from({ length: 5_000 }, (_, i) => (i >= 3_000 && i < 3_050 ? 5 : i % 3 === 0 ? 1.2 : -0.6));
    const result = of(r, 50);
    expect(result.points.length).toBeLessThanOrEqual(DETAIL_LIMITS.points + 8);
    expect(Math.max(...result.points.map(({ expectancy }) => expectancy ?? 0))).toBe(5);
    expect(result.points.at(-1)?.trade).toBe(5_000);
    expect(JSON.stringify(rollingSchema.parse(result)).length).toBeLessThan(64 * 1024);
  });
});
