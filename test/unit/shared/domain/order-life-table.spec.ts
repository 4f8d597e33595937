import { describe, expect, it } from 'vitest';
import { applyFill, applyOrderEvent, isTerminal, openOrder } from '#shared/domain/order-life.ts';
import { ORDER_LIFE_TABLE, type LifeRow } from '#shared/domain/order-life-table.ts';
import type { Fill, Order, OrderEvent, OrderLife } from '#shared/domain/order.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { fillOf, termsOf } from '#test/support/orders.ts';

const TERMS = termsOf({ recommendationId: 'r' });
const NOW = epochMs(1_000);

const filled = (quantity: number): Fill => fillOf({ quantity, price: ticks(101) });
const REACHES = { part: 1, all: 3, beyond: 4 } as const;

const EVENTS: Readonly<Partial<Record<LifeRow['on'], OrderEvent>>> = {
  denied: { kind: 'denied', reason: 'no' },
  'send-attempt': { kind: 'send-attempt' },
  acknowledged: { kind: 'acknowledged', venueOrderId: 'V' },
  working: { kind: 'working', venueOrderId: 'V' },
  rejected: { kind: 'rejected', reason: 'no' },
  'in-doubt': { kind: 'in-doubt', why: 'timeout' },
  'cancel-requested': { kind: 'cancel-requested' },
  'cancel-refused': { kind: 'cancel-refused', reason: 'too late' },
  canceled: { kind: 'canceled', reason: null },
  expired: { kind: 'expired' },
  'replace-requested': { kind: 'replace-requested', quantity: 2, price: ticks(99) },
  replaced: { kind: 'replaced', venueOrderId: 'V2', quantity: 2, price: ticks(99) },
  'replace-refused': { kind: 'replace-refused', reason: 'no' },
  restated: { kind: 'restated', venueOrderId: 'V', quantity: 2, price: ticks(98) },
};

const stateOf = (life: OrderLife, row: LifeRow): Order => ({
  ...openOrder(TERMS, NOW),
  life,
  filled: life === 'filled' ? TERMS.quantity : 0,
  averagePrice: life === 'filled' ? 100 : null,
  pending:
    row.pending === 'cancel'
      ? { kind: 'cancel', since: NOW }
      : row.pending === 'replace'
        ? { kind: 'replace', since: NOW, quantity: 2, price: ticks(99) }
        : { kind: 'none' },
  certainty: row.certainty === 'in-doubt' ? { kind: 'in-doubt', since: NOW, why: 'w' } : { kind: 'known' },
});

function after(order: Order, row: LifeRow): Order {
  if (row.on === 'fill') return applyFill(order, filled(REACHES[row.reaches ?? 'part']), epochMs(2_000));
  // Known and conflicting executions never reach the fold: they are dropped by their key.
  if (row.on === 'known-fill' || row.on === 'conflicting-fill') return order;
  const event = EVENTS[row.on];
  if (event === undefined) throw new Error(`row ${row.row}: no event for ${row.on}`);
  return applyOrderEvent(order, event, epochMs(2_000));
}

const cases = ORDER_LIFE_TABLE.flatMap((row) =>
  (row.from ?? []).map((life) => ({ name: `row ${row.row}: ${life}, ${row.on} ${row.reaches ?? ''}`, life, row })),
);

describe('the life of an order', () => {
  it('has every row of the table, and begins with an intent', () => {
    expect([...new Set(ORDER_LIFE_TABLE.map((r) => r.row))]).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    const first = ORDER_LIFE_TABLE[0];
    const order = openOrder(TERMS, NOW);
    expect(first).toMatchObject({ on: 'intent', to: { life: order.life } });
    expect([order.pending.kind, order.certainty.kind, order.filled]).toEqual(['none', 'known', 0]);
  });

  it.each(cases)('$name', ({ life, row }) => {
    const before = stateOf(life, row);
    const then = after(before, row);
    expect(then.life).toBe(row.to.life ?? life);
    if (row.to.pending !== undefined) expect(then.pending.kind).toBe(row.to.pending);
    if (row.to.certainty !== undefined) expect(then.certainty.kind).toBe(row.to.certainty);
    if (row.effects.includes('ignored') || row.effects.includes('dropped')) expect(then).toEqual(before);
    if (row.on === 'fill') expect(then.filled).toBe(before.filled + REACHES[row.reaches ?? 'part']);
    if (row.on === 'replaced') expect(then).toMatchObject({ quantity: 2, price: 99, venueOrderId: 'V2' });
    if (row.on === 'restated') expect(then).toMatchObject({ quantity: 2, price: 98, filled: before.filled });
    if (row.on === 'replace-refused') expect(then).toMatchObject({ quantity: 3, price: 100 });
  });

  it('books a fill on any life, and lets no status undo an end', () => {
    const lives: readonly OrderLife[] = [
      'created',
      'denied',
      'sent',
      'acked',
      'working',
      'canceled',
      'expired',
      'rejected',
    ];
    for (const life of lives) {
      const order = { ...openOrder(TERMS, NOW), life };
      expect(applyFill(order, filled(2), NOW).filled).toBe(2);
      if (!isTerminal(order)) continue;
      for (const event of Object.values(EVENTS)) expect(applyOrderEvent(order, event, NOW)).toBe(order);
    }
  });

  it('does not become unsent again when a send attempt is told twice', () => {
    const working = { ...openOrder(TERMS, NOW), life: 'working' as const };
    expect(applyOrderEvent(working, { kind: 'send-attempt' }, NOW)).toBe(working);
  });
});
