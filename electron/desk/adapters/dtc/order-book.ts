import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, OrderTerms } from '#shared/domain/order.ts';
import { type DtcOrder, type OrderUpdate, awaited, orderAfter, ownIdOf, type Reading } from './order-state.ts';

/** One order before and after the server spoke of it. */
export type Turn = { readonly before: DtcOrder | null; readonly after: DtcOrder };

/** The orders of an account as the server told them, through every session. */
export interface OrderBook {
  /** Puts an order down that is about to be sent. */
  readonly await: (terms: OrderTerms) => void;
  readonly take: (update: OrderUpdate, reading: Reading) => Turn | null;
  readonly own: (clientOrderId: string) => DtcOrder | null;
  /** The order that went, or goes, by an id at the server. */
  readonly atServer: (serverId: string) => DtcOrder | null;
  readonly all: () => readonly DtcOrder[];
}

/** What executions and calls know an order by: our id, else the first id it had at the server. */
export const keyOf = (order: DtcOrder): string => order.clientOrderId ?? order.serverIds[0] ?? order.statedClientId;

function fromJournal(order: Order): DtcOrder {
  const { life, reason, updatedAt, venueOrderId } = order;
  const end = life === 'filled' || life === 'canceled' || life === 'rejected' ? life : null;
  return {
    ...awaited(order),
    serverIds: venueOrderId === null ? [] : [venueOrderId],
    // What had expired, or was never sent, is at its end all the same.
    end: end ?? (isTerminal(order) ? 'canceled' : null),
    endedAt: isTerminal(order) ? updatedAt : null,
    reason,
  };
}

/** Whether an update that goes by a known id at the server can be about that order: servers may count anew. */
function isAbout(order: DtcOrder, update: OrderUpdate): boolean {
  const { ClientOrderID: named, PreviousClientOrderID: former } = update;
  // A server may name a changed order anew, and say what it was before.
  if (named !== '') return named === order.statedClientId || former === order.statedClientId;
  return order.end === null || update.OrderStatus === undefined || update.OrderStatus >= 7;
}

/**
 * Makes the book of one account.
 * @param journaled orders the journal knows: what the server says of them by its own id is about them
 */
export function createOrderBook(journaled: readonly Order[]): OrderBook {
  const orders = new Map<string, DtcOrder>();
  const byServerId = new Map<string, string>();
  const put = (order: DtcOrder): void => {
    const key = keyOf(order);
    if (key === '') return;
    orders.set(key, order);
    for (const id of order.serverIds) byServerId.set(id, key);
  };
  // Oldest first: an id used again is the newest order's.
  for (const order of [...journaled].reverse()) put(fromJournal(order));

  const atServer = (id: string): DtcOrder | null => {
    const key = id === '' ? undefined : byServerId.get(id);
    return key === undefined ? null : (orders.get(key) ?? null);
  };
  const find = (update: OrderUpdate): DtcOrder | null => {
    const own = ownIdOf(update);
    if (own !== null) return orders.get(own) ?? null;
    const known = atServer(update.ServerOrderID) ?? atServer(update.PreviousServerOrderID);
    return known !== null && isAbout(known, update) ? known : null;
  };
  return {
    await: (terms) => put(awaited(terms)),
    take: (update, reading) => {
      const before = find(update);
      const after = orderAfter(before, update, reading);
      if (keyOf(after) === '') return null;
      put(after);
      return { before, after };
    },
    own: (clientOrderId) => orders.get(clientOrderId) ?? null,
    atServer,
    all: () => [...orders.values()],
  };
}
