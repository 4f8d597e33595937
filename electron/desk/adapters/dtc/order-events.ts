import type { OrderEvent } from '#shared/domain/order.ts';
import { ORDER_STATUS, ORDER_UPDATE_REASON } from './messages/enums.ts';
import { type DtcOrder, isOperationReject, type OrderUpdate } from './order-state.ts';

const WORKING: ReadonlySet<number> = new Set([
  ORDER_STATUS.ORDER_STATUS_OPEN,
  ORDER_STATUS.ORDER_STATUS_PARTIALLY_FILLED,
  ORDER_STATUS.ORDER_STATUS_PENDING_CANCEL_REPLACE,
  ORDER_STATUS.ORDER_STATUS_PENDING_CANCEL,
]);
const works = (order: DtcOrder | null): boolean => order?.status != null && WORKING.has(order.status);

/** The server has it, or works it, for the first time that it says so. */
function confirmation(before: DtcOrder | null, after: DtcOrder): readonly OrderEvent[] {
  const venueOrderId = after.serverIds.at(-1);
  if (venueOrderId === undefined || after.end === 'rejected' || after.end === 'canceled') return [];
  const isNew = before === null || before.serverIds.length === 0;
  if (works(after) && (isNew || !works(before))) return [{ kind: 'working', venueOrderId }];
  return isNew ? [{ kind: 'acknowledged', venueOrderId }] : [];
}

/** Other terms, or another id, than those that were known. */
function change(before: DtcOrder | null, after: DtcOrder, update: OrderUpdate): readonly OrderEvent[] {
  const { quantity, price } = after;
  const venueOrderId = after.serverIds.at(-1);
  if (before === null || before.serverIds.length === 0 || venueOrderId === undefined) return [];
  if (quantity === null || after.end !== null) return [];
  const isReplaced =
    update.OrderUpdateReason === ORDER_UPDATE_REASON.ORDER_CANCEL_REPLACE_COMPLETE ||
    venueOrderId !== before.serverIds.at(-1) ||
    price !== before.price;
  if (isReplaced) return [{ kind: 'replaced', venueOrderId, quantity, price }];
  return quantity === before.quantity ? [] : [{ kind: 'resized', quantity }];
}

/** Status 0 in an update that says nothing else: the server does not know how the order stands. */
const isUnsure = ({ OrderStatus: status, OrderUpdateReason: reason }: OrderUpdate): boolean =>
  status === ORDER_STATUS.ORDER_STATUS_UNSPECIFIED &&
  (reason === undefined ||
    reason === ORDER_UPDATE_REASON.ORDER_UPDATE_REASON_UNSET ||
    reason === ORDER_UPDATE_REASON.GENERAL_ORDER_UPDATE);

/** A rejected status that does not say whether it was the order that was refused. */
const isVagueReject = (before: DtcOrder | null, update: OrderUpdate): boolean =>
  update.OrderStatus === ORDER_STATUS.ORDER_STATUS_REJECTED &&
  update.OrderUpdateReason === ORDER_UPDATE_REASON.GENERAL_ORDER_UPDATE &&
  (before?.serverIds.length ?? 0) === 0;

/** How an order ended, as an event; null for one that was filled, which its executions say. */
export function endEvent({ end, reason }: DtcOrder): OrderEvent | null {
  if (end === 'canceled') return { kind: 'canceled', reason };
  return end === 'rejected' ? { kind: 'rejected', reason: reason ?? 'the server gives no reason' } : null;
}

/** What an update changes about an order of ours: `events` at once, `end` when all its executions are known. */
export function orderEvents(
  before: DtcOrder | null,
  after: DtcOrder,
  update: OrderUpdate,
): { readonly events: readonly OrderEvent[]; readonly end: OrderEvent | null } {
  // What comes after the end is late, and only executions still count.
  if (before !== null && before.end !== null) return { events: [], end: null };
  const end = after.end === null ? null : endEvent(after);
  if (isOperationReject(update)) return { events: [], end };
  if (isUnsure(update)) return { events: [{ kind: 'in-doubt', why: 'the server does not know how it stands' }], end };
  if (isVagueReject(before, update))
    return { events: [{ kind: 'in-doubt', why: 'the server speaks of a refusal and does not say of what' }], end };
  return { events: [...confirmation(before, after), ...change(before, after, update)], end };
}
