import type { VenueOrder } from '#desk/ports/broker.ts';
import type { OrderType } from '#shared/domain/order.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';
import type { MessageOf } from './fields.ts';
import { BUY_SELL, ORDER_STATUS, ORDER_TYPE, ORDER_UPDATE_REASON } from './messages/enums.ts';
import type { ORDER_UPDATE } from './messages/orders.ts';
import type { Listing } from './symbols.ts';

export type OrderUpdate = MessageOf<typeof ORDER_UPDATE>;

/** An order as the server has told it so far. Absent fields of an update leave it as it was. */
export type DtcOrder = {
  /** One of ours; null for an order of another hand. */
  readonly clientOrderId: string | null;
  /** As the server wants to hear it back, whoever sent it. */
  readonly statedClientId: string;
  /** Its ids at the server, oldest first: a replaced order has a new one. Empty until it is confirmed. */
  readonly serverIds: readonly string[];
  readonly parentServerId: string;
  /** The desk's symbol, or the server's where the desk does not trade it. */
  readonly symbol: string;
  readonly direction: 1 | -1 | null;
  readonly type: OrderType | null;
  readonly price: Ticks | null;
  readonly quantity: number | null;
  /** The server's count. */
  readonly filled: number;
  readonly averagePrice: number | null;
  readonly status: number | null;
  readonly end: 'filled' | 'canceled' | 'rejected' | null;
  readonly endedAt: EpochMs | null;
  readonly reason: string | null;
};

/** Ids of orders that a desk like this one sends. */
const OWN = /^D1-[0-9A-HJKMNP-TV-Z]{26}[ST]?$/;

/** The id of ours that an update names; null when it names none. */
export function ownIdOf({ ClientOrderID, FreeFormText, ParentServerOrderID }: OrderUpdate): string | null {
  if (OWN.test(ClientOrderID)) return ClientOrderID;
  // A child may have inherited the text of its parent: only an order without one is known by it.
  return ClientOrderID === '' && ParentServerOrderID === '' && OWN.test(FreeFormText) ? FreeFormText : null;
}

const TYPES: Readonly<Record<number, OrderType>> = {
  [ORDER_TYPE.ORDER_TYPE_MARKET]: 'market',
  [ORDER_TYPE.ORDER_TYPE_LIMIT]: 'limit',
  [ORDER_TYPE.ORDER_TYPE_STOP]: 'stop',
  [ORDER_TYPE.ORDER_TYPE_STOP_LIMIT]: 'stop',
  [ORDER_TYPE.ORDER_TYPE_MARKET_IF_TOUCHED]: 'stop',
  [ORDER_TYPE.ORDER_TYPE_LIMIT_IF_TOUCHED]: 'limit',
  [ORDER_TYPE.ORDER_TYPE_MARKET_LIMIT]: 'market',
};

/** Null where no side is told. */
export const directionOf = (side: number | undefined): 1 | -1 | null =>
  side === BUY_SELL.BUY ? 1 : side === BUY_SELL.SELL ? -1 : null;

/** Whether an update says that an operation on the order failed: the order itself lives on as its status says. */
export const isOperationReject = ({ OrderUpdateReason: reason }: OrderUpdate): boolean =>
  reason === ORDER_UPDATE_REASON.ORDER_CANCEL_REJECTED || reason === ORDER_UPDATE_REASON.ORDER_CANCEL_REPLACE_REJECTED;

/**
 * What an update says of the end of its order; null when it says none. A rejected status ends a confirmed order, or one
 * whose reason says that the order itself was refused; with a refused cancel it ends nothing.
 * @source protocols.md 1.8 and 6.3
 */
export function endOf(update: OrderUpdate, isConfirmed: boolean): DtcOrder['end'] {
  const { OrderStatus: status, OrderUpdateReason: reason } = update;
  if (status === ORDER_STATUS.ORDER_STATUS_CANCELED) return 'canceled';
  if (isOperationReject(update)) return null;
  if (reason === ORDER_UPDATE_REASON.NEW_ORDER_REJECTED) return 'rejected';
  if (status === ORDER_STATUS.ORDER_STATUS_REJECTED)
    return reason === ORDER_UPDATE_REASON.GENERAL_ORDER_UPDATE && !isConfirmed ? null : 'rejected';
  if (status === ORDER_STATUS.ORDER_STATUS_FILLED) return 'filled';
  // Where the status says nothing, the reason does.
  const isSilent = status === undefined || status === ORDER_STATUS.ORDER_STATUS_UNSPECIFIED;
  return reason === ORDER_UPDATE_REASON.ORDER_CANCELED && isSilent ? 'canceled' : null;
}

const UNKNOWN: DtcOrder = {
  ...{ clientOrderId: null, statedClientId: '', serverIds: [], parentServerId: '', symbol: '', direction: null },
  ...{ type: null, price: null, quantity: null, filled: 0, averagePrice: null, status: null, end: null },
  ...{ endedAt: null, reason: null },
};

