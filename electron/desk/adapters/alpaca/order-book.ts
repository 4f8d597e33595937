import type { Order, OrderEvent } from '#shared/domain/order.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';
import type { CancelOutcome } from '#desk/ports/broker.ts';
import type { Listing } from './listing.ts';
import { isEnd, isShort, ownIdOf, priceOf, REJECTED, type Stage, stageOf, typeOf } from './venue-orders.ts';
import { timeOf, type WireOrder } from './wire.ts';

/** One order of the desk at Alpaca. */
export type Tracked = {
  readonly clientOrderId: string;
  /** Its id now: a change gives it another. */
  venueOrderId: string;
  symbol: string;
  quantity: number | null;
  price: Ticks | null;
  stage: Stage | 'sent';
  /** Of the newest statement. */
  updatedAt: number;
  /** A change that waits for its answer; `byId` is the order it becomes, once Alpaca has named it. */
  replace: { quantity: number; price: Ticks | null; settle: (outcome: CancelOutcome) => void } | null;
};

/** The orders of this desk at Alpaca, by both ids. */
export interface OrderBook {
  readonly get: (clientOrderId: string) => Tracked | undefined;
  /** Whose order it is; null for another hand's or an unknown one. */
  readonly ownerOf: (venueOrderId: string) => string | null;
  /** True of a statement that is older than the newest one of its order. */
  readonly isBehind: (order: WireOrder) => boolean;
  /** An order that is about to be sent. */
  readonly expect: (terms: Pick<Order, 'clientOrderId' | 'symbol' | 'quantity' | 'price'>) => Tracked;
  /** It was not taken: it may be sent again. */
  readonly forget: (clientOrderId: string) => void;
  /** Takes what Alpaca states of an order and its legs, and tells what is new of it. True when it is one of ours. */
  readonly take: (order: WireOrder, at: EpochMs) => boolean;
  /** Calls back when an order has ended; the returned function stops it. */
  readonly onEnd: (listener: (order: Tracked) => void) => () => void;
}

export type OrderBookParts = {
  readonly listing: Listing;
  /** What the journal knows of orders that may still live. */
  readonly journaled: readonly Order[];
  readonly tell: (clientOrderId: string, event: OrderEvent, at: EpochMs) => void;
};

