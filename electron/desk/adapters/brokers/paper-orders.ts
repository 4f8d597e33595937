import type { VenueOrder } from '#desk/ports/broker.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, OrderTerms } from '#shared/domain/order.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';

/** How an order ended at the venue. */
export type OrderEnd = {
  readonly state: 'filled' | 'canceled' | 'expired' | 'rejected';
  readonly reason: string | null;
  readonly at: EpochMs;
};

/**
 * An order at the paper exchange. `waiting` ones wait for the session to open, `held` children for their entry, `done`
 * orders never come back.
 */
export type BookedOrder = {
  /** As it was sent. An order from elsewhere has a key of the exchange for client order id. */
  readonly terms: OrderTerms;
  readonly venueOrderId: string;
  readonly isExternal: boolean;
  /** Client order id of the entry it was sent with; null for an entry and for an exit that was sent alone. */
  readonly entryId: string | null;
  /** Limit or trigger in force. */
  price: Ticks | null;
  /** Open quantity plus what is filled; children follow their entry and each other. */
  quantity: number;
  /** Executions of this order, corrections applied. */
  filled: number;
  state: 'waiting' | 'held' | 'working' | 'done';
  end: OrderEnd | null;
  /** Since when it may meet the market. */
  since: EpochMs;
  /** It has met no price yet: a limit may still be better than its price. */
  isFresh: boolean;
  isTriggered: boolean;
};

export const isExitRole = (terms: Pick<OrderTerms, 'role'>): boolean =>
  terms.role === 'stop' || terms.role === 'target';

/** Whether an order only protects: it closes what an entry opened. */
export const isExit = (order: Pick<BookedOrder, 'terms'>): boolean => isExitRole(order.terms);

/** An order as the exchange states it. */
export const venueOrderOf = (order: BookedOrder): VenueOrder => ({
  clientOrderId: order.isExternal ? null : order.terms.clientOrderId,
  venueOrderId: order.venueOrderId,
  symbol: order.terms.symbol,
  direction: order.terms.direction,
  type: order.terms.type,
  price: order.price,
  quantity: order.quantity,
  filled: order.filled,
  state: order.end?.state ?? 'working',
  reason: order.end?.reason ?? null,
});

/** How a journaled order ended; null while it is open. What the desk itself denied never reached the venue. */
function endOf({ life, reason, updatedAt }: Order): OrderEnd | null {
  switch (life) {
    case 'filled':
    case 'canceled':
    case 'expired':
    case 'rejected':
      return { state: life, reason, at: updatedAt };
    case 'denied':
      return { state: 'rejected', reason, at: updatedAt };
    case 'created':
    case 'sent':
    case 'acked':
    case 'working':
      return null;
  }
}

/** An order as it stood before a restart, from the journal. `parent` is its entry, where it has one that is known. */
export function fromJournal(order: Order, venueOrderId: string, parent: Order | undefined): BookedOrder {
  const { life, filled, quantity, updatedAt } = order;
  const isHeld = life !== 'working' && parent !== undefined && parent.filled === 0;
  const isWaiting = life === 'acked' && order.parentId === null;
  const { clientOrderId, recommendationId, parentId, account, symbol, role, direction, type, price, timeInForce } =
    order;
  return {
    terms: {
      ...{ clientOrderId, recommendationId, parentId, account, symbol, role, direction, type, price, timeInForce },
      quantity,
    },
    ...{ venueOrderId, isExternal: false, price, quantity, filled },
    // An exit that was sent alone has an id of its own; those of a bracket are derived from their entry's.
    entryId: parentId !== null && clientOrderId.startsWith(parentId) ? parentId : null,
    state: isTerminal(order) ? 'done' : isHeld ? 'held' : isWaiting ? 'waiting' : 'working',
    end: endOf(order),
    since: updatedAt,
    isFresh: isWaiting,
    // Only a stop that was hit can be partly filled.
    isTriggered: type === 'stop' && filled > 0,
  };
}
