import { DeskError } from '#shared/contract/errors.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Fill, Order, OrderTerms } from '#shared/domain/order.ts';
import type { Money, Ticks } from '#shared/units.ts';
import type { Book } from './account/book.ts';
import type { Broker, BrokerEvent, OrderGroup } from './ports/broker.ts';
import type { Clock, Ids } from './ports/clock.ts';
import type { JournalEvent } from './ports/events.ts';
import type { Recorder } from './records/recorder.ts';

export type EntryPlan = {
  readonly recommendationId: string;
  readonly instrument: Instrument;
  readonly direction: 1 | -1;
  readonly contracts: number;
  /** Null: at the market (the next bar's open where fills come from bars). */
  readonly limit: Ticks | null;
  readonly stop: Ticks;
  readonly target: Ticks;
  readonly riskPerContract: Money;
};

/** Sends orders, books what the broker reports, cancels and flattens. */
export interface Execution {
  /** The terms of an entry with its stop and target, and the events that must be on disk before it is sent. */
  prepare(plan: EntryPlan): { readonly group: OrderGroup; readonly events: readonly JournalEvent[] };
  /** Sends a group whose intent is on disk. An unclear outcome is in doubt: never sent again. */
  send(group: OrderGroup): Promise<void>;
  cancel(clientOrderId: string): Promise<Order>;
  flatten(symbol: string): Promise<readonly Order[]>;
  cancelEntries(): Promise<void>;
  /** Journals what the broker reports. Returns what does not add up about it, in words; null when nothing does. */
  onBroker(event: BrokerEvent): string | null;
}

export type ExecutionParts = {
  readonly broker: Broker;
  readonly book: Book;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly recorder: Recorder;
};

const stillWorking = (symbol: string, left: readonly Order[]): DeskError =>
  new DeskError({
    code: 'refused',
    message: `${symbol}: ${left.map((o) => o.role).join(', ')} not cancelled yet; the position was left as it is so that it cannot be closed twice`,
    remedy: 'wait for the cancels, then flatten again',
  });

const legs = (group: OrderGroup): readonly OrderTerms[] =>
  [group.entry, group.stop, group.target].filter((terms) => terms !== null);

/** What must be on disk before a byte leaves: the intent of every leg, then that a send was attempted. */
function intentEvents(group: OrderGroup, riskPerContract: Money | null): readonly JournalEvent[] {
  const all = legs(group);
  return [
    ...all.map<JournalEvent>((terms) => ({
      kind: 'intent',
      terms,
      plannedRiskPerContract: terms.role === 'entry' ? riskPerContract : null,
    })),
    ...all.map<JournalEvent>(({ clientOrderId }) => ({
      kind: 'order',
      clientOrderId,
      event: { kind: 'send-attempt' },
    })),
  ];
}

/** A call that broke off says nothing of what the broker did: that is doubt, never a refusal and never an answer. */
async function outcomeOf<T>(call: () => Promise<T>): Promise<T | { readonly kind: 'unknown'; readonly why: string }> {
  try {
    return await call();
  } catch (error) {
    return { kind: 'unknown', why: error instanceof Error ? error.message : 'the call to the broker broke off' };
  }
}

/** Says what is odd about a fill, given the order before and after it; null when it is what was sent for. */
function oddityOf(fill: Fill, before: Order | null, after: Order | null): string | null {
  const what = `${fill.symbol} ${fill.direction > 0 ? '+' : '−'}${fill.quantity}`;
  if (after === null) return `${what} was filled for an order this desk did not send`;
  if (after.filled > after.quantity) return `${what} was filled beyond the ${after.quantity} ordered`;
  if (before !== null && isTerminal(before)) return `${what} was filled after its order was ${before.life}`;
  return null;
}

