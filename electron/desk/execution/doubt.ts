import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, OrderEvent } from '#shared/domain/order.ts';
import type { FindAnswer } from '#desk/ports/broker.ts';
import { ANSWER_MS, type ExecutionContext, inBackground, orderOr, outcomeOf, refusal, within } from './context.ts';
import { orderEvents } from './terms.ts';
import { absenceEvent } from './truth.ts';

const FIRST_LOOK_MS = 500;
const LONGEST_MS = 30_000;
/** Looks after which an order still in doubt is told to the trader: about four seconds. */
const LOOKS_BEFORE_NOTICE = 3;

/** Applies the venue's word on one order: its executions, then its state. */
export type ApplyFound = (order: Order, answer: Extract<FindAnswer, { kind: 'found' }>) => void;

/** Asks the broker about orders of which it is not known whether it has them, until it is known. Nothing is resent. */
export interface Doubt {
  /** Journals that orders are in doubt, and begins to ask. Orders in doubt already, or ended, are left as they are. */
  raise(clientOrderIds: readonly string[], why: string): void;
  /** Asks about one order now; one that is not found is in doubt from then on. */
  ask(clientOrderId: string): Promise<Order>;
  /** The trader's word on an order the broker cannot tell about. Throws 'refused' for one that is not in doubt. */
  settle(clientOrderId: string, as: 'never-arrived' | 'canceled', reason: string): Order;
  /** Goes on asking about everything in doubt; resolves after one look at each. */
  resume(): Promise<void>;
  /** Orders in doubt now. */
  orders(): readonly Order[];
  /** A call that sends these is under way until the returned function is called: their absence proves nothing yet. */
  sending(clientOrderIds: readonly string[]): () => void;
  stop(): void;
}

/** `lastAbsence`: `Clock.monotonic` of the last absence that counted, at first of when the doubt began. */
type Search = { looks: number; absences: number; lastAbsence: number; cancel: () => void };

