import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Order } from '#shared/domain/order.ts';
import { differenceSchema } from '#shared/domain/risk.ts';
import { epochMs } from '#shared/units.ts';
import {
  adjustmentHash,
  differenceText,
  externalDifference,
  type Local,
  matchOrders,
  missingOrderDifference,
  missingStops,
  positionDifferences,
} from '#desk/execution/reconcile.ts';
import { orderOf } from '#test/support/orders.ts';
import type { BrokerSnapshot, VenueOrder } from '#desk/ports/broker.ts';

const NOW = epochMs(5_000);
const idOf = (n: number, suffix = ''): string => `D1-${String(n).padStart(26, '0')}${suffix}`;
const order = (n: number, change: Partial<Order> = {}): Order =>
  orderOf({ clientOrderId: idOf(n), life: 'working', venueOrderId: `V${n}`, ...change });
const stop = (n: number, change: Partial<Order> = {}): Order =>
  order(n, { role: 'stop', type: 'stop', direction: -1, clientOrderId: idOf(n, 'S'), ...change });
const stated = (o: Order, change: Partial<VenueOrder> = {}): VenueOrder => ({
  clientOrderId: o.clientOrderId,
  venueOrderId: o.venueOrderId ?? 'V?',
  symbol: o.symbol,
  direction: o.direction,
  type: o.type,
  price: o.price,
  quantity: o.quantity,
  filled: o.filled,
  state: 'working',
  reason: null,
  ...change,
});
const localOf = (orders: readonly Order[], positions: Readonly<Record<string, number>> = {}): Local => ({
  venue: 'v',
  account: 'A',
  open: orders.filter((o) => !['filled', 'canceled'].includes(o.life)),
  find: (id) => orders.find((o) => o.clientOrderId === id) ?? null,
  positions: new Map(Object.entries(positions)),
  now: NOW,
});
const snapshotOf = (change: Partial<BrokerSnapshot> = {}): BrokerSnapshot => ({
  isComplete: true,
  at: NOW,
  orders: [],
  completed: [],
  fills: [],
  positions: [],
  ...change,
});
const held = (symbol: string, quantity: number, averagePrice: number | null = null) => ({
  symbol,
  quantity,
  averagePrice,
});

describe('orders of a snapshot and of the journal', () => {
  it('belong together by our id, and by the venue id where it does not repeat ours', () => {
    const [a, b] = [order(1), order(2)];
    const snapshot = snapshotOf({ orders: [stated(a), stated(b, { clientOrderId: null })] });
    const { stated: matched, missing, external } = matchOrders(snapshot, localOf([a, b]));
    expect(matched.map(({ order: o }) => o.clientOrderId)).toEqual([a.clientOrderId, b.clientOrderId]);
    expect([missing, external]).toEqual([[], []]);
  });

  it('that are ours and not stated are missing, but for what was never sent', () => {
    const [a, b] = [order(1), order(2, { life: 'created', venueOrderId: null })];
    expect(matchOrders(snapshotOf(), localOf([a, b])).missing).toEqual([a]);
  });

  it('that are not ours are external, and ended ones of ours that work there are told apart', () => {
    const ended = order(1, { life: 'canceled' });
    const foreign = stated(order(9), { clientOrderId: null, venueOrderId: 'X' });
    const strange = stated(order(8), { clientOrderId: 'not-of-this-desk', venueOrderId: 'Y' });
    const {
      revenants,
      external,
      stated: matched,
    } = matchOrders(snapshotOf({ orders: [stated(ended), foreign, strange] }), localOf([ended]));
    expect(matched).toEqual([]);
    expect(revenants.map((o) => o.venueOrderId)).toEqual(['V1']);
    expect(external.map((o) => o.venueOrderId)).toEqual(['X', 'Y']);
  });

  it('are taken from the open ones first: a list of ended ones may be behind', () => {
    const a = order(1);
    const snapshot = snapshotOf({ orders: [stated(a)], completed: [stated(a, { state: 'canceled' })] });
    expect(matchOrders(snapshot, localOf([a])).stated.map(({ venue }) => venue.state)).toEqual(['working']);
  });
});

