import type { OrderEvent } from '#shared/domain/order.ts';
import type { Ticks } from '#shared/units.ts';
import type { CancelOutcome } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { classOf, sentenceOf } from './error.ts';
import type { IbNote } from './session.ts';
import { venueOrderIdOf } from './venue-orders.ts';
import type { WireStatus } from './wire.ts';

/** What became of one order that was sent. */
export type LegOutcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'rejected'; readonly reason: string }
  /** It ended without ever being confirmed as working. */
  | { readonly kind: 'ended' }
  /** `isAnother`: there is another order under the id it was sent with. */
  | { readonly kind: 'unknown'; readonly why: string; readonly isAnother?: true };

export type PendingReplace = {
  readonly quantity: number;
  readonly price: Ticks | null;
  readonly settle: (outcome: CancelOutcome) => void;
};

/** One order of the desk at IB. */
export type Tracked = {
  readonly clientOrderId: string;
  readonly orderId: number;
  /** The client that placed it: only it may change the order. */
  readonly clientId: number;
  permId: number;
  /** IB's id of its entry; 0 for none. */
  parentOrderId: number;
  quantity: number;
  price: Ticks | null;
  life: 'sent' | 'acknowledged' | 'working' | 'ended';
  /** A refusal was told for it, and not yet what became of it. */
  refusal: string | null;
  /** It may have been refused: so it was, if TWS holds it as inactive or nothing confirms it soon. */
  suspicion: string | null;
  /** The last remark on it, for the reason of what follows. */
  remark: string | null;
  /** IB's count, for the comparison with what was executed. */
  filled: number;
  submitted: ((outcome: LegOutcome) => void) | null;
  cancels: ((outcome: CancelOutcome) => void)[];
  replace: PendingReplace | null;
  stopTimer: () => void;
};

export type TrackerParts = {
  readonly clock: Clock;
  /** Tells the desk, in order. */
  readonly tell: (clientOrderId: string, event: OrderEvent) => void;
  /** IB counts contracts of an order as filled: its executions are compared, and asked for if they do not come. */
  readonly onCounted: (order: Tracked) => void;
};

/** The orders of this desk at IB: what is known of each, and what waits for an answer about it. */
export interface Tracker {
  readonly get: (clientOrderId: string) => Tracked | undefined;
  readonly byOrderId: (orderId: number) => Tracked | undefined;
  readonly add: (
    order: Pick<Tracked, 'clientOrderId' | 'orderId' | 'clientId' | 'parentOrderId' | 'quantity' | 'price'>,
  ) => Tracked;
  /** Takes over an order found in a list, of which the desk hears by that list. */
  readonly adopt: (order: Stated) => void;
  /** IB states the terms of an order. */
  readonly state: (order: Stated) => void;
  readonly status: (status: WireStatus) => void;
  readonly note: (note: IbNote) => void;
  /** An execution proves that the order arrived. */
  readonly executed: (clientOrderId: string) => void;
  /** The connection has ended: whatever was not answered is unknown. */
  readonly lose: (why: string) => void;
  readonly count: () => number;
}

/** An order as a message states it. */
export type Stated = {
  readonly clientOrderId: string;
  readonly orderId: number;
  readonly clientId: number;
  readonly permId: number;
  readonly parentOrderId: number;
  readonly quantity: number;
  readonly price: Ticks | null;
  readonly status: string;
};

/** A refusal is followed by what became of the order within this time, or it is asked for. @source protocols.md 2.6 */
const FOLLOW_UP_MS = 2_000;
const ENDED: ReadonlySet<string> = new Set(['Cancelled', 'ApiCancelled']);
const UNCLEAR = 'TWS holds the order as inactive and does not say why';

