import { epochMs, type EpochMs } from '#shared/units.ts';
import type { BrokerEvent } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { Amendment, Executions } from './execution-words.ts';
import type { Holdings } from './holdings.ts';
import type { Listing } from './listing.ts';
import type { OrderBook } from './order-book.ts';
import type { Rest } from './rest.ts';
import { orderById } from './lists.ts';
import { stageOf, venueOrderOf } from './venue-orders.ts';
import { timeOf, type WireTradeUpdate } from './wire.ts';

export type UpdatesParts = {
  readonly clock: Clock;
  readonly listing: Listing;
  readonly book: OrderBook;
  readonly executions: Executions;
  readonly holdings: Pick<Holdings, 'catchUp'>;
  readonly emit: (event: BrokerEvent) => void;
  readonly rest: () => Rest | null;
  /** The stream says that a change or a cancel was refused. */
  readonly refuse: (clientOrderId: string, what: 'replace' | 'cancel', reason: string | null) => void;
};

/** What the stream tells, in order, for the desk. */
export interface Updates {
  readonly take: (update: WireTradeUpdate) => void;
  /** Tells the desk, or keeps it until the connection stands. */
  readonly tell: (event: BrokerEvent) => void;
  readonly hold: () => void;
  readonly release: () => void;
  /** Keeps updates of unknown orders back while `work` finds out whose they are. */
  readonly during: <T>(work: () => Promise<T>) => Promise<T>;
  readonly stop: () => void;
}

/** After a count of fills the executions have this long to come before they are asked for. */
const EXECUTIONS_MS = 2_000;
/** Executions are asked for from this long before the first that is missing. */
const LOOK_BACK_MS = 3_600_000;