describe('positions', () => {
  const find = (broker: number, journal: number) =>
    positionDifferences(
      snapshotOf({ positions: [held('NQ', broker, 101.5)] }),
      localOf([], { NQ: journal }),
      new Set(),
    )[0];

  it('that agree are no difference; one only one side has is', () => {
    expect(find(3, 3)).toBeUndefined();
    expect(positionDifferences(snapshotOf(), localOf([], { NQ: 2 }), new Set())).toMatchObject([
      { symbol: 'NQ', brokerQuantity: 0, journalQuantity: 2, severity: 'lock', choices: ['adopt', 'ignore'] },
    ]);
    expect(positionDifferences(snapshotOf({ positions: [held('GC', 1)] }), localOf([]), new Set())).toMatchObject([
      {
        symbol: 'GC',
        brokerQuantity: 1,
        journalQuantity: 0,
        severity: 'halt',
        choices: ['adopt', 'balance', 'ignore'],
      },
    ]);
  });

  it('halt on the wrong side or when larger than expected, and lock otherwise', () => {
    expect(find(-1, 3)).toMatchObject({ severity: 'halt', choices: ['adopt', 'ignore'] });
    expect(find(4, 3)).toMatchObject({ severity: 'halt', choices: ['adopt', 'balance', 'ignore'] });
    expect(find(2, 3)).toMatchObject({ severity: 'lock', choices: ['adopt', 'ignore'] });
    expect(find(-4, -3)).toMatchObject({ severity: 'halt', choices: ['adopt', 'balance', 'ignore'] });
  });

  it('never offer to balance where that would add risk at the broker', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), (broker, journal) => {
        const found = find(broker, journal);
        if (found === undefined) return broker === journal;
        if (!found.choices.includes('balance')) return true;
        // Balancing trades the surplus: it ends at the journal's position, nearer to flat and not beyond it.
        return Math.abs(journal) < Math.abs(broker) && broker * journal >= 0;
      }),
    );
  });

  it('have the same id run after run, and another when either side has moved', () => {
    expect(find(4, 3)?.id).toBe(find(4, 3)?.id);
    expect(new Set([find(4, 3)?.id, find(5, 3)?.id, find(4, 2)?.id]).size).toBe(3);
  });

  it('are not judged while something is on its way', () => {
    const skip = new Set(['NQ']);
    expect(positionDifferences(snapshotOf({ positions: [held('NQ', 3)] }), localOf([]), skip)).toEqual([]);
  });

  it('fit the schema, and say what they are', () => {
    const all = [
      find(4, 3),
      ...missingStops(localOf([], { NQ: 1 }), new Set()),
      externalDifference(stated(order(1)), localOf([])),
      missingOrderDifference(order(1), localOf([])),
    ];
    for (const difference of all) {
      expect(differenceSchema.parse(difference)).toEqual(difference);
      expect(differenceText(differenceSchema.parse(difference))).toMatch(/^NQ: /);
    }
  });

  it('are adjusted under a key that is new once the journal has moved on', () => {
    const difference = differenceSchema.parse(find(4, 3));
    expect(adjustmentHash(difference, 'a')).toBe(adjustmentHash(difference, 'a'));
    expect(adjustmentHash(difference, 'a')).not.toBe(adjustmentHash(difference, 'b'));
  });
});

describe('protection', () => {
  const kinds = (orders: readonly Order[], quantity: number): readonly string[] =>
    missingStops(localOf(orders, { NQ: quantity }), new Set()).map((d) => d.kind);

  it('is missing where stops that stand cover less than is held', () => {
    expect(kinds([stop(1)], 3)).toEqual([]);
    expect(kinds([stop(1)], 4)).toEqual(['missing-stop']);
    expect(kinds([], -1)).toEqual(['missing-stop']);
  });

  it('does not count a stop in doubt, or one that was never confirmed', () => {
    expect(kinds([stop(1, { certainty: { kind: 'in-doubt', since: NOW, why: '?' } })], 3)).toEqual(['missing-stop']);
    expect(kinds([stop(1, { life: 'sent', venueOrderId: null })], 3)).toEqual(['missing-stop']);
  });

  it('counts the stop of an entry that is still filling only as far as it has filled', () => {
    const child = stop(1, { parentId: idOf(1) });
    expect(kinds([order(1), child], 1)).toEqual(['missing-stop']);
    expect(kinds([order(1, { filled: 2 }), child], 2)).toEqual([]);
    expect(kinds([order(1, { filled: 2 }), child], 3)).toEqual(['missing-stop']);
  });

  it('is not what stands on the position’s own side', () => {
    expect(kinds([stop(1)], -3)).toEqual(['missing-stop']);
  });

  it('is not asked for while the position is being closed', () => {
    expect(kinds([order(2, { role: 'flatten', direction: -1 })], 3)).toEqual([]);
  });
});
