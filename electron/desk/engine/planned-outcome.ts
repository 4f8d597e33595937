import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import { money, type Direction, type Money, type Ticks } from '#shared/units.ts';

/** How a planned trade ended: at its stop, at its target, or marked out at a close. */
export type PlannedExit = 'stop' | 'target' | 'timeout';

/** A planned trade as prices. */
export type PlannedTrade = {
  readonly direction: Direction;
  readonly entry: Ticks;
  readonly stop: Ticks;
  readonly target: Ticks;
};

/**
 * Returns where a planned trade leaves this bar; null while it stays in. The stop is assumed first when one bar holds
 * both, and a gap through it fills at the open.
 */
export function exitIn(
  bar: Bar,
  { direction, stop, target }: Omit<PlannedTrade, 'entry'>,
): { readonly exit: 'stop' | 'target'; readonly price: Ticks } | null {
  const adverse = direction > 0 ? bar.low : bar.high;
  const favourable = direction > 0 ? bar.high : bar.low;
  if ((adverse - stop) * direction <= 0) {
    const isGap = (bar.open - stop) * direction < 0;
    return { exit: 'stop', price: isGap ? bar.open : stop };
  }
  if ((favourable - target) * direction >= 0) return { exit: 'target', price: target };
  return null;
}

/** Returns the net result of one contract: tick value, round-turn fee, and slippage where a stop was hit. */
export function netOf(
  instrument: Pick<Instrument, 'tickValue' | 'roundTurnFee' | 'slippageTicks'>,
  trade: Pick<PlannedTrade, 'direction' | 'entry'>,
  exit: PlannedExit,
  price: Ticks,
): Money {
  const slippage = exit === 'stop' ? instrument.slippageTicks * instrument.tickValue : 0;
  return money((price - trade.entry) * trade.direction * instrument.tickValue - instrument.roundTurnFee - slippage);
}
