import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, OrderEvent } from '#shared/domain/order.ts';
import type { ExecutionView, RiskRuleResult } from '#shared/domain/risk.ts';
import type { ConnectionState } from '#shared/domain/status.ts';
import type { Ticks } from '#shared/units.ts';
import type { Latches } from '#desk/account/latches.ts';
import type { BrokerEvent, OrderGroup } from '#desk/ports/broker.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { createBookings } from './bookings.ts';
import { createBrackets } from './brackets.ts';
import { type BreakerGuard, createBreakerGuard, type BreakerGuardParts } from './breaker-guard.ts';
import { createClockGuard } from './clock-guard.ts';
import { createChanges, type Replacement } from './changes.ts';
import { createConnector } from './connector.ts';
import { type ExecutionContext, inBackground, orderOr, outcomeOf, refusal } from './context.ts';
import { createDoubt } from './doubt.ts';
import { createExecutions } from './executions.ts';
import { createFindings } from './findings.ts';
import { agreedQuantity, createFlattening } from './flatten.ts';
import { createGate, type Gate } from './gate.ts';
import { createKillSwitch, type KillSwitch } from './kill-switch.ts';
import { createOrders } from './orders.ts';
import { differenceText, type Local } from './reconcile.ts';
import { createReconciler, type Trigger } from './reconciler.ts';
import { createResolve, type Resolution } from './resolve.ts';
import { createSendQueue } from './send-queue.ts';
import { bracketOf, type EntryPlan, intentEvents } from './terms.ts';
import { createVenueWord } from './venue-word.ts';

export type { EntryPlan } from './terms.ts';

const PERIOD_MS = 60_000;
/** After an order ended, broker and journal are compared this much later: the last executions are in by then. */
const BURST_MS = 6_000;

const ENDS: ReadonlySet<OrderEvent['kind']> = new Set(['canceled', 'expired', 'rejected']);

/** Everything between an approval and the account: sending, asking, booking, comparing, stopping. */
export interface Execution {
  /** The terms of an entry with its stop and target, and the events that must be on disk before it is sent. */
  prepare(plan: EntryPlan): { readonly group: OrderGroup; readonly events: readonly JournalEvent[] };
  /** Sends an entry whose intent is on disk when its turn comes, or denies it. `check` is made right before. */
  send(group: OrderGroup, check: (intentAgeMs: number) => readonly RiskRuleResult[]): Promise<void>;
  cancel(clientOrderId: string): Promise<Order>;
  cancelExternal(venueOrderId: string): Promise<void>;
  query(clientOrderId: string): Promise<Order>;
  settle(clientOrderId: string, as: 'never-arrived' | 'canceled', reason: string): Order;
  replace(change: Replacement): Promise<Order>;
  protect(symbol: string, stop: Ticks): Promise<readonly Order[]>;
  flatten(symbol: string): Promise<readonly Order[]>;
  reconcile(trigger: Trigger): Promise<void>;
  resolve(resolution: Resolution): Promise<void>;
  readonly kill: KillSwitch;
  readonly gate: Gate;
  readonly guard: BreakerGuard;
  /** Why trading may not be armed again now; null when it may. */
  resumeBlock(): string | null;
  /** Why a symbol may not be entered; null when nothing speaks against it. */
  lock(symbol: string): string | null;
  /** The connection as entries see it: `syncing` until broker and journal have been compared. */
  brokerState(): ConnectionState;
  view(): ExecutionView;
  onBroker(event: BrokerEvent): void;
  /** Denies what was never sent, connects, compares with the broker, and goes on with what a crash cut short. */
  start(signal: AbortSignal): Promise<void>;
  /** From now on compares every minute and after orders have ended. */
  watch(): void;
  stop(): void;
}

export type ExecutionParts = Omit<BreakerGuardParts, 'onFlatten'> & { readonly latches: Latches };

