import type { OrderType } from '#shared/domain/order.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import { type Direction, type EpochMs, type Ticks, ticks } from '#shared/units.ts';

/** What decides whether an order meets the market. */
export type Matchable = {
  readonly direction: Direction;
  readonly type: OrderType;
  readonly price: Ticks | null;
  /** The order has met no price yet: a limit may still be better than its price. */
  readonly isFresh: boolean;
  /** A stop that was hit and is now a market order for what is left of it. */
  readonly isTriggered: boolean;
};

/** Ticks a market order or a stop that was hit loses against the price seen. */
export type Slippage = { readonly market: number; readonly stop: number };

/** A match: the price paid, and whether it happened at the bar's open (quotes: always false). */
export type Match = { readonly price: Ticks; readonly atOpen: boolean };

const worse = (direction: Direction, price: number, by: number): number => price + direction * by;
const worst = (direction: Direction, a: number, b: number): number =>
  direction === 1 ? Math.max(a, b) : Math.min(a, b);
const match = (price: number, atOpen = false): Match => ({ price: ticks(price), atOpen });

/**
 * Meets an order with a quote. Market: the other side of the book, plus slippage. Limit: when the other side touches
 * it, at that side's price if the order has just arrived, at its own price if it was resting. Stop: once the last trade
 * or its own exit side reaches the trigger, at the worse of trigger and slipped market.
 */
export function matchQuote(order: Matchable, quote: Quote, slippage: Slippage): Match | null {
  const { direction, price } = order;
  const other = direction === 1 ? quote.ask : quote.bid;
  if (order.type === 'market') return match(worse(direction, other, slippage.market));
  if (order.isTriggered) return match(worse(direction, other, slippage.stop));
  if (price === null) return null;
  if (order.type === 'limit') {
    if (direction * (other - price) > 0) return null;
    return match(order.isFresh ? other : price);
  }
  const isThrough = direction * (quote.last - price) >= 0 || direction * (other - price) >= 0;
  return isThrough ? match(worst(direction, price, worse(direction, other, slippage.stop))) : null;
}

/**
 * Meets an order with a completed bar it was working for from the open on. Market: the open, plus slippage. Limit: the
 * open if the order has just arrived there, else its price once the bar touches it. Stop: the open when it gaps through
 * the trigger, else the trigger, both plus slippage.
 */
export function matchBar(order: Matchable, bar: Bar, slippage: Slippage): Match | null {
  const { direction, price } = order;
  if (order.type === 'market') return match(worse(direction, bar.open, slippage.market), true);
  if (order.isTriggered) return match(worse(direction, bar.open, slippage.stop), true);
  if (price === null) return null;
  if (order.type === 'limit') {
    if (direction * (bar.open - price) <= 0) return match(order.isFresh ? bar.open : price, true);
    const reach = direction === 1 ? bar.low : bar.high;
    return direction * (reach - price) <= 0 ? match(price) : null;
  }
  if (direction * (bar.open - price) >= 0) return match(worse(direction, bar.open, slippage.stop), true);
  const reach = direction === 1 ? bar.high : bar.low;
  return direction * (reach - price) >= 0 ? match(worse(direction, price, slippage.stop)) : null;
}

/**
 * Meets a protective order whose entry was filled somewhere inside this bar. What the bar did before the entry is
 * unknown, so the stop counts as hit whenever the bar reached it, and the target only when the price must have passed
 * it after the entry: when the entry was a stop, which the price crossed on its way to the extreme.
 */
export function matchAfterEntry(
  order: Matchable,
  bar: Bar,
  entry: { type: OrderType; slippage: Slippage },
): Match | null {
  const { direction, price } = order;
  if (price === null) return null;
  if (order.type === 'stop') {
    const reach = direction === 1 ? bar.high : bar.low;
    return direction * (reach - price) >= 0 ? match(worse(direction, price, entry.slippage.stop)) : null;
  }
  if (entry.type !== 'stop') return null;
  const reach = direction === 1 ? bar.low : bar.high;
  return direction * (reach - price) <= 0 ? match(price) : null;
}

/** Whether a bar may fill an order: it must begin at or after the moment the order began to work. */
export const isBarAfter = (bar: Bar, since: EpochMs): boolean => bar.openAt >= since;