/** Returns the query loop of one account. */
export function createDoubt(context: ExecutionContext, applyFound: ApplyFound): Doubt {
  const { broker, book, clock, recorder, notices } = context;
  const searches = new Map<string, Search>();
  const underWay = new Set<string>();
  let isStopped = false;

  const isInDoubt = (order: Order): boolean => !isTerminal(order) && order.certainty.kind === 'in-doubt';
  const noticeId = (id: string): string => `in-doubt ${id}`;
  const find = async (id: string): Promise<FindAnswer> => {
    const answer = await within(
      clock,
      ANSWER_MS,
      outcomeOf(() => broker.find(id)),
    );
    if (answer === null) return { kind: 'cannot-tell', why: 'the broker did not answer the question' };
    return answer.kind === 'unknown' ? { kind: 'cannot-tell', why: answer.why } : answer;
  };
  const journalOne = (id: string, event: OrderEvent): void => void recorder.record(orderEvents([id], event));

  const finish = (id: string): void => {
    searches.get(id)?.cancel();
    searches.delete(id);
    notices.clear(noticeId(id));
    context.changed();
  };
  const tell = (order: Order, why: string): void =>
    notices.raise({
      id: noticeId(order.clientOrderId),
      level: 'error',
      title: `${order.symbol}: the broker has not said whether it has the ${order.role} order`,
      detail: `${order.clientOrderId}, ${order.quantity} contracts: ${why}. It counts as exposure and is never sent again.`,
      remedy: 'Ask again, or look at the broker and say what became of it.',
    });

  /** Counts an answer of `absent`; true when the venue's own terms of proof are met. */
  const isProof = (order: Order, search: Search): boolean => {
    const { absence } = broker.capabilities;
    if (absence === null || order.certainty.kind !== 'in-doubt') return false;
    if (underWay.has(order.clientOrderId)) return false;
    const now = clock.monotonic();
    const isApart = now - search.lastAbsence >= absence.apartMs;
    if (isApart) {
      search.absences += 1;
      search.lastAbsence = now;
    }
    return search.absences >= absence.looks;
  };
  const takeAbsence = (order: Order, search: Search): void => {
    const { absence } = broker.capabilities;
    if (!isProof(order, search)) {
      if (absence === null) tell(order, 'the broker does not list it, which for this broker proves nothing');
      return;
    }
    const event = absenceEvent(order);
    if (event === null) tell(order, 'the broker had confirmed it and no longer lists it');
    else journalOne(order.clientOrderId, event);
  };

  const look = async (id: string): Promise<void> => {
    const search = searches.get(id);
    const before = orderOr(book, id);
    if (search === undefined || !isInDoubt(before)) {
      finish(id);
      return;
    }
    if (broker.connection().state !== 'live') {
      // Proof of absence needs a connection that stood all the while.
      search.absences = 0;
      tell(before, 'the broker is not connected');
      return;
    }
    const answer = await find(id);
    const order = orderOr(book, id);
    if (!isInDoubt(order)) {
      finish(id);
      return;
    }
    switch (answer.kind) {
      case 'found':
        applyFound(order, answer);
        break;
      case 'absent':
        takeAbsence(order, search);
        break;
      case 'cannot-tell':
        if (search.looks >= LOOKS_BEFORE_NOTICE) tell(order, answer.why);
    }
    const after = orderOr(book, id);
    if (!isInDoubt(after)) {
      finish(id);
      return;
    }
    if (search.looks >= LOOKS_BEFORE_NOTICE && after.certainty.kind === 'in-doubt') tell(after, after.certainty.why);
  };

  const schedule = (id: string): void => {
    const search = searches.get(id);
    if (search === undefined || isStopped) return;
    const backOff = Math.min(LONGEST_MS, FIRST_LOOK_MS * 2 ** Math.min(search.looks, 10));
    search.cancel();
    search.cancel = clock.after(backOff, () =>
      inBackground(context, async () => {
        // Questions in between do not make the loop slower.
        search.looks += 1;
        try {
          await look(id);
        } finally {
          schedule(id);
        }
      }),
    );
  };
  const follow = (id: string): void => {
    if (searches.has(id) || isStopped) return;
    const { certainty } = orderOr(book, id);
    const since = certainty.kind === 'in-doubt' ? certainty.since : clock.now();
    // What came over a restart has only the wall clock to say how long ago it began.
    const lastAbsence = clock.monotonic() - Math.max(0, clock.now() - since);
    searches.set(id, { looks: 0, absences: 0, lastAbsence, cancel: () => undefined });
    schedule(id);
    context.changed();
  };
  const raise: Doubt['raise'] = (ids, why) => {
    const fresh = ids.filter((id) => {
      const order = orderOr(book, id);
      return !isTerminal(order) && order.certainty.kind === 'known';
    });
    if (fresh.length > 0) recorder.record(orderEvents(fresh, { kind: 'in-doubt', why }));
    for (const id of ids) if (isInDoubt(orderOr(book, id))) follow(id);
  };

  const stopListening = broker.onConnection(({ state }) => {
    if (state === 'live') return;
    for (const search of searches.values()) search.absences = 0;
  });

  const ask: Doubt['ask'] = async (id) => {
    const order = orderOr(book, id);
    if (isTerminal(order) || order.life === 'created') return order;
    if (isInDoubt(order)) {
      follow(id);
      await look(id);
      schedule(id);
      return orderOr(book, id);
    }
    const answer = await find(id);
    const now = orderOr(book, id);
    if (isTerminal(now)) return now;
    if (answer.kind === 'found') applyFound(now, answer);
    else raise([id], answer.kind === 'absent' ? 'the broker does not list it' : answer.why);
    return orderOr(book, id);
  };

  return {
    raise,
    ask,
    settle: (id, as, reason) => {
      const order = orderOr(book, id);
      if (!isInDoubt(order)) {
        throw refusal(
          `${id} is ${order.life} and not in doubt: there is nothing to settle`,
          'cancel it if it should not work',
        );
      }
      const text = `settled by the trader: ${reason}`;
      const event: OrderEvent =
        as === 'canceled' || order.filled > 0 ? { kind: 'canceled', reason: text } : { kind: 'rejected', reason: text };
      // An entry that never arrived did not bring its stop and target along either.
      const children = book.orders().filter((o) => o.parentId === id && isInDoubt(o) && o.filled === 0);
      const ids = [id, ...(order.filled === 0 ? children.map((o) => o.clientOrderId) : [])];
      recorder.record(orderEvents(ids, event));
      for (const one of ids) finish(one);
      return orderOr(book, id);
    },
    resume: async () => {
      for (const order of book.orders()) if (isInDoubt(order)) follow(order.clientOrderId);
      for (const id of [...searches.keys()]) {
        await look(id);
        schedule(id);
      }
    },
    orders: () => book.orders().filter(isInDoubt),
    sending: (ids) => {
      for (const id of ids) underWay.add(id);
      return () => {
        for (const id of ids) underWay.delete(id);
      };
    },
    stop: () => {
      isStopped = true;
      stopListening();
      for (const search of searches.values()) search.cancel();
      searches.clear();
    },
  };
}
