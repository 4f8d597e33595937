import { money, type Direction, type Money } from '#shared/units.ts';
import type { OpenProfit } from '#shared/domain/performance.ts';
import type { Marks } from './tape.ts';

/** Contracts that came in together, as they are marked while they are held. */
export type Position = {
  readonly symbol: string;
  readonly at: number;
  readonly direction: Direction;
  readonly quantity: number;
  /** Ticks. */
  readonly price: number;
  /** Paid on the way in, for all of them. */
  readonly fee: Money;
  /** Money per tick and contract. */
  readonly tickValue: Money;
};

/** Returns the last price of a contract that became known after one time and by another, in ticks; null for none. */
export type KnownPrices = (symbol: string, after: number, by: number) => number | null;

/** What a book holds at a time. */
export type OpenPositions = {
  readonly contracts: number;
  /** Open profit at the last known prices, less the fees paid on the way in; what has no price stands at its entry. */
  readonly pnl: Money;
  /** Symbols of which no price is known since the entry. */
  readonly unpriced: readonly string[];
};

/** Reads prices out of marks by symbol. */
export function knownPrices(marks: ReadonlyMap<string, Marks>): KnownPrices {
  return (symbol, after, by) => {
    const found = marks.get(symbol);
    if (found === undefined) return null;
    let [low, high] = [0, found.at.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((found.at[middle] ?? Infinity) <= by) low = middle + 1;
      else high = middle;
    }
    return (found.at[low - 1] ?? -Infinity) > after ? (found.price[low - 1] ?? null) : null;
  };
}

/** One book: what it has realised, and what it holds. */
export interface MarkedBook {
  open(key: object, position: Position): void;
  /** Closes what was opened under a key, and books its net. */
  close(key: object, net: number): void;
  realised(): Money;
  /** Realised and open, at the prices known by then. */
  equity(at: number): Money;
  openAt(at: number): OpenPositions;
}

/** Returns a book that holds nothing. */
export function createMarkedBook(initialEquity: Money, prices: KnownPrices): MarkedBook {
  const held = new Map<object, Position>();
  let realised: number = initialEquity;
  const openAt = (at: number): OpenPositions => {
    let [contracts, pnl] = [0, 0];
    const unpriced = new Set<string>();
    for (const { symbol, quantity, direction, price, fee, tickValue, at: since } of held.values()) {
      const last = prices(symbol, since, at);
      if (last === null) unpriced.add(symbol);
      contracts += quantity;
      pnl += ((last ?? price) - price) * direction * quantity * tickValue - fee;
    }
    return { contracts, pnl: money(Math.round(pnl)), unpriced: [...unpriced] };
  };
  return {
    open: (key, position) => {
      if (position.quantity > 0) held.set(key, position);
    },
    close: (key, net) => {
      held.delete(key);
      realised += net;
    },
    realised: () => money(realised),
    equity: (at) => money(realised + openAt(at).pnl),
    openAt,
  };
}

/** Open profit as a figure: null, with its reason, while something held has no price since it came in. */
export function openProfit({ pnl, unpriced }: OpenPositions): OpenProfit {
  if (unpriced.length === 0) return { value: pnl, reason: null };
  return { value: null, reason: `no price yet: ${unpriced.join(', ')}` };
}
