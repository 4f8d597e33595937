import type { Instrument } from '#shared/domain/instrument.ts';
import type { OrderTerms } from '#shared/domain/order.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';
import type { CancelOutcome, OrderGroup, SubmitOutcome } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { createSeeded } from '#desk/adapters/seeded.ts';
import type { PaperAccount } from './paper-account.ts';
import type { PaperBook } from './paper-book.ts';
import { groupFault, replacementFault } from './paper-checks.ts';
import { marginFault } from './paper-margin.ts';
import type { BookedOrder } from './paper-orders.ts';

/** Refuses this share of groups by seed, as a busy exchange does. */
export type RandomRejects = { readonly seed: number; readonly share: number };

export type GatewayParts = {
  readonly clock: Clock;
  readonly accountId: string;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly account: PaperAccount;
  readonly book: PaperBook;
  readonly rejects: RandomRejects | undefined;
  readonly isOpen: (symbol: string, at: EpochMs) => boolean;
  /** Lets an order that has just come, or changed, meet the price of this moment. */
  readonly meetNow: (order: BookedOrder) => void;
  readonly deliver: () => void;
};

/** Takes orders in, changes and cancels them: the exchange's door. */
export interface PaperGateway {
  readonly submit: (group: OrderGroup) => SubmitOutcome;
  readonly cancel: (clientOrderId: string) => CancelOutcome;
  readonly cancelExternal: (venueOrderId: string) => CancelOutcome;
  readonly replace: (
    clientOrderId: string,
    terms: { readonly quantity: number; readonly price: Ticks | null },
  ) => CancelOutcome;
  readonly placeExternal: (terms: OrderTerms) => BookedOrder | string;
  readonly refuseNext: (reason: string, afterMs: number) => void;
}

const REFUSALS = ['the exchange is busy: try again', 'the price is outside the limits of the day', 'risk check failed'];

const refused = (reason: string): CancelOutcome => ({ kind: 'refused', reason });

/** Makes the gateway of one account. */
export function createPaperGateway(parts: GatewayParts): PaperGateway {
  const { clock, account, book, instruments } = parts;
  const luck = parts.rejects === undefined ? null : createSeeded(parts.rejects.seed);
  let late: { readonly reason: string; readonly afterMs: number } | null = null;

  const refusalOf = (group: OrderGroup): string | null => {
    const { entry } = group;
    const fault = groupFault(group, parts.accountId, instruments);
    if (fault !== null) return fault;
    if (!parts.isOpen(entry.symbol, clock.now()) && entry.timeInForce === 'day') {
      return `the session of ${entry.symbol} is closed: a day order cannot wait for the next one`;
    }
    const margin = marginFault({ terms: entry, instead: null }, { account, open: book.open, instruments });
    if (margin !== null) return margin;
    if (luck === null || luck.uniform() >= (parts.rejects?.share ?? 0)) return null;
    return REFUSALS[Math.floor(luck.uniform() * REFUSALS.length)] ?? 'risk check failed';
  };
  const refuseLater = (entry: BookedOrder, { reason, afterMs }: { reason: string; afterMs: number }): void => {
    clock.after(afterMs, () => {
      for (const order of familyOf(entry, book).toReversed()) book.end(order, { kind: 'rejected', reason });
      parts.deliver();
    });
  };
  const cancel = (order: BookedOrder | undefined): CancelOutcome => {
    if (order === undefined) return refused('unknown order');
    if (order.state === 'done') {
      return refused(order.end?.state === 'filled' ? 'too late: already filled' : 'too late: already ended');
    }
    book.end(order, { kind: 'canceled', reason: 'on request' });
    return { kind: 'accepted' };
  };

  return {
    submit: (group) => {
      const repeated = [group.entry, group.stop, group.target].find(
        (terms) => terms !== null && book.get(terms.clientOrderId) !== undefined,
      );
      if (repeated !== undefined && repeated !== null) {
        return { kind: 'unknown', why: `order ${repeated.clientOrderId} is already here: ask for it` };
      }
      const later = late;
      late = null;
      const reason = refusalOf(group);
      if (reason !== null) {
        book.refuse(group, reason, clock.now());
        return { kind: 'rejected', reason };
      }
      const isOpen = parts.isOpen(group.entry.symbol, clock.now());
      const entry = book.add(group, clock.now(), later !== null ? 'held' : isOpen ? 'works' : 'waits');
      if (later !== null) refuseLater(entry, later);
      else if (isOpen) parts.meetNow(entry);
      return { kind: 'accepted' };
    },
    cancel: (clientOrderId) => cancel(book.own(clientOrderId)),
    cancelExternal: (venueOrderId) => {
      const order = book.byVenueId(venueOrderId);
      if (order === undefined || order.isExternal) return cancel(order);
      return refused(`order ${venueOrderId} is this desk's own: cancel it by its client order id`);
    },
    replace: (clientOrderId, terms) => {
      const order = book.own(clientOrderId);
      if (order === undefined) return refused('unknown order');
      const added = { ...order.terms, quantity: terms.quantity - order.filled };
      const reason =
        replacementFault(order, terms, { instruments, family: familyOf(order, book) }) ??
        marginFault({ terms: added, instead: order }, { account, open: book.open, instruments });
      if (reason !== null) return refused(reason);
      book.replace(order, terms);
      if (order.state === 'working') parts.meetNow(order);
      return { kind: 'accepted' };
    },
    placeExternal: (terms) => {
      const reason = refusalOf({ entry: terms, stop: null, target: null });
      if (reason !== null) return reason;
      const order = book.addExternal(terms, clock.now());
      parts.meetNow(order);
      return order;
    },
    refuseNext: (reason, afterMs) => {
      late = { reason, afterMs };
    },
  };
}

/** An entry, its stop and its target, as far as they were sent. */
function familyOf(order: BookedOrder, book: PaperBook): readonly BookedOrder[] {
  const entryId = order.entryId ?? order.terms.clientOrderId;
  const entry = book.get(entryId);
  return [...(entry === undefined ? [] : [entry]), ...book.exitsOf(entryId)];
}
