import type { OrderEvent } from '#shared/domain/order.ts';
import { money, ticks, type EpochMs } from '#shared/units.ts';
import type { BrokerEvent } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { isOfAccount } from './config.ts';
import { type IbContract, type IbContracts, symbolOf, ticksOf } from './contracts.ts';
import {
  createExecutionBook,
  createOutbox,
  type ExecutionBook,
  type ReadExecution,
  readExecution,
} from './executions.ts';
import type { IbEvent } from './parse.ts';
import type { StatedOrder } from './questions.ts';
import { timeOf } from './time.ts';
import { createTracker, type Stated, type Tracked, type Tracker } from './tracker.ts';
import { clientOrderIdOf, orderPrice, venueOrderOf } from './venue-orders.ts';
import type { WireExecution, WireOrder, WireStatus } from './wire.ts';

export type RouterParts = {
  readonly clock: Clock;
  readonly account: string;
  readonly clientId: number;
  readonly emit: (event: BrokerEvent) => void;
  readonly contracts: () => IbContracts | null;
  /** The zone TWS writes times in; null where it does not say. */
  readonly zone: () => string | null;
  /** True while a list of orders is being told: what is new in it is told by the list. */
  readonly isListing: () => boolean;
  readonly onCounted: (order: Tracked) => void;
  /** IB stated the margin of a what-if order. */
  readonly onMargin: (orderId: number, usd: number) => void;
};

/** Takes what TWS tells to where it belongs, and tells the desk what is news. */
export interface Router {
  readonly tracker: Tracker;
  readonly book: ExecutionBook;
  readonly take: (event: IbEvent) => void;
  readonly read: (
    wire: WireExecution,
    contracts: IbContracts,
  ) => { execution: ReadExecution; contract: IbContract } | null;
  readonly adopt: (orders: readonly StatedOrder[], contracts: IbContracts) => void;
}

