import { isTerminal, remainingOf } from '#shared/domain/order-life.ts';
import type { Order } from '#shared/domain/order.ts';
import type { Actor } from '#shared/domain/recommendation.ts';
import type { KillState } from '#shared/domain/risk.ts';
import type { BrokerSnapshot, VenueOrder } from '#desk/ports/broker.ts';
import { type ExecutionContext, inBackground, outcomeOf, refusal, sleep, within } from './context.ts';
import type { Flattening } from './flatten.ts';
import { createKillFlatten } from './kill-flatten.ts';
import type { Orders } from './orders.ts';
import type { Reconciler } from './reconciler.ts';
import type { SendQueue } from './send-queue.ts';

/** Times after the halt at which the broker is asked again what it still works: 0.5, 1, 2, 4 s apart, up to 15 s. */
const VERIFY_AT_MS = [0, 500, 1_500, 3_500, 7_500, 15_000] as const;
/** Time a halt waits for the first round of cancels before it answers; the rounds go on. */
const FIRST_ROUND_MS = 2_000;

/**
 * The kill switch. Halting cancels everything that could add risk: entries first, so that none can fill while its
 * children go, then stops and targets that stand for an entry of which nothing was filled. Stops and targets of what is
 * held stay: a position must never stand without its stop while somebody decides whether to close it. They go in the
 * second step, closing, which is confirmed apart and takes them away right before the closing order.
 * @source protocols.md 6.8
 */
export interface KillSwitch {
  /** Halts, on disk before anything else, then cancels and verifies. Halting twice goes on with the first. */
  halt(reason: string, actor: Actor): Promise<void>;
  /** Second step, confirmed by the trader: closes what the broker holds. Throws 'refused' before the first step is done. */
  flattenAll(reason: string, actor: Actor): void;
  /** After a start or a reconnect: a halt that was not finished goes on cancelling. It never closes by itself. */
  resume(): void;
  /** The trader arms trading again: the switch is off. */
  reset(actor: Actor): void;
  state(): KillState;
  /** What it is doing now; resolves when it is done. */
  settled(): Promise<void>;
  stop(): void;
}

const IDLE: KillState = {
  ...{ step: 'idle', since: null, openOrders: null, openPositions: null, unknown: [], remaining: [], detail: '' },
};

export type KillParts = {
  readonly orders: Orders;
  readonly queue: SendQueue;
  readonly flattening: Flattening;
  readonly reconciler: Reconciler;
};

const isExit = (order: Order): boolean => order.role === 'stop' || order.role === 'target';

