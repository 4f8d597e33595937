import type { Instrument } from '#shared/domain/instrument.ts';
import type { OrderTerms } from '#shared/domain/order.ts';
import type { Ticks } from '#shared/units.ts';
import type { OrderGroup } from '#desk/ports/broker.ts';
import type { BookedOrder } from './paper-orders.ts';

/** Why the paper broker refuses a group before it looks at money, with the numbers; null when it does not. */
export function groupFault(
  group: OrderGroup,
  account: string,
  instruments: ReadonlyMap<string, Instrument>,
): string | null {
  const { entry, stop, target } = group;
  const legs = [entry, stop, target].filter((terms) => terms !== null);
  for (const terms of legs) {
    const fault = legFault(terms, account, instruments);
    if (fault !== null) return `${terms.role} order: ${fault}`;
  }
  for (const child of [stop, target]) {
    const fault = child === null ? null : childFault(child, entry);
    if (fault !== null) return fault;
  }
  return bracketFault(group);
}

/**
 * Why the paper exchange does not change an order to these terms, with the numbers; null when it does.
 * @param family the entry of a child and its children, for the order of their prices
 */
export function replacementFault(
  order: BookedOrder,
  terms: { readonly quantity: number; readonly price: Ticks | null },
  context: { readonly instruments: ReadonlyMap<string, Instrument>; readonly family: readonly BookedOrder[] },
): string | null {
  const { quantity, price } = terms;
  if (order.state === 'done') {
    return order.end?.state === 'filled' ? 'too late: already filled' : 'too late: already ended';
  }
  if (order.isTriggered) return 'too late: the stop was hit and is a market order now';
  const fault = legFault({ ...order.terms, quantity, price }, order.terms.account, context.instruments);
  if (fault !== null) return fault;
  if (quantity <= order.filled) return `quantity ${quantity}: ${order.filled} are filled already`;
  if (order.entryId !== null && quantity !== order.quantity) {
    return `quantity ${quantity}: that of a bracket's exit follows its entry, which makes it ${order.quantity}`;
  }
  return familyFault(order, price, context.family);
}

/** An entry lies between its stop and its target while nothing of it is filled, and the stop below the target always. */
function familyFault(order: BookedOrder, price: Ticks | null, family: readonly BookedOrder[]): string | null {
  const priceOf = (role: OrderTerms['role']): Ticks | null => {
    const found = family.find((other) => other.terms.role === role && other.state !== 'done');
    return found === undefined ? null : found === order ? price : found.price;
  };
  const entry = family.find((other) => other.entryId === null);
  if (entry === undefined || family.length < 2) return null;
  const limit = entry.filled === 0 ? priceOf(entry.terms.role) : null;
  return orderFault([priceOf('stop'), limit, priceOf('target')], entry.terms.direction);
}

function legFault(terms: OrderTerms, account: string, instruments: ReadonlyMap<string, Instrument>): string | null {
  const instrument = instruments.get(terms.symbol);
  if (instrument === undefined) return `unknown symbol "${terms.symbol}"`;
  if (terms.account !== account) return `account "${terms.account}" is not "${account}"`;
  if (!Number.isSafeInteger(terms.quantity) || terms.quantity <= 0) {
    return `quantity ${terms.quantity} is not a whole number above 0`;
  }
  if (terms.type === 'market') return terms.price === null ? null : `a market order takes no price, got ${terms.price}`;
  if (terms.price === null) return `a ${terms.type} order needs a price`;
  if (!Number.isSafeInteger(terms.price)) return `price ${terms.price} is not a whole number of ticks`;
  // Oil has traded below zero; nothing else on the list has.
  if (terms.price <= 0 && instrument.group !== 'energy') return `price ${terms.price} ticks is not above zero`;
  return null;
}

function childFault(child: OrderTerms, entry: OrderTerms): string | null {
  if (child.parentId !== entry.clientOrderId) return `${child.role} order: its parent is not the entry`;
  if (child.symbol !== entry.symbol) return `${child.role} order: symbol ${child.symbol} is not the entry's`;
  if (child.direction === entry.direction) return `${child.role} order: it must close the entry, not add to it`;
  if (child.quantity !== entry.quantity) {
    return `${child.role} order: quantity ${child.quantity} is not the entry's ${entry.quantity}`;
  }
  const wanted = child.role === 'stop' ? 'stop' : 'limit';
  return child.type === wanted ? null : `${child.role} order: type ${child.type} is not ${wanted}`;
}

/** Stop on the losing side and target on the winning side of the entry and of each other. */
const bracketFault = ({ entry, stop, target }: OrderGroup): string | null =>
  orderFault([stop?.price ?? null, entry.price, target?.price ?? null], entry.direction);

function orderFault(prices: readonly (Ticks | null)[], direction: 1 | -1): string | null {
  const ladder = prices.filter((price) => price !== null);
  const isAscending = ladder.every((price, i) => i === 0 || direction * (price - (ladder[i - 1] ?? price)) > 0);
  return isAscending ? null : `stop, entry and target ${ladder.join(', ')} ticks are not in order for this direction`;
}
