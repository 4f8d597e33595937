import { remainingOf } from '#shared/domain/order-life.ts';
import type { BrokerEvent, OrderGroup } from '#desk/ports/broker.ts';
import type { Order, OrderEvent, OrderTerms } from '#shared/domain/order.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';
import { type BookedOrder, fromJournal, venueOrderOf } from './paper-orders.ts';

type EndEvent = Extract<OrderEvent, { kind: 'canceled' | 'expired' | 'rejected' }>;

/** Orders, their families and what happens in a family when one of it is filled, changed or cancelled. */
export interface PaperBook {
  /** Takes a group in. `how` says whether its entry works at once, waits for the session, or is only acknowledged. */
  readonly add: (group: OrderGroup, at: EpochMs, how: 'works' | 'waits' | 'held') => BookedOrder;
  readonly addExternal: (terms: OrderTerms, at: EpochMs) => BookedOrder;
  /** Keeps a refused group in memory, so that it can be asked for and its ids are spent. */
  readonly refuse: (group: OrderGroup, reason: string, at: EpochMs) => void;
  readonly get: (clientOrderId: string) => BookedOrder | undefined;
  /** As `get`, without orders from elsewhere. */
  readonly own: (clientOrderId: string) => BookedOrder | undefined;
  /** Stop and target that were sent with an entry, ended ones too. */
  readonly exitsOf: (entryId: string) => readonly BookedOrder[];
  readonly byVenueId: (venueOrderId: string) => BookedOrder | undefined;
  readonly all: () => Iterable<BookedOrder>;
  readonly open: () => readonly BookedOrder[];
  readonly working: (symbol: string) => readonly BookedOrder[];
  /** Lets what waited for the session work. */
  readonly wake: (symbol: string) => void;
  /** Books `quantity` filled on an order and lets its family follow. `at` is when the fill happened. */
  readonly fill: (order: BookedOrder, quantity: number, at: EpochMs) => void;
  readonly end: (order: BookedOrder, event: EndEvent) => void;
  readonly replace: (order: BookedOrder, terms: { readonly quantity: number; readonly price: Ticks | null }) => void;
  /** Books that an execution counts for `change` contracts more than was said; its protection follows. */
  readonly correct: (order: BookedOrder, change: number) => void;
  readonly restore: (orders: readonly Order[]) => void;
}

const legsOf = (group: OrderGroup): readonly OrderTerms[] =>
  [group.entry, group.stop, group.target].filter((terms) => terms !== null);

/** How one leg of a group begins: children wait for their entry. */
const inGroup = (
  { entry }: OrderGroup,
  terms: OrderTerms,
  entryState: BookedOrder['state'],
  childState: BookedOrder['state'] = 'held',
): Pick<BookedOrder, 'state' | 'entryId'> =>
  terms === entry ? { state: entryState, entryId: null } : { state: childState, entryId: entry.clientOrderId };

