import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order } from '#shared/domain/order.ts';
import type { Difference, ExternalOrder, Reconciliation } from '#shared/domain/risk.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import type { BrokerSnapshot, VenueOrder } from '#desk/ports/broker.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import type { Bookings } from './bookings.ts';
import { type ExecutionContext, inBackground } from './context.ts';
import type { Doubt } from './doubt.ts';
import { type Findings, resultOf } from './findings.ts';
import {
  differenceText,
  externalDifference,
  externalOrderOf,
  type Local,
  matchOrders,
  missingOrderDifference,
  missingStops,
  positionDifferences,
} from './reconcile.ts';
import { takeSnapshot, type Taken } from './snapshot.ts';
import type { VenueWord } from './venue-word.ts';

export type Trigger = JournalEventOf<'reconciliation'>['trigger'];

/** How far behind the last comparison one looks for what ended and was executed since. */
const FULL_LOOK_MS = 86_400_000;
/** A light one, which follows another that was made: more than clocks may differ by, or a venue be late. */
const LIGHT_LOOK_MS = 300_000;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;
/** A symbol in which something has just happened is not judged: one of the two sides may not have heard of it yet. */
const QUIET_MS = 5_000;

/** Compares the broker with the journal, books what is missing, and names what cannot be explained. */
export interface Reconciler {
  /** Compares once. Runs do not overlap: one that is asked for meanwhile joins, or follows where it would say more. */
  run(trigger: Trigger): Promise<void>;
  /** What the broker holds, whole; null with the reason when it cannot say. */
  snapshot(): Promise<Taken>;
  /** False from a lost connection, or a comparison that failed, until the next one that did not. */
  isSynced(): boolean;
  /** True while what the venue tells must wait until the comparison has been made. */
  isHolding(): boolean;
  /** What is held back is let out: something that reduces risk must see what the venue says of it at once. */
  letGo(): void;
  /** Something the broker told could not be taken in: nothing is known for sure until a comparison that was made. */
  distrust(): void;
  /** Symbols the last comparison could not judge, since something had just happened in them. */
  unjudged(): readonly string[];
  noteActivity(symbol: string, clientOrderId: string | null): void;
  noteExternal(order: VenueOrder): void;
  view(): Reconciliation;
  stop(): void;
}