/** Returns the execution of one account at one broker. */
export function createExecution(context: ExecutionContext, parts: ExecutionParts): Execution {
  const { broker, book, clock, ids } = context;
  const buffer: BrokerEvent[] = [];
  let isWatching = false;
  let stopPeriod: () => void = () => undefined;
  let cancelBurst: () => void = () => undefined;

  const local = (): Local => ({
    venue: broker.venue,
    account: broker.account,
    open: book.orders(),
    find: (id) => book.order(id),
    positions: new Map(book.positions().map((p) => [p.symbol, p.quantity])),
    now: clock.now(),
  });
  const findings = createFindings(context);
  const executions = createExecutions(context);
  const bookings = createBookings(context, {
    ...{ executions, local },
    onActivity: (symbol, clientOrderId) => {
      reconciler.noteActivity(symbol, clientOrderId);
      brackets.follow(symbol);
    },
    onFinding: (difference) => findings.add(difference),
    onReopened: (id) => doubt.raise([id], 'its executions were corrected'),
  });
  const word = createVenueWord(context, bookings);
  const doubt = createDoubt(context, (order, { order: venue, fills }) => word.take(order, venue, fills));
  const orders = createOrders(context, doubt);
  const brackets = createBrackets(context, orders);
  const queue = createSendQueue(context, orders, (group, checked) => brackets.submit(group, checked));
  const flattening = createFlattening(context, {
    ...{ orders, queue },
    heldElsewhere: async (symbol) => {
      const found = findings.all().find((d) => d.kind === 'position' && d.symbol === symbol);
      if (found === undefined) return null;
      const { snapshot } = await reconciler.snapshot();
      if (snapshot !== null) return snapshot.positions.find((p) => p.symbol === symbol)?.quantity ?? 0;
      return agreedQuantity(symbol, {
        broker: found.brokerQuantity ?? 0,
        journal: book.positions().find((p) => p.symbol === symbol)?.quantity ?? 0,
      });
    },
  });
  const release = (): void => {
    for (let next = buffer.shift(); next !== undefined; next = buffer.shift()) take(next);
  };
  const burst = (): void => {
    if (!isWatching) return;
    cancelBurst();
    cancelBurst = clock.after(BURST_MS, () => inBackground(context, () => reconciler.run('fills')));
  };
  const reconciler = createReconciler(context, {
    ...{ bookings, word, doubt, findings, local, release },
    onSevere: (reason) => {
      if (context.trading.journaled() !== 'halted') inBackground(context, () => kill.halt(reason, 'desk'));
    },
    onDone: (isPartial) => {
      context.notices.clear('broker-event');
      if (isPartial) burst();
      kill.resume();
    },
  });
  const kill = createKillSwitch(context, { orders, queue, flattening, reconciler });
  const resolve = createResolve(context, { executions, findings, flattening, doubt });
  const changes = createChanges(context, orders, queue);
  const connector = createConnector(context);
  const clockGuard = createClockGuard(context, {
    onJump: () => inBackground(context, () => reconciler.run('periodic')),
  });
  const guard = createBreakerGuard(context, {
    ...parts,
    onFlatten: (reason) =>
      inBackground(context, async () => {
        await kill.halt(reason, 'desk');
        await kill.settled();
        if (kill.state().step === 'cancelled') kill.flattenAll(reason, 'desk');
      }),
  });
  const brokerState = (): ConnectionState => {
    const { state } = broker.connection();
    return state === 'live' && !reconciler.isSynced() ? 'syncing' : state;
  };
  const gate = createGate(context, { latches: parts.latches, guard, brokerState });

  const handle = (event: BrokerEvent): void => {
    switch (event.kind) {
      case 'fill':
        bookings.fill(event.fill);
        burst();
        return;
      case 'fill-correction':
        bookings.correction(event.correction);
        burst();
        return;
      case 'order':
        bookings.order(event.clientOrderId, event.event);
        // What has ended may have left a position without its stop.
        if (ENDS.has(event.event.kind)) burst();
        return;
      case 'external-order':
        reconciler.noteExternal(event.order);
    }
  };

  /** What cannot be recorded is not lost: the venue has it, and is asked again until it can be. */
  const take = (event: BrokerEvent): void => {
    try {
      handle(event);
    } catch (error) {
      reconciler.distrust();
      context.notices.raise({
        id: 'broker-event',
        level: 'error',
        title: 'The desk could not record what the broker told',
        detail: error instanceof Error ? error.message : 'unknown error',
        remedy:
          'Make room on the disk. No entry leaves until it is recorded; the desk asks the broker again by itself.',
      });
    }
  };

  const locks = (): ReadonlyMap<string, string> => {
    const found = new Map(findings.open().map((d) => [d.symbol, differenceText(d)]));
    for (const symbol of word.waitingFor())
      if (!found.has(symbol)) found.set(symbol, `${symbol}: the broker has not told all executions yet`);
    return found;
  };
  const resumeBlock = (): string | null => {
    const { latches } = parts;
    const [latch] = latches.latched();
    if (latch !== undefined) return `the breaker ${latch.code} has tripped: arm it again first`;
    const { step } = kill.state();
    if (step === 'cancelling' || step === 'flattening') return 'the kill switch is still at work';
    const state = brokerState();
    if (state !== 'live') return `the broker is ${state}`;
    const [unjudged] = reconciler.unjudged();
    if (unjudged !== undefined) return `${unjudged} has just been traded and could not be compared: wait a few seconds`;
    const [open] = findings.open();
    if (open !== undefined) return `broker and journal do not agree: ${differenceText(open)}`;
    return null;
  };

  /** An intent without an attempt: what was never handed to the broker can be ended here, and only here. */
  const denyUnsent = (): void => {
    const unsent = book.orders().filter((order) => {
      if (order.life !== 'created') return false;
      const parent = order.parentId === null ? null : book.order(order.parentId);
      const waits = broker.capabilities.brackets === 'emulated' && parent !== null && parent.life !== 'created';
      // Where the desk sends stops itself, they wait for their entry, which may still work or be filled.
      return !waits || (isTerminal(parent) && parent.filled === 0);
    });
    orders.deny(
      unsent.map((order) => order.clientOrderId),
      'never sent: the desk stopped before it was',
    );
  };
  const goOn = async (): Promise<void> => {
    await doubt.resume();
    // Cancels are repeated: the one before may not have left. Whatever it came to, a cancel twice is harmless.
    const cut = book.orders().filter((order) => order.pending.kind === 'cancel');
    await Promise.all(cut.map((order) => orders.cancel(order.clientOrderId)));
    for (const order of book.orders()) brackets.follow(order.symbol);
    kill.resume();
  };

  return {
    prepare: (plan) => {
      const group = bracketOf(plan, { account: broker.account, ulid: ids.next() });
      return { group, events: intentEvents(group, plan.riskPerContract) };
    },
    send: (group, check) => {
      const { clientOrderId, symbol, direction, quantity } = group.entry;
      const askedAt = orderOr(book, clientOrderId).createdAt;
      gate.note({ clientOrderId, symbol, direction, contracts: quantity, at: askedAt });
      return queue.enter({ group, askedAt, enteredAt: clock.monotonic(), check });
    },
    cancel: (id) => {
      reconciler.letGo();
      return orders.cancel(id);
    },
    cancelExternal: async (venueOrderId) => {
      const found = findings.all().find((d) => d.venueOrderId === venueOrderId && d.kind === 'external-order');
      const own = found?.clientOrderId == null ? null : book.order(found.clientOrderId);
      // One of ours that had ended here and works there goes by our id.
      const outcome = await outcomeOf(() => (own === null ? broker.cancelExternal(venueOrderId) : broker.cancel(own)));
      if (outcome.kind !== 'accepted')
        throw refusal(`the broker did not cancel it: ${outcome.kind === 'refused' ? outcome.reason : outcome.why}`);
      await reconciler.run('asked');
    },
    query: (id) => doubt.ask(id),
    settle: (id, as, reason) => doubt.settle(id, as, reason),
    replace: (change) => {
      reconciler.letGo();
      return changes.replace(change);
    },
    protect: (symbol, stop) => {
      reconciler.letGo();
      return changes.protect(symbol, stop);
    },
    flatten: (symbol) => {
      reconciler.letGo();
      return flattening.flatten(symbol);
    },
    reconcile: (trigger) => reconciler.run(trigger),
    resolve: async (resolution) => {
      reconciler.letGo();
      await resolve(resolution);
      await reconciler.run('asked');
    },
    kill,
    gate,
    guard,
    resumeBlock,
    lock: (symbol) => locks().get(symbol) ?? null,
    brokerState,
    view: () => ({
      reconciliation: reconciler.view(),
      kill: kill.state(),
      latches: [...parts.latches.latched()],
      limits: context.limits(),
      locks: [...locks()].map(([symbol, reason]) => ({ symbol, reason })),
      queued: queue.queued(),
      brackets: broker.capabilities.brackets,
      consecutiveLosses: guard.consecutiveLosses(),
      doubtRisk: book.doubtRisk(),
    }),
    onBroker: (event) => {
      if (reconciler.isHolding()) buffer.push(event);
      else take(event);
    },
    start: async (signal) => {
      denyUnsent();
      await connector.connect(signal);
      await reconciler.run('start');
      await goOn();
    },
    watch: () => {
      if (isWatching) return;
      isWatching = true;
      clockGuard.watch();
      stopPeriod = clock.every(PERIOD_MS, () => inBackground(context, () => reconciler.run('periodic')));
    },
    stop: () => {
      isWatching = false;
      stopPeriod();
      cancelBurst();
      for (const room of [connector, clockGuard, reconciler, doubt, orders, brackets, bookings, word, kill])
        room.stop();
    },
  };
}
