import type { Order, OrderTerms } from '#shared/domain/order.ts';
import type { Ticks } from '#shared/units.ts';
import type { CancelOutcome, OrderGroup, SubmitOutcome } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { ORDER_STATUS, ORDER_UPDATE_REASON } from './messages/enums.ts';
import type { DtcLink } from './link.ts';
import type { OrderBook } from './order-book.ts';
import { type DtcOrder, isOperationReject, type OrderUpdate } from './order-state.ts';
import { cancelMessage, type OrderForm, replaceMessage, submitMessages } from './requests.ts';

/** An answer later than this is none. */
const ANSWER_MS = 5_000;
const SECONDS = `${ANSWER_MS / 1_000} s`;
const NOT_SENT = 'the DTC server is not connected: nothing was sent';

export type CallParts = {
  readonly clock: Clock;
  readonly link: DtcLink;
  readonly book: OrderBook;
  readonly form: OrderForm;
  /** Why orders cannot be sent now; null when they can. */
  readonly block: () => string | null;
  /** Asks for the open orders, so that an order whose id at the server is not known can be found. */
  readonly look: () => Promise<void>;
};

/** The calls to the server about orders. Each resolves with the first answer that says what became of it. */
export interface Calls {
  readonly submit: (group: OrderGroup) => Promise<SubmitOutcome>;
  readonly cancel: (order: Order) => Promise<CancelOutcome>;
  readonly replace: (
    order: Order,
    terms: { readonly quantity: number; readonly price: Ticks | null },
  ) => Promise<CancelOutcome>;
  readonly cancelExternal: (serverId: string) => Promise<CancelOutcome>;
  /** Takes an update, and what the order came to with it. */
  readonly take: (order: DtcOrder, update: OrderUpdate) => void;
  /** Takes a refusal that names no order. */
  readonly takeNameless: (update: OrderUpdate) => void;
  readonly failAll: (why: string) => void;
}

type Waiter = {
  readonly isSubmit: boolean;
  readonly isAbout: (order: DtcOrder) => boolean;
  readonly take: (order: DtcOrder, update: OrderUpdate) => void;
  readonly giveUp: (why: string) => void;
};

const textOf = (update: OrderUpdate, otherwise: string): string =>
  update.InfoText === '' ? otherwise : update.InfoText;
const accepted = { kind: 'accepted' } as const;
const unknown = (why: string) => ({ kind: 'unknown', why }) as const;
const refused = (reason: string) => ({ kind: 'refused', reason }) as const;

/** What an update says of an order that was just sent; null when it does not say. */
function answerOf(order: DtcOrder, update: OrderUpdate): 'taken' | { readonly reason: string } | null {
  if (isOperationReject(update)) return null;
  if (order.end === 'rejected') return { reason: order.reason ?? 'the server gives no reason' };
  const { OrderStatus: status, OrderUpdateReason: reason } = update;
  if (order.end !== null || reason === ORDER_UPDATE_REASON.NEW_ORDER_ACCEPTED) return 'taken';
  return order.serverIds.length > 0 && status !== undefined && status > 0 ? 'taken' : null;
}

/** What the end of an order says to somebody who wanted to cancel it, or to change it. */
function endAnswer({ end }: DtcOrder, isCancel: boolean): CancelOutcome | null {
  if (end === null) return null;
  if (end === 'canceled') return isCancel ? accepted : refused('too late: it was cancelled');
  return refused(end === 'filled' ? 'too late: already filled' : 'too late: it was refused');
}

/** What a refused operation says. The status is the order's, and 0 means that the server does not know. */
const refusalOf = (update: OrderUpdate): CancelOutcome =>
  update.OrderStatus === ORDER_STATUS.ORDER_STATUS_UNSPECIFIED
    ? unknown(textOf(update, 'the server does not know how the order stands'))
    : refused(textOf(update, 'the server refuses it and gives no reason'));

