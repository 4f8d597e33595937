import type { Fill } from '#shared/domain/order.ts';
import type { EpochMs, Money, Ticks } from '#shared/units.ts';

/** An execution as the server tells it, in an update of its order or in the list of executions. */
export type Told = {
  readonly source: 'update' | 'list';
  /** The server's id; empty where it has none. */
  readonly execId: string;
  /** What its order goes by: our id, else the first id it had at the server. */
  readonly orderKey: string;
  /** Contracts of the order filled with this one; null where that is not known. */
  readonly filledWith: number | null;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly direction: 1 | -1;
  readonly quantity: number;
  readonly price: Ticks;
  readonly fee: Money;
  readonly at: EpochMs;
  readonly receivedAt: EpochMs;
};

type Known = { readonly key: string; readonly orderKey: string; readonly fill: Fill; sources: Set<Told['source']> };

/** The executions of an account, each under one key however often and in whatever form it is told. */
export interface ExecutionLedger {
  /**
   * Returns the execution under its key, and whether it says something new.
   * @param claimed keys of what the same list has told so far, to which this one is added
   */
  readonly take: (told: Told, claimed?: Set<string>) => { readonly fill: Fill; readonly isNews: boolean };
  /** Contracts of an order that executions account for. */
  readonly sumOf: (orderKey: string) => number;
  readonly ofOrder: (orderKey: string) => readonly Fill[];
}

export type LedgerParts = {
  readonly venue: string;
  readonly account: string;
  /** What the journal has already: its keys stay the keys of those executions. */
  readonly journaled: readonly Fill[];
};

const isSame = (fill: Fill, told: Told): boolean =>
  fill.quantity === told.quantity && fill.price === told.price && fill.direction === told.direction;

/** Lists have times of whole seconds, and clocks differ. */
const NEAR_MS = 2_000;

/**
 * Makes the ledger of one account. An execution is known by the server's id; without one, or where the list of
 * executions uses other ids than the updates do, by its place in its order: what was filled with it.
 * @source protocols.md 6.5
 */
export function createExecutionLedger({ venue, account, journaled }: LedgerParts): ExecutionLedger {
  const byKey = new Map<string, Known>();
  const byPlace = new Map<string, Known>();
  const byOrder = new Map<string, Known[]>();

  const placeOf = (orderKey: string, filledWith: number): string => `${orderKey}|${filledWith}`;
  const add = (known: Known, filledWith: number | null): void => {
    byKey.set(known.key, known);
    byOrder.set(known.orderKey, [...(byOrder.get(known.orderKey) ?? []), known]);
    if (filledWith !== null) byPlace.set(placeOf(known.orderKey, filledWith), known);
  };
  const sumOf = (orderKey: string): number =>
    (byOrder.get(orderKey) ?? []).reduce((sum, { fill }) => sum + fill.quantity, 0);
  for (const fill of journaled) {
    if (fill.venue !== venue || fill.account !== account) continue;
    const orderKey = fill.clientOrderId ?? fill.execKey;
    const isWorkedOut = fill.execKey.startsWith('inf|') || fill.execKey.startsWith('adj|');
    // What the desk worked out itself stands for something the server has not told yet.
    if (!isWorkedOut) add({ key: fill.execKey, orderKey, fill, sources: new Set() }, sumOf(orderKey) + fill.quantity);
  }

  /** A server that counts anew after a restart uses an id again: then the order is part of the key. */
  const keyOfOther = ({ execId, orderKey }: Told): string => `${execId}|${orderKey}`;
  /** … and where it has one id for all of an order, so is what the order had filled. */
  const keyOfNext = (told: Told): string => `${keyOfOther(told)}|${told.filledWith ?? 0}`;
  const isOfOrder = (known: Known, told: Told): boolean =>
    known.orderKey === told.orderKey || known.fill.clientOrderId === null || told.clientOrderId === null;
  /** An update under a known id that is about another execution: the order has filled more, at another time or price. */
  const isNext = (known: Known, told: Told): boolean => {
    if (told.source === 'list' || told.filledWith === null || known.orderKey !== told.orderKey) return false;
    const isRoom = sumOf(told.orderKey) + told.quantity <= told.filledWith;
    return isRoom && (!isSame(known.fill, told) || known.fill.at !== told.at);
  };
  /** The same execution told before; null when there is none. `claimed`: what the same list has told already. */
  const find = (told: Told, claimed: ReadonlySet<string>): Known | null => {
    const isFree = (known: Known | undefined): known is Known => known !== undefined && !claimed.has(known.key);
    const named =
      told.execId === '' ? [] : [keyOfNext(told), keyOfOther(told), told.execId].map((key) => byKey.get(key));
    const own = named.find((known) => isFree(known) && isOfOrder(known, told));
    if (own !== undefined) return isNext(own, told) ? null : own;
    if (told.filledWith === null) return null;
    // The same source tells an execution twice under one id, or they are two.
    const mayBe = (known: Known | undefined): known is Known =>
      isFree(known) && isSame(known.fill, told) && (told.execId === '' || !known.sources.has(told.source));
    const there = byPlace.get(placeOf(told.orderKey, told.filledWith));
    if (mayBe(there)) return there;
    // Within a second a list may have any order.
    const isNear = ({ fill }: Known): boolean => Math.abs(fill.at - told.at) <= NEAR_MS;
    const others = told.source === 'list' ? (byOrder.get(told.orderKey) ?? []) : [];
    return others.find((known) => mayBe(known) && isNear(known)) ?? null;
  };
  const newKey = (told: Told): string => {
    if (told.execId === '') {
      const place = placeOf(told.orderKey, told.filledWith ?? 0);
      return byKey.has(place) ? `${place}|${told.at}` : place;
    }
    return [told.execId, keyOfOther(told)].find((key) => !byKey.has(key)) ?? keyOfNext(told);
  };

  return {
    take: (told, claimed = new Set()) => {
      const { source, symbol, direction, quantity, price, fee, at, receivedAt } = told;
      const known = find(told, claimed);
      const clientOrderId = told.clientOrderId ?? known?.fill.clientOrderId ?? null;
      const key = known?.key ?? newKey(told);
      claimed.add(key);
      const fill: Fill = {
        ...{ execKey: key, venue, account, clientOrderId, symbol, direction, quantity, price, fee, at, receivedAt },
      };
      if (known === null) {
        add({ key, orderKey: told.orderKey, fill, sources: new Set([source]) }, told.filledWith);
        return { fill, isNews: true };
      }
      known.sources.add(source);
      // Told again under this other id, it is still the same.
      if (told.execId !== '' && byKey.get(told.execId) !== known)
        byKey.set(byKey.has(told.execId) ? keyOfNext(told) : told.execId, known);
      return { fill, isNews: !isSame(known.fill, told) };
    },
    sumOf,
    ofOrder: (orderKey) => (byOrder.get(orderKey) ?? []).map(({ fill }) => fill),
  };
}