/** Returns the kill switch of one account, where the journal left it. */
export function createKillSwitch(context: ExecutionContext, parts: KillParts): KillSwitch {
  const { broker, book, clock, journal, recorder, trading, notices } = context;
  const { orders, queue, reconciler } = parts;
  let state = IDLE;
  for (const { event } of journal.events({ kinds: ['kill'] })) state = event.kill;
  let running: Promise<void> | null = null;
  let round = 0;
  let isStopped = false;

  const write = (change: Partial<KillState>, actor: Actor = 'desk'): void => {
    state = { ...state, ...change };
    recorder.record([{ kind: 'kill', kill: state, actor }]);
    context.changed();
  };

  /** Ours that must go: entries, and exits of entries of which nothing is filled and that have ended. */
  const toCancel = (): readonly Order[] => {
    const open = book.orders().filter((order) => !isTerminal(order));
    const entries = open.filter((order) => order.role === 'entry');
    const orphans = open.filter((order) => {
      const parent = order.parentId === null ? null : book.order(order.parentId);
      return isExit(order) && parent !== null && isTerminal(parent) && parent.filled === 0;
    });
    return [...entries, ...orphans];
  };
  /** All at once within a rank: one slow or failing cancel must not hold up the others. */
  const cancelOurs = async (): Promise<void> => {
    queue.clear('trading was halted before it was sent');
    const isEntry = (order: Order): boolean => order.role === 'entry';
    await Promise.all(
      toCancel()
        .filter(isEntry)
        .map((order) => orders.cancel(order.clientOrderId)),
    );
    await Promise.all(
      toCancel()
        .filter((o) => !isEntry(o))
        .map((order) => orders.cancel(order.clientOrderId)),
    );
  };
  /** Entries that still work at the venue, whatever the journal says of them. */
  const survivors = (snapshot: BrokerSnapshot): readonly VenueOrder[] =>
    snapshot.orders.filter((venue) => {
      const order = venue.clientOrderId === null ? null : book.order(venue.clientOrderId);
      return order !== null && order.role === 'entry' && venue.state === 'working';
    });
  const cancelAgain = async (left: readonly VenueOrder[]): Promise<void> => {
    // An order the journal has ended has no cancel in it; at the venue it must be cancelled all the same.
    const ended = left.flatMap((venue) => {
      const order = venue.clientOrderId === null ? null : book.order(venue.clientOrderId);
      return order !== null && isTerminal(order) ? [order] : [];
    });
    await Promise.all(ended.map((order) => outcomeOf(() => broker.cancel(order))));
  };

  const orderText = (order: Order): string =>
    `${order.symbol}: ${order.role} of ${order.quantity}${order.certainty.kind === 'in-doubt' ? ', in doubt' : ''}`;
  /** One look at the venue; true when nothing that adds risk is left. */
  const verify = async (): Promise<boolean> => {
    const { snapshot, why } = await reconciler.snapshot();
    const ours = toCancel();
    const inDoubt = ours.filter((order) => order.certainty.kind === 'in-doubt');
    if (snapshot === null) {
      write({
        ...{ step: 'cancelling', openOrders: null, openPositions: null, unknown: [why, ...inDoubt.map(orderText)] },
        ...{ remaining: ours.map(orderText), detail: 'What the broker still works is not known' },
      });
      return false;
    }
    const left = survivors(snapshot);
    await cancelAgain(left);
    const isDone = left.length === 0 && ours.length === 0;
    const remaining = [
      ...new Set([...ours.map(orderText), ...left.map((o) => `${o.symbol}: entry of ${remainingOf(o)} still works`)]),
    ];
    const kept = snapshot.orders.length - left.length;
    write({
      step: isDone ? 'cancelled' : 'cancelling',
      openOrders: snapshot.orders.length,
      openPositions: snapshot.positions.filter((p) => p.quantity !== 0).length,
      unknown: inDoubt.map(orderText),
      remaining,
      detail: isDone
        ? `No entry is left${kept === 0 ? '' : `; ${kept} other orders stay, stops of what is held among them`}`
        : `${remaining.length} still to be cancelled`,
    });
    return isDone;
  };
  const incomplete = (): void => {
    write({ step: 'cancel-incomplete' });
    notices.raise({
      id: 'kill',
      level: 'error',
      title: 'Halted, and not everything could be cancelled',
      detail: [...state.unknown, ...state.remaining].join('; '),
      remedy: 'Cancel at the broker, by phone if need be. The desk tries again when the broker can be reached.',
    });
  };

  /** Rounds of cancelling and looking, until nothing is left or the time is over. */
  const pursue = async (mine: number, onFirst: () => void): Promise<void> => {
    let waited = 0;
    for (const at of VERIFY_AT_MS) {
      if (at > waited) await sleep(clock, at - waited);
      waited = at;
      // Trading was armed again, or the switch was thrown anew.
      if (isStopped || mine !== round || trading.journaled() !== 'halted') return;
      // Hanging cancels are in doubt after their time; the look at the venue does not wait for them.
      await within(clock, FIRST_ROUND_MS, cancelOurs());
      onFirst();
      if (await verify()) {
        notices.clear('kill');
        return;
      }
    }
    if (mine === round) incomplete();
  };
  const begin = (): Promise<void> => {
    round += 1;
    const mine = round;
    let first: () => void = () => undefined;
    const firstRound = new Promise<void>((resolve) => {
      first = resolve;
    });
    const run = pursue(mine, first).finally(() => {
      first();
      if (mine === round) running = null;
    });
    running = run;
    inBackground(context, () => run);
    return firstRound;
  };

  /** Nothing can be written: what could add risk is taken from the broker all the same. A cancel is no order. */
  const cancelUnwritten = async (error: unknown): Promise<never> => {
    reconciler.letGo();
    const entries = toCancel().filter((order) => order.role === 'entry' && order.life !== 'created');
    await Promise.allSettled(entries.map((order) => orders.cancel(order.clientOrderId)));
    const why = error instanceof Error ? error.message : 'the journal takes nothing';
    throw refusal(
      `the halt could not be written down (${why}); ${entries.length === 0 ? 'no entry worked at the broker' : 'the entries at the broker were told to cancel all the same'}`,
      'Make room on the disk, halt again, and look at the broker meanwhile.',
    );
  };

  const flatten = createKillFlatten(context, {
    ...parts,
    state: () => state,
    write,
    isCurrent: () => !isStopped && trading.journaled() === 'halted',
  });

  return {
    halt: async (reason, actor) => {
      try {
        if (trading.journaled() !== 'halted') trading.set('halted', reason, actor);
        reconciler.letGo();
        // Closing has been confirmed and is under way: it cancels what it must itself.
        if (state.step === 'flattening' && running !== null) return;
        write({ ...IDLE, step: 'cancelling', since: clock.now(), detail: reason }, actor);
      } catch (error) {
        await cancelUnwritten(error);
      }
      await begin();
    },
    flattenAll: (reason, actor) => {
      if (trading.journaled() !== 'halted') throw refusal('trading is not halted', 'halt first, then close');
      if (state.step === 'flattening' && running !== null) return;
      if (state.step === 'cancelling')
        throw refusal('orders are still being cancelled', 'wait until they are gone, then close');
      reconciler.letGo();
      round += 1;
      write({ step: 'flattening', detail: reason, unknown: [], remaining: [] }, actor);
      const run = flatten.run().finally(() => {
        running = null;
      });
      running = run;
      inBackground(context, () => run);
    },
    resume: () => {
      if (trading.journaled() !== 'halted' || running !== null) return;
      if (state.step === 'flattening') {
        write({ step: 'flatten-incomplete', detail: 'The desk stopped while it was closing; confirm it again' });
        flatten.alarm();
      }
      const isUnfinished = state.step === 'cancelling' || state.step === 'cancel-incomplete' || state.step === 'idle';
      if (!isUnfinished && toCancel().length === 0) return;
      if (isUnfinished) write({ step: 'cancelling', since: state.since ?? clock.now() });
      inBackground(context, begin);
    },
    reset: (actor) => {
      round += 1;
      notices.clear('kill');
      if (state.step !== 'idle') write(IDLE, actor);
    },
    state: () => state,
    settled: () => running ?? Promise.resolve(),
    stop: () => {
      isStopped = true;
      round += 1;
    },
  };
}
