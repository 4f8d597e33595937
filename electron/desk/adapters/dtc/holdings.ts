import type { Fill } from '#shared/domain/order.ts';
import type { EpochMs } from '#shared/units.ts';
import type { BrokerSnapshot, FindAnswer, VenueOrder } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { FILLS, OPEN_ORDERS, POSITIONS } from './batches.ts';
import type { ExecutionLedger } from './executions.ts';
import type { MessageOf } from './fields.ts';
import { dayBefore, type Intake, type ListedFill } from './intake.ts';
import type { DtcLink } from './link.ts';
import {
  CURRENT_POSITIONS_REQUEST,
  HISTORICAL_ORDER_FILLS_REQUEST,
  OPEN_ORDERS_REQUEST,
  type POSITION_UPDATE,
} from './messages/orders.ts';
import { keyOf, type OrderBook } from './order-book.ts';
import { type DtcOrder, venueOrderOf } from './order-state.ts';
import type { Listing } from './symbols.ts';
import { secondsOf } from './times.ts';

export type HoldingParts = {
  readonly clock: Clock;
  readonly link: DtcLink;
  readonly account: string;
  readonly listing: Listing;
  readonly book: OrderBook;
  readonly ledger: ExecutionLedger;
  readonly intake: Intake;
};

/** What the account holds, as the server tells it when it is asked. */
export interface Holdings {
  readonly snapshot: (since: EpochMs) => Promise<BrokerSnapshot>;
  readonly find: (clientOrderId: string) => Promise<FindAnswer>;
  readonly openOrders: () => Promise<{ readonly orders: readonly DtcOrder[]; readonly isComplete: boolean }>;
  /** Asks for the executions of late and tells on what is news. */
  readonly fetch: () => Promise<void>;
}

type Position = BrokerSnapshot['positions'][number];

/** One line a symbol: some servers keep several positions of a contract apart. */
function joined(positions: readonly Position[]): readonly Position[] {
  const bySymbol = new Map<string, Position>();
  for (const next of positions) {
    const before = bySymbol.get(next.symbol);
    const quantity = (before?.quantity ?? 0) + next.quantity;
    const isOneWay = before === undefined || before.quantity * next.quantity > 0;
    const averagePrice = !isOneWay
      ? null
      : before?.averagePrice == null || next.averagePrice === null
        ? before === undefined
          ? next.averagePrice
          : null
        : (before.averagePrice * before.quantity + next.averagePrice * next.quantity) / quantity;
    bySymbol.set(next.symbol, { symbol: next.symbol, quantity, averagePrice });
  }
  return [...bySymbol.values()].filter(({ quantity }) => quantity !== 0);
}

const isWhole = (value: number | undefined): value is number => value !== undefined && Number.isSafeInteger(value);

