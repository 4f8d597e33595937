import type { Fill, Trade } from '#shared/domain/order.ts';
import { feeShare } from '#shared/fee-share.ts';
import { sessionDay } from '#shared/session-day.ts';
import { type Direction, type EpochMs, type Money, type Ticks, money } from '#shared/units.ts';
import { compareText } from './derived-tables.ts';

/** A fill of one book (account and symbol), with what its order was planned to risk. */
export type BookFill = Pick<Fill, 'execKey' | 'venue' | 'direction' | 'quantity' | 'price' | 'fee' | 'at'> & {
  readonly recommendationId: string | null;
  readonly plannedRiskPerContract: Money | null;
};

/** What is still open of one fill. `used` counts the contracts of the fill that came before it: closed, or closing. */
export type Lot = {
  readonly execKey: string;
  readonly direction: Direction;
  readonly quantity: number;
  readonly price: Ticks;
  readonly at: EpochMs;
  readonly fillQuantity: number;
  readonly fillFee: Money;
  readonly used: number;
  readonly recommendationId: string | null;
  readonly plannedRiskPerContract: Money | null;
};

/** One closing fill met one lot. */
export type Match = {
  readonly lot: Lot;
  readonly closing: BookFill;
  readonly quantity: number;
  /** Both sides' fees for exactly these contracts. */
  readonly fees: Money;
};

export type BookTerms = {
  readonly account: string;
  readonly symbol: string;
  readonly root: string;
  /** Money per tick and contract. */
  readonly tickValue: Money;
};

/** Fee still carried by an open lot. */
export const lotFee = (lot: Lot): Money =>
  feeShare({ fee: lot.fillFee, quantity: lot.fillQuantity }, lot.used, lot.quantity);

/** What orders fills. */
export type FillOrder = { readonly at: number; readonly execKey: string; readonly venue: string };

/** Order in which fills count: by time, then by key, so that the order of their arrival never matters. */
export const compareFills = (a: FillOrder, b: FillOrder): number =>
  a.at - b.at || compareText(a.execKey, b.execKey) || compareText(a.venue, b.venue);

const openLot = (fill: BookFill, used: number): Lot => ({
  execKey: fill.execKey,
  direction: fill.direction,
  quantity: fill.quantity - used,
  price: fill.price,
  at: fill.at,
  fillQuantity: fill.quantity,
  fillFee: fill.fee,
  used,
  recommendationId: fill.recommendationId,
  plannedRiskPerContract: fill.plannedRiskPerContract,
});

/** Lots that are taken from the front before the places they had are given back. */
const FREED_TOGETHER = 1_024;

/** The open lots of a book, oldest first and all one direction. Booking on them copies none, however many they are. */
export class OpenLots {
  readonly #lots: Lot[];
  #first = 0;

  /** The list is the book's own from then on. */
  constructor(lots: Lot[] = []) {
    this.#lots = lots;
  }

  get oldest(): Lot | undefined {
    return this.#lots[this.#first];
  }

  open(lot: Lot): void {
    this.#lots.push(lot);
  }

  /** Closes contracts of the oldest lot: all of it, or the first of it. */
  close(oldest: Lot, quantity: number): void {
    if (quantity < oldest.quantity) {
      this.#lots[this.#first] = { ...oldest, quantity: oldest.quantity - quantity, used: oldest.used + quantity };
      return;
    }
    this.#first += 1;
    if (this.#first < FREED_TOGETHER || 2 * this.#first < this.#lots.length) return;
    this.#lots.splice(0, this.#first);
    this.#first = 0;
  }

  all(): readonly Lot[] {
    return this.#lots.slice(this.#first);
  }
}

/**
 * Books one fill on the open lots of its book. It closes lots of the other direction first in, first out; what is left of
 * it opens a lot, so that a reversal is split in two. Returns what it closed.
 */
export function bookFill(lots: OpenLots, fill: BookFill): readonly Match[] {
  const matches: Match[] = [];
  let used = 0;
  for (let lot = lots.oldest; lot !== undefined && used < fill.quantity; lot = lots.oldest) {
    if (lot.direction === fill.direction) break;
    const quantity = Math.min(lot.quantity, fill.quantity - used);
    const opening = feeShare({ fee: lot.fillFee, quantity: lot.fillQuantity }, lot.used, quantity);
    matches.push({ lot, closing: fill, quantity, fees: money(opening + feeShare(fill, used, quantity)) });
    used += quantity;
    lots.close(lot, quantity);
  }
  if (used < fill.quantity) lots.open(openLot(fill, used));
  return matches;
}

/** Keys of the two fills of a match; unique in a book unless two venues use the same key. */
export const pairOf = (match: Match): string => `${match.lot.execKey}|${match.closing.execKey}`;

/**
 * Makes the trade of one match. R is null without a planned risk above zero.
 * @param ordinal 0, or how many earlier trades of the book have the same pair of keys
 */
export function tradeOf(match: Match, book: BookTerms, ordinal: number): Trade {
  const { lot, closing, quantity, fees } = match;
  const gross = money((closing.price - lot.price) * lot.direction * quantity * book.tickValue);
  const net = money(gross - fees);
  const plannedRisk = lot.plannedRiskPerContract === null ? null : money(lot.plannedRiskPerContract * quantity);
  return {
    id: `${book.account}|${book.symbol}|${pairOf(match)}|${ordinal}`,
    account: book.account,
    symbol: book.symbol,
    root: book.root,
    direction: lot.direction,
    quantity,
    entryAt: lot.at,
    exitAt: closing.at,
    entryPrice: lot.price,
    exitPrice: closing.price,
    gross,
    fees,
    net,
    plannedRisk,
    r: plannedRisk === null || plannedRisk <= 0 ? null : net / plannedRisk,
    recommendationId: lot.recommendationId,
    sessionDay: sessionDay(closing.at),
  };
}

/**
 * Derives the round trips and the open lots of one book from all its fills, in whatever order they are given.
 * Without `terms` (the instrument was never recorded) positions are known and trades cannot be valued: none is made.
 */
export function deriveBook(
  fills: readonly BookFill[],
  terms: BookTerms | null,
): { readonly lots: readonly Lot[]; readonly trades: readonly Trade[] } {
  const seen = new Map<string, number>();
  const trades: Trade[] = [];
  const lots = new OpenLots();
  for (const fill of fills.toSorted(compareFills)) {
    const matches = bookFill(lots, fill);
    if (terms === null) continue;
    for (const match of matches) {
      const ordinal = seen.get(pairOf(match)) ?? 0;
      seen.set(pairOf(match), ordinal + 1);
      trades.push(tradeOf(match, terms, ordinal));
    }
  }
  return { lots: lots.all(), trades };
}
