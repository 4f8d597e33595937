import { describe, expect, it } from 'vitest';
import { applyOrderEvent } from '#shared/domain/order-life.ts';
import type { Order } from '#shared/domain/order.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { orderOf, termsOf } from '#test/support/orders.ts';
import { absenceEvent, truthOf } from '#desk/execution/truth.ts';
import type { VenueOrder } from '#desk/ports/broker.ts';

const NOW = epochMs(1_000);
const TERMS = termsOf();
const order = (change: Partial<Order> = {}): Order => orderOf({ life: 'sent', ...change });
const doubt = { certainty: { kind: 'in-doubt', since: NOW, why: 'timeout' } } as const;
const venue = (change: Partial<VenueOrder> = {}): VenueOrder => ({
  clientOrderId: TERMS.clientOrderId,
  venueOrderId: 'V',
  symbol: 'NQ',
  direction: 1,
  type: 'limit',
  price: ticks(100),
  quantity: 3,
  filled: 0,
  state: 'working',
  reason: null,
  ...change,
});
const folded = (from: Order, to: VenueOrder, waits = false): Order =>
  truthOf(from, to, waits).events.reduce((o, event) => applyOrderEvent(o, event, NOW), from);

describe("the venue's word on an order", () => {
  it('ends the doubt about one it works, and says so of a child that waits', () => {
    expect(folded(order(doubt), venue())).toMatchObject({ life: 'working', certainty: { kind: 'known' } });
    expect(folded(order(doubt), venue(), true)).toMatchObject({ life: 'acked', certainty: { kind: 'known' } });
  });

  it('says nothing of what is known already', () => {
    expect(truthOf(order({ life: 'working', venueOrderId: 'V' }), venue(), false).events).toEqual([]);
  });

  it('restates other terms, and takes over a change that was made', () => {
    const working = order({ life: 'working', venueOrderId: 'V' });
    expect(folded(working, venue({ quantity: 2, price: ticks(99) }))).toMatchObject({ quantity: 2, price: 99 });
    const pending = { kind: 'replace', since: NOW, quantity: 2, price: ticks(99) } as const;
    const asked = order({ life: 'working', venueOrderId: 'V', pending });
    expect(folded(asked, venue({ quantity: 2, price: ticks(99), venueOrderId: 'V2' }))).toMatchObject({
      quantity: 2,
      price: 99,
      pending: { kind: 'none' },
      venueOrderId: 'V2',
    });
    expect(folded(asked, venue())).toMatchObject({ quantity: 3, price: 100, pending: { kind: 'none' } });
  });

  it('takes a cancel that did not take effect for refused, once it is in doubt', () => {
    const pending = { kind: 'cancel', since: NOW } as const;
    const waiting = order({ life: 'working', venueOrderId: 'V', pending });
    expect(truthOf(waiting, venue(), false).events).toEqual([]);
    expect(folded({ ...waiting, ...doubt }, venue())).toMatchObject({ pending: { kind: 'none' }, life: 'working' });
  });

  it('does not end an order whose executions are missing', () => {
    for (const state of ['canceled', 'expired', 'rejected', 'filled'] as const) {
      const { events, missingFills } = truthOf(
        order({ life: 'working', venueOrderId: 'V' }),
        venue({ state, filled: 2 }),
        false,
      );
      expect([state, events, missingFills]).toEqual([state, [], 2]);
    }
    expect(folded(order({ life: 'working', filled: 2 }), venue({ state: 'canceled', filled: 2 })).life).toBe(
      'canceled',
    );
  });

  it('ends an order that was made as small as what it filled, however that was told', () => {
    const working = order({ life: 'working', venueOrderId: 'V', filled: 2 });
    for (const from of [working, { ...working, ...doubt }])
      expect(folded(from, venue({ state: 'filled', quantity: 2, filled: 2 }))).toMatchObject({
        ...{ life: 'filled', quantity: 2, pending: { kind: 'none' }, certainty: { kind: 'known' } },
      });
  });

  it('ends one that was filled there and corrected to fewer contracts', () => {
    const reopened = order({ life: 'working', venueOrderId: 'V', filled: 1, ...doubt });
    expect(folded(reopened, venue({ state: 'filled', filled: 1 }))).toMatchObject({ life: 'canceled', filled: 1 });
    // A further part that was told meanwhile has ended the doubt, not the order.
    const known = order({ life: 'working', venueOrderId: 'V', filled: 2 });
    expect(folded(known, venue({ state: 'filled', filled: 2 }))).toMatchObject({ life: 'canceled', filled: 2 });
  });

  it('changes nothing on an order that has ended', () => {
    expect(truthOf(order({ life: 'canceled' }), venue(), false).events).toEqual([]);
  });
});

describe('proven absence', () => {
  it('means never arrived for what was never confirmed', () => {
    expect(absenceEvent(order(doubt))).toEqual({ kind: 'rejected', reason: 'never reached the broker' });
  });
  it('keeps what was filled', () => {
    expect(absenceEvent(order({ ...doubt, filled: 1 }))).toMatchObject({ kind: 'canceled' });
  });
  it('says nothing of an order the venue had confirmed', () => {
    expect(absenceEvent(order({ ...doubt, venueOrderId: 'V' }))).toBeNull();
  });
});
