import type { Order, OrderTerms } from '#shared/domain/order.ts';
import type { Ticks } from '#shared/units.ts';
import type { CancelOutcome, OrderGroup, SubmitOutcome } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { IbContract, IbContracts } from './contracts.ts';
import type { OrderIds } from './order-ids.ts';
import type { Questions, StatedOrder } from './questions.ts';
import type { IbSession } from './session.ts';
import type { LegOutcome, Tracked, Tracker } from './tracker.ts';
import { ibOrderOf, venueOrderIdOf } from './venue-orders.ts';

/** What stands while a connection does. */
export type Line = {
  readonly session: IbSession;
  readonly questions: Questions;
  readonly contracts: IbContracts;
};

export type OrdersParts = {
  readonly clock: Clock;
  readonly account: string;
  readonly clientId: number;
  readonly outsideRth: boolean;
  readonly orderIds: OrderIds;
  readonly tracker: Tracker;
  /** The line of a logged-on session; null without one. */
  readonly line: () => Line | null;
  /** Why nothing that adds risk may be sent now; null when it may. */
  readonly block: () => string | null;
  /** Takes over orders that a list names, so that they can be cancelled after a restart. */
  readonly adopt: (orders: readonly StatedOrder[], contracts: IbContracts) => void;
};

/** Sending, changing and cancelling orders at IB. Nothing rejects. */
export interface Orders {
  readonly submit: (group: OrderGroup) => Promise<SubmitOutcome>;
  readonly cancel: (clientOrderId: string) => Promise<CancelOutcome>;
  readonly replace: (
    order: Order,
    terms: { readonly quantity: number; readonly price: Ticks | null },
  ) => Promise<CancelOutcome>;
  readonly cancelExternal: (venueOrderId: string) => Promise<CancelOutcome>;
  /** Cancels an order of this client by IB's id, without waiting for what comes of it. */
  readonly cancelById: (orderId: number) => void;
}

/** Without an answer by then, nobody knows. @source protocols.md 6.3 */
const ANSWER_MS = 5_000;
const NO_ANSWER = `TWS has not answered within ${ANSWER_MS / 1_000} s; it may be showing a question`;
const NOT_CONNECTED = 'TWS is not connected';

const refused = (reason: string): CancelOutcome => ({ kind: 'refused', reason });

