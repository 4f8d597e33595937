import type { Timeframe } from '#shared/domain/market.ts';
import type { Trade } from '#shared/domain/order.ts';
import { type Money, money } from '#shared/units.ts';
import type { Prepare } from './statements.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Bars to look at, finest first, and how much earlier than it closes one may have opened. */
const FRAMES: readonly { readonly timeframe: Timeframe; readonly lengthMs: number; readonly leastMs: number }[] = [
  { timeframe: '1m', lengthMs: HOUR_MS, leastMs: 0 },
  // A daily bar says nothing of a trade within the day.
  { timeframe: '1d', lengthMs: 7 * DAY_MS, leastMs: DAY_MS },
];

/** Extremes of the bars that close after @entry and open before @exit; the first bound lets the key find them. */
export const EXTREMES = `SELECT min(low) AS low, max(high) AS high FROM bars
  WHERE symbol = @symbol AND timeframe = @timeframe AND open_at > @entry - @length AND open_at < @exit AND close_at > @entry`;

export type Excursion = { readonly mae: Money | null; readonly mfe: Money | null };

/**
 * Worst and best open P&L while a trade was on, gross, from recorded bars: mae ≤ 0 ≤ mfe. Bars that the entry or the
 * exit fell into count whole. Null where no bar was recorded.
 * @param tickValue money per tick and contract
 */
export function excursion(prepare: Prepare, trade: Trade, tickValue: Money): Excursion {
  for (const { timeframe, lengthMs, leastMs } of FRAMES) {
    if (trade.exitAt - trade.entryAt < leastMs) continue;
    const { symbol, entryAt: entry, exitAt: exit } = trade;
    const row = prepare(EXTREMES).get({ symbol, timeframe, entry, exit, length: lengthMs });
    const [low = null, high = null] = [row?.['low'], row?.['high']];
    if (low === null || high === null) continue;
    const made = [low, high].map(
      (price) => (Number(price) - trade.entryPrice) * trade.direction * trade.quantity * tickValue,
    );
    return { mae: money(Math.min(0, ...made)), mfe: money(Math.max(0, ...made)) };
  }
  return { mae: null, mfe: null };
}