/** Makes the calls of one account. */
export function createCalls(parts: CallParts): Calls {
  const { clock, link, book, form } = parts;
  const waiters = new Set<Waiter>();

  /** Writes, then waits for an answer. `read` returns it, or null while it is still to come. */
  const call = <T>(
    messages: readonly Buffer[],
    how: Omit<Waiter, 'take' | 'giveUp'> & {
      readonly read: (order: DtcOrder, update: OrderUpdate) => T | null;
      readonly notSent: T;
      readonly noAnswer: (why: string) => T;
    },
  ): Promise<T> =>
    new Promise((resolve) => {
      const { isSubmit, isAbout, read, notSent, noAnswer } = how;
      let cancel: () => void = () => undefined;
      const settle = (outcome: T): void => {
        waiters.delete(waiter);
        cancel();
        resolve(outcome);
      };
      const waiter: Waiter = {
        ...{ isSubmit, isAbout },
        take: (order, update) => {
          const outcome = read(order, update);
          if (outcome !== null) settle(outcome);
        },
        giveUp: (why) => settle(noAnswer(why)),
      };
      waiters.add(waiter);
      if (!link.write(...messages)) {
        settle(notSent);
        return;
      }
      cancel = clock.after(ANSWER_MS, () => waiter.giveUp(`no answer within ${SECONDS}`));
    });

  /** An entry that would work without one of its exits must not work at all. */
  const callBack = (entryId: string): void => {
    const entry = book.own(entryId);
    if (entry === null || entry.end !== null || entry.serverIds.length === 0) return;
    link.write(cancelMessage(entry, form, link.encode));
  };
  const submit: Calls['submit'] = async (group) => {
    const block = parts.block();
    if (block !== null) return { kind: 'rejected', reason: block };
    const legs: readonly OrderTerms[] = [group.entry, group.stop, group.target].filter((terms) => terms !== null);
    const before = legs.find(({ clientOrderId }) => book.own(clientOrderId) !== null);
    if (before !== undefined) return unknown(`order ${before.clientOrderId} was sent before: ask for it`);
    const messages = submitMessages(group, form, link.encode);
    if (!messages.ok) return { kind: 'rejected', reason: messages.error };
    for (const terms of legs) book.await(terms);
    const entryId = group.entry.clientOrderId;
    const open = new Set(legs.map(({ clientOrderId }) => clientOrderId));
    return call<SubmitOutcome>(messages.value, {
      isSubmit: true,
      isAbout: ({ clientOrderId }) => clientOrderId !== null && open.has(clientOrderId),
      read: (order, update) => {
        const id = order.clientOrderId ?? '';
        const answer = answerOf(order, update);
        if (answer === null) return null;
        open.delete(id);
        if (answer !== 'taken') {
          if (id === entryId) return { kind: 'rejected', reason: answer.reason };
          callBack(entryId);
        }
        return open.size === 0 ? accepted : null;
      },
      notSent: { kind: 'rejected', reason: NOT_SENT },
      noAnswer: unknown,
    });
  };

  /** The order as the server knows it; null when its id there cannot be found out. */
  const atServer = async (order: Order): Promise<DtcOrder | null> => {
    const known = (): DtcOrder | null => {
      const own = book.own(order.clientOrderId);
      if (own !== null && own.serverIds.length > 0) return own;
      return order.venueOrderId === null ? null : book.atServer(order.venueOrderId);
    };
    const before = known();
    if (before !== null) return before;
    await parts.look().catch(() => undefined);
    return known();
  };
  const operate = (
    order: DtcOrder,
    message: Buffer,
    read: (order: DtcOrder, update: OrderUpdate) => CancelOutcome | null,
  ): Promise<CancelOutcome> =>
    call<CancelOutcome>([message], {
      isSubmit: false,
      isAbout: (one) =>
        order.clientOrderId === null
          ? one.serverIds[0] === order.serverIds[0]
          : one.clientOrderId === order.clientOrderId,
      read,
      notSent: unknown(NOT_SENT),
      noAnswer: unknown,
    });
  const cancelAt = (order: DtcOrder): Promise<CancelOutcome> => {
    const ended = endAnswer(order, false);
    if (ended !== null) return Promise.resolve(ended);
    return operate(order, cancelMessage(order, form, link.encode), (now, update) => {
      const end = endAnswer(now, true);
      if (end !== null) return end;
      return update.OrderUpdateReason === ORDER_UPDATE_REASON.ORDER_CANCEL_REJECTED ? refusalOf(update) : null;
    });
  };
  const isInForce = (order: DtcOrder, { OrderStatus: status }: OrderUpdate): boolean =>
    status === ORDER_STATUS.ORDER_STATUS_OPEN ||
    status === ORDER_STATUS.ORDER_STATUS_PENDING_CHILD ||
    status === ORDER_STATUS.ORDER_STATUS_PARTIALLY_FILLED;

  return {
    submit,
    cancel: async (order) => {
      if (!link.isUp()) return unknown(NOT_SENT);
      const known = await atServer(order);
      return known === null
        ? unknown('its id at the server is not known, and without it nothing is cancelled')
        : cancelAt(known);
    },
    replace: async (order, terms) => {
      if (!link.isUp()) return unknown(NOT_SENT);
      const known = await atServer(order);
      if (known === null) return unknown('its id at the server is not known, and without it nothing is changed');
      const ended = endAnswer(known, false);
      if (ended !== null) return ended;
      const message = replaceMessage({ order: known, symbol: order.symbol, ...terms }, form, link.encode);
      return operate(known, message, (now, update) => {
        const reason = update.OrderUpdateReason;
        if (reason === ORDER_UPDATE_REASON.ORDER_CANCEL_REPLACE_COMPLETE) return accepted;
        if (reason === ORDER_UPDATE_REASON.ORDER_CANCEL_REPLACE_REJECTED) return refusalOf(update);
        const end = endAnswer(now, false);
        if (end !== null) return end;
        const isTaken = now.quantity === terms.quantity && (terms.price === null || now.price === terms.price);
        return isTaken && isInForce(now, update) ? accepted : null;
      });
    },
    cancelExternal: async (serverId) => {
      if (!link.isUp()) return unknown(NOT_SENT);
      const known = book.atServer(serverId);
      if (known === null) return refused('the server does not list this order');
      if (known.clientOrderId !== null)
        return refused(`order ${serverId} is this desk's own: cancel it by its client order id`);
      return cancelAt(known);
    },
    take: (order, update) => {
      for (const waiter of [...waiters]) if (waiter.isAbout(order)) waiter.take(order, update);
    },
    takeNameless: (update) => {
      const isSubmit = !isOperationReject(update);
      const [only, second] = [...waiters].filter((waiter) => waiter.isSubmit === isSubmit);
      if (only === undefined || second !== undefined) return;
      // With one call under way it is that one which is meant; what the order came to has to be asked all the same.
      only.giveUp(`the server refused something without saying what: ${textOf(update, 'no reason given')}`);
    },
    failAll: (why) => {
      for (const waiter of [...waiters]) waiter.giveUp(why);
    },
  };
}
