import type { OrderTerms, OrderType } from '#shared/domain/order.ts';
import { ticks } from '#shared/units.ts';
import type { OrderGroup, VenueOrder } from '#desk/ports/broker.ts';
import type { Listed } from './listing.ts';
import type { WireOrder } from './wire.ts';

const OURS = /^D1-[0-9A-HJKMNP-TV-Z]{26}[ST]?$/;

/** The id of ours an order was sent under; null when it was not sent by a desk like this one. */
export const ownIdOf = (clientOrderId: string): string | null => (OURS.test(clientOrderId) ? clientOrderId : null);

/** How far an order has come. @source protocols.md 6.3 */
export type Stage = 'acknowledged' | 'working' | 'filled' | 'canceled' | 'expired' | 'rejected' | 'replaced';

const STAGES: Readonly<Record<string, Stage>> = {
  accepted: 'acknowledged',
  pending_new: 'acknowledged',
  accepted_for_bidding: 'acknowledged',
  held: 'acknowledged',
  filled: 'filled',
  canceled: 'canceled',
  expired: 'expired',
  rejected: 'rejected',
  replaced: 'replaced',
};
/** Less is filled than was ordered. */
export const isShort = ({ qty, filled_qty: filled }: Pick<WireOrder, 'qty' | 'filled_qty'>): boolean =>
  qty === null || Number(filled) < Number(qty);
/** What is not known works: an order is never thought ended by a word nobody knows, unless all of it has filled. */
export function stageOf(order: Pick<WireOrder, 'status' | 'qty' | 'filled_qty'>): Stage {
  const stage = STAGES[order.status] ?? 'working';
  return isEnd(stage) || isShort(order) ? stage : 'filled';
}

export const isEnd = (stage: Stage): boolean => stage !== 'acknowledged' && stage !== 'working';

/** What an order of any kind comes nearest to. */
export function typeOf({ type, order_type: orderType }: WireOrder): OrderType {
  const name = type ?? orderType ?? 'market';
  if (/stop/u.test(name)) return 'stop';
  return name === 'limit' ? 'limit' : 'market';
}

/** The price that counts: the trigger of a stop, the limit of a limit order. */
export function priceOf(order: WireOrder, listed: Listed) {
  const type = typeOf(order);
  const text = type === 'stop' ? order.stop_price : type === 'limit' ? order.limit_price : null;
  return text === null ? null : listed.ticksOf(text);
}

export const directionOf = ({ side }: { readonly side: string }): 1 | -1 => (side === 'buy' ? 1 : -1);

/**
 * An order in the words of the port. Null where it cannot be said: its symbol is not the desk's, or its quantity is no
 * whole number of contracts.
 */
export function venueOrderOf(order: WireOrder, listed: Listed, clientOrderId: string | null): VenueOrder | null {
  const quantity = order.qty === null ? null : listed.contractsOf(order.qty);
  const filled = listed.isCrypto ? listed.wholeContractsOf(order.filled_qty) : listed.contractsOf(order.filled_qty);
  if (quantity === null || quantity <= 0 || filled === null) return null;
  const stage = stageOf(order);
  return {
    ...{ clientOrderId, venueOrderId: order.id, symbol: listed.symbol, direction: directionOf(order) },
    ...{ type: typeOf(order), price: priceOf(order, listed), quantity, filled },
    averagePrice: listed.meanOf(order.filled_avg_price),
    state: stage === 'replaced' ? 'canceled' : stage === 'acknowledged' ? 'working' : stage,
    reason: stage === 'rejected' ? REJECTED : null,
  };
}
export const REJECTED = 'Alpaca has rejected it and says no more';

/** Crypto has no plain stop at Alpaca: its limit lies this far beyond the trigger. */
const STOP_ROOM = 0.02;

const stopFields = (terms: OrderTerms, listed: Listed): Record<string, string> => {
  const price = terms.price ?? ticks(0);
  if (!listed.isCrypto) return { type: 'stop', stop_price: listed.priceText(price) };
  const limit = ticks(Math.round(price * (1 + terms.direction * STOP_ROOM)));
  return { type: 'stop_limit', stop_price: listed.priceText(price), limit_price: listed.priceText(limit) };
};

function termsFields(terms: OrderTerms, listed: Listed): Record<string, string> {
  if (terms.type === 'market') return { type: 'market' };
  if (terms.type === 'limit')
    return { type: 'limit', ...(terms.price === null ? {} : { limit_price: listed.priceText(terms.price) }) };
  return stopFields(terms, listed);
}

/** A group as Alpaca takes it: with both exits a bracket, with one of them an `oto`. */
export function orderBody({ entry, stop, target }: OrderGroup, listed: Listed): Record<string, unknown> {
  const exits = [stop, target].filter((leg) => leg !== null);
  const price = (terms: OrderTerms) => (terms.price === null ? '' : listed.priceText(terms.price));
  // One time in force holds for all of it: exits that end with the day would leave the position bare.
  const isKept = listed.isCrypto || [entry, ...exits].some(({ timeInForce }) => timeInForce === 'gtc');
  return {
    ...{ symbol: listed.venueSymbol, qty: listed.quantityText(entry.quantity) },
    ...{ side: entry.direction === 1 ? 'buy' : 'sell', time_in_force: isKept ? 'gtc' : 'day' },
    ...{ client_order_id: entry.clientOrderId, ...termsFields(entry, listed) },
    ...(exits.length === 0 ? {} : { order_class: exits.length === 2 ? 'bracket' : 'oto' }),
    ...(target === null ? {} : { take_profit: { limit_price: price(target) } }),
    ...(stop === null ? {} : { stop_loss: { stop_price: price(stop) } }),
  };
}

/** Why a group cannot be sent as it is; null when it can. */
export function groupFault({ entry, stop, target }: OrderGroup, listed: Listed): string | null {
  const legs = [entry, stop, target].filter((leg) => leg !== null);
  if (listed.isCrypto && legs.length > 1) return 'Alpaca has no brackets for crypto';
  if (legs.some(({ quantity }) => quantity !== entry.quantity))
    return 'Alpaca takes a bracket of one quantity throughout';
  for (const { type, price } of legs) {
    if (type === 'market') continue;
    const fault = price === null ? 'the order has no price' : listed.priceFault(price);
    if (fault !== null) return fault;
  }
  return null;
}
