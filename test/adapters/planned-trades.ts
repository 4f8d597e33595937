import type { Bar } from '#shared/domain/market.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { moneyFromUsd } from '#shared/units.ts';

const make = (
  root: string,
  group: Instrument['group'],
  tickSize: number,
  tickUsd: number,
  fee: number,
): Instrument => ({
  symbol: `${root}Z26`,
  root,
  name: root,
  exchange: 'SIM',
  group,
  tickSize,
  tickValue: moneyFromUsd(tickUsd),
  priceFormat: 'decimal',
  microRoot: null,
  lastTradeDate: null,
  firstNoticeDate: null,
  calendar: 'always',
  initialMargin: null,
  roundTurnFee: moneyFromUsd(fee),
  slippageTicks: 1,
});

/** The six futures of the simulation. */
export const SIX: readonly Instrument[] = [
  make('NQ', 'equity', 0.25, 5, 4.6),
  make('ES', 'equity', 0.25, 12.5, 4.6),
  make('GC', 'metals', 0.1, 10, 4.6),
  make('CL', 'energy', 0.01, 10, 4.6),
  make('ZN', 'rates', 1 / 64, 15.625, 3.2),
  make('6E', 'fx', 0.00005, 6.25, 4.6),
];

/** Mean true range of the 14 bars that end at index `end`, in ticks. */
export function averageRange(bars: readonly Bar[], end: number): number {
  let sum = 0;
  for (let i = end - 13; i <= end; i += 1) {
    const bar = bars[i]!;
    const before = bars[i - 1]!.close;
    sum += Math.max(bar.high - bar.low, Math.abs(bar.high - before), Math.abs(bar.low - before));
  }
  return sum / 14;
}

/** Walks the plan (stop 2 ranges, target 3) from the bar after `end`; the stop comes first inside a bar. */
export function planWins(bars: readonly Bar[], end: number, direction: 1 | -1): boolean | null {
  const range = averageRange(bars, end);
  const stopDistance = Math.max(1, Math.round(2 * range));
  const targetDistance = Math.max(1, Math.round(3 * range));
  const entry = bars[end + 1]?.open;
  if (entry === undefined) return null;
  for (let i = end + 1; i < bars.length; i += 1) {
    const bar = bars[i]!;
    const worst = direction === 1 ? bar.low : bar.high;
    const best = direction === 1 ? bar.high : bar.low;
    if (direction * (worst - entry) <= -stopDistance) return false;
    if (direction * (best - entry) >= targetDistance) return true;
  }
  return null;
}
