import type { BrokerSnapshot } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { EpochMs } from '#shared/units.ts';
import { createSeeded } from '#desk/adapters/seeded.ts';
import { type Fault, type FaultPlan, NO_FAULTS, type SpanMs, planFault } from './fault-plan.ts';
import { createLane } from './lane.ts';
import type { PaperExchange } from './paper-exchange.ts';
import type { RequestFrame, VenueAnswer, VenueFrame, VenueLink, Wire, WireEnds } from './paper-wire.ts';

/** What became of one message, as it happened. */
export type TraceLine = {
  readonly at: EpochMs;
  readonly fate: 'arrived' | 'lost' | 'dropped' | 'half-open' | 'refused' | 'opened' | 'closed';
  readonly why: string;
  readonly frame: RequestFrame | VenueFrame | null;
};

export type FaultyLinkParts = {
  readonly exchange: PaperExchange;
  readonly clock: Clock;
  readonly seed: number;
  /** Chances that differ from no faults at all. */
  readonly plan: Partial<FaultPlan>;
};

/** A link on which things go wrong by seed, by chance and by order. */
export interface FaultyLink extends VenueLink {
  /** Drops the open connection; both ends know. */
  readonly drop: (why?: string) => void;
  /** The process at the near end is gone: it is told nothing more. Requests on their way may still arrive. */
  readonly abandon: () => void;
  /** Lets a fault happen to the next message it applies to. */
  readonly force: (fault: Fault) => void;
  /** Other chances from now on; those not given stay. */
  readonly setPlan: (plan: Partial<FaultPlan>) => void;
  /** Refuses connections until then. */
  readonly refuseUntil: (at: number) => void;
  /** Everything that went over it so far, oldest first. */
  readonly trace: () => readonly TraceLine[];
}

const DROPPED = 'the connection dropped';

/**
 * Makes a link with faults. Everything happens by the clock port and by the seed: the same seed, plan and calls give
 * the same messages, bit for bit. Faults are only on the wire, the exchange itself stays sound. See `FaultPlan` for each.
 * @throws RangeError when the plan is not one
 */
export function createFaultyLink({ exchange, clock, seed, plan: given }: FaultyLinkParts): FaultyLink {
  const luck = createSeeded(seed);
  const trace: TraceLine[] = [];
  const forced: Fault[] = [];
  let plan: FaultPlan = checkedPlan({ ...NO_FAULTS, ...given });
  let refusedUntil = 0;
  let current: Connection | null = null;

  const world: World = {
    exchange,
    clock,
    plan: () => plan,
    luck: {
      isForced: (fault) => {
        const index = forced.indexOf(fault);
        if (index >= 0) forced.splice(index, 1);
        return index >= 0;
      },
      chance: (probability) => probability > 0 && luck.uniform() < probability,
      within: ([least, most]) => Math.round(least + luck.uniform() * (most - least)),
    },
    note: (fate, why, frame) => void trace.push({ at: clock.now(), fate, why, frame }),
    refuseFor: (ms) => {
      refusedUntil = Math.max(refusedUntil, clock.now() + ms);
    },
  };

  return {
    open: (ends) => {
      const isRefused = world.luck.isForced('refuse-connect') || clock.now() < refusedUntil;
      current = isRefused ? refusedConnection(world, ends) : createConnection(world, ends);
      return current.wire;
    },
    drop: (why = DROPPED) => current?.goDown(why),
    abandon: () => current?.abandon(),
    force: (fault) => void forced.push(fault),
    setPlan: (next) => {
      plan = checkedPlan({ ...plan, ...next });
    },
    refuseUntil: (at) => {
      refusedUntil = at;
    },
    trace: () => trace,
  };
}

function checkedPlan(plan: FaultPlan): FaultPlan {
  const fault = planFault(plan);
  if (fault !== null) throw new RangeError(`fault plan: ${fault}`);
  return plan;
}

type Luck = {
  /** Whether this fault was ordered; it is used up. */
  readonly isForced: (fault: Fault) => boolean;
  readonly chance: (probability: number) => boolean;
  readonly within: (span: SpanMs) => number;
};