/** Contracts are whole; what is not, is not read as some other number. */
const contractsOf = (value: number | undefined): number | null =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : null;

/**
 * What an order has filled by an update: as it counts it, or by what is left of it. Null where it does not say; what is
 * left of an order that was cancelled says nothing.
 */
export function filledIn(update: OrderUpdate, quantity: number | null): number | null {
  const counted = contractsOf(update.FilledQuantity) ?? 0;
  if (counted > 0) return counted;
  const isFilled =
    update.OrderStatus === ORDER_STATUS.ORDER_STATUS_FILLED ||
    update.OrderUpdateReason === ORDER_UPDATE_REASON.ORDER_FILLED;
  if (isFilled) return quantity;
  const left = contractsOf(update.RemainingQuantity) ?? 0;
  const hasFilled =
    update.OrderStatus === ORDER_STATUS.ORDER_STATUS_PARTIALLY_FILLED ||
    update.OrderUpdateReason === ORDER_UPDATE_REASON.ORDER_FILLED_PARTIALLY;
  return hasFilled && quantity !== null && left > 0 && left < quantity ? quantity - left : null;
}

const withId = (ids: readonly string[], id: string): readonly string[] =>
  id === '' || ids.at(-1) === id ? ids : [...ids.filter((known) => known !== id), id];

function termsAfter(before: DtcOrder, update: OrderUpdate, listing: Listing) {
  const listed = update.Symbol === '' ? listing.ofDesk(before.symbol) : listing.ofVenue(update.Symbol);
  const type = TYPES[update.OrderType ?? 0] ?? before.type;
  const { Price1: told } = update;
  // A zero stands for a price that is not told where another one is known.
  const isTold = told !== undefined && (told !== 0 || before.price === null);
  const price = !isTold || listed === null || type === 'market' ? null : listed.scale().toTicks(told);
  const average = update.AverageFillPrice;
  return {
    symbol: listed?.symbol ?? (update.Symbol === '' ? before.symbol : update.Symbol),
    direction: directionOf(update.BuySell) ?? before.direction,
    type,
    price: price ?? before.price,
    quantity: contractsOf(update.OrderQuantity) || before.quantity,
    averagePrice:
      average === undefined || average === 0 || listed === null ? before.averagePrice : listed.scale().toMean(average),
  };
}

/** An order of ours that is about to be sent, and of which the server has said nothing. */
export const awaited = (terms: {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly direction: 1 | -1;
  readonly type: OrderType;
  readonly price: Ticks | null;
  readonly quantity: number;
}): DtcOrder => ({
  ...UNKNOWN,
  ...{ clientOrderId: terms.clientOrderId, statedClientId: terms.clientOrderId, symbol: terms.symbol },
  ...{ direction: terms.direction, type: terms.type, price: terms.price, quantity: terms.quantity },
});

export type Reading = {
  readonly listing: Listing;
  readonly at: EpochMs;
  /** The server was asked how its orders stand: one it works now does work, whatever was thought of it. */
  readonly isStatement?: boolean;
};

/** Returns an order as it stands after an update. */
export function orderAfter(before: DtcOrder | null, update: OrderUpdate, reading: Reading): DtcOrder {
  const { listing, at, isStatement = false } = reading;
  const isAlive = isStatement && endOf(update, true) === null && update.OrderStatus !== undefined;
  const from = before === null ? UNKNOWN : isAlive ? { ...before, end: null, endedAt: null } : before;
  const { PreviousServerOrderID: previous, ServerOrderID: current } = update;
  const serverIds = withId(withId(from.serverIds, from.serverIds.length === 0 ? previous : ''), current);
  const end = from.end ?? endOf(update, from.serverIds.length > 0);
  const text = update.InfoText === '' ? null : update.InfoText;
  const terms = termsAfter(from, update, listing);
  return {
    clientOrderId: from.clientOrderId ?? ownIdOf(update),
    statedClientId: update.ClientOrderID === '' ? from.statedClientId : update.ClientOrderID,
    serverIds,
    parentServerId: update.ParentServerOrderID === '' ? from.parentServerId : update.ParentServerOrderID,
    ...terms,
    filled: Math.max(from.filled, filledIn(update, terms.quantity) ?? 0),
    status: update.OrderStatus ?? from.status,
    end,
    endedAt: end === null ? null : (from.endedAt ?? at),
    reason: end === null || from.end !== null ? from.reason : text,
  };
}

/** An order in the words of the port; null while the server has not said what it is. */
export function venueOrderOf(order: DtcOrder): VenueOrder | null {
  const { direction, type, quantity, serverIds } = order;
  if (direction === null || quantity === null || quantity <= 0) return null;
  return {
    clientOrderId: order.clientOrderId,
    venueOrderId: serverIds.at(-1) ?? order.statedClientId,
    ...{ symbol: order.symbol, direction, quantity, filled: order.filled, averagePrice: order.averagePrice },
    type: type ?? 'limit',
    price: type === 'market' ? null : order.price,
    state: order.end ?? 'working',
    reason: order.reason,
  };
}
