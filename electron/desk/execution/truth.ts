import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, OrderEvent } from '#shared/domain/order.ts';
import type { VenueOrder } from '#desk/ports/broker.ts';

/** What the venue's word on one order changes here. */
export type Truth = {
  readonly events: readonly OrderEvent[];
  /** Contracts the venue counts as filled and that no execution here accounts for. Never booked as such. */
  readonly missingFills: number;
};

const differs = (order: Order, venue: VenueOrder): boolean =>
  order.quantity !== venue.quantity || order.price !== venue.price;

/** The venue works it: terms as it states them, a change or cancel that did not take effect is over. */
function workingEvents(order: Order, venue: VenueOrder, waitsForEntry: boolean): readonly OrderEvent[] {
  const { venueOrderId, quantity, price } = venue;
  const { pending } = order;
  if (pending.kind === 'replace') {
    const isTaken = pending.quantity === quantity && pending.price === price;
    return isTaken
      ? [{ kind: 'replaced', venueOrderId, quantity, price }]
      : [
          { kind: 'replace-refused', reason: 'the broker works it under the terms it had' },
          { kind: 'restated', venueOrderId, quantity, price },
        ];
  }
  const isUnsure = order.certainty.kind === 'in-doubt';
  const refused: readonly OrderEvent[] =
    pending.kind === 'cancel' && isUnsure ? [{ kind: 'cancel-refused', reason: 'the broker still works it' }] : [];
  if (differs(order, venue)) return [...refused, { kind: 'restated', venueOrderId, quantity, price }];
  if (!isUnsure && order.venueOrderId !== null && order.life !== 'sent') return refused;
  return [...refused, { kind: waitsForEntry ? 'acknowledged' : 'working', venueOrderId }];
}

/**
 * Returns what must be journaled so that an order here stands as the venue states it. Executions known by then must be
 * booked before: an order whose executions are missing is not ended, since a late execution would reopen it.
 * @param waitsForEntry the order protects an entry of which nothing is filled yet
 */
export function truthOf(order: Order, venue: VenueOrder, waitsForEntry: boolean): Truth {
  const missingFills = Math.max(0, venue.filled - order.filled);
  if (isTerminal(order)) return { events: [], missingFills };
  const { venueOrderId, reason } = venue;
  switch (venue.state) {
    case 'working':
      return { events: workingEvents(order, venue, waitsForEntry), missingFills };
    case 'filled':
      // Made smaller, and the word of that was lost: what it filled is all of it.
      if (missingFills === 0 && order.filled >= venue.quantity)
        return {
          events: [{ kind: 'restated', venueOrderId, quantity: venue.quantity, price: venue.price }],
          missingFills,
        };
      // Ended there, and its executions were corrected to fewer: what stands is all of it.
      if (missingFills === 0 && order.life === 'working' && (order.filled > 0 || order.certainty.kind === 'in-doubt'))
        return { events: [{ kind: 'canceled', reason: 'filled at the broker, and corrected to fewer' }], missingFills };
      return {
        // Without its executions it is at least known that the venue has it.
        events: order.certainty.kind === 'in-doubt' || order.life === 'sent' ? [{ kind: 'working', venueOrderId }] : [],
        missingFills,
      };
    case 'canceled':
      return { events: missingFills > 0 ? [] : [{ kind: 'canceled', reason }], missingFills };
    case 'expired':
      return { events: missingFills > 0 ? [] : [{ kind: 'expired' }], missingFills };
    case 'rejected':
      return {
        events: missingFills > 0 ? [] : [{ kind: 'rejected', reason: reason ?? 'the broker gives no reason' }],
        missingFills,
      };
  }
}

/** How an order that the venue proves not to have must end; null when its absence proves nothing. */
export function absenceEvent(order: Order): OrderEvent | null {
  if (order.filled > 0) return { kind: 'canceled', reason: 'no longer at the broker; what it filled is kept' };
  // An order the venue once confirmed did arrive: that it is gone does not say how it ended.
  if (order.venueOrderId !== null) return null;
  return { kind: 'rejected', reason: 'never reached the broker' };
}
