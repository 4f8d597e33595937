import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order } from '#shared/domain/order.ts';
import type { Money } from '#shared/units.ts';
import type { PaperState } from '#desk/adapters/brokers/paper-exchange.ts';
import type { Book } from '#desk/account/book.ts';
import type { Journal } from '#desk/ports/journal.ts';

const hasArrived = (order: Order): boolean => order.venueOrderId !== null || order.filled > 0;
const isExit = (order: Order): boolean => order.role === 'stop' || order.role === 'target';

/** A protective order as the exchange has it: in step with what its entry has filled and its family has not closed. */
function exitAtVenue(
  order: Order,
  parent: Order,
  parts: { readonly family: readonly Order[]; readonly newVenueId: () => string },
): Order {
  const venueOrderId = order.venueOrderId ?? parts.newVenueId();
  const arrived: Order = { ...order, venueOrderId, certainty: { kind: 'known' } };
  if (parent.filled === 0 && !isTerminal(parent)) return { ...arrived, life: 'acked' };
  const held = parent.filled - parts.family.reduce((sum, { filled }) => sum + filled, 0);
  if (held <= 0) return { ...arrived, life: 'canceled', reason: 'what it protected is closed' };
  // One that was put in beside the planned ones stands for what it was sent for.
  const isPlanned = order.clientOrderId.startsWith(parent.clientOrderId);
  return { ...arrived, life: 'working', quantity: isPlanned ? order.filled + held : order.quantity };
}

/**
 * Returns the state of the paper exchange as the journal tells it, for a start: the exchange lives in the desk's process
 * and dies with it. It takes a group whole or not at all, so an order it never confirmed is not there, unless its entry
 * is. What the journal and this state do not agree on is settled by the comparison that every start makes.
 */
export function paperStateOf(journal: Journal, book: Book, newVenueId: () => string): PaperState {
  const sent = journal.orders({ openOnly: true }).filter((order) => order.life !== 'created');
  const familyOf = ({ clientOrderId: id }: Order): readonly Order[] => {
    const planned = [journal.order(`${id}S`), journal.order(`${id}T`)].filter((order) => order !== null);
    const beside = sent.filter((order) => order.parentId === id && !order.clientOrderId.startsWith(id));
    return [...planned, ...beside];
  };
  const orders = sent.flatMap((order): readonly Order[] => {
    const parent = order.parentId === null ? null : journal.order(order.parentId);
    if (isExit(order) && parent !== null && hasArrived(parent))
      return [exitAtVenue(order, parent, { family: familyOf(parent), newVenueId })];
    return hasArrived(order) && order.venueOrderId !== null ? [order] : [];
  });
  const cash: Money = book.account().realised;
  return { orders, positions: book.positions(), cash };
}
