import type { Fill, FillCorrection, OrderEvent } from '#shared/domain/order.ts';
import type { Difference } from '#shared/domain/risk.ts';
import type { ExecutionContext } from './context.ts';
import { type Executions, isSameExecution } from './executions.ts';
import { conflictDifference, overfillDifference, type Local } from './reconcile.ts';
import { orderEvents } from './terms.ts';

/** Time an order's correction may come before the execution it corrects. */
const PARKED_MS = 5_000;

/** Journals what the venue tells, and says so when it does not add up: then only risk-reducing orders leave. */
export interface Bookings {
  /** Books an execution. True when it was new. */
  fill(fill: Fill): boolean;
  correction(correction: FillCorrection): void;
  order(clientOrderId: string, event: OrderEvent): void;
  stop(): void;
}

export type BookingParts = {
  readonly executions: Executions;
  readonly local: () => Local;
  /** Told of every symbol in which something happened, and of the order it happened to. */
  readonly onActivity: (symbol: string, clientOrderId: string | null) => void;
  /** Told of what the trader must look at before entries may leave again; false when it is known already. */
  readonly onFinding: (difference: Difference) => boolean;
  /** Told of an order whose executions were corrected: it may be in doubt. */
  readonly onReopened: (clientOrderId: string) => void;
};

/** Returns the bookings of one account. */
export function createBookings(context: ExecutionContext, parts: BookingParts): Bookings {
  const { recorder, trading, clock, book, notices } = context;
  const { executions } = parts;
  const parked = new Set<() => void>();

  const anomaly = (detail: string): void => {
    recorder.record([{ kind: 'notice', level: 'error', title: 'A fill does not add up', detail }]);
    trading.tighten('reducing', detail);
  };
  const unknownSymbol = (symbol: string): void =>
    notices.raise({
      id: `unknown-symbol ${symbol}`,
      level: 'error',
      title: `The broker executed something in ${symbol}, which this desk does not trade`,
      detail: 'It cannot be booked here, and is no part of the account this desk shows.',
      remedy: 'Look at the broker, and keep this account for the desk alone.',
    });

  /** The commission came later than the execution: nothing else about it is new. */
  const isFeeOnly = (correction: FillCorrection): boolean => {
    const fill = executions.find(correction);
    const { corrected } = correction;
    if (fill === null || corrected === null) return false;
    const standing = context.journal.standingFill(fill.venue, fill.account, fill.execKey);
    return standing !== null && isSameExecution(standing, corrected);
  };
  const tellLinked = (symbol: string, clientOrderId: string | null): void =>
    void recorder.record([
      {
        kind: 'notice',
        level: 'warn',
        title: 'An execution that was booked for nobody belongs to an order of this desk',
        detail: `${symbol}: it is now part of ${clientOrderId ?? ''}; the position is as it was`,
      },
    ]);

  const takeCorrection = (correction: FillCorrection): boolean => {
    const isQuiet = isFeeOnly(correction);
    const result = executions.correct(correction);
    if (result !== 'booked') return result === 'known';
    if (isQuiet) return true;
    const fill = executions.find(correction);
    recorder.record([
      {
        kind: 'notice',
        level: 'warn',
        title: 'The broker corrected an execution',
        detail: `${correction.execKey}: ${correction.corrected === null ? 'it never happened' : 'other values'} (${correction.reason})`,
      },
    ]);
    if (fill === null) return true;
    parts.onActivity(fill.symbol, fill.clientOrderId);
    // An order that was filled and no longer is: only the venue knows whether it works again.
    if (fill.clientOrderId !== null) parts.onReopened(fill.clientOrderId);
    return true;
  };

  return {
    fill: (fill) => {
      if (!context.knows(fill.symbol)) {
        unknownSymbol(fill.symbol);
        return false;
      }
      const booking = executions.book(fill);
      if (booking.kind === 'known') return false;
      if (booking.kind === 'conflict') {
        const { known } = booking;
        const detail = `${fill.symbol}: execution ${fill.execKey} was told twice, with ${known.quantity} at ${known.price} ticks and with ${fill.quantity} at ${fill.price}`;
        if (parts.onFinding(conflictDifference(fill, parts.local()))) anomaly(detail);
        return false;
      }
      parts.onActivity(fill.symbol, fill.clientOrderId);
      if (booking.isLinked) tellLinked(fill.symbol, fill.clientOrderId);
      if (booking.oddity !== null) anomaly(booking.oddity);
      const order = fill.clientOrderId === null ? null : book.order(fill.clientOrderId);
      if (booking.isOverfill && order !== null) parts.onFinding(overfillDifference(order, parts.local()));
      return true;
    },
    correction: (correction) => {
      if (takeCorrection(correction)) return;
      const cancel = clock.after(PARKED_MS, () => {
        parked.delete(cancel);
        if (takeCorrection(correction)) return;
        anomaly(`execution ${correction.execKey} was corrected, and is not known here`);
      });
      parked.add(cancel);
    },
    order: (clientOrderId, event) => {
      const order = book.order(clientOrderId);
      // Without an intent it is not ours; the next comparison lists it.
      if (order === null) return;
      // The venue has it and is asked after every start; whatever is done because of it is on disk with it.
      recorder.record(orderEvents([clientOrderId], event), 'soon');
      parts.onActivity(order.symbol, clientOrderId);
    },
    stop: () => {
      for (const cancel of parked) cancel();
      parked.clear();
    },
  };
}