/** Makes an empty book. `emit` gets every change of an order; `newId` makes venue ids. */
export function createPaperBook(options: {
  readonly emit: (event: BrokerEvent) => void;
  readonly newId: () => string;
  readonly now: () => EpochMs;
}): PaperBook {
  const orders = new Map<string, BookedOrder>();
  const venueIds = new Map<string, BookedOrder>();
  const openBySymbol = new Map<string, Set<BookedOrder>>();
  const families = new Map<string, BookedOrder[]>();

  const tell = (order: BookedOrder, event: OrderEvent, at: EpochMs = options.now()): void => {
    if (order.isExternal) options.emit({ kind: 'external-order', order: venueOrderOf(order) });
    else options.emit({ kind: 'order', clientOrderId: order.terms.clientOrderId, event, at });
  };
  const insert = (order: BookedOrder): void => {
    const { clientOrderId, symbol } = order.terms;
    const { entryId } = order;
    orders.set(clientOrderId, order);
    venueIds.set(order.venueOrderId, order);
    if (entryId !== null) families.set(entryId, [...(families.get(entryId) ?? []), order]);
    if (order.state !== 'done') openBySymbol.set(symbol, (openBySymbol.get(symbol) ?? new Set()).add(order));
  };
  const retire = (
    order: BookedOrder,
    state: 'filled' | EndEvent['kind'],
    how: { reason: string | null; at: EpochMs },
  ) => {
    order.state = 'done';
    order.end = { state, ...how };
    openBySymbol.get(order.terms.symbol)?.delete(order);
  };
  const exitsOf = (entryId: string): readonly BookedOrder[] => families.get(entryId) ?? [];
  const openExitsOf = (entryId: string): readonly BookedOrder[] => exitsOf(entryId).filter((o) => o.state !== 'done');

  const end: PaperBook['end'] = (order, event) => {
    if (order.state === 'done') return;
    const at = options.now();
    retire(order, event.kind, { reason: event.kind === 'expired' ? null : event.reason, at });
    tell(order, event, at);
    for (const child of openExitsOf(order.terms.clientOrderId)) {
      if (child.state === 'held') end(child, { kind: 'canceled', reason: 'its entry was not filled' });
    }
  };
  const resize = (order: BookedOrder, quantity: number, at: EpochMs): void => {
    if (order.quantity === quantity) return;
    order.quantity = quantity;
    tell(order, { kind: 'resized', quantity }, at);
  };
  const begin = (order: BookedOrder, at: EpochMs): void => {
    order.state = 'working';
    tell(order, { kind: 'working', venueOrderId: order.venueOrderId }, at);
  };
  /** Children protect exactly what the entry has opened. */
  const protect = (entry: BookedOrder, at: EpochMs): void => {
    for (const child of openExitsOf(entry.terms.clientOrderId)) {
      resize(child, entry.filled, at);
      if (child.state !== 'held') continue;
      child.since = at;
      begin(child, at);
    }
  };
  /** One cancels the other: what one exit closed, the other must not close again. */
  const release = (exit: BookedOrder, quantity: number, at: EpochMs): void => {
    const { entryId } = exit;
    if (entryId === null) return;
    const parent = orders.get(entryId);
    if (parent !== undefined && parent.state === 'working') {
      end(parent, { kind: 'canceled', reason: 'the exit of what was already filled has begun' });
    }
    for (const sibling of openExitsOf(entryId)) {
      if (sibling === exit) continue;
      const left = remainingOf(sibling) - quantity;
      if (left <= 0)
        end(sibling, { kind: 'canceled', reason: `one cancels the other: the ${exit.terms.role} was filled` });
      else resize(sibling, sibling.filled + left, at);
    }
  };
  /** After a correction: what the family has really open is what its exits still cover. */
  const rebalance = (entry: BookedOrder, at: EpochMs): void => {
    const exits = exitsOf(entry.terms.clientOrderId);
    const open = exits.reduce((left, exit) => left - exit.filled, entry.filled);
    // What is left of the entry would open a position that nothing protects any more.
    if (open <= 0 && exits.length > 0) end(entry, { kind: 'canceled', reason: 'what was filled of it was busted' });
    for (const exit of exits) {
      if (exit.state !== 'working') continue;
      if (open <= 0) end(exit, { kind: 'canceled', reason: 'what it protected was busted' });
      else resize(exit, exit.filled + open, at);
    }
  };
  const newOrder = (
    terms: OrderTerms,
    at: EpochMs,
    { state, entryId }: Pick<BookedOrder, 'state' | 'entryId'>,
  ): BookedOrder => ({
    ...{ terms, venueOrderId: options.newId(), isExternal: false, price: terms.price, quantity: terms.quantity },
    ...{ filled: 0, entryId, state, end: null, since: at, isFresh: entryId === null, isTriggered: false },
  });

  return {
    add: (group, at, how) => {
      const entryState = how === 'works' ? 'working' : how === 'waits' ? 'waiting' : 'held';
      const added = legsOf(group).map((terms) => newOrder(terms, at, inGroup(group, terms, entryState)));
      for (const order of added) {
        insert(order);
        const kind = order.state === 'working' ? 'working' : 'acknowledged';
        tell(order, { kind, venueOrderId: order.venueOrderId }, at);
      }
      const [entry] = added;
      if (entry === undefined) throw new Error('paper book: a group without an entry');
      return entry;
    },
    addExternal: (terms, at) => {
      const order = { ...newOrder(terms, at, { state: 'working', entryId: null }), isExternal: true };
      insert(order);
      tell(order, { kind: 'working', venueOrderId: order.venueOrderId }, at);
      return order;
    },
    refuse: (group, reason, at) => {
      for (const terms of legsOf(group)) {
        if (orders.has(terms.clientOrderId)) continue;
        insert({
          ...newOrder(terms, at, inGroup(group, terms, 'done', 'done')),
          end: { state: 'rejected', reason, at },
        });
      }
    },
    get: (clientOrderId) => orders.get(clientOrderId),
    own: (clientOrderId) => {
      const order = orders.get(clientOrderId);
      return order?.isExternal === true ? undefined : order;
    },
    exitsOf,
    byVenueId: (venueOrderId) => venueIds.get(venueOrderId),
    all: () => orders.values(),
    open: () => [...openBySymbol.values()].flatMap((open) => [...open]),
    working: (symbol) => [...(openBySymbol.get(symbol) ?? [])].filter((order) => order.state === 'working'),
    wake: (symbol) => {
      for (const order of openBySymbol.get(symbol) ?? []) if (order.state === 'waiting') begin(order, options.now());
    },
    fill: (order, quantity, at) => {
      if (order.state !== 'working' || quantity < 1 || quantity > remainingOf(order)) {
        throw new Error(`paper book: cannot fill ${quantity} of ${order.terms.clientOrderId}`);
      }
      order.filled += quantity;
      order.isFresh = false;
      if (order.terms.type === 'stop') order.isTriggered = true;
      if (remainingOf(order) === 0) retire(order, 'filled', { reason: null, at });
      if (order.isExternal) options.emit({ kind: 'external-order', order: venueOrderOf(order) });
      else if (order.entryId !== null) release(order, quantity, at);
      else protect(order, at);
    },
    end,
    replace: (order, { quantity, price }) => {
      const at = options.now();
      order.quantity = quantity;
      order.price = price;
      order.isFresh = true;
      order.since = at;
      tell(order, { kind: 'replaced', venueOrderId: null, quantity, price }, at);
      for (const child of openExitsOf(order.terms.clientOrderId))
        if (child.state === 'held') resize(child, quantity, at);
    },
    correct: (order, change) => {
      const at = options.now();
      order.filled += change;
      const entry = order.entryId === null ? order : orders.get(order.entryId);
      // What was left to fill stays as it was: a busted execution is not tried again.
      if (order.state !== 'done' && order.entryId === null) resize(order, order.quantity + change, at);
      order.quantity = Math.max(order.quantity, order.filled);
      if (entry !== undefined) rebalance(entry, at);
      if (order.isExternal) options.emit({ kind: 'external-order', order: venueOrderOf(order) });
    },
    restore: (restored) => {
      const byId = new Map(restored.map((order) => [order.clientOrderId, order]));
      for (const order of restored) {
        if (order.venueOrderId === null) continue;
        insert(fromJournal(order, order.venueOrderId, byId.get(order.parentId ?? '')));
      }
    },
  };
}
