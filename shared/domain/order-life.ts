import type { EpochMs } from '#shared/units.ts';
import type { Fill, Order, OrderEvent, OrderLife, OrderTerms } from './order.ts';

/** Lives in which nothing more is expected of the venue. A late fill is booked all the same. */
const TERMINAL: ReadonlySet<OrderLife> = new Set(['denied', 'filled', 'canceled', 'expired', 'rejected']);

/** Says whether an order can no longer work at the venue. */
export const isTerminal = (order: Pick<Order, 'life'>): boolean => TERMINAL.has(order.life);

/** Contracts of an order that may still fill. */
export const remainingOf = (order: Pick<Order, 'quantity' | 'filled'>): number => order.quantity - order.filled;

/**
 * Contracts that a stop or target stands for: the exit of an entry that may still fill, only as far as it has filled.
 * @param parent the entry it belongs to while that has not ended; undefined for any other exit
 */
export const standsFor = (exit: Order, parent: Pick<Order, 'filled'> | undefined): number =>
  parent === undefined ? remainingOf(exit) : Math.min(remainingOf(exit), parent.filled);

/** Starts an order's life: the intent is persisted and nothing has been sent. */
export const openOrder = (terms: OrderTerms, at: EpochMs): Order => ({
  ...terms,
  life: 'created',
  pending: { kind: 'none' },
  certainty: { kind: 'known' },
  filled: 0,
  averagePrice: null,
  venueOrderId: null,
  reason: null,
  createdAt: at,
  updatedAt: at,
});

const KNOWN = { kind: 'known' } as const;
const NONE = { kind: 'none' } as const;

/** An order that is made as small as what it has filled by then is filled: nothing of it works any more. */
const resizedTo = (order: Order, quantity: number): Order =>
  order.filled > 0 && order.filled >= quantity
    ? { ...order, quantity, life: 'filled', pending: NONE }
    : { ...order, quantity };

/**
 * Applies one event to an order (transition table of the order life).
 * A status that arrives after the end of life is ignored: only fills can still change a finished order.
 */
export function applyOrderEvent(order: Order, event: OrderEvent, at: EpochMs): Order {
  if (isTerminal(order)) return order;
  const next = { ...order, updatedAt: at };
  switch (event.kind) {
    case 'denied':
      return { ...next, life: 'denied', reason: event.reason };
    case 'send-attempt':
      // Once, and first: an order the venue has confirmed does not become unsent again.
      return next.life === 'created' ? { ...next, life: 'sent' } : order;
    case 'acknowledged':
      return {
        ...next,
        life: next.life === 'working' ? 'working' : 'acked',
        certainty: KNOWN,
        venueOrderId: event.venueOrderId,
      };
    case 'working':
      return { ...next, life: 'working', certainty: KNOWN, venueOrderId: event.venueOrderId };
    case 'rejected':
      return { ...next, life: 'rejected', certainty: KNOWN, pending: NONE, reason: event.reason };
    case 'in-doubt':
      return { ...next, certainty: { kind: 'in-doubt', since: at, why: event.why } };
    case 'cancel-requested':
      return { ...next, pending: { kind: 'cancel', since: at } };
    case 'cancel-refused':
      return { ...next, pending: NONE, reason: event.reason };
    case 'canceled':
      return { ...next, life: 'canceled', certainty: KNOWN, pending: NONE, reason: event.reason };
    case 'expired':
      return { ...next, life: 'expired', certainty: KNOWN, pending: NONE };
    case 'resized':
      return resizedTo({ ...next, certainty: KNOWN }, event.quantity);
    case 'replace-requested':
      return {
        ...next,
        pending: { kind: 'replace', since: at, quantity: event.quantity, price: event.price },
      };
    case 'replaced':
      return resizedTo(
        {
          ...next,
          pending: NONE,
          certainty: KNOWN,
          price: event.price,
          venueOrderId: event.venueOrderId ?? next.venueOrderId,
        },
        event.quantity,
      );
    case 'replace-refused':
      return { ...next, pending: NONE, reason: event.reason };
    case 'restated':
      return resizedTo(
        { ...next, life: 'working', certainty: KNOWN, price: event.price, venueOrderId: event.venueOrderId },
        event.quantity,
      );
  }
}

/** Books a fill, whatever the order's life was: the position must be right even when the status was wrong. */
export function applyFill(order: Order, fill: Fill, at: EpochMs): Order {
  const filled = order.filled + fill.quantity;
  const averagePrice = ((order.averagePrice ?? 0) * order.filled + fill.price * fill.quantity) / filled;
  const isComplete = filled >= order.quantity;
  const reopened = isTerminal(order) ? order.life : 'working';
  return {
    ...order,
    filled,
    averagePrice,
    life: isComplete ? 'filled' : reopened,
    pending: isComplete ? NONE : order.pending,
    certainty: KNOWN,
    updatedAt: at,
  };
}

/**
 * Books the fills of an order again after the venue corrected or busted one of them.
 * An order that was filled and no longer is may work again or be gone: only the venue knows, so it is in doubt.
 * @param fills those that count, in the order they came
 */
export function correctFills(order: Order, fills: readonly Fill[], at: EpochMs): Order {
  let filled = 0;
  let averagePrice: number | null = null;
  for (const { quantity, price } of fills) {
    averagePrice = ((averagePrice ?? 0) * filled + price * quantity) / (filled + quantity);
    filled += quantity;
  }
  const next = { ...order, filled, averagePrice, updatedAt: at };
  if (filled >= order.quantity) return { ...next, life: 'filled', pending: NONE, certainty: KNOWN };
  if (order.life !== 'filled') return next;
  const why = 'the venue corrected or busted a fill of it';
  return { ...next, life: 'working', certainty: { kind: 'in-doubt', since: at, why } };
}
