import type { BrokerEvent, OrderGroup } from '#desk/ports/broker.ts';
import type { Order, OrderEvent, OrderTerms } from '#shared/domain/order.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { EpochMs } from '#shared/units.ts';

/** An order at the paper venue. `held` children wait for their entry; `done` orders never come back. */
export type BookedOrder = {
  readonly terms: OrderTerms;
  readonly venueOrderId: string;
  /** Open quantity plus what is filled; children follow their entry and each other. */
  quantity: number;
  filled: number;
  state: 'held' | 'working' | 'done';
  /** Since when it may meet the market. */
  since: EpochMs;
  isFresh: boolean;
  isTriggered: boolean;
};

/** Orders, their families and what happens in a family when one of it is filled or cancelled. */
export interface PaperBook {
  readonly add: (group: OrderGroup, at: EpochMs) => readonly BookedOrder[];
  readonly get: (clientOrderId: string) => BookedOrder | undefined;
  readonly open: () => readonly BookedOrder[];
  readonly working: (symbol: string) => readonly BookedOrder[];
  /** Books `quantity` filled on an order and lets its family follow. `at` is when the fill happened. */
  readonly fill: (order: BookedOrder, quantity: number, at: EpochMs) => void;
  readonly end: (order: BookedOrder, event: Extract<OrderEvent, { kind: 'canceled' | 'expired' }>) => void;
  readonly restore: (orders: readonly Order[]) => void;
}

const isExitRole = (terms: OrderTerms): boolean => terms.role === 'stop' || terms.role === 'target';

/** Whether an order only protects: it closes what an entry opened. */
export const isExit = (order: Pick<BookedOrder, 'terms'>): boolean => isExitRole(order.terms);

/** What is left to fill. */
export const remainingOf = (order: BookedOrder): number => order.quantity - order.filled;

/** Makes an empty book. `emit` gets every change of an order; `newId` makes venue ids. */
export function createPaperBook(options: {
  readonly emit: (event: BrokerEvent) => void;
  readonly newId: () => string;
  readonly now: () => EpochMs;
}): PaperBook {
  const orders = new Map<string, BookedOrder>();
  const openBySymbol = new Map<string, Set<BookedOrder>>();
  const families = new Map<string, BookedOrder[]>();

  const tell = (order: BookedOrder, event: OrderEvent, at: EpochMs = options.now()): void =>
    options.emit({ kind: 'order', clientOrderId: order.terms.clientOrderId, event, at });
  const insert = (order: BookedOrder): void => {
    const { clientOrderId, symbol, parentId } = order.terms;
    orders.set(clientOrderId, order);
    if (order.state === 'done') return;
    const open = openBySymbol.get(symbol) ?? new Set();
    openBySymbol.set(symbol, open.add(order));
    if (parentId !== null) families.set(parentId, [...(families.get(parentId) ?? []), order]);
  };
  const retire = (order: BookedOrder): void => {
    order.state = 'done';
    openBySymbol.get(order.terms.symbol)?.delete(order);
  };
  const childrenOf = (order: BookedOrder): readonly BookedOrder[] =>
    (families.get(order.terms.clientOrderId) ?? []).filter((child) => child.state !== 'done');
  const siblingsOf = (order: BookedOrder): readonly BookedOrder[] =>
    order.terms.parentId === null
      ? []
      : (families.get(order.terms.parentId) ?? []).filter((other) => other !== order && other.state !== 'done');

  const end: PaperBook['end'] = (order, event) => {
    if (order.state === 'done') return;
    retire(order);
    tell(order, event);
    for (const child of childrenOf(order)) {
      if (child.state === 'held') end(child, { kind: 'canceled', reason: 'its entry was not filled' });
    }
  };
  const resize = (order: BookedOrder, quantity: number, at: EpochMs): void => {
    if (order.quantity === quantity) return;
    order.quantity = quantity;
    tell(order, { kind: 'resized', quantity }, at);
  };
  /** Children protect exactly what the entry has opened. */
  const protect = (entry: BookedOrder, at: EpochMs): void => {
    for (const child of childrenOf(entry)) {
      resize(child, entry.filled, at);
      if (child.state === 'working') continue;
      child.state = 'working';
      child.since = at;
      tell(child, { kind: 'working', venueOrderId: child.venueOrderId }, at);
    }
  };
  /** One cancels the other: what one exit closed, the other must not close again. */
  const release = (exit: BookedOrder, quantity: number, at: EpochMs): void => {
    const parent = exit.terms.parentId === null ? undefined : orders.get(exit.terms.parentId);
    if (parent !== undefined && parent.state === 'working') {
      end(parent, { kind: 'canceled', reason: 'the exit of what was already filled has begun' });
    }
    for (const sibling of siblingsOf(exit)) {
      const left = remainingOf(sibling) - quantity;
      if (left <= 0)
        end(sibling, { kind: 'canceled', reason: `one cancels the other: the ${exit.terms.role} was filled` });
      else resize(sibling, sibling.filled + left, at);
    }
  };

  return {
    add: (group, at) => {
      const legs = [group.entry, group.stop, group.target].filter((terms) => terms !== null);
      const added = legs.map((terms): BookedOrder => ({
        ...{ terms, venueOrderId: options.newId(), quantity: terms.quantity, filled: 0, since: at },
        state: terms === group.entry ? 'working' : 'held',
        isFresh: terms === group.entry,
        isTriggered: false,
      }));
      for (const order of added) {
        insert(order);
        const kind = order.state === 'working' ? 'working' : 'acknowledged';
        tell(order, { kind, venueOrderId: order.venueOrderId }, at);
      }
      return added;
    },
    get: (clientOrderId) => orders.get(clientOrderId),
    open: () => [...openBySymbol.values()].flatMap((open) => [...open]),
    working: (symbol) => [...(openBySymbol.get(symbol) ?? [])].filter((order) => order.state === 'working'),
    fill: (order, quantity, at) => {
      if (order.state !== 'working' || quantity < 1 || quantity > remainingOf(order)) {
        throw new Error(`paper book: cannot fill ${quantity} of ${order.terms.clientOrderId}`);
      }
      order.filled += quantity;
      order.isFresh = false;
      if (order.terms.type === 'stop') order.isTriggered = true;
      if (remainingOf(order) === 0) retire(order);
      if (isExitRole(order.terms)) release(order, quantity, at);
      else protect(order, at);
    },
    end,
    restore: (restored) => {
      for (const order of restored) {
        if (order.venueOrderId === null) continue;
        insert(fromJournal(order, order.venueOrderId, restored));
      }
    },
  };
}

/** An order as it stood before a restart. One that was never acknowledged is not here: it never arrived. */
function fromJournal(order: Order, venueOrderId: string, all: readonly Order[]): BookedOrder {
  const { life, filled, quantity, updatedAt } = order;
  const parent = all.find((other) => other.clientOrderId === order.parentId);
  const waits = life !== 'working' && parent !== undefined && parent.filled === 0;
  const { clientOrderId, recommendationId, parentId, account, symbol, role, direction, type, price, timeInForce } =
    order;
  return {
    terms: {
      ...{ clientOrderId, recommendationId, parentId, account, symbol, role, direction, type, price, timeInForce },
      quantity,
    },
    venueOrderId,
    quantity,
    filled,
    state: isTerminal(order) ? 'done' : waits ? 'held' : 'working',
    since: updatedAt,
    isFresh: false,
    // Only a stop that was hit can be partly filled.
    isTriggered: type === 'stop' && filled > 0,
  };
}
