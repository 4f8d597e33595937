import { describe, expect, it } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { createShadows } from '#desk/decisions/shadows.ts';
import { labelAt, type LabelSpec } from '#desk/engine/learning/label.ts';
import { planPrices, planTrade } from '#desk/engine/plan.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';
import { dailyBars } from '#test/support/daily-bars.ts';

const mes = continuousInstrument('MES');
if (mes === null) throw new Error('MES is in the table');
const spec: LabelSpec = {
  planning: { stopAtr: 1, targetAtr: 1.5, minStopTicks: 4 },
  horizonBars: 10,
  instrument: mes,
};

/** Fifteen days of a range of 100 ticks, closing where they opened: the average range is 100. */
const calm = dailyBars(15, { seed: 1 }).map((bar): Bar => ({
  ...bar,
  open: ticks(10_000),
  high: ticks(10_050),
  low: ticks(9_950),
  close: ticks(10_000),
}));

/** The calm days, then these days: [open, high, low, close]. */
const thenDays = (...days: readonly (readonly [number, number, number, number])[]): readonly Bar[] => [
  ...calm,
  ...days.map(([open, high, low, close], i): Bar => {
    const openAt = epochMs((calm.at(-1)?.closeAt ?? 0) + i * 86_400_000);
    return {
      symbol: 'MES',
      timeframe: '1d',
      openAt,
      closeAt: epochMs(openAt + 86_400_000),
      open: ticks(open),
      high: ticks(high),
      low: ticks(low),
      close: ticks(close),
      volume: 1,
    };
  }),
];

const at = (bars: readonly Bar[], over: Partial<LabelSpec> = {}) => labelAt(bars, 14, { ...spec, ...over });

describe('a label', () => {
  // Plan at 10,000 by hand: stop 100 away, target 150 away.
  it('is long when the target lies before the stop, and lives until both trades have ended', () => {
    expect(at(thenDays([10_000, 10_120, 9_990, 10_110], [10_110, 10_160, 10_100, 10_150]))).toEqual({
      outcome: 'long',
      settledIndex: 16,
    });
  });

  it('is short when the market falls as far', () => {
    expect(at(thenDays([10_000, 10_010, 9_850, 9_860]))).toEqual({ outcome: 'short', settledIndex: 15 });
  });

  it('is neither when one bar holds stop and target of both: the stop is assumed first', () => {
    expect(at(thenDays([10_000, 10_200, 9_800, 10_000]))).toEqual({ outcome: 'neither', settledIndex: 15 });
  });

  it('counts costs: a trade that is marked out a tick ahead has not netted above zero', () => {
    // A tick is worth 1.25 USD here; the fees of a round turn are 2.40.
    const instrument = { ...mes, roundTurnFee: money(24_000) };
    const flat = [10_000, 10_020, 9_980, 10_001] as const;
    expect(at(thenDays(flat), { horizonBars: 1, instrument })?.outcome).toBe('neither');
    const ahead = [10_000, 10_040, 9_980, 10_030] as const;
    expect(at(thenDays(ahead), { horizonBars: 1, instrument })?.outcome).toBe('long');
  });

  it('is not known before both trades have ended, nor without a plan', () => {
    expect(at(thenDays([10_000, 10_160, 9_990, 10_150]).slice(0, 15))).toBeNull();
    expect(at(thenDays([10_000, 10_020, 9_980, 10_000]))).toBeNull();
    expect(labelAt(calm, 5, spec)).toBeNull();
  });

  it('is what the desk records of its own signals', () => {
    const bars = dailyBars(400, { seed: 5 });
    let compared = 0;
    for (let index = 20; index < 380; index += 7) {
      const label = labelAt(bars, index, spec);
      const plan = planTrade(bars.slice(Math.max(0, index - 299), index + 1), spec.planning);
      const last = bars[index];
      if (label === null || plan === null || last === undefined) continue;
      const nets = ([1, -1] as const).map((direction) => {
        const shadows = createShadows(() => mes, { maxBars: spec.horizonBars });
        shadows.follow({
          ...planPrices(plan, direction),
          recommendationId: 'r',
          symbol: 'MES',
          direction,
          openedAt: last.closeAt,
          combined: 0.6,
          probability: 0.6,
          suggested: 1,
          riskPerContract: money(1),
        });
        return bars.slice(index + 1).flatMap((bar) => shadows.onBar(bar))[0]?.netPerContract ?? 0;
      });
      const [long = 0, short = 0] = nets;
      expect(label.outcome).toBe(long > 0 ? 'long' : short > 0 ? 'short' : 'neither');
      expect(long > 0 && short > 0).toBe(false);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(40);
  });
});