/** Makes the book of one account. It outlives connections. */
export function createOrderBook({ listing, journaled, tell }: OrderBookParts): OrderBook {
  const orders = new Map<string, Tracked>();
  const owners = new Map<string, string>();
  const endListeners = new Set<(order: Tracked) => void>();

  const add = (given: Pick<Tracked, 'clientOrderId' | 'symbol' | 'quantity' | 'price'>): Tracked => {
    const order: Tracked = {
      ...{ clientOrderId: given.clientOrderId, symbol: given.symbol, quantity: given.quantity, price: given.price },
      ...{ venueOrderId: '', stage: 'sent', updatedAt: 0, replace: null },
    };
    orders.set(order.clientOrderId, order);
    return order;
  };
  for (const { clientOrderId, symbol, quantity, price, venueOrderId } of journaled) {
    if (venueOrderId === null) continue;
    const order = add({ clientOrderId, symbol, quantity, price });
    order.venueOrderId = venueOrderId;
    owners.set(venueOrderId, clientOrderId);
  }

  const ownerOf = (venueOrderId: string): string | null => owners.get(venueOrderId) ?? null;
  const identify = (order: WireOrder, parentId: string | null): string | null => {
    const known = ownerOf(order.id) ?? ownerOf(order.replaces ?? '') ?? ownIdOf(order.client_order_id);
    if (known !== null || parentId === null) return known;
    return `${parentId}${typeOf(order) === 'stop' ? 'S' : 'T'}`;
  };

  const settleReplace = (order: Tracked, outcome: CancelOutcome): void => {
    const { replace } = order;
    order.replace = null;
    replace?.settle(outcome);
  };
  const takeStage = (order: Tracked, stage: Stage, { at, isReopened }: { at: EpochMs; isReopened: boolean }): void => {
    if (stage === 'replaced' || order.stage === stage || (order.stage !== 'sent' && isEnd(order.stage) && !isReopened))
      return;
    if (order.stage === 'working' && stage === 'acknowledged') return;
    order.stage = stage;
    const { clientOrderId, venueOrderId } = order;
    if (stage === 'acknowledged' || stage === 'working') tell(clientOrderId, { kind: stage, venueOrderId }, at);
    else if (stage === 'canceled') tell(clientOrderId, { kind: 'canceled', reason: null }, at);
    else if (stage === 'expired') tell(clientOrderId, { kind: 'expired' }, at);
    else if (stage === 'rejected') tell(clientOrderId, { kind: 'rejected', reason: REJECTED }, at);
    if (!isEnd(stage)) return;
    settleReplace(order, { kind: 'refused', reason: 'the order has ended' });
    for (const listener of [...endListeners]) listener(order);
  };
  const takeTerms = (order: Tracked, wire: WireOrder, at: EpochMs): void => {
    const listed = listing.ofDesk(order.symbol);
    const quantity = wire.qty === null ? null : (listed?.contractsOf(wire.qty) ?? null);
    if (listed === null || quantity === null || quantity <= 0 || isEnd(stageOf(wire))) return;
    const price = priceOf(wire, listed);
    const isChanged = order.quantity !== quantity || order.price !== price;
    const isRenamed = order.venueOrderId !== wire.id && order.venueOrderId !== '';
    const { clientOrderId, replace } = order;
    Object.assign(order, { quantity, price, venueOrderId: wire.id });
    const isAnswer = replace !== null && isRenamed && replace.quantity === quantity && replace.price === price;
    if (isAnswer) {
      tell(clientOrderId, { kind: 'replaced', venueOrderId: wire.id, quantity, price }, at);
      settleReplace(order, { kind: 'accepted' });
    } else if (order.stage !== 'sent' && (isChanged || isRenamed))
      tell(clientOrderId, { kind: 'restated', venueOrderId: wire.id, quantity, price }, at);
  };
  const takeOne = (wire: WireOrder, parentId: string | null, at: EpochMs): string | null => {
    const clientOrderId = identify(wire, parentId);
    const listed = listing.ofVenue(wire.symbol);
    if (clientOrderId === null || listed === null) return null;
    const isKnown = owners.has(wire.id);
    owners.set(wire.id, clientOrderId);
    if (wire.replaced_by !== null) owners.set(wire.replaced_by, clientOrderId);
    const order =
      orders.get(clientOrderId) ?? add({ clientOrderId, symbol: listed.symbol, quantity: null, price: null });
    // Of an id that was given up for another, nothing more is to be heard.
    const isFormer = isKnown && order.venueOrderId !== wire.id && order.venueOrderId !== '';
    if (stageOf(wire) === 'replaced' || (isFormer && wire.replaces !== order.venueOrderId)) return clientOrderId;
    const updatedAt = timeOf(wire.updated_at) ?? at;
    const [isOld, isNewer] = [updatedAt < order.updatedAt, updatedAt > order.updatedAt];
    order.updatedAt = Math.max(order.updatedAt, updatedAt);
    if (order.venueOrderId === '') order.venueOrderId = wire.id;
    if (!isOld) takeTerms(order, wire, at);
    // After a bust, what was filled works again.
    const isReopened = order.stage === 'filled' && isNewer && !isEnd(stageOf(wire)) && isShort(wire);
    takeStage(order, stageOf(wire), { at, isReopened });
    return clientOrderId;
  };

  return {
    get: (clientOrderId) => orders.get(clientOrderId),
    ownerOf,
    isBehind: ({ id, updated_at: at }) => (timeOf(at) ?? Infinity) < (orders.get(ownerOf(id) ?? '')?.updatedAt ?? 0),
    expect: add,
    forget: (clientOrderId) => void orders.delete(clientOrderId),
    take: (wire, at) => {
      const owner = takeOne(wire, null, at);
      for (const leg of wire.legs ?? []) takeOne(leg, owner, at);
      return owner !== null;
    },
    onEnd: (listener) => {
      endListeners.add(listener);
      return () => void endListeners.delete(listener);
    },
  };
}
