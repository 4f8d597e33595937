import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, OrderTerms } from '#shared/domain/order.ts';
import { type ExecutionContext, orderOr, refusal } from './context.ts';
import type { Orders } from './orders.ts';
import type { SendQueue } from './send-queue.ts';
import { alone, closingTerms, intentEvents } from './terms.ts';

/** Closes positions: what works in the symbol is cancelled first, then one order at the market closes what is held. */
export interface Flattening {
  /** Closes what is held of a symbol: never more than the broker is known to hold. A second call joins the first; a closing order under way is waited for. */
  flatten(symbol: string): Promise<readonly Order[]>;
  /** Cancels all that works in a symbol, entries first, the stop last. Throws 'refused' when something is left. */
  clear(symbol: string): Promise<readonly Order[]>;
  /** Closing orders of a symbol that have not ended: as long as there is one, no other is sent. */
  underway(symbol: string): readonly Order[];
  /** Sends one order at the market against `held` (signed). The caller has made sure that nothing else works. */
  close(symbol: string, held: number): Promise<Order>;
}

const stillWorking = (symbol: string, left: readonly Order[]): Error =>
  refusal(
    `${symbol}: ${left.map((o) => o.role).join(', ')} not cancelled yet; the position was left as it is so that it cannot be closed twice`,
    'wait for the cancels, then flatten again',
  );

/**
 * What may be closed of a symbol in which broker and journal differ, while the broker does not answer: what both have
 * at least. Throws 'refused' where they are on opposite sides: whatever was sent could make it worse.
 * @param held signed contracts, the broker's as they were last known
 */
export function agreedQuantity(symbol: string, held: { readonly broker: number; readonly journal: number }): number {
  const { broker, journal } = held;
  if (broker * journal < 0)
    throw refusal(
      `${symbol}: the broker was last known to hold ${broker}, the journal ${journal}, and the broker does not answer`,
      'try again when it answers, or close it at the broker',
    );
  return Math.sign(journal) * Math.min(Math.abs(broker), Math.abs(journal));
}

/** Entries first, so that none can fill meanwhile. The stop goes last, and stays if another could not be cancelled. */
const CANCEL_ORDER = ['entry', 'target', 'stop'] as const;

export type FlatteningParts = {
  readonly orders: Orders;
  readonly queue: SendQueue;
  /**
   * What the broker holds of a symbol where it is known not to be what the journal holds; null otherwise. Rejects with
   * 'refused' where that cannot be told and closing could make it worse.
   */
  readonly heldElsewhere: (symbol: string) => Promise<number | null>;
};

/** Returns the flattening of one account. */
export function createFlattening(context: ExecutionContext, parts: FlatteningParts): Flattening {
  const { broker, book, ids, recorder } = context;
  const { orders, queue } = parts;
  const running = new Map<string, Promise<readonly Order[]>>();

  const underway: Flattening['underway'] = (symbol) =>
    book.workingOrders(symbol).filter((order) => order.role === 'flatten' && !isTerminal(order));

  /**
   * An exit that may still fill could close the position a second time. An entry in doubt could only open a new one,
   * which brings its own stop: what is held is closed all the same.
   */
  const isInTheWay = (order: Order): boolean => {
    if (order.role === 'entry') return order.certainty.kind === 'known';
    const parent = order.parentId === null ? null : book.order(order.parentId);
    return parent === null || parent.filled > 0 || order.filled > 0;
  };
  const clear: Flattening['clear'] = async (symbol) => {
    const working = book.workingOrders(symbol).filter((order) => order.role !== 'flatten');
    for (const role of CANCEL_ORDER) {
      const before = book.workingOrders(symbol).filter((order) => order.role === role);
      await Promise.all(before.map((order) => orders.cancel(order.clientOrderId)));
      const left = book.workingOrders(symbol).filter((order) => order.role === role && isInTheWay(order));
      if (left.length > 0) throw stillWorking(symbol, left);
    }
    return working.map((order) => orderOr(book, order.clientOrderId));
  };
  const close: Flattening['close'] = async (symbol, held) => {
    const terms: OrderTerms = closingTerms(symbol, held, { account: broker.account, ulid: ids.next() });
    const group = alone(terms);
    recorder.record(intentEvents(group, null));
    await queue.reduce(group);
    return orderOr(book, terms.clientOrderId);
  };
  const flattenOnce = async (symbol: string): Promise<readonly Order[]> => {
    const closing = underway(symbol);
    if (closing.length > 0) return closing;
    // Before anything is cancelled: what cannot be closed keeps its stop.
    await parts.heldElsewhere(symbol);
    const done = await clear(symbol);
    // A closing order may have come from elsewhere while the cancels were waited for.
    const meanwhile = underway(symbol);
    if (meanwhile.length > 0) return [...done, ...meanwhile];
    const elsewhere = await parts.heldElsewhere(symbol);
    const held = elsewhere ?? book.positions().find((p) => p.symbol === symbol)?.quantity ?? 0;
    return held === 0 ? done : [...done, await close(symbol, held)];
  };

  return {
    flatten: (symbol) => {
      const before = running.get(symbol);
      if (before !== undefined) return before;
      const started = flattenOnce(symbol).finally(() => running.delete(symbol));
      running.set(symbol, started);
      return started;
    },
    clear,
    underway,
    close,
  };
}
