import { type Order as IbOrder, OrderAction, OrderType as IbOrderType, TimeInForce } from './library.ts';
import type { OrderTerms, OrderType } from '#shared/domain/order.ts';
import type { Ticks } from '#shared/units.ts';
import type { VenueOrder } from '#desk/ports/broker.ts';
import { type IbContract, type IbContracts, priceOf, symbolOf, ticksOf } from './contracts.ts';
import type { WireOrder, WireStatus } from './wire.ts';

const OURS = /^D1-[0-9A-HJKMNP-TV-Z]{26}[ST]?$/;

/** The client order id in an order reference; null when the order was not sent by a desk like this one. */
export const clientOrderIdOf = (orderRef: string): string | null => (OURS.test(orderRef) ? orderRef : null);

/** IB's id of an order for the whole account; where it has none yet, the id at the client that placed it. */
export const venueOrderIdOf = (ids: { permId: number; clientId: number; orderId: number }): string =>
  ids.permId > 0 ? String(ids.permId) : `${ids.clientId}/${ids.orderId}`;

const IB_TYPES: Readonly<Record<OrderType, IbOrderType>> = {
  market: IbOrderType.MKT,
  limit: IbOrderType.LMT,
  stop: IbOrderType.STP,
};

/** What an order of another hand comes nearest to. */
const typeOf = (ibType: string): OrderType => {
  if (/^(STP|TRAIL)/.test(ibType)) return 'stop';
  return /^(LMT|LIT|REL|LOC|LOO)/.test(ibType) ? 'limit' : 'market';
};

export type Placement = {
  readonly terms: Pick<
    OrderTerms,
    'clientOrderId' | 'parentId' | 'account' | 'direction' | 'type' | 'quantity' | 'price' | 'timeInForce' | 'role'
  >;
  readonly contract: IbContract;
  readonly outsideRth: boolean;
  /** IB's id of the entry this one is a child of; 0 for none. */
  readonly parentOrderId: number;
  /** Only the last of a bracket lets all of it go. */
  readonly transmit: boolean;
};

/** When one exit of an entry fills, the others are made smaller by as much, one at a time: none is filled beyond it. */
const OCA_REDUCE_WITH_BLOCK = 2;

/** An order of the desk as IB takes it. */
export function ibOrderOf({ terms, contract, outsideRth, parentOrderId, transmit }: Placement): IbOrder {
  const price = terms.price === null ? null : priceOf({ tickSize: tickSizeOf(contract) }, terms.price);
  const isExit = terms.role === 'stop' || terms.role === 'target';
  return {
    action: terms.direction === 1 ? OrderAction.BUY : OrderAction.SELL,
    orderType: IB_TYPES[terms.type],
    totalQuantity: terms.quantity,
    ...(terms.type === 'limit' && price !== null ? { lmtPrice: price } : {}),
    ...(terms.type === 'stop' && price !== null ? { auxPrice: price } : {}),
    tif: terms.timeInForce === 'gtc' ? TimeInForce.GTC : TimeInForce.DAY,
    // The exits of one entry take each other's place, those added later too.
    ...(isExit && terms.parentId !== null ? { ocaGroup: terms.parentId, ocaType: OCA_REDUCE_WITH_BLOCK } : {}),
    ...(parentOrderId === 0 ? {} : { parentId: parentOrderId }),
    account: terms.account,
    orderRef: terms.clientOrderId,
    outsideRth,
    transmit,
  };
}

/** The desk's own tick: prices of orders are counted in it, whatever the venue's step is. */
export const tickSizeOf = ({ instrument }: IbContract): number => instrument.tickSize;

/** The price an order works at, in ticks of the desk; null for a market order or a contract the desk does not know. */
export function orderPrice({ order }: WireOrder, contract: IbContract | undefined): Ticks | null {
  if (contract === undefined) return null;
  const type = typeOf(order.orderType);
  const price = type === 'limit' ? order.lmtPrice : type === 'stop' ? order.auxPrice : undefined;
  return price === undefined ? null : ticksOf(contract.instrument, price);
}

/** What a status of IB means; null for one that says neither that it works nor that it has ended. */
export function stateOf(status: string): VenueOrder['state'] | null {
  switch (status) {
    case 'Cancelled':
    case 'ApiCancelled':
      return 'canceled';
    case 'Filled':
      return 'filled';
    case 'Inactive':
    case 'Unknown':
    case '':
      return null;
    default:
      return 'working';
  }
}

/**
 * An order as IB states it, in the desk's words; null for one of a contract that is no future, or of which IB does not
 * say whether it works.
 */
export function venueOrderOf(wire: WireOrder, status: WireStatus | null, contracts: IbContracts): VenueOrder | null {
  const symbol = symbolOf(contracts, wire.contract);
  const state = stateOf(status?.status ?? wire.state.status);
  if (symbol === null || state === null) return null;
  const contract = contracts.byConId.get(wire.contract.conId);
  const filled = status?.filled ?? wire.order.filledQuantity ?? 0;
  const average = status?.averagePrice ?? 0;
  return {
    clientOrderId: clientOrderIdOf(wire.order.orderRef),
    venueOrderId: venueOrderIdOf({ ...wire.order, orderId: wire.orderId }),
    symbol,
    direction: wire.order.action,
    type: typeOf(wire.order.orderType),
    price: orderPrice(wire, contract),
    quantity: Math.round(wire.order.totalQuantity),
    filled: Math.round(filled),
    averagePrice: contract === undefined || average === 0 || filled === 0 ? null : average / tickSizeOf(contract),
    state,
    reason: null,
  };
}

/** An order that ended, as the list of completed orders has it: its words say how. */
export function completedOrderOf(wire: WireOrder, contracts: IbContracts): VenueOrder | null {
  const words = wire.state.completedStatus;
  const status = wire.state.status === 'Inactive' ? 'Cancelled' : wire.state.status;
  const read = venueOrderOf({ ...wire, state: { ...wire.state, status } }, null, contracts);
  if (read === null) return null;
  const filled = Math.round(wire.order.filledQuantity ?? 0);
  // TWS leaves the quantity of a cancelled order at zero.
  const quantity = Math.max(read.quantity, filled);
  const state = endOf(wire.state.status, words);
  return { ...read, quantity, filled, state: state ?? read.state, reason: words === '' ? null : words };
}

const endOf = (status: string, words: string): VenueOrder['state'] | null => {
  if (status === 'Inactive' || /reject/i.test(words)) return 'rejected';
  return /expired/i.test(words) ? 'expired' : null;
};
