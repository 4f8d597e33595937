import { isTerminal, remainingOf } from '#shared/domain/order-life.ts';
import type { Order, OrderTerms } from '#shared/domain/order.ts';
import type { OrderGroup } from '#desk/ports/broker.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { type ExecutionContext, inBackground } from './context.ts';
import type { Orders } from './orders.ts';
import { alone, intentEvents, orderEvents, protectiveTerms } from './terms.ts';

/** Time a venue has to take the exits of a closed position away by itself. */
const ORPHAN_GRACE_MS = 2_000;

/** Keeps the stops and targets of this account in step with what they protect. */
export interface Brackets {
  /** Sends an entry as the venue takes it: with its stop and target, or alone where the desk sends those itself. */
  submit(group: OrderGroup, checked: readonly JournalEvent[]): Promise<void>;
  /** After something happened in a symbol: protects what is filled, takes away what protects nothing. */
  follow(symbol: string): void;
  stop(): void;
}

const isExit = (order: Order): boolean => order.role === 'stop' || order.role === 'target';
const isIdle = (order: Order): boolean => order.pending.kind === 'none' && order.certainty.kind === 'known';

const termsOf = (order: Order): OrderTerms => {
  const { clientOrderId, recommendationId, parentId, account, symbol, role, direction, type, quantity, price } = order;
  return {
    ...{ clientOrderId, recommendationId, parentId, account, symbol, role, direction, type, quantity, price },
    timeInForce: order.timeInForce,
  };
};

