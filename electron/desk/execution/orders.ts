import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order } from '#shared/domain/order.ts';
import type { Ticks } from '#shared/units.ts';
import type { CancelOutcome, OrderGroup, SubmitOutcome } from '#desk/ports/broker.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { ANSWER_MS, type ExecutionContext, inBackground, orderOr, outcomeOf, within } from './context.ts';
import type { Doubt } from './doubt.ts';
import { legs, orderEvents } from './terms.ts';

/** The calls to the broker: each journaled before it is made, each answer journaled, no answer taken for doubt. */
export interface Orders {
  /**
   * Sends orders whose intents are on disk. Resolves when the broker has answered or the time for an answer is over;
   * an answer that comes later is still taken.
   * @param checked what is journaled with it, in one write: what was checked before it leaves
   */
  submit(group: OrderGroup, checked?: readonly JournalEvent[]): Promise<void>;
  /** Ends orders that were never sent. Orders in any other life are left as they are. */
  deny(clientOrderIds: readonly string[], reason: string): void;
  /**
   * Cancels an order; one that was never sent is denied. Cancelling twice is harmless. The cancel leaves even where it
   * cannot be journaled, and then this rejects.
   */
  cancel(clientOrderId: string): Promise<Order>;
  /** Changes quantity and price of a working order; whether that is allowed is the caller's to know. */
  replace(clientOrderId: string, terms: { readonly quantity: number; readonly price: Ticks | null }): Promise<Order>;
  /** Orders that were sent and have no answer, each with the timer that ends the wait. */
  stop(): void;
}

const NO_ANSWER = `no answer for ${ANSWER_MS / 1_000} s`;

/** Returns the calls to one broker. */
export function createOrders(context: ExecutionContext, doubt: Doubt): Orders {
  const { broker, book, clock, recorder } = context;
  const timers = new Set<() => void>();
  /** The last change asked for of each order: an answer to one before it says nothing of this one. */
  const lastChange = new Map<string, symbol>();
  const orderOf = (id: string): Order => orderOr(book, id);

  /** Looks once more when the time for an answer is over. */
  const afterAnswerTime = (look: () => void): void => {
    const cancel = clock.after(ANSWER_MS, () => {
      timers.delete(cancel);
      inBackground(context, () => {
        look();
        return Promise.resolve();
      });
    });
    timers.add(cancel);
  };

  const takeSubmit = (ids: readonly string[], outcome: SubmitOutcome): void => {
    if (outcome.kind === 'accepted') return;
    const open = ids.map(orderOf).filter((order) => !isTerminal(order));
    const unconfirmed = open.filter((order) => order.venueOrderId === null && order.filled === 0);
    const idsOf = (orders: readonly Order[]): readonly string[] => orders.map((order) => order.clientOrderId);
    if (outcome.kind === 'unknown') {
      doubt.raise(idsOf(unconfirmed.filter((order) => order.life === 'sent')), outcome.why);
      return;
    }
    recorder.record(orderEvents(idsOf(unconfirmed), { kind: 'rejected', reason: outcome.reason }));
    const confirmed = open.filter((order) => !unconfirmed.includes(order));
    doubt.raise(idsOf(confirmed), `the broker confirmed it and then refused it: ${outcome.reason}`);
  };

  const submit: Orders['submit'] = async (group, checked = []) => {
    const ids = legs(group).map((terms) => terms.clientOrderId);
    // On disk before a byte leaves: an intent without it was provably never sent.
    recorder.record([...checked, ...orderEvents(ids, { kind: 'send-attempt' })]);
    const done = doubt.sending(ids);
    const answered = outcomeOf(() => broker.submit(group)).then((outcome) => {
      done();
      takeSubmit(ids, outcome);
      return true;
    });
    afterAnswerTime(() => {
      doubt.raise(
        ids.filter((id) => orderOf(id).life === 'sent'),
        NO_ANSWER,
      );
    });
    const inTime = await within(clock, ANSWER_MS, answered);
    if (inTime === null) inBackground(context, () => answered);
  };

  const deny: Orders['deny'] = (ids, reason) => {
    const unsent = ids.filter((id) => orderOf(id).life === 'created');
    if (unsent.length > 0) recorder.record(orderEvents(unsent, { kind: 'denied', reason }));
  };

  /** What the broker made of a cancel or a change; a refusal is followed by asking what is true. */
  const takeChange = async (id: string, outcome: CancelOutcome, refused: 'cancel-refused' | 'replace-refused') => {
    const order = orderOf(id);
    if (isTerminal(order)) return;
    if (outcome.kind === 'unknown') doubt.raise([id], outcome.why);
    if (outcome.kind !== 'refused') return;
    recorder.record(orderEvents([id], { kind: refused, reason: outcome.reason }));
    // "Too late" and "unknown order" are told apart by asking, not by reading the broker's words.
    await doubt.ask(id);
  };
  const change = async (
    id: string,
    call: () => Promise<CancelOutcome>,
    refused: 'cancel-refused' | 'replace-refused',
  ): Promise<Order> => {
    const mine = Symbol(id);
    lastChange.set(id, mine);
    const answered = outcomeOf(call).then(async (outcome) => {
      await takeChange(id, outcome, refused);
      return true;
    });
    const kind = refused === 'cancel-refused' ? 'cancel' : 'replace';
    afterAnswerTime(() => {
      if (lastChange.get(id) !== mine) return;
      lastChange.delete(id);
      if (orderOf(id).pending.kind === kind) doubt.raise([id], `the ${kind} had ${NO_ANSWER}`);
    });
    const inTime = await within(clock, ANSWER_MS, answered);
    if (inTime === null) inBackground(context, () => answered);
    return orderOf(id);
  };

  return {
    submit,
    deny,
    cancel: async (id) => {
      const order = orderOf(id);
      if (isTerminal(order)) return order;
      if (order.life === 'created') {
        const family = book.orders().filter((o) => o.parentId === id);
        deny([id, ...family.map((o) => o.clientOrderId)], 'cancelled before it was sent');
        return orderOf(id);
      }
      try {
        recorder.record(orderEvents([id], { kind: 'cancel-requested' }));
      } catch (error) {
        // What cannot be written down must not keep an order at the broker; a comparison finds what became of it.
        await within(
          clock,
          ANSWER_MS,
          outcomeOf(() => broker.cancel(order)),
        );
        throw error;
      }
      return change(id, () => broker.cancel(orderOf(id)), 'cancel-refused');
    },
    replace: (id, terms) => {
      recorder.record(orderEvents([id], { kind: 'replace-requested', ...terms }));
      return change(id, () => broker.replace(orderOf(id), terms), 'replace-refused');
    },
    stop: () => {
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}
