import type { Fill } from '#shared/domain/order.ts';
import { type EpochMs, epochMs } from '#shared/units.ts';
import { decimalOf, unitsOf } from './decimal.ts';
import type { Listing } from './listing.ts';
import { directionOf } from './venue-orders.ts';

/** One execution, as the stream or the list of activities tells it. */
export type Told = {
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly price: string;
  /** What the order had filled with it. */
  readonly filledWith: string;
  /** Mean price of that; null where it is not told. */
  readonly mean: string | null;
  readonly at: number;
};

export type Reading =
  | { readonly kind: 'fill'; readonly fill: Fill; readonly isNews: boolean }
  /** Not the desk's to book: another symbol, or a part of a lot of crypto. */
  | { readonly kind: 'none' }
  /** It does not fit what was told before: the list of activities has the word. */
  | { readonly kind: 'doubtful' }
  | { readonly kind: 'impossible'; readonly why: string };

export type ExecutionsParts = {
  readonly account: string;
  readonly listing: Listing;
  readonly ownerOf: (venueOrderId: string) => string | null;
  readonly now: () => EpochMs;
  readonly journaled: readonly Fill[];
};

/** The executions of an account, each under one key whichever way it is told. */
export interface Executions {
  readonly take: (told: Told, source: 'stream' | 'list') => Reading;
  /** Contracts of an order at Alpaca that executions account for. */
  readonly sumOf: (venueOrderId: string) => number;
}

/** Prices of means are rounded; more than this, in USD a share, is another price. */
const MEAN_TOLERANCE = 0.002;

/**
 * Makes the executions of one account. The stream and the list give the same execution different ids; both say what
 * the order had filled with it, so order and count are the key. @source protocols.md 3.2 and 6.5
 */
export function createExecutions({ account, listing, ownerOf, now, journaled }: ExecutionsParts): Executions {
  const known = new Set<string>();
  const sums = new Map<string, number>();
  const costs = new Map<string, number>();
  const note = (key: string, quantity: number): void => {
    const [venueOrderId = ''] = key.split('|');
    known.add(key);
    sums.set(venueOrderId, (sums.get(venueOrderId) ?? 0) + quantity);
  };
  for (const { execKey, quantity, venue, account: of } of journaled)
    if (venue === 'alpaca' && of === account && !/^(inf|adj)\|/u.test(execKey)) note(execKey, quantity);

  /** The documents call the price of an update the mean of the order: where the two differ, it is checked. */
  const fitsMean = ({ venueOrderId, quantity, price, filledWith, mean }: Told): boolean => {
    const [size, cum, average] = [Number(quantity), Number(filledWith), Number(mean ?? Number.NaN)];
    const before = costs.get(venueOrderId) ?? 0;
    const cost = before + size * Number(price);
    if (cum > size && mean !== null && before > 0 && Math.abs(cost - average * cum) > MEAN_TOLERANCE * cum)
      return false;
    costs.set(venueOrderId, cost);
    return true;
  };

  return {
    sumOf: (venueOrderId) => sums.get(venueOrderId) ?? 0,
    take: (told, source) => {
      const listed = listing.ofVenue(told.symbol);
      if (listed === null) return { kind: 'none' };
      const [quantity, filledWith] = [unitsOf(told.quantity), unitsOf(told.filledWith)];
      const said = `${told.quantity} ${told.symbol} at ${told.price} (${told.filledWith} in all)`;
      const impossible: Reading = {
        kind: 'impossible',
        why: `Alpaca tells an execution of ${said}, which is no whole number of contracts of ${listed.symbol}`,
      };
      if (quantity === null || filledWith === null || quantity <= 0n || filledWith < quantity) return impossible;
      const upTo = (units: bigint): number | null =>
        listed.isCrypto ? listed.wholeContractsOf(decimalOf(units)) : listed.contractsOf(decimalOf(units));
      const [after, before] = [upTo(filledWith), upTo(filledWith - quantity)];
      if (after === null || before === null) return impossible;
      const contracts = after - before;
      if (contracts === 0) return { kind: 'none' };
      const direction = directionOf(told);
      const booked = listed.booked(told.price, { direction, contracts });
      if (booked === null) return impossible;
      const execKey = `${told.venueOrderId}|${decimalOf(filledWith)}`;
      const isNews = !known.has(execKey);
      if (isNews && source === 'stream' && !fitsMean(told)) return { kind: 'doubtful' };
      if (isNews) note(execKey, contracts);
      const fill: Fill = {
        ...{ execKey, venue: 'alpaca', account, clientOrderId: ownerOf(told.venueOrderId), symbol: listed.symbol },
        // Clocks differ: an execution was not made after it was told of.
        ...{ direction, quantity: contracts, ...booked, at: epochMs(Math.min(told.at, now())), receivedAt: now() },
      };
      return { kind: 'fill', fill, isNews };
    },
  };
}