/** Returns the brackets of one account. */
export function createBrackets(context: ExecutionContext, orders: Orders): Brackets {
  const { broker, book, clock, ids, recorder, journal } = context;
  const isEmulated = (): boolean => broker.capabilities.brackets === 'emulated';
  const timers = new Map<string, () => void>();
  /** Symbols being followed, and whether something happened in them since. */
  const busy = new Map<string, 'once' | 'again'>();

  /** Exits sent beside the planned ones, by the entry they protect. */
  const added = new Map<string, string[]>();
  const noteChild = (parentId: string, id: string): void => {
    added.set(parentId, [...(added.get(parentId) ?? []), id]);
  };
  for (const { event } of isEmulated() ? journal.events({ kinds: ['intent'] }) : []) {
    const { parentId, clientOrderId } = event.terms;
    if (parentId !== null && !clientOrderId.startsWith(parentId)) noteChild(parentId, clientOrderId);
  }
  const familyOf = (entryId: string): readonly Order[] =>
    [`${entryId}S`, `${entryId}T`, ...(added.get(entryId) ?? [])]
      .map((id) => book.order(id))
      .filter((order) => order !== null);

  /** Brings the exits of one role to `needed` contracts in all. More of them is never sent than is held. */
  const cover = async (entry: Order, role: 'stop' | 'target', needed: number): Promise<void> => {
    const open = familyOf(entry.clientOrderId).filter(
      (order) => order.role === role && !isTerminal(order) && order.life !== 'created',
    );
    const covered = open.reduce((sum, order) => sum + remainingOf(order), 0);
    if (covered === needed || open.some((order) => !isIdle(order))) return;
    if (covered > needed) {
      // Too much protection could turn the position round: the last one sent goes first.
      const [last] = [...open].reverse();
      if (last === undefined) return;
      const left = remainingOf(last) - (covered - needed);
      if (left > 0 && broker.capabilities.replace)
        await orders.replace(last.clientOrderId, { quantity: last.filled + left, price: last.price });
      else await orders.cancel(last.clientOrderId);
      return;
    }
    const [first] = open;
    // An exit that was cancelled or refused is not sent again by itself: only what was filled since gets one.
    const family = familyOf(entry.clientOrderId);
    const assigned = family
      .filter((order) => order.life !== 'created')
      .reduce((sum, order) => sum + (order.role === role ? order.quantity : order.filled), 0);
    const missing = Math.min(needed - covered, entry.filled - assigned);
    if (missing <= 0) return;
    if (first !== undefined && broker.capabilities.replace) {
      await orders.replace(first.clientOrderId, { quantity: first.quantity + missing, price: first.price });
      return;
    }
    await sendExit(
      entry,
      family.filter((order) => order.role === role),
      { role, missing },
    );
  };
  /** The planned exit for the first part of an entry; a further order beside it for parts that come later. */
  const sendExit = async (
    entry: Order,
    family: readonly Order[],
    { role, missing }: { role: 'stop' | 'target'; missing: number },
  ): Promise<void> => {
    const planned = family.find((order) => order.life === 'created');
    const price = (planned ?? family[0])?.price ?? null;
    if (price === null) return;
    if (planned !== undefined) {
      if (planned.quantity !== missing)
        recorder.record(orderEvents([planned.clientOrderId], { kind: 'resized', quantity: missing }));
      await orders.submit(alone({ ...termsOf(planned), quantity: missing }));
      return;
    }
    const { symbol, clientOrderId: parentId, recommendationId, account } = entry;
    const quantity = missing * entry.direction;
    const terms = protectiveTerms(
      { symbol, quantity, price, role, parentId, recommendationId },
      { account, ulid: ids.next() },
    );
    const group = alone(terms);
    recorder.record(intentEvents(group, null));
    noteChild(parentId, terms.clientOrderId);
    await orders.submit(group);
  };

  const followEntry = async (entry: Order): Promise<void> => {
    const family = familyOf(entry.clientOrderId);
    const exited = family.reduce((sum, order) => sum + order.filled, 0);
    const held = book.positions().find((p) => p.symbol === entry.symbol)?.quantity ?? 0;
    const ofEntry = Math.max(0, entry.filled - exited);
    // Whatever else closed the position: exits never stand for more than is held.
    const needed = Math.min(ofEntry, Math.max(0, held * entry.direction));
    const isClosing = book.workingOrders(entry.symbol).some((order) => order.role === 'flatten');
    // An exit that has begun ends the entry: what it still filled would stand without protection.
    if (exited > 0 && !isTerminal(entry) && entry.pending.kind === 'none') await orders.cancel(entry.clientOrderId);
    if (needed > 0 && isClosing) return;
    await cover(entry, 'stop', needed);
    await cover(entry, 'target', needed);
    if (needed > 0 || !isTerminal(entry)) return;
    const unsent = familyOf(entry.clientOrderId).filter((order) => order.life === 'created');
    orders.deny(
      unsent.map((order) => order.clientOrderId),
      entry.filled === 0 ? 'its entry was not filled' : 'what it was to protect is closed',
    );
  };
  const emulate = async (symbol: string): Promise<void> => {
    const open = book.orders().filter((order) => order.symbol === symbol);
    const parents = new Set([
      ...open.filter((order) => order.role === 'entry').map((order) => order.clientOrderId),
      ...open.flatMap((order) => (order.parentId === null ? [] : [order.parentId])),
    ]);
    for (const id of parents) {
      const entry = book.order(id);
      if (entry !== null) await followEntry(entry);
    }
  };

  /** Exits without a position would open one when they fill. The venue takes them away; if it does not, the desk does. */
  const clearOrphans = async (symbol: string): Promise<void> => {
    if (book.positions().some((p) => p.symbol === symbol)) return;
    const orphans = book.workingOrders(symbol).filter((order) => {
      if (!isExit(order) || order.life === 'created') return false;
      const parent = order.parentId === null ? null : book.order(order.parentId);
      return parent === null || isTerminal(parent);
    });
    for (const order of orphans) if (order.pending.kind === 'none') await orders.cancel(order.clientOrderId);
  };
  const laterClearOrphans = (symbol: string): void => {
    timers.get(symbol)?.();
    timers.set(
      symbol,
      clock.after(ORPHAN_GRACE_MS, () => {
        timers.delete(symbol);
        inBackground(context, () => clearOrphans(symbol));
      }),
    );
  };
  const run = async (symbol: string): Promise<void> => {
    if (busy.has(symbol)) {
      busy.set(symbol, 'again');
      return;
    }
    try {
      do {
        busy.set(symbol, 'once');
        await emulate(symbol);
      } while (busy.get(symbol) === 'again');
    } finally {
      busy.delete(symbol);
    }
  };

  return {
    submit: (group, checked) => orders.submit(isEmulated() ? alone(group.entry) : group, checked),
    follow: (symbol) => {
      if (!book.hasInterest(symbol)) return;
      if (isEmulated()) inBackground(context, () => run(symbol));
      const hasExits = book.workingOrders(symbol).some(isExit);
      if (hasExits && !book.positions().some((p) => p.symbol === symbol)) laterClearOrphans(symbol);
    },
    stop: () => {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
