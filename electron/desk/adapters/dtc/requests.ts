import { type Result, err, ok } from '#shared/result.ts';
import type { OrderTerms, OrderType } from '#shared/domain/order.ts';
import type { Ticks } from '#shared/units.ts';
import type { OrderGroup } from '#desk/ports/broker.ts';
import { BUY_SELL, ORDER_TYPE, PARTIAL_FILL_HANDLING, TIME_IN_FORCE } from './messages/enums.ts';
import {
  CANCEL_ORDER,
  CANCEL_REPLACE_ORDER,
  SUBMIT_NEW_OCO_ORDER,
  SUBMIT_NEW_SINGLE_ORDER,
} from './messages/orders.ts';
import type { DtcOrder } from './order-state.ts';
import type { Session } from './session.ts';
import type { Listing } from './symbols.ts';

/** What every order of a connection is written with. */
export type OrderForm = {
  readonly listing: Listing;
  readonly account: string;
  readonly isAutomated: boolean;
};

const TYPES: Readonly<Record<OrderType, number>> = {
  market: ORDER_TYPE.ORDER_TYPE_MARKET,
  limit: ORDER_TYPE.ORDER_TYPE_LIMIT,
  stop: ORDER_TYPE.ORDER_TYPE_STOP,
};
const LIFETIMES: Readonly<Record<OrderTerms['timeInForce'], number>> = {
  day: TIME_IN_FORCE.TIF_DAY,
  gtc: TIME_IN_FORCE.TIF_GOOD_TILL_CANCELED,
};
const sideOf = (direction: 1 | -1): number => (direction === 1 ? BUY_SELL.BUY : BUY_SELL.SELL);
const flag = (isSet: boolean): number => (isSet ? 1 : 0);

type Encode = Session['encode'];

/**
 * Returns the messages of an order, or of an entry with its stop and target. A bracket is two messages that must follow
 * each other: the server holds the first until it has the second.
 * @errors a sentence: it cannot be written, and nothing was
 */
export function submitMessages(
  { entry, stop, target }: OrderGroup,
  form: OrderForm,
  encode: Encode,
): Result<readonly Buffer[], string> {
  const listed = form.listing.ofDesk(entry.symbol);
  if (listed === null) return err(`${entry.symbol} is no instrument of this connection`);
  if ((stop === null) !== (target === null)) return err('a DTC server takes an entry with both exits, or with none');
  const priceOf = (price: Ticks | null): { Price1?: number } =>
    price === null ? {} : { Price1: listed.scale().fromTicks(price) };
  const base = { Symbol: listed.venueSymbol, TradeAccount: form.account, IsAutomatedOrder: flag(form.isAutomated) };
  try {
    const single = encode(SUBMIT_NEW_SINGLE_ORDER, {
      ...base,
      ...priceOf(entry.price),
      ...{ ClientOrderID: entry.clientOrderId, FreeFormText: entry.clientOrderId, Quantity: entry.quantity },
      ...{ OrderType: TYPES[entry.type], BuySell: sideOf(entry.direction), TimeInForce: LIFETIMES[entry.timeInForce] },
      ...(stop === null ? {} : { IsParentOrder: 1 }),
    });
    if (stop === null || target === null) return ok([single]);
    const exits = encode(SUBMIT_NEW_OCO_ORDER, {
      ...base,
      ...{ ClientOrderID_1: target.clientOrderId, OrderType_1: TYPES[target.type], Quantity_1: target.quantity },
      ...{ BuySell_1: sideOf(target.direction), Price1_1: priceOf(target.price).Price1 ?? 0 },
      ...{ ClientOrderID_2: stop.clientOrderId, OrderType_2: TYPES[stop.type], Quantity_2: stop.quantity },
      ...{ BuySell_2: sideOf(stop.direction), Price1_2: priceOf(stop.price).Price1 ?? 0 },
      ...{ TimeInForce: LIFETIMES[stop.timeInForce], ParentTriggerClientOrderID: entry.clientOrderId },
      PartialFillHandling: PARTIAL_FILL_HANDLING.PARTIAL_FILL_HANDLING_REDUCE_QUANTITY,
    });
    return ok([single, exits]);
  } catch (error) {
    return err(error instanceof Error ? error.message : 'the order cannot be written');
  }
}

/** All three ids: without one of them some servers do nothing, and do not say so. */
const idsOf = (order: DtcOrder, account: string) => ({
  ServerOrderID: order.serverIds.at(-1) ?? '',
  ClientOrderID: order.statedClientId,
  TradeAccount: account,
});

export const cancelMessage = (order: DtcOrder, { account }: OrderForm, encode: Encode): Buffer =>
  encode(CANCEL_ORDER, idsOf(order, account));

export type Replacing = {
  readonly order: DtcOrder;
  readonly symbol: string;
  /** In all, what is filled included. */
  readonly quantity: number;
  readonly price: Ticks | null;
};

export function replaceMessage({ order, symbol, quantity, price }: Replacing, form: OrderForm, encode: Encode): Buffer {
  const scale = form.listing.ofDesk(symbol)?.scale();
  const isPriced = price !== null && scale !== undefined;
  return encode(CANCEL_REPLACE_ORDER, {
    ...idsOf(order, form.account),
    ...(isPriced ? { Price1: scale.fromTicks(price) } : {}),
    ...{ Quantity: quantity, Price1IsSet: flag(isPriced), Price2IsSet: 0 },
  });
}