/** Makes the reader of the stream's updates. */
export function createUpdates({ clock, listing, book, executions, ...parts }: UpdatesParts): Updates {
  let isHeld = true;
  let held: BrokerEvent[] = [];
  let sending = 0;
  let waiting: WireTradeUpdate[] = [];
  let stopTimer: (() => void) | null = null;
  /** Busts and corrections of executions that are not known yet. */
  let unplaced: { readonly amendment: Amendment; readonly words: number }[] = [];

  const tell: Updates['tell'] = (event) => {
    if (isHeld) held.push(event);
    else parts.emit(event);
  };
  /** Takes a later word on an execution; false when it is not clear on which one. */
  const amend = (amendment: Amendment, unlisted?: (execKey: string) => boolean): boolean => {
    const read = executions.amend(amendment, { source: 'stream', ...(unlisted === undefined ? {} : { unlisted }) });
    if (read.kind === 'correction') tell({ kind: 'fill-correction', correction: read.correction });
    return read.kind !== 'unclear';
  };
  const amendAgain = (): void => {
    unplaced = unplaced.filter(({ amendment }) => !amend(amendment));
  };
  /**
   * What the list said itself is done. The rest is taken for any execution that fits, at best for one the list no
   * longer has; what fits none is told as what it is: a correction of nothing the desk knows.
   */
  const giveUp = (asked: typeof unplaced, listed: ReadonlySet<string>): void => {
    amendAgain();
    const done = new Map<string, number>();
    for (const { amendment, words } of unplaced.filter((one) => asked.includes(one))) {
      const id = amendment.venueOrderId;
      const said = executions.wordsOn(id) - words - (done.get(id) ?? 0);
      done.set(id, (done.get(id) ?? 0) + 1);
      if (said > 0 || amend(amendment, (execKey) => !listed.has(execKey))) continue;
      tell({ kind: 'fill-correction', correction: executions.unplaced(amendment) });
    }
    unplaced = unplaced.filter((one) => !asked.includes(one));
  };
  const catchUp = (ms: number): void => {
    stopTimer ??= clock.after(ms, () => {
      stopTimer = null;
      const rest = parts.rest();
      // Without a connection the next one asks for all of it.
      if (rest === null) return;
      const asked = unplaced;
      void parts.holdings.catchUp(rest, epochMs(clock.now() - LOOK_BACK_MS)).then(
        (listed) => giveUp(asked, listed),
        () => catchUp(EXECUTIONS_MS),
      );
    });
  };
  const takeAmendment = (update: WireTradeUpdate): void => {
    const { event, order, execution_id: id, previous_execution_id: previousId, qty: quantity, price, reason } = update;
    const amendment: Amendment = {
      ...{ kind: event === 'trade_bust' ? 'bust' : 'correct', id, previousId, venueOrderId: order.id },
      ...{ symbol: order.symbol, side: order.side, quantity, price, reason },
    };
    if (listing.ofVenue(order.symbol) === null || amend(amendment)) return;
    unplaced.push({ amendment, words: executions.wordsOn(order.id) });
    catchUp(EXECUTIONS_MS);
  };
  const takeFill = (update: WireTradeUpdate, at: number): void => {
    const { order, qty, price } = update;
    if (qty === null || price === null) {
      catchUp(0);
      return;
    }
    const { id: venueOrderId, symbol, side, filled_qty: filledWith, filled_avg_price: mean } = order;
    const told = { id: update.execution_id, venueOrderId, symbol, side, quantity: qty, price, filledWith, mean, at };
    const read = executions.take(told, 'stream');
    if (read.kind === 'fill' && read.isNews) tell({ kind: 'fill', fill: read.fill });
    amendAgain();
    if (read.kind === 'doubtful') catchUp(0);
    const owner = book.ownerOf(venueOrderId);
    if (read.kind === 'impossible' && owner !== null)
      tell({
        ...{ kind: 'order', clientOrderId: owner, at: epochMs(at) },
        event: { kind: 'in-doubt', why: read.why },
      });
  };
  /** Alpaca's count is compared with the executions, and never booked. */
  const compare = ({ order }: WireTradeUpdate): void => {
    const listed = listing.ofVenue(order.symbol);
    const filled = listed?.wholeContractsOf(order.filled_qty) ?? 0;
    if (filled > executions.sumOf(order.id)) catchUp(EXECUTIONS_MS);
  };
  /** The exits of a bracket begin to work when the entry has filled: asked for, as no update may tell it. */
  const restate = (id: string): void => {
    const rest = parts.rest();
    if (rest === null) return;
    void orderById(rest, id).then(
      (order) => {
        if (order !== null) book.take(order, clock.now());
      },
      () => undefined,
    );
  };
  const process = (update: WireTradeUpdate): void => {
    const { event, order } = update;
    const now: EpochMs = clock.now();
    const at = timeOf(update.timestamp) ?? now;
    const isOurs = book.take(order, epochMs(Math.min(at, now)));
    const owner = book.ownerOf(order.id);
    if (event === 'order_replace_rejected' && owner !== null) parts.refuse(owner, 'replace', update.reason);
    if (event === 'order_cancel_rejected' && owner !== null) parts.refuse(owner, 'cancel', update.reason);
    if (event === 'trade_bust' || event === 'trade_correct') takeAmendment(update);
    if (event === 'fill' || event === 'partial_fill') takeFill(update, at);
    compare(update);
    if (isOurs && stageOf(order) === 'filled' && order.order_class !== null && order.order_class !== 'simple')
      restate(order.id);
    const listed = listing.ofVenue(order.symbol);
    const external = isOurs || listed === null ? null : venueOrderOf(order, listed, null);
    if (external !== null) parts.emit({ kind: 'external-order', order: external });
  };
  const isKnown = ({ order }: WireTradeUpdate): boolean =>
    book.ownerOf(order.id) !== null || book.ownerOf(order.replaces ?? '') !== null;
  const drain = (): void => {
    const kept = waiting;
    waiting = [];
    for (const update of kept) process(update);
  };
  return {
    tell,
    take: (update) => {
      // Until it is known whose they are, updates keep their order.
      if (isHeld || waiting.length > 0 || (sending > 0 && !isKnown(update))) waiting.push(update);
      else process(update);
    },
    hold: () => {
      isHeld = true;
      stopTimer?.();
      stopTimer = null;
    },
    release: () => {
      isHeld = false;
      const events = held;
      held = [];
      for (const event of events) parts.emit(event);
      if (sending === 0) drain();
    },
    during: async (work) => {
      sending += 1;
      try {
        return await work();
      } finally {
        sending -= 1;
        if (sending === 0 && !isHeld) drain();
      }
    },
    stop: () => {
      isHeld = true;
      stopTimer?.();
      stopTimer = null;
      waiting = [];
      held = [];
      unplaced = [];
    },
  };
}