type World = Pick<FaultyLinkParts, 'exchange' | 'clock'> & {
  readonly plan: () => FaultPlan;
  readonly luck: Luck;
  readonly note: (fate: TraceLine['fate'], why: string, frame: TraceLine['frame']) => void;
  readonly refuseFor: (ms: number) => void;
};

type Connection = {
  readonly wire: Wire;
  readonly goDown: (why: string) => void;
  readonly abandon: () => void;
};

const CHANGES: ReadonlySet<string> = new Set(['submit', 'cancel', 'replace', 'cancel-external']);

/** A connection that does not come about: the near end is told after a moment, unless it is gone by then. */
function refusedConnection({ clock, note }: World, ends: WireEnds): Connection {
  const why = 'the venue cannot be reached';
  note('refused', why, null);
  const cancel = clock.after(1, () => ends.onDown(why));
  return { wire: { send: () => undefined, close: cancel }, goDown: () => undefined, abandon: cancel };
}

/** One connection, from its opening until it drops, is closed, or its near end is gone. */
function createConnection(world: World, ends: WireEnds): Connection {
  const { exchange, clock, plan, luck, note } = world;
  let isUp = true;
  let unsubscribe: (() => void) | null = null;
  const silent = { out: false, back: false };

  const hangUp = (fate: 'dropped' | 'closed', why: string): boolean => {
    if (!isUp) return false;
    isUp = false;
    unsubscribe?.();
    note(fate, why, null);
    return true;
  };
  const goDown = (why: string): void => {
    if (!hangUp('dropped', why)) return;
    world.refuseFor(luck.within(plan().outageMs));
    ends.onDown(why);
  };

  const back = createLane<VenueFrame>(clock, (frame) => {
    if (!isUp) {
      note('lost', 'the near end hung up', frame);
      return;
    }
    note('arrived', '', frame);
    ends.onFrame(frame);
  });
  const sendBack = (frame: VenueFrame): void => {
    if (!isUp) {
      note('lost', 'the connection is down', frame);
      return;
    }
    if (silent.back) {
      note('lost', 'half-open', frame);
      return;
    }
    const isDropping = luck.chance(plan().drop);
    // Before the message or after it: dropped before, it is lost.
    if (isDropping && luck.chance(0.5)) {
      note('lost', DROPPED, frame);
      goDown(DROPPED);
      return;
    }
    if (frame.kind === 'event' && (luck.isForced('lose-event') || luck.chance(plan().loseEvent))) {
      note('lost', 'a gap in the feed', frame);
      return;
    }
    const isEvent = frame.kind === 'event';
    const isLate =
      isEvent && frame.event.kind === 'fill' && (luck.isForced('late-fill') || luck.chance(plan().lateFill));
    const delayMs = luck.within(plan().fromVenueMs) + (isLate ? luck.within(plan().lateFillMs) : 0);
    const isTwice = (isEvent && luck.isForced('duplicate-event')) || luck.chance(plan().duplicate);
    put(back, frame, { delayMs, isLate, isTwice });
    if (isDropping) clock.after(delayMs + 1, () => goDown(DROPPED));
  };

  const out = createLane<RequestFrame>(clock, (frame) => {
    if (!isUp && !survivors.delete(frame) && !luck.chance(plan().survive)) {
      note('lost', 'the connection went down', frame);
      return;
    }
    note('arrived', '', frame);
    const { kind } = frame.request;
    if (kind === 'logon' && isUp) unsubscribe ??= exchange.listen((event) => sendBack({ kind: 'event', event }));
    if (kind === 'submit' && (luck.isForced('reject-late') || luck.chance(plan().rejectLate))) {
      exchange.refuseNext('rejected by the matching engine', luck.within(plan().rejectLateMs));
    }
    const answer = spoiled(exchange.handle(frame.request), { luck, plan: plan() });
    const reply: VenueFrame = { kind: 'answer', to: frame.id, answer };
    if (CHANGES.has(kind) && (luck.isForced('lose-answer') || luck.chance(plan().loseAnswer))) {
      note('lost', 'the answer was lost', reply);
    } else sendBack(reply);
    if (kind === 'logon' && (luck.isForced('restate') || luck.chance(plan().restate))) exchange.restate();
  });
  /** Requests that get through although the connection went down at them. */
  const survivors = new Set<RequestFrame>();

  const put = <F>(
    lane: { send: (frame: F, how: { delayMs: number; outOfOrder: boolean }) => void },
    frame: F,
    how: { delayMs: number; isLate: boolean; isTwice: boolean },
  ): void => {
    const isReordered = luck.chance(plan().reorder);
    const extraMs = isReordered ? luck.within([0, plan().reorderMs]) : 0;
    lane.send(frame, { delayMs: how.delayMs + extraMs, outOfOrder: isReordered || how.isLate });
    if (!how.isTwice) return;
    lane.send(frame, {
      delayMs: how.delayMs + extraMs + luck.within([0, plan().reorderMs - extraMs]),
      outOfOrder: true,
    });
  };

  const send = (frame: RequestFrame): void => {
    if (!isUp) {
      note('lost', 'the connection is down', frame);
      return;
    }
    const isDroppedBefore = luck.isForced('drop-before');
    const isDroppedAfter = !isDroppedBefore && luck.isForced('drop-after');
    const isDropping = isDroppedBefore || isDroppedAfter || luck.chance(plan().drop);
    if (isDroppedBefore || (isDropping && !isDroppedAfter && luck.chance(0.5))) {
      note('lost', DROPPED, frame);
      goDown(DROPPED);
      return;
    }
    if (luck.isForced('half-open') || luck.chance(plan().halfOpen)) {
      const ways = luck.within([0, 2]);
      silent.out ||= ways !== 1;
      silent.back ||= ways !== 0;
      note('half-open', `${silent.out ? 'out' : ''} ${silent.back ? 'back' : ''}`.trim(), null);
    }
    if (silent.out) {
      note('lost', 'half-open', frame);
      return;
    }
    const isSubmit = frame.request.kind === 'submit';
    if (isSubmit && (luck.isForced('lose-submit') || luck.chance(plan().loseSubmit))) {
      note('lost', 'the submit was lost', frame);
      return;
    }
    const isTwice = luck.isForced('duplicate-request') || luck.chance(plan().duplicate);
    if (isDropping) survivors.add(frame);
    put(out, frame, { delayMs: luck.within(plan().toVenueMs), isLate: false, isTwice });
    if (isDropping) goDown(DROPPED);
  };

  note('opened', '', null);
  return {
    wire: { send, close: () => void hangUp('closed', 'the near end hung up') },
    goDown,
    abandon: () => void hangUp('closed', 'the near end is gone'),
  };
}