export type ReconcilerParts = {
  readonly bookings: Bookings;
  readonly word: VenueWord;
  readonly doubt: Doubt;
  readonly findings: Findings;
  readonly local: () => Local;
  /** Lets out what was held back. */
  readonly release: () => void;
  /** Told when the difference is severe enough to stop everything that adds risk. */
  readonly onSevere: (reason: string) => void;
  /** Told after every comparison that could be made, and whether some symbol could not be judged in it. */
  readonly onDone: (isPartial: boolean) => void;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** Returns the reconciler of one account. */
export function createReconciler(context: ExecutionContext, parts: ReconcilerParts): Reconciler {
  const { broker, clock, journal, recorder, trading } = context;
  const { bookings, word, doubt, findings, local } = parts;
  /** `Clock.monotonic` of the last thing that happened in a symbol: a clock that is set must not hide it from a comparison. */
  const activity = new Map<string, number>();
  const external = new Map<string, ExternalOrder>();
  const [opened] = journal.events({ kinds: ['opened'], limit: 1 });
  const openedAt = opened?.at ?? 0;
  let lastSeen = lastTime();
  let last: Pick<Reconciliation, 'state' | 'at' | 'trigger' | 'detail'> = {
    ...{ state: 'never', at: null, trigger: null, detail: 'Broker and journal have not been compared yet' },
  };
  let isSynced = false;
  let isHolding = false;
  let failures = 0;
  let journaled: string | null = null;
  let running: { readonly isFull: boolean; readonly done: Promise<void> } | null = null;
  let cancelRetry: () => void = () => undefined;
  let isStopped = false;
  let isOwn = false;
  let unjudged: ReadonlySet<string> = new Set();
  /** Orders of which something was heard while a snapshot was on its way: it may be older than that. */
  const touched = new Set<string>();

  function lastTime(): EpochMs {
    const [order] = journal.orders({ limit: 1 });
    return epochMs(Math.min(clock.now(), order?.updatedAt ?? clock.now()));
  }

  const lookBack = (lookMs: number): Promise<Taken> =>
    takeSnapshot(context, epochMs(Math.max(0, Math.min(lastSeen, clock.now()) - lookMs)));
  const snapshot: Reconciler['snapshot'] = () => lookBack(FULL_LOOK_MS);

  /** What the comparison itself books is in the snapshot, and does not hide its symbol from it. */
  const asOwn = <T>(work: () => T): T => {
    isOwn = true;
    try {
      return work();
    } finally {
      isOwn = false;
    }
  };
  const bookFills = (taken: BrokerSnapshot): number => {
    // Before the executions, which the list tells as corrected: another word on a known one would be a conflict.
    for (const correction of taken.corrections ?? []) {
      const { venue, account, execKey } = correction;
      if (journal.hasFill(venue, account, execKey)) bookings.correction(correction);
    }
    // What was executed before this journal began is in the position it began with, or in a difference of it.
    const ours = taken.fills.filter((fill) => fill.at >= openedAt || fill.clientOrderId !== null);
    const inOrder = [...ours].sort((a, b) => a.at - b.at);
    return sum(inOrder.map((fill) => (bookings.fill(fill) ? 1 : 0)));
  };
  /** A time that lies ahead is from before the clock was set back. */
  const isYoung = (at: EpochMs): boolean => at <= clock.now() && clock.now() - at < QUIET_MS;
  const isRecent = (order: Order, isLight: boolean): boolean =>
    touched.has(order.clientOrderId) || (isLight && isYoung(order.updatedAt));

  /** Orders: the venue's word on those it states; those it does not state are asked for one by one. */
  const settleOrders = async (taken: BrokerSnapshot, isLight: boolean): Promise<readonly Difference[]> => {
    const { stated, missing, revenants, external: foreign } = matchOrders(taken, local());
    const waiting = word.waitingFor();
    /** Ended here, with every execution the venue counts: its word changes nothing. Most orders of a day are such. */
    const isSettled = (order: Order, venue: VenueOrder): boolean =>
      isTerminal(order) && venue.filled <= order.filled && !waiting.has(order.symbol);
    for (const { order, venue } of stated) {
      if (!isSettled(order, venue) && !isRecent(order, isLight)) asOwn(() => word.take(order, venue, []));
    }
    external.clear();
    for (const order of [...foreign, ...revenants])
      external.set(order.venueOrderId, externalOrderOf(order, clock.now()));
    const gone: Difference[] = [];
    for (const order of missing) {
      if (isRecent(order, isLight)) continue;
      const after = order.certainty.kind === 'in-doubt' && isLight ? order : await doubt.ask(order.clientOrderId);
      if (!isTerminal(after) && after.certainty.kind === 'in-doubt' && after.venueOrderId !== null)
        gone.push(missingOrderDifference(after, local()));
    }
    return [...gone, ...[...foreign, ...revenants].map((order) => externalDifference(order, local()))];
  };

  const judge = (positions: readonly Difference[]): void => {
    const setAside = new Set(findings.all().map((d) => d.id));
    for (const open of findings.open()) setAside.delete(open.id);
    const open = positions.filter((d) => !setAside.has(d.id));
    const severe = open.find((d) => d.severity === 'halt');
    const [first] = open;
    if (severe !== undefined) parts.onSevere(differenceText(severe));
    else if (first !== undefined) trading.tighten('reducing', differenceText(first));
  };
  const write = (trigger: Trigger, counts: { orders: number; fillsAdded: number; fillsInferred: number }): void => {
    const differences = [...findings.all()];
    const fingerprint = differences
      .map((d) => d.id)
      .sort()
      .join('\n');
    const isQuiet = fingerprint === journaled && counts.fillsAdded + counts.fillsInferred === 0;
    if (isQuiet && trigger !== 'start' && trigger !== 'reconnect') return;
    journaled = fingerprint;
    recorder.record([{ kind: 'reconciliation', trigger, isComplete: true, ...counts, differences }]);
  };

  const retryLater = (trigger: Trigger): void => {
    const delay = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? RETRY_MS[0];
    failures += 1;
    cancelRetry();
    if (!isStopped) cancelRetry = clock.after(delay, () => inBackground(context, () => run(trigger)));
  };
  const fail = (trigger: Trigger, why: string): void => {
    isSynced = false;
    last = { state: 'failed', at: clock.now(), trigger, detail: why };
    if (failures === 0) {
      const detail = `${why}; no entries until broker and journal have been compared`;
      recorder.record([
        { kind: 'notice', level: 'warn', title: 'Broker and journal could not be compared', detail },
        {
          kind: 'reconciliation',
          ...{ trigger, isComplete: false, orders: 0, fillsAdded: 0, fillsInferred: 0 },
          differences: [...findings.all()],
        },
      ]);
      journaled = null;
    }
    retryLater(trigger);
  };
  const skipped = (startedAt: number, isLight: boolean): ReadonlySet<string> => {
    const from = isLight ? startedAt - QUIET_MS : startedAt;
    const fresh = [...activity].filter(([, at]) => at >= from).map(([symbol]) => symbol);
    return new Set([...fresh, ...word.waitingFor()]);
  };

  /** What the broker holds beside what the journal says, once what is missing here has been booked. */
  type Compared = {
    readonly taken: BrokerSnapshot;
    readonly fillsAdded: number;
    readonly others: readonly Difference[];
    readonly skip: ReadonlySet<string>;
    readonly positions: readonly Difference[];
  };
  /** One look; in words why there was none. */
  const lookOnce = async (isLight: boolean, lookMs: number): Promise<Compared | string> => {
    const startedAt = clock.monotonic();
    touched.clear();
    const { snapshot: taken, why } = await lookBack(lookMs);
    if (taken === null) return why;
    const fillsAdded = asOwn(() => bookFills(taken));
    const others = await settleOrders(taken, isLight);
    isHolding = false;
    parts.release();
    const skip = skipped(startedAt, isLight);
    return { taken, fillsAdded, others, skip, positions: positionDifferences(taken, local(), skip) };
  };
  /** What ended or was executed long ago may explain it; what works at the broker now is listed however old it is. */
  const isOfThePast = ({ kind }: Difference): boolean => kind === 'position' || kind === 'missing-order';
  /** A light look is short. What it leaves unexplained is looked for in the whole day before it counts. */
  const look = async (isLight: boolean): Promise<Compared | string> => {
    if (!isLight) return lookOnce(false, FULL_LOOK_MS);
    const short = await lookOnce(true, LIGHT_LOOK_MS);
    if (typeof short === 'string' || ![...short.positions, ...short.others].some(isOfThePast)) return short;
    const whole = await lookOnce(true, FULL_LOOK_MS);
    return typeof whole === 'string' ? whole : { ...whole, fillsAdded: short.fillsAdded + whole.fillsAdded };
  };

  const compare = async (trigger: Trigger, isLight: boolean): Promise<void> => {
    const compared = await look(isLight);
    if (typeof compared === 'string') {
      fail(trigger, compared);
      return;
    }
    const { taken, fillsAdded, others, skip, positions } = compared;
    unjudged = skip;
    // Protection is judged on what the journal holds; what is not known of at the venue is another finding.
    const stops = missingStops(local(), skip);
    judge(positions);
    // What is not judged this time was judged before, and stands until it is judged again.
    const isJudgedAgain = ({ kind, symbol }: Difference): boolean =>
      (kind !== 'position' && kind !== 'missing-stop') || !skip.has(symbol);
    const kept = findings.all().filter((difference) => !isJudgedAgain(difference));
    findings.replace([...kept, ...positions, ...stops, ...others]);
    lastSeen = taken.at;
    failures = 0;
    isSynced = broker.connection().state === 'live';
    const open = findings.open().length;
    const detail = open === 0 ? 'Broker and journal agree' : `${open} not agreed`;
    last = { state: resultOf(findings), at: clock.now(), trigger, detail };
    write(trigger, { orders: taken.orders.length, fillsAdded, fillsInferred: word.takeInferred() });
    parts.onDone(skip.size > 0);
  };
  const runOnce = async (trigger: Trigger, isFull: boolean): Promise<void> => {
    last = { ...last, state: 'running', trigger };
    cancelRetry();
    if (isFull) {
      isSynced = false;
      isHolding = true;
    }
    context.changed();
    try {
      await compare(trigger, !isFull);
    } catch (error) {
      // What could not be finished is not known: as good as a failed one, and tried again.
      isSynced = false;
      last = { state: 'failed', at: clock.now(), trigger, detail: 'The comparison broke off' };
      retryLater(trigger);
      throw error;
    } finally {
      isHolding = false;
      parts.release();
      context.changed();
    }
  };
  const run: Reconciler['run'] = async (trigger) => {
    const isFull = trigger !== 'periodic' && trigger !== 'fills';
    while (running !== null) {
      const { isFull: wasFull, done } = running;
      await done;
      if (wasFull || !isFull) return;
    }
    const done = runOnce(trigger, isFull || !isSynced).finally(() => {
      running = null;
    });
    running = { isFull, done: done.catch(() => undefined) };
    await done;
  };

  let wasLive = broker.connection().state === 'live';
  const stopListening = broker.onConnection(({ state }) => {
    const isLive = state === 'live';
    if (isLive && !wasLive && last.state !== 'never') inBackground(context, () => run('reconnect'));
    if (!isLive) isSynced = false;
    wasLive = isLive;
    context.changed();
  });

  return {
    run,
    snapshot,
    isSynced: () => isSynced && broker.connection().state === 'live',
    isHolding: () => isHolding,
    letGo: () => {
      if (!isHolding) return;
      isHolding = false;
      parts.release();
    },
    distrust: () => {
      isSynced = false;
      retryLater('asked');
      context.changed();
    },
    unjudged: () => [...unjudged],
    noteActivity: (symbol, clientOrderId) => {
      if (isOwn) return;
      activity.set(symbol, clock.monotonic());
      if (clientOrderId !== null) touched.add(clientOrderId);
    },
    noteExternal: (order) => {
      if (order.state === 'working') {
        external.set(order.venueOrderId, externalOrderOf(order, clock.now()));
        findings.add(externalDifference(order, local()));
      } else external.delete(order.venueOrderId);
      context.changed();
    },
    view: () => ({ ...last, differences: [...findings.all()], externalOrders: [...external.values()] }),
    stop: () => {
      isStopped = true;
      stopListening();
      cancelRetry();
    },
  };
}
