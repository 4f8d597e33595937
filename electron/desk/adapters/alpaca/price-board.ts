import type { Quote } from '#shared/domain/market.ts';
import { epochMs, type EpochMs, ticks, type Ticks } from '#shared/units.ts';
import type { MarketTrade } from '#desk/ports/market-data.ts';
import type { Listed } from './listing.ts';
import { timeOf } from './wire.ts';

/** float64 prices of Alpaca are this close to a tick when they are one. */
const NEAR = 1e-4;

/** A price in ticks, towards the side given where it lies between two; null when it is none. */
export function ticksNear(price: number, tickSize: number, side: 'down' | 'up' | 'near'): Ticks | null {
  const count = price / tickSize;
  const whole = Math.round(count);
  if (!Number.isSafeInteger(whole) || price <= 0) return null;
  if (side === 'near' || Math.abs(count - whole) <= NEAR) return ticks(whole);
  return ticks(side === 'down' ? Math.floor(count) : Math.ceil(count));
}

/** The prices of one instrument, put together from quotes and trades. */
export interface PriceBoard {
  readonly quote: (told: { bp: number; ap: number; t: string }, now: EpochMs) => Quote | null;
  readonly trade: (told: { p: number; s: number; t: string }, now: EpochMs) => MarketTrade | null;
  /** The last trade before the stream began. */
  readonly seed: (price: number) => void;
}

/**
 * Makes a board that knows nothing. A quote is told once bid, ask and a last trade are known; a bid between two ticks
 * counts as the tick below, an ask as the one above. A side that is missing makes no quote.
 */
export function createPriceBoard({ symbol, tickSize, isCrypto, wholeContractsOf }: Listed): PriceBoard {
  let last: Ticks | null = null;
  let quotedAt = 0;
  let tradedAt = 0;
  const timeAt = (text: string, now: EpochMs): EpochMs | null => {
    const at = timeOf(text);
    return at === null ? null : epochMs(Math.min(at, now));
  };
  return {
    quote: ({ bp, ap, t }, now) => {
      const [bid, ask, asOf] = [ticksNear(bp, tickSize, 'down'), ticksNear(ap, tickSize, 'up'), timeAt(t, now)];
      if (bid === null || ask === null || ask < bid || last === null || asOf === null || asOf < quotedAt) return null;
      quotedAt = asOf;
      return { symbol, bid, ask, last, asOf, receivedAt: now };
    },
    trade: ({ p, s, t }, now) => {
      const [price, asOf] = [ticksNear(p, tickSize, 'near'), timeAt(t, now)];
      if (price === null || asOf === null || asOf < tradedAt) return null;
      tradedAt = asOf;
      last = price;
      // Odd parts of a lot of crypto move the last price and are no volume.
      const quantity = isCrypto ? (wholeContractsOf(s.toFixed(9)) ?? 0) : Math.floor(s);
      return quantity <= 0 ? null : { symbol, price, quantity, asOf, receivedAt: now };
    },
    seed: (price) => {
      last ??= ticksNear(price, tickSize, 'near');
    },
  };
}
