import { isTerminal } from '#shared/domain/order-life.ts';
import type { Fill, Order } from '#shared/domain/order.ts';
import type { VenueOrder } from '#desk/ports/broker.ts';
import { ANSWER_MS, type ExecutionContext, inBackground, outcomeOf, within } from './context.ts';
import type { Bookings } from './bookings.ts';
import { assumedFee, inferredFill } from './executions.ts';
import { orderEvents } from './terms.ts';
import { truthOf } from './truth.ts';

/** Time the venue's executions have to catch up with its count, before one is worked out from it. */
const CATCH_UP_MS = 3_000;

/** Takes over what the venue says of an order of ours: executions first, then its state. */
export interface VenueWord {
  take(order: Order, venue: VenueOrder, fills: readonly Fill[]): void;
  /** Symbols of which the venue counts more as filled than it has told. */
  waitingFor(): ReadonlySet<string>;
  /** Executions worked out since this was last asked. */
  takeInferred(): number;
  stop(): void;
}

type Shortfall = { readonly since: number; readonly symbol: string; readonly cancel: () => void };

/** Returns the reader of the venue's word for one account. */
export function createVenueWord(context: ExecutionContext, bookings: Bookings): VenueWord {
  const { broker, book, clock, recorder } = context;
  const short = new Map<string, Shortfall>();
  let inferred = 0;

  const settle = (id: string): void => {
    short.get(id)?.cancel();
    if (short.delete(id)) context.changed();
  };
  /** Books what must have happened; false when there is no price to book it at. */
  const infer = (order: Order, venue: VenueOrder): boolean => {
    const fill = inferredFill({
      order,
      venueOrderId: venue.venueOrderId,
      cum: venue.filled,
      averagePrice: venue.averagePrice ?? null,
      lastPrice: book.quote(order.symbol)?.last ?? null,
      venue: broker.venue,
      at: clock.now(),
      fee: (quantity) => assumedFee(context.instrument(order.symbol), quantity),
    });
    if (fill === null) return false;
    inferred += 1;
    bookings.fill(fill);
    recorder.record([
      {
        kind: 'notice',
        level: 'warn',
        title: 'An execution the broker did not tell was worked out from its count',
        detail: `${fill.symbol} ${fill.direction > 0 ? '+' : '−'}${fill.quantity}: the broker counts ${venue.filled} of ${order.clientOrderId} as filled; the price is ${(venue.averagePrice ?? null) === null ? 'the last known' : 'from its mean'}`,
      },
    ]);
    return true;
  };
  const askAgain = async (id: string): Promise<void> => {
    const answer = await within(
      clock,
      ANSWER_MS,
      outcomeOf(() => broker.find(id)),
    );
    const order = book.order(id);
    if (order === null) return;
    if (answer?.kind === 'found') take(order, answer.order, answer.fills);
    // Nobody could say: the next comparison finds the same gap and asks again.
    else settle(id);
  };
  const noteShort = (order: Order): void => {
    const id = order.clientOrderId;
    if (short.has(id)) return;
    const cancel = clock.after(CATCH_UP_MS, () => inBackground(context, () => askAgain(id)));
    short.set(id, { since: clock.monotonic(), symbol: order.symbol, cancel });
    context.changed();
  };

  const take: VenueWord['take'] = (stale, venue, fills) => {
    for (const fill of fills) bookings.fill(fill);
    const id = stale.clientOrderId;
    const order = book.order(id) ?? stale;
    const parent = order.parentId === null ? null : book.order(order.parentId);
    const waitsForEntry = parent !== null && parent.filled === 0;
    const { events, missingFills } = truthOf(order, venue, waitsForEntry);
    for (const event of events) recorder.record(orderEvents([id], event));
    if (missingFills === 0) {
      settle(id);
      return;
    }
    const since = short.get(id)?.since;
    if (since === undefined || clock.monotonic() - since < CATCH_UP_MS) noteShort(order);
    else if (infer(book.order(id) ?? order, venue)) {
      settle(id);
      const after = book.order(id) ?? order;
      if (!isTerminal(after)) take(after, venue, []);
    }
  };

  return {
    take,
    waitingFor: () => new Set([...short.values()].map(({ symbol }) => symbol)),
    takeInferred: () => {
      const count = inferred;
      inferred = 0;
      return count;
    },
    stop: () => {
      for (const { cancel } of short.values()) cancel();
      short.clear();
    },
  };
}
