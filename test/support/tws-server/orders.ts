import type { TwsExchange } from './exchange.ts';
import { errorMessage, openOrder } from './layouts.ts';
import { type TwsContract, type TwsOrder, isOpen } from './model.ts';
import { type PlaceRequest, readPlaceOrder } from './requests.ts';
import type { TwsClient, TwsFaults } from './server.ts';

export type OrderParts = {
  readonly version: number;
  readonly exchange: TwsExchange;
  readonly contracts: readonly TwsContract[];
  readonly accounts: readonly string[];
  readonly faults: TwsFaults;
  readonly client: TwsClient;
};

const offTick = (price: string, { minTick }: TwsContract): boolean => {
  if (price === '') return false;
  const count = Number(price) / minTick;
  return Math.abs(count - Math.round(count)) > 1e-6;
};

/** Why an order is refused, as TWS says it; null when it is taken. */
function fault(parts: OrderParts, asked: PlaceRequest, contract: TwsContract | undefined): [number, string] | null {
  const { faults, accounts } = parts;
  if (faults.readOnly)
    return [321, "Error validating request.-'bO' : cause - The API interface is currently in Read-Only mode."];
  if (contract === undefined) return [200, 'No security definition has been found for the request'];
  if (!accounts.includes(asked.account)) return [321, 'Error validating request: invalid account code'];
  if (asked.quantity <= 0) return [434, 'The order size cannot be zero.'];
  if (offTick(asked.lmtPrice, contract) || offTick(asked.auxPrice, contract))
    return [110, 'The price does not conform to the minimum price variation for this contract.'];
  if (asked.ocaType === 0 && asked.ocaGroup !== '') return [321, 'an OCA group needs a type'];
  return null;
}

const make = (parts: OrderParts, asked: PlaceRequest, contract: TwsContract): TwsOrder => ({
  ...{ orderId: asked.orderId, clientId: parts.client.id, permId: parts.exchange.nextPermId(), contract },
  ...{ action: asked.action, quantity: asked.quantity, type: asked.type, lmtPrice: asked.lmtPrice },
  ...{ auxPrice: asked.auxPrice, tif: asked.tif, ocaGroup: asked.ocaGroup, ocaType: asked.ocaType },
  ...{ account: asked.account, orderRef: asked.orderRef, transmit: asked.transmit, parentId: asked.parentId },
  ...{ outsideRth: asked.outsideRth, filled: 0, cost: 0, status: 'ApiPending', whyHeld: '', reason: '' },
});

function modify(parts: OrderParts, order: TwsOrder, asked: PlaceRequest): [number, string] | null {
  if (order.status === 'Filled') return [104, 'Cannot modify a filled order.'];
  if (!isOpen(order)) return [103, 'Duplicate order id'];
  const isSame =
    order.contract.conId === asked.conId &&
    order.action === asked.action &&
    order.type === asked.type &&
    order.orderRef === asked.orderRef &&
    order.parentId === asked.parentId;
  if (!isSame) return [105, 'Order being modified does not match the original order.'];
  if (asked.quantity <= order.filled) return [201, 'Order rejected - reason:quantity is below what is filled'];
  Object.assign(order, { quantity: asked.quantity, lmtPrice: asked.lmtPrice, auxPrice: asked.auxPrice });
  parts.exchange.restate(order);
  const quote = parts.exchange.quotes.get(order.contract.conId);
  if (quote !== undefined) parts.exchange.move(order.contract, quote);
  return null;
}

/** 3: a new order, or new terms for one that works. */
export function placeOrder(parts: OrderParts, fields: readonly string[]): void {
  const { version, exchange, client, faults } = parts;
  const asked = readPlaceOrder(version, fields);
  const refuse = ([code, text]: [number, string]): void =>
    client.send(errorMessage(version, asked.orderId, [code, text]));
  const contract = parts.contracts.find((one) => one.conId === asked.conId);
  const why = fault(parts, asked, contract);
  if (why !== null || contract === undefined) {
    refuse(why ?? [200, 'No security definition']);
    return;
  }
  if (asked.whatIf) {
    client.send(openOrder(version, make(parts, asked, contract), '16500.50'));
    return;
  }
  const own = exchange.orders.filter((order) => order.clientId === client.id);
  const known = own.find(({ orderId }) => orderId === asked.orderId);
  if (known !== undefined) {
    const refused = modify(parts, known, asked);
    if (refused !== null) refuse(refused);
    return;
  }
  if (own.some(({ orderId }) => orderId > asked.orderId)) {
    refuse([103, 'Duplicate order id']);
    return;
  }
  const order = make(parts, asked, contract);
  const refused = faults.rejectIf(asked);
  if (refused !== null) {
    refuse([...refused]);
    exchange.orders.push(order);
    exchange.reject(order, 'rejected');
    return;
  }
  exchange.place(order);
}

/** 4: only the client that placed an order may cancel it. */
export function cancelOrder({ version, exchange, client, faults }: OrderParts, orderId: number): void {
  const order = exchange.orders.find((one) => one.clientId === client.id && one.orderId === orderId);
  if (order === undefined || orderId === 0) {
    client.send(
      errorMessage(version, orderId, [10_147, `OrderId ${orderId} that needs to be cancelled is not found.`]),
    );
    return;
  }
  if (!isOpen(order)) {
    const text = `OrderId ${orderId} that needs to be cancelled can not be cancelled, state: ${order.status}.`;
    client.send(errorMessage(version, orderId, [10_148, text]));
    return;
  }
  if (!faults.muted.has(-4)) exchange.cancel(order);
}
