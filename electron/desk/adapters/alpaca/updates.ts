import { epochMs, type EpochMs } from '#shared/units.ts';
import type { BrokerEvent } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { Executions } from './executions.ts';
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
  readonly refuseReplace: (clientOrderId: string) => void;
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

  const tell: Updates['tell'] = (event) => {
    if (isHeld) held.push(event);
    else parts.emit(event);
  };
  const catchUp = (ms: number): void => {
    stopTimer ??= clock.after(ms, () => {
      stopTimer = null;
      const rest = parts.rest();
      // Without a connection the next one asks for all of it.
      if (rest === null) return;
      void parts.holdings.catchUp(rest, epochMs(clock.now() - LOOK_BACK_MS)).catch(() => catchUp(EXECUTIONS_MS));
    });
  };
  const takeFill = (update: WireTradeUpdate, at: number): void => {
    const { order, qty, price } = update;
    if (qty === null || price === null) {
      catchUp(0);
      return;
    }
    const { id: venueOrderId, symbol, side, filled_qty: filledWith, filled_avg_price: mean } = order;
    const read = executions.take({ venueOrderId, symbol, side, quantity: qty, price, filledWith, mean, at }, 'stream');
    if (read.kind === 'fill' && read.isNews) tell({ kind: 'fill', fill: read.fill });
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
    if (event === 'order_replace_rejected' && owner !== null) parts.refuseReplace(owner);
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
    },
  };
}