/** An answer as a troubled venue gives it. */
function spoiled(answer: VenueAnswer, { luck, plan }: { luck: Luck; plan: FaultPlan }): VenueAnswer {
  if (answer.kind === 'looked-up' && (luck.isForced('cannot-tell') || luck.chance(plan.cannotTell))) {
    return { kind: 'looked-up', answer: { kind: 'cannot-tell', why: 'the venue cannot say now' } };
  }
  if (answer.kind !== 'holdings') return answer;
  if (luck.isForced('fail-snapshot') || luck.chance(plan.failSnapshot)) {
    return { kind: 'failed', why: 'the venue could not make a snapshot' };
  }
  if (luck.isForced('partial-snapshot') || luck.chance(plan.partialSnapshot)) {
    return { kind: 'holdings', snapshot: partOf(answer.snapshot, luck) };
  }
  return answer;
}

/** A snapshot that broke off: one of its lists is cut short, and those that come after it are missing. */
function partOf(snapshot: BrokerSnapshot, luck: Luck): BrokerSnapshot {
  const cut = luck.within([0, 3]);
  const part = <T>(list: readonly T[], place: number): readonly T[] =>
    place < cut ? list : place > cut ? [] : list.slice(0, luck.within([0, Math.max(0, list.length - 1)]));
  return {
    isComplete: false,
    at: snapshot.at,
    orders: part(snapshot.orders, 0),
    completed: part(snapshot.completed, 1),
    fills: part(snapshot.fills, 2),
    positions: part(snapshot.positions, 3),
  };
}
