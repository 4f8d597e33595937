import { remainingOf } from '#shared/domain/order-life.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import type { Direction, EpochMs } from '#shared/units.ts';
import { createSeeded } from '#desk/adapters/seeded.ts';
import type { PaperBook } from './paper-book.ts';
import {
  type Match,
  type Matchable,
  type Slippage,
  isBarAfter,
  matchAfterEntry,
  matchBar,
  matchQuote,
} from './paper-match.ts';
import { type BookedOrder, isExit } from './paper-orders.ts';

/** Fills in parts: at most `shareOfVolume` of a bar's volume, or `quoteSize` contracts a quote, on each side. */
export type PartialFills = { readonly seed: number; readonly shareOfVolume: number; readonly quoteSize: number };

/** Where orders meet the market. */
export interface PaperFloor {
  /** Lets these orders meet a quote. All orders that meet one quote share what it offers. */
  readonly meetQuote: (quote: Quote, orders: readonly BookedOrder[]) => void;
  readonly meetBar: (bar: Bar) => void;
}

export type PaperFloorParts = {
  readonly book: Pick<PaperBook, 'working'>;
  readonly slippage: Slippage;
  readonly partialFills: PartialFills | undefined;
  readonly execute: (order: BookedOrder, how: { match: Match; quantity: number; at: EpochMs }) => void;
};

const RANK = { market: 0, stop: 1, limit: 2 } as const;

const matchableOf = (order: BookedOrder): Matchable => ({
  direction: order.terms.direction,
  type: order.terms.type,
  price: order.price,
  isFresh: order.isFresh,
  isTriggered: order.isTriggered,
});

const rankOf = ({ terms }: BookedOrder): number => RANK[terms.type];

/** A bracket comes in this order: few have to be sorted. */
function isRanked(orders: readonly BookedOrder[]): boolean {
  let before = 0;
  for (const order of orders) {
    const rank = rankOf(order);
    if (rank < before) return false;
    before = rank;
  }
  return true;
}

const byRank = (orders: readonly BookedOrder[]): readonly BookedOrder[] =>
  isRanked(orders) ? orders : [...orders].sort((a, b) => rankOf(a) - rankOf(b));

/** Makes the floor of one exchange. */
export function createPaperFloor({ book, slippage, partialFills, execute }: PaperFloorParts): PaperFloor {
  const newOffer = offers(partialFills);
  const deal = (order: BookedOrder, match: Match, how: { at: EpochMs; offer: Offer }): void => {
    const quantity = how.offer(order.terms.direction, remainingOf(order));
    // A stop that was hit stays hit, also when others took all there was.
    if (order.terms.type === 'stop') order.isTriggered = true;
    if (quantity > 0) execute(order, { match, quantity, at: how.at });
  };

  const meetQuote: PaperFloor['meetQuote'] = (quote, orders) => {
    if (orders.length === 0) return;
    const offer = newOffer(null);
    for (const order of byRank(orders)) {
      if (order.state !== 'working') continue;
      const match = matchQuote(matchableOf(order), quote, slippage);
      order.isFresh = false;
      if (match !== null) deal(order, match, { at: quote.asOf, offer });
    }
  };

  /** Entries at the open, then entries inside the bar, then exits: stops before targets. No order twice in one bar. */
  const meetBar: PaperFloor['meetBar'] = (bar) => {
    if (book.working(bar.symbol).length === 0) return;
    const offer = newOffer(bar.volume);
    const met = new Set<BookedOrder>();
    const enteredInside = new Map<string, BookedOrder>();
    const meet = (order: BookedOrder, match: Match | null): void => {
      if (match === null || order.state !== 'working') return;
      met.add(order);
      const at = match.atOpen && !isExit(order) ? bar.openAt : bar.closeAt;
      if (!match.atOpen) enteredInside.set(order.terms.clientOrderId, order);
      deal(order, match, { at, offer });
    };
    const ready = (wanted: (order: BookedOrder) => boolean): readonly BookedOrder[] =>
      byRank(book.working(bar.symbol).filter((order) => wanted(order) && !met.has(order)));
    const entries = ready((order) => !isExit(order) && isBarAfter(bar, order.since));
    const resting = ready((order) => isExit(order) && isBarAfter(bar, order.since));
    const matches = new Map(entries.map((order) => [order, matchBar(matchableOf(order), bar, slippage)]));
    for (const order of resting) {
      const match = matchBar(matchableOf(order), bar, slippage);
      if (match?.atOpen === true) meet(order, match);
    }
    for (const [order, match] of matches) if (match?.atOpen === true) meet(order, match);
    for (const [order, match] of matches) if (match?.atOpen === false) meet(order, match);
    for (const order of ready(isExit)) {
      const entry = enteredInside.get(order.entryId ?? '');
      if (entry !== undefined && !resting.includes(order)) {
        meet(order, matchAfterEntry(matchableOf(order), bar, { type: entry.terms.type, slippage }));
      } else if (isBarAfter(bar, order.since)) meet(order, matchBar(matchableOf(order), bar, slippage));
    }
    for (const order of book.working(bar.symbol)) if (isBarAfter(bar, order.since)) order.isFresh = false;
  };
  return { meetQuote, meetBar };
}

/** Gives an order what one quote or bar still offers on its side, at most `wanted`. */
type Offer = (direction: Direction, wanted: number) => number;

/** What one event offers: everything, or on each side a seeded part of its volume, at least one contract. */
function offers(partial: PartialFills | undefined): (volume: number | null) => Offer {
  if (partial === undefined) return () => (_, wanted) => wanted;
  const chance = createSeeded(partial.seed);
  return (volume) => {
    const left = new Map<Direction, number>();
    const size = volume === null ? partial.quoteSize : volume * partial.shareOfVolume;
    return (direction, wanted) => {
      const offered = left.get(direction) ?? Math.max(1, Math.ceil(size * chance.uniform()));
      const given = Math.min(wanted, offered);
      left.set(direction, offered - given);
      return given;
    };
  };
}