/** Makes the holdings of one account. */
export function createHoldings(parts: HoldingParts): Holdings {
  const { clock, link, listing, book, ledger, intake } = parts;
  /** Some servers answer nothing when they are asked about one account, so all is asked for and sorted here. */
  const isOurs = ({ TradeAccount: account }: { readonly TradeAccount: string }): boolean =>
    account === '' || account === parts.account;

  const openOrders: Holdings['openOrders'] = async () => {
    const question = { kind: OPEN_ORDERS, request: OPEN_ORDERS_REQUEST, values: { RequestAllOrders: 1 } };
    const { messages, isComplete } = await link.ask(question);
    const orders = messages.filter(isOurs).map((update) => intake.restate(update));
    return { orders: orders.filter((order) => order !== null), isComplete };
  };
  const askFills = async (since: EpochMs): Promise<{ fills: readonly ListedFill[]; isComplete: boolean }> => {
    const values = { StartDateTime: secondsOf(since) };
    const { messages, isComplete } = await link.ask({ kind: FILLS, request: HISTORICAL_ORDER_FILLS_REQUEST, values });
    return { fills: messages.filter(isOurs), isComplete };
  };
  const positionOf = (body: MessageOf<typeof POSITION_UPDATE>): Position | null => {
    const listed = listing.ofVenue(body.Symbol);
    if (!isWhole(body.Quantity)) return null;
    const price = body.AveragePrice;
    return {
      symbol: listed?.symbol ?? body.Symbol,
      quantity: body.Quantity,
      averagePrice: listed === null || price === undefined || price === 0 ? null : listed.scale().toMean(price),
    };
  };
  const askPositions = async (): Promise<{ positions: readonly Position[]; isComplete: boolean }> => {
    const question = { kind: POSITIONS, request: CURRENT_POSITIONS_REQUEST, values: {} };
    const { messages, isComplete } = await link.ask(question);
    const stated = messages.filter(isOurs).map(positionOf);
    // A position in parts of contracts is one that cannot be read: then nothing is known.
    const read = stated.filter((position) => position !== null);
    return { positions: joined(read), isComplete: isComplete && read.length === stated.length };
  };

  const filledOf = (order: DtcOrder): number => ledger.sumOf(keyOf(order));
  /** How an order that the server no longer works must have ended by what the server itself said; null: not said. */
  const impliedEnd = (order: DtcOrder): Pick<DtcOrder, 'end' | 'reason'> | null => {
    const { clientOrderId: id, quantity } = order;
    if (order.serverIds.length === 0 || id === null) return null;
    if (quantity !== null && filledOf(order) >= quantity) return { end: 'filled', reason: null };
    const other = id.endsWith('S') ? 'T' : id.endsWith('T') ? 'S' : null;
    if (other === null) return null;
    const counterpart = book.own(`${id.slice(0, -1)}${other}`);
    const parent = book.own(id.slice(0, -1));
    const isDone = counterpart?.quantity != null && filledOf(counterpart) >= counterpart.quantity;
    if (isDone) return { end: 'canceled', reason: 'its counterpart was filled' };
    const isParentGone = parent?.end === 'canceled' || parent?.end === 'rejected';
    return isParentGone && parent.filled === 0 ? { end: 'canceled', reason: 'its entry ended unfilled' } : null;
  };
  const ended = (order: DtcOrder): DtcOrder | null => {
    if (order.end !== null) return order;
    const implied = impliedEnd(order);
    return implied === null ? null : { ...order, ...implied, filled: Math.max(order.filled, filledOf(order)) };
  };

  const snapshot: Holdings['snapshot'] = async (since) => {
    const open = await openOrders();
    const listed = await askFills(since);
    const held = await askPositions();
    const isListed = new Set(open.orders.map(keyOf));
    const working = open.orders.filter(({ end }) => end === null);
    const fills = intake.listed(listed.fills, since).filter((fill) => fill.at >= since);
    const done = book
      .all()
      .filter((order) => !isListed.has(keyOf(order)) || order.end !== null)
      .map(ended)
      .filter((order) => order !== null && (order.endedAt ?? since) >= since);
    const stated = (orders: readonly (DtcOrder | null)[]): readonly VenueOrder[] =>
      orders.map((order) => (order === null ? null : venueOrderOf(order))).filter((order) => order !== null);
    return {
      isComplete: open.isComplete && listed.isComplete && held.isComplete,
      at: clock.now(),
      orders: stated(working),
      completed: stated(done),
      fills,
      positions: held.positions,
    };
  };

  const found = (order: DtcOrder): FindAnswer => {
    const stated = venueOrderOf(order);
    if (stated === null) return { kind: 'cannot-tell', why: 'the server does not say what the order is' };
    return { kind: 'found', order: stated, fills: ledger.ofOrder(keyOf(order)) };
  };
  /** An execution nobody sent for, in the direction and no larger than the order that is sought. */
  const strayOf = (order: DtcOrder, fills: readonly Fill[]): Fill | null =>
    fills.find(
      (fill) =>
        fill.clientOrderId === null &&
        fill.symbol === order.symbol &&
        fill.direction === order.direction &&
        fill.quantity <= (order.quantity ?? 0),
    ) ?? null;
  const find: Holdings['find'] = async (id) => {
    const open = await openOrders();
    const since = dayBefore(clock.now());
    const listed = await askFills(since);
    const fills = intake.listed(listed.fills, since);
    if (!open.isComplete || !listed.isComplete)
      return { kind: 'cannot-tell', why: 'the server said only part of what it has' };
    const order = book.own(id);
    if (order === null) return { kind: 'absent' };
    if (open.orders.some((one) => one.clientOrderId === id)) return found(order);
    const end = ended(order);
    if (end !== null) return found(end);
    const stray = order.serverIds.length > 0 ? null : strayOf(order, fills);
    if (stray === null) return { kind: 'absent' };
    const why = `the server lists an execution of ${stray.quantity} ${stray.symbol} that may be its: look there`;
    return { kind: 'cannot-tell', why };
  };

  return {
    snapshot,
    find: async (id) => {
      try {
        return await find(id);
      } catch (error) {
        return { kind: 'cannot-tell', why: error instanceof Error ? error.message : 'the server could not be asked' };
      }
    },
    openOrders,
    fetch: async () => {
      const since = dayBefore(clock.now());
      const { fills } = await askFills(since);
      intake.takeListed(fills, since);
    },
  };
}