/** Makes the orders of one account. */
export function createOrders(parts: OrdersParts): Orders {
  const { clock, account, clientId, tracker, orderIds } = parts;

  /** Waits for what `start` settles, but no longer than an answer may take. */
  const answered = <T>(start: (settle: (outcome: T) => void) => void, unknown: T): Promise<T> =>
    new Promise((resolve) => {
      const stopTimer = clock.after(ANSWER_MS, () => resolve(unknown));
      start((outcome) => {
        stopTimer();
        resolve(outcome);
      });
    });

  /** Why a group cannot be sent at all; null when it can. */
  const fault = (legs: readonly OrderTerms[], contracts: IbContracts): string | null => {
    for (const { symbol, account: of } of legs) {
      if (of !== account) return `the order is for account ${of}, and this connection trades ${account}`;
      if (!contracts.bySymbol.has(symbol)) return contracts.faults.get(symbol) ?? `IB has no contract for ${symbol}`;
    }
    return null;
  };

  const cancelById: Orders['cancelById'] = (orderId) => {
    const line = parts.line();
    line?.session.send(() => void line.session.api.cancelOrder(orderId), { messages: 1, isUrgent: true });
  };
  const cancelTracked = (order: Tracked): Promise<CancelOutcome> => {
    if (order.life === 'ended') return Promise.resolve(refused('too late: the order has ended'));
    if (order.clientId !== clientId)
      return Promise.resolve(refused(`it was placed under client id ${order.clientId}: only that one may cancel it`));
    return answered<CancelOutcome>(
      (settle) => {
        order.cancels.push(settle);
        cancelById(order.orderId);
      },
      { kind: 'unknown', why: NO_ANSWER },
    );
  };

  /** A bracket of which a part was refused must not stand with less protection than it was approved with. */
  const takeDown = (legs: readonly Tracked[], why: string): void => {
    for (const leg of legs) {
      if (leg.life === 'ended') continue;
      leg.remark = `a part of its bracket was refused: ${why}`;
      cancelById(leg.orderId);
    }
  };
  const send = (
    { session }: Line,
    legs: readonly { readonly terms: OrderTerms; readonly tracked: Tracked; readonly contract: IbContract }[],
    onSent: () => void,
  ): void => {
    const [entry] = legs;
    const isUrgent = entry?.terms.role !== 'entry';
    const place = (): void => {
      onSent();
      for (const [at, { terms, tracked, contract }] of legs.entries()) {
        const { parentOrderId } = tracked;
        const transmit = at === legs.length - 1;
        const order = ibOrderOf({ terms, contract, outsideRth: parts.outsideRth, parentOrderId, transmit });
        session.api.placeOrder(tracked.orderId, contract.contract, order);
      }
    };
    session.send(place, { messages: legs.length, isUrgent });
  };

  const submit: Orders['submit'] = async ({ entry, stop, target }) => {
    const block = parts.block();
    const line = parts.line();
    if (block !== null || line === null)
      return { kind: 'rejected', reason: `${block ?? NOT_CONNECTED}: nothing was sent` };
    // The stop goes last and lets all of it go: an entry never works without it.
    const terms = [entry, target, stop].filter((leg) => leg !== null);
    const why = fault(terms, line.contracts);
    if (why !== null) return { kind: 'rejected', reason: `${why}: nothing was sent` };
    const repeated = terms.find((leg) => tracker.get(leg.clientOrderId) !== undefined);
    if (repeated !== undefined)
      return { kind: 'unknown', why: `order ${repeated.clientOrderId} was sent before: ask for it` };
    const first = takeIds(terms.length);
    if (typeof first === 'string') return { kind: 'rejected', reason: first };
    const legs = terms.flatMap((leg, at) => {
      const contract = line.contracts.bySymbol.get(leg.symbol);
      if (contract === undefined) return [];
      const { clientOrderId, quantity, price } = leg;
      const parentOrderId = at === 0 ? 0 : first;
      const tracked = tracker.add({ clientOrderId, orderId: first + at, clientId, parentOrderId, quantity, price });
      return [{ terms: leg, tracked, contract }];
    });
    const trace = { isSent: false };
    const outcomes = legs.map(({ tracked }) => waitFor(tracked));
    send(line, legs, () => {
      trace.isSent = true;
    });
    const outcome = await judge(
      outcomes,
      legs.map(({ tracked }) => tracked),
    );
    if (outcome.kind === 'unknown' && !trace.isSent) {
      for (const { tracked } of legs) tracked.life = 'ended';
      return { kind: 'rejected', reason: `${outcome.why}: nothing was sent` };
    }
    return outcome;
  };
  const takeIds = (count: number): number | string => {
    try {
      return orderIds.take(count);
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown error';
      return `the order ids could not be written down (${why}): nothing was sent`;
    }
  };
  const waitFor = (tracked: Tracked): Promise<LegOutcome> =>
    answered<LegOutcome>(
      (settle) => {
        tracked.submitted = settle;
      },
      { kind: 'unknown', why: NO_ANSWER },
    );
  /** What a group came to: its entry decides, and a refused exit takes the rest down. */
  const judge = async (outcomes: readonly Promise<LegOutcome>[], legs: readonly Tracked[]): Promise<SubmitOutcome> => {
    const [entry, ...exits] = outcomes;
    if (entry === undefined) return { kind: 'unknown', why: 'there was no order in the group' };
    for (const exit of exits) {
      void exit.then((outcome) => {
        if (outcome.kind === 'rejected' && legs[0]?.refusal === null) takeDown(legs, outcome.reason);
      });
    }
    const main = await entry;
    // What was sent for the exits of this entry must not stand for those of another order.
    if (main.kind === 'unknown' && main.isAnother === true) takeDown(legs.slice(1), main.why);
    if (main.kind === 'unknown') return { kind: 'unknown', why: main.why };
    if (main.kind === 'rejected') return main;
    const rest = await Promise.all(exits);
    const unsure = rest.find((outcome) => outcome.kind === 'unknown');
    return unsure?.kind === 'unknown' ? { kind: 'unknown', why: unsure.why } : { kind: 'accepted' };
  };

  const listed = async (line: Line): Promise<readonly StatedOrder[] | string> => {
    const answer = await line.questions.openOrders();
    return answer.ok ? answer.value : answer.error;
  };

  return {
    submit,
    cancelById,
    cancel: async (clientOrderId) => {
      const line = parts.line();
      if (line === null) return { kind: 'unknown', why: `${NOT_CONNECTED}: nothing was sent` };
      const known = tracker.get(clientOrderId);
      if (known !== undefined) return cancelTracked(known);
      // Sent before this program was started: TWS says under which id.
      const orders = await listed(line);
      if (typeof orders === 'string') return { kind: 'unknown', why: orders };
      parts.adopt(orders, line.contracts);
      const found = tracker.get(clientOrderId);
      return found === undefined ? refused('TWS does not list the order as open') : cancelTracked(found);
    },
    replace: async (order, terms) => {
      const block = parts.block();
      const line = parts.line();
      const contract = line?.contracts.bySymbol.get(order.symbol);
      if (block !== null || line === null || contract === undefined)
        return { kind: 'unknown', why: `${block ?? NOT_CONNECTED}: nothing was sent` };
      const tracked = tracker.get(order.clientOrderId);
      if (tracked === undefined || tracked.life === 'ended') return refused('TWS does not list the order as open');
      if (tracked.clientId !== clientId)
        return refused(`it was placed under client id ${tracked.clientId}: only that one may change it`);
      if (tracked.replace !== null) return refused('another change of it is under way');
      const changed = ibOrderOf({
        terms: { ...order, ...terms },
        contract,
        outsideRth: parts.outsideRth,
        parentOrderId: tracked.parentOrderId,
        transmit: true,
      });
      const outcome = await answered<CancelOutcome>(
        (settle) => {
          tracked.replace = { ...terms, settle };
          const place = (): void => void line.session.api.placeOrder(tracked.orderId, contract.contract, changed);
          line.session.send(place, { messages: 1, isUrgent: order.role !== 'entry' });
        },
        { kind: 'unknown', why: NO_ANSWER },
      );
      if (outcome.kind === 'unknown') tracked.replace = null;
      return outcome;
    },
    cancelExternal: async (venueOrderId) => {
      const line = parts.line();
      if (line === null) return { kind: 'unknown', why: `${NOT_CONNECTED}: nothing was sent` };
      const orders = await listed(line);
      if (typeof orders === 'string') return { kind: 'unknown', why: orders };
      const found = orders.find(
        ({ order }) => venueOrderIdOf({ ...order.order, orderId: order.orderId }) === venueOrderId,
      );
      if (found === undefined) return refused(`TWS lists no open order ${venueOrderId}`);
      const { order, orderId } = found.order;
      if (order.clientId !== clientId)
        return refused(
          order.clientId === 0
            ? 'it was placed by hand in TWS: cancel it there'
            : `it was placed by another program (client id ${order.clientId}): cancel it there, or in TWS`,
        );
      const external = tracker.byOrderId(orderId) ?? foreign(orderId);
      return cancelTracked(external);
    },
  };

  /** An order of this client id that this desk knows nothing of: it can be cancelled, and nothing else. */
  function foreign(orderId: number): Tracked {
    const clientOrderId = `external/${orderId}`;
    const order = tracker.add({ clientOrderId, orderId, clientId, parentOrderId: 0, quantity: 0, price: null });
    order.life = 'working';
    return order;
  }
}