/** Returns the execution of one account at one broker. */
export function createExecution({ broker, book, ids, recorder }: ExecutionParts): Execution {
  const orderOf = (id: string): Order => {
    const order = book.order(id);
    if (order === null) {
      throw new DeskError({ code: 'not-found', message: `there is no order ${id}`, field: 'clientOrderId', value: id });
    }
    return order;
  };

  const prepare: Execution['prepare'] = (plan) => {
    const clientOrderId = `D1-${ids.next()}`;
    const base = {
      recommendationId: plan.recommendationId,
      account: broker.account,
      symbol: plan.instrument.symbol,
      quantity: plan.contracts,
    };
    const child = {
      ...base,
      parentId: clientOrderId,
      timeInForce: 'gtc' as const,
      direction: -plan.direction as 1 | -1,
    };
    const group: OrderGroup = {
      entry: {
        ...base,
        clientOrderId,
        parentId: null,
        role: 'entry',
        direction: plan.direction,
        type: plan.limit === null ? 'market' : 'limit',
        price: plan.limit,
        timeInForce: 'day',
      },
      stop: { ...child, clientOrderId: `${clientOrderId}S`, role: 'stop', type: 'stop', price: plan.stop },
      target: { ...child, clientOrderId: `${clientOrderId}T`, role: 'target', type: 'limit', price: plan.target },
    };
    return { group, events: intentEvents(group, plan.riskPerContract) };
  };

  const send: Execution['send'] = async (group) => {
    const outcome = await outcomeOf(() => broker.submit(group));
    if (outcome.kind === 'accepted') return;
    // A leg the broker has confirmed meanwhile is not in doubt.
    const open = legs(group)
      .map(({ clientOrderId }) => orderOf(clientOrderId))
      .filter((order) => (outcome.kind === 'unknown' ? order.life === 'sent' : !isTerminal(order)));
    recorder.record(
      open.map<JournalEvent>(({ clientOrderId }) => ({
        kind: 'order',
        clientOrderId,
        event:
          outcome.kind === 'rejected'
            ? { kind: 'rejected', reason: outcome.reason }
            : { kind: 'in-doubt', why: outcome.why },
      })),
    );
  };

  const cancel: Execution['cancel'] = async (id) => {
    const order = orderOf(id);
    if (isTerminal(order)) return order;
    recorder.record([{ kind: 'order', clientOrderId: id, event: { kind: 'cancel-requested' } }]);
    const outcome = await outcomeOf(() => broker.cancel(orderOf(id)));
    if (outcome.kind === 'refused' && !isTerminal(orderOf(id))) {
      recorder.record([
        { kind: 'order', clientOrderId: id, event: { kind: 'cancel-refused', reason: outcome.reason } },
      ]);
    }
    if (outcome.kind === 'unknown') {
      recorder.record([{ kind: 'order', clientOrderId: id, event: { kind: 'in-doubt', why: outcome.why } }]);
    }
    return orderOf(id);
  };

  const flattening = new Map<string, Promise<readonly Order[]>>();
  /** A second flatten of the same symbol joins the first: two would turn the position round. */
  const flatten: Execution['flatten'] = (symbol) => {
    const running = flattening.get(symbol);
    if (running !== undefined) return running;
    const started = flattenOnce(symbol).finally(() => flattening.delete(symbol));
    flattening.set(symbol, started);
    return started;
  };

  const flattenOnce = async (symbol: string): Promise<readonly Order[]> => {
    const closing = book.workingOrders(symbol).filter((order) => order.role === 'flatten');
    if (closing.length > 0) return closing;
    const working = book.workingOrders(symbol);
    // Entries first, so that none can fill meanwhile. The stop goes last, and stays if another order could not be cancelled.
    for (const role of ['entry', 'target', 'stop'] as const) {
      const before = book.workingOrders(symbol).filter((order) => order.role === role);
      await Promise.all(before.map((order) => cancel(order.clientOrderId)));
      const left = book.workingOrders(symbol).filter((order) => order.role === role);
      if (left.length > 0) throw stillWorking(symbol, left);
    }
    const position = book.positions().find((p) => p.symbol === symbol);
    const done = working.map((order) => orderOf(order.clientOrderId));
    if (position === undefined) return done;
    const entry: OrderTerms = {
      clientOrderId: `D1-${ids.next()}`,
      recommendationId: null,
      parentId: null,
      account: broker.account,
      symbol,
      role: 'flatten',
      direction: position.quantity > 0 ? -1 : 1,
      type: 'market',
      quantity: Math.abs(position.quantity),
      price: null,
      timeInForce: 'day',
    };
    const group: OrderGroup = { entry, stop: null, target: null };
    recorder.record(intentEvents(group, null));
    await send(group);
    return [...done, orderOf(entry.clientOrderId)];
  };

  return {
    prepare,
    send,
    cancel,
    flatten,
    cancelEntries: async () => {
      // All at once: one slow or failing cancel must not hold up the others.
      const entries = book.orders().filter((o) => o.role === 'entry' && !isTerminal(o));
      await Promise.all(entries.map((order) => cancel(order.clientOrderId)));
    },
    onBroker: (event) => {
      if (event.kind === 'order') {
        recorder.record([{ kind: 'order', clientOrderId: event.clientOrderId, event: event.event }]);
        return null;
      }
      const { fill } = event;
      const find = (): Order | null => (fill.clientOrderId === null ? null : book.order(fill.clientOrderId));
      const before = find();
      // A fill that is known already is dropped by the journal.
      const stored = recorder.record([{ kind: 'fill', fill }]);
      return stored.length === 0 ? null : oddityOf(fill, before, find());
    },
  };
}