/** Makes the router of one account. It outlives connections. */
export function createRouter(parts: RouterParts): Router {
  const { clock, account, clientId } = parts;
  const outbox = createOutbox();
  const externals = new Map<number, WireOrder>();

  const put = (event: BrokerEvent): void => {
    outbox.put({ isReady: () => true, tell: () => parts.emit(event) });
    outbox.flush();
  };
  const tracker = createTracker({
    clock,
    tell: (clientOrderId: string, event: OrderEvent) => put({ kind: 'order', clientOrderId, event, at: clock.now() }),
    onCounted: parts.onCounted,
  });
  const book = createExecutionBook({ clock, outbox }, parts.emit);

  const statedOf = (wire: WireOrder, contracts: IbContracts): Stated | null => {
    const clientOrderId = clientOrderIdOf(wire.order.orderRef);
    if (clientOrderId === null) return null;
    const { clientId: placedBy, permId, parentId, totalQuantity } = wire.order;
    return {
      ...{ clientOrderId, orderId: wire.orderId, clientId: placedBy, permId, parentOrderId: parentId },
      quantity: Math.round(totalQuantity),
      price: orderPrice(wire, contracts.byConId.get(wire.contract.conId)),
      status: wire.state.status,
    };
  };
  const tellExternal = (wire: WireOrder, status: WireStatus | null, contracts: IbContracts): void => {
    const order = venueOrderOf(wire, status, contracts);
    if (order !== null) put({ kind: 'external-order', order });
  };
  const takeOrder = (wire: WireOrder): void => {
    const contracts = parts.contracts();
    if (contracts === null) return;
    if (wire.order.whatIf) {
      const usd = wire.state.initMarginChange;
      if (usd !== undefined && usd > 0 && usd < 1e12) parts.onMargin(wire.orderId, usd);
      return;
    }
    if (wire.order.account !== '' && wire.order.account !== account) return;
    const stated = statedOf(wire, contracts);
    const isKnown = stated !== null && tracker.get(stated.clientOrderId) !== undefined;
    if (isKnown) tracker.state(stated);
    else if (!parts.isListing()) takeUnknown(wire, stated, contracts);
  };
  /** An order nobody asked about and that was not sent in this run: of an earlier run, or of another hand. */
  const takeUnknown = (wire: WireOrder, stated: Stated | null, contracts: IbContracts): void => {
    if (stated === null) {
      if (wire.order.clientId === clientId) externals.set(wire.orderId, wire);
      tellExternal(wire, null, contracts);
      return;
    }
    const { clientOrderId, orderId, clientId: placedBy, parentOrderId, quantity, price } = stated;
    tracker.add({ clientOrderId, orderId, clientId: placedBy, parentOrderId, quantity, price });
    tracker.state(stated);
  };
  const takeStatus = (status: WireStatus): void => {
    tracker.status(status);
    const external = externals.get(status.orderId);
    const contracts = parts.contracts();
    if (external === undefined || contracts === null || status.clientId !== clientId || parts.isListing()) return;
    tellExternal(external, status, contracts);
    if (status.status === 'Filled' || status.status.endsWith('Cancelled')) externals.delete(status.orderId);
  };

  const ownerOf = ({ execution }: WireExecution): string | null => {
    const named = clientOrderIdOf(execution.orderRef);
    if (named !== null) return named;
    if (execution.orderRef !== '' || execution.clientId !== clientId) return null;
    return clientOrderIdOf(tracker.byOrderId(execution.orderId)?.clientOrderId ?? '');
  };
  const read: Router['read'] = (wire, contracts) => {
    const contract = contracts.byConId.get(wire.contract.conId);
    if (contract === undefined || !Number.isInteger(wire.execution.shares)) return null;
    const receivedAt = clock.now();
    const { price: raw, time } = wire.execution;
    // An execution is booked even at a price between two ticks: the position must be right.
    const price = ticksOf(contract.instrument, raw) ?? ticks(Math.round(raw / contract.instrument.tickSize));
    const at = timeOf(time, parts.zone());
    const execution = readExecution(wire, {
      ...{ contract, account, clientOrderId: ownerOf(wire), at: notAhead(at, receivedAt), receivedAt, price },
    });
    return { execution, contract };
  };
  const takeExecution = (wire: WireExecution): void => {
    const contracts = parts.contracts();
    if (contracts === null || !isOfAccount(wire.execution.acctNumber, account)) return;
    const got = read(wire, contracts);
    if (got !== null) {
      if (got.execution.clientOrderId !== null) tracker.executed(got.execution.clientOrderId);
      book.take(got.execution, got.contract);
      return;
    }
    const symbol = symbolOf(contracts, wire.contract);
    if (symbol !== null && Number.isInteger(wire.execution.shares) && wire.execution.shares > 0)
      put({ kind: 'fill', fill: strangeFill(wire, { symbol, account, at: clock.now() }) });
  };

  return {
    tracker,
    book,
    read,
    take: (event) => {
      switch (event.kind) {
        case 'order':
          takeOrder(event.order);
          return;
        case 'status':
          takeStatus(event.status);
          return;
        case 'execution':
          // What a list brings up is told by the list.
          if (event.reqId < 0) takeExecution(event.execution);
          return;
        case 'commission':
          book.commission(event.commission);
          return;
        default:
      }
    },
    adopt: (orders, contracts) => {
      for (const { order } of orders) {
        const stated = statedOf(order, contracts);
        if (stated !== null && !order.order.whatIf) tracker.adopt(stated);
      }
    },
  };
}

const NO_FEE = money(0);

/** Clocks differ by a little: an execution was not made after it was told of. */
const notAhead = (at: EpochMs | null, receivedAt: EpochMs): EpochMs | null =>
  at === null || at > receivedAt ? null : at;

/** An execution of a future the desk does not trade: it is told so that the trader hears of it; it is never booked. */
function strangeFill(
  { execution }: WireExecution,
  { symbol, account, at }: { symbol: string; account: string; at: EpochMs },
): Extract<BrokerEvent, { kind: 'fill' }>['fill'] {
  return {
    ...{ execKey: execution.execId, venue: 'ib', account, clientOrderId: null, symbol, direction: execution.side },
    ...{ quantity: execution.shares, price: ticks(Math.round(execution.price)), fee: NO_FEE, at, receivedAt: at },
  };
}