/** Makes a tracker that knows no order. It outlives connections: ids belong to the client, not to a connection. */
export function createTracker({ clock, tell, onCounted }: TrackerParts): Tracker {
  const orders = new Map<string, Tracked>();
  const byId = new Map<number, Tracked>();

  const add: Tracker['add'] = (given) => {
    const order: Tracked = {
      ...given,
      ...{
        permId: 0,
        life: 'sent',
        refusal: null,
        suspicion: null,
        remark: null,
        filled: 0,
        submitted: null,
        cancels: [],
        replace: null,
      },
      stopTimer: () => undefined,
    };
    orders.set(order.clientOrderId, order);
    byId.set(order.orderId, order);
    return order;
  };
  const settleSubmit = (order: Tracked, outcome: LegOutcome): void => {
    order.submitted?.(outcome);
    order.submitted = null;
  };
  const settleCancels = (order: Tracked, outcome: CancelOutcome): void => {
    for (const settle of order.cancels.splice(0)) settle(outcome);
  };
  const settleReplace = (order: Tracked, outcome: CancelOutcome): void => {
    order.replace?.settle(outcome);
    order.replace = null;
  };

  const end = (order: Tracked, event: Extract<OrderEvent, { kind: 'canceled' | 'rejected' }>): void => {
    if (order.life === 'ended') return;
    order.life = 'ended';
    order.stopTimer();
    tell(order.clientOrderId, event);
    settleSubmit(order, event.kind === 'rejected' ? { kind: 'rejected', reason: event.reason } : { kind: 'ended' });
    settleCancels(order, { kind: 'accepted' });
    settleReplace(order, { kind: 'refused', reason: 'the order has ended' });
  };
  const canceled = (order: Tracked): void => {
    const { refusal } = order;
    if (refusal !== null) end(order, { kind: 'rejected', reason: refusal });
    else end(order, { kind: 'canceled', reason: order.remark });
  };
  const confirm = (order: Tracked, life: 'acknowledged' | 'working'): void => {
    if (order.life === 'ended' || order.life === 'working') return;
    const isNews = order.life !== life;
    order.life = life;
    if (isNews) tell(order.clientOrderId, { kind: life, venueOrderId: venueOrderIdOf(order) });
    settleSubmit(order, { kind: 'confirmed' });
  };

  /** Nothing followed a refusal or an "inactive": the order may stand or not. */
  const later = (order: Tracked): void => {
    order.stopTimer();
    order.stopTimer = clock.after(FOLLOW_UP_MS, () => {
      if (order.life === 'ended') return;
      const why = order.refusal ?? UNCLEAR;
      if (order.submitted !== null) settleSubmit(order, { kind: 'unknown', why });
      else tell(order.clientOrderId, { kind: 'in-doubt', why });
    });
  };
  /** A reject only if nothing confirms the order meanwhile. */
  const doubtful = (order: Tracked, reason: string): void => {
    order.suspicion = reason;
    order.stopTimer();
    order.stopTimer = clock.after(FOLLOW_UP_MS, () => {
      if (order.life === 'sent') end(order, { kind: 'rejected', reason });
    });
  };

  /** It works after all: what was said against it before is over. */
  const works = (order: Tracked, life: 'acknowledged' | 'working'): void => {
    order.stopTimer();
    order.refusal = null;
    confirm(order, life);
  };
  const count = (order: Tracked, filled: number): void => {
    if (filled <= order.filled) return;
    order.filled = filled;
    onCounted(order);
  };
  const rejectOrAsk = (order: Tracked, reason: string | null): void => {
    if (reason !== null) end(order, { kind: 'rejected', reason });
    else later(order);
  };
  const takeStatus = (order: Tracked, status: string, whyHeld: string | null): void => {
    if (ENDED.has(status)) {
      canceled(order);
      return;
    }
    switch (status) {
      case 'ApiPending':
      case 'PendingSubmit':
        if (order.life === 'sent') confirm(order, 'acknowledged');
        return;
      case 'PreSubmitted': {
        // A child waits for its entry; without the reason beside it, that it has one must do.
        const waits = whyHeld === null ? order.parentOrderId !== 0 : whyHeld.includes('child');
        works(order, waits ? 'acknowledged' : 'working');
        return;
      }
      case 'Submitted':
        works(order, 'working');
        return;
      case 'PendingCancel':
        settleCancels(order, { kind: 'accepted' });
        return;
      case 'Filled':
        settleSubmit(order, { kind: 'confirmed' });
        settleCancels(order, { kind: 'refused', reason: 'too late: the order is filled' });
        return;
      case 'Inactive':
        rejectOrAsk(order, order.refusal ?? order.suspicion);
    }
  };
  const takeTerms = (order: Tracked, { quantity, price }: Stated): void => {
    const { replace } = order;
    if (order.life === 'ended' || quantity <= 0) return;
    const venueOrderId = venueOrderIdOf(order);
    if (replace !== null) {
      if (replace.quantity !== quantity || replace.price !== price) return;
      Object.assign(order, { quantity, price });
      tell(order.clientOrderId, { kind: 'replaced', venueOrderId, quantity, price });
      settleReplace(order, { kind: 'accepted' });
      return;
    }
    if (order.quantity === quantity && order.price === price) return;
    Object.assign(order, { quantity, price });
    tell(order.clientOrderId, { kind: 'restated', venueOrderId, quantity, price });
  };
  const refuse = (order: Tracked, reason: string, isDoubtful: boolean): void => {
    if (order.replace !== null) {
      settleReplace(order, { kind: 'refused', reason });
      return;
    }
    if (order.life === 'ended') return;
    if (isDoubtful) {
      doubtful(order, reason);
      return;
    }
    order.refusal = reason;
    if (order.life === 'sent') end(order, { kind: 'rejected', reason });
    else later(order);
  };

  return {
    get: (clientOrderId) => orders.get(clientOrderId),
    byOrderId: (orderId) => byId.get(orderId),
    add,
    adopt: (stated) => {
      const known = orders.get(stated.clientOrderId);
      if (known !== undefined) return;
      const order = add(stated);
      order.permId = stated.permId;
      order.life = 'working';
    },
    state: (stated) => {
      const order = orders.get(stated.clientOrderId);
      if (order === undefined) return;
      if (stated.permId > 0) order.permId = stated.permId;
      if (stated.status === 'Filled') count(order, stated.quantity);
      takeStatus(order, stated.status, null);
      takeTerms(order, stated);
    },
    status: (status) => {
      const order = byId.get(status.orderId);
      // By IB's id where the client is not told with it.
      const isIt = order?.clientId === status.clientId || (status.permId > 0 && order?.permId === status.permId);
      if (order === undefined || !isIt) return;
      if (status.permId > 0) order.permId = status.permId;
      count(order, status.filled);
      takeStatus(order, status.status, status.whyHeld);
    },
    note: ({ id, code, text }) => {
      const order = byId.get(id);
      if (order === undefined) return;
      const sentence = sentenceOf(code, text);
      switch (classOf(code, text)) {
        case 'order-rejected':
        case 'no-contract':
          refuse(order, sentence, false);
          return;
        case 'order-doubtful':
          refuse(order, sentence, true);
          return;
        case 'order-canceled':
          order.remark = canceledReason(text) ?? order.remark;
          canceled(order);
          return;
        case 'change-refused':
          settleCancels(order, { kind: 'refused', reason: sentence });
          settleReplace(order, { kind: 'refused', reason: sentence });
          return;
        case 'duplicate-id':
          settleSubmit(order, { kind: 'unknown', why: sentence, isAnother: true });
          return;
        default:
          order.remark = sentence;
      }
    },
    executed: (clientOrderId) => {
      const order = orders.get(clientOrderId);
      // Market orders often go straight to their executions: no status need tell that they worked.
      if (order?.life === 'sent') works(order, 'working');
      if (order !== undefined) settleSubmit(order, { kind: 'confirmed' });
    },
    lose: (why) => {
      for (const order of orders.values()) {
        order.stopTimer();
        settleSubmit(order, { kind: 'unknown', why });
        settleCancels(order, { kind: 'unknown', why });
        settleReplace(order, { kind: 'unknown', why });
      }
    },
    count: () => orders.size,
  };
}

/** What TWS writes after "Order Canceled - reason:"; null when it writes nothing. */
export function canceledReason(text: string): string | null {
  const reason = text.replace(/^Order Cancell?ed\s*-?\s*reason:?\s*/i, '').trim();
  return reason === '' ? null : reason;
}
