import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { applyFill, correctFills, openOrder } from '#shared/domain/order-life.ts';
import type { Fill, Order } from '#shared/domain/order.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { fillOf, termsOf } from '#test/support/orders.ts';
import { coverInferred, inferredFill, isInferred, oddityOf } from '#desk/execution/executions.ts';

const NOW = epochMs(1_000);
const TERMS = termsOf({ quantity: 5 });
const filled = (execKey: string, quantity: number, price = 100): Fill =>
  fillOf({ execKey, quantity, price: ticks(price) });
const working = (fills: readonly Fill[]): Order =>
  fills.reduce<Order>((order, fill) => applyFill(order, fill, NOW), { ...openOrder(TERMS, NOW), life: 'working' });
const fee = () => money(23_000);
const asked = { venueOrderId: 'V', venue: 'v', at: NOW, lastPrice: null, fee } as const;

describe('an inferred execution', () => {
  it('makes up the count at the price that the mean leaves for it', () => {
    const order = working([filled('a', 1, 100)]);
    const fill = inferredFill({ ...asked, order, cum: 3, averagePrice: 102 });
    // (102 · 3 − 100) / 2
    expect(fill).toMatchObject({ execKey: 'inf|V|3', quantity: 2, price: 103 });
    expect(fill !== null && isInferred(fill)).toBe(true);
  });

  it('is at the last price where the venue states no mean, and is not made without any price', () => {
    const order = working([]);
    expect(inferredFill({ ...asked, order, cum: 2, averagePrice: null, lastPrice: 99 })?.price).toBe(99);
    const market = { ...order, price: null };
    expect(inferredFill({ ...asked, order: market, cum: 2, averagePrice: null })).toBeNull();
    expect(inferredFill({ ...asked, order, cum: 0, averagePrice: null })).toBeNull();
  });

  it('goes as far as real ones come, whatever the parts they come in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 5 }),
        (cum, parts) => {
          const inferred = inferredFill({ ...asked, order: working([]), cum, averagePrice: 100 });
          if (inferred === null) return false;
          let open: readonly Fill[] = [inferred];
          let versions = 0;
          let told = 0;
          for (const [n, quantity] of parts.entries()) {
            const real = filled(`r${n}`, quantity);
            for (const event of coverInferred(real, open, () => versions)) {
              if (event.kind !== 'fill-correction') return false;
              expect(event.correction.version).toBe(versions + 1);
              versions += 1;
              const { corrected } = event.correction;
              open = open.flatMap((f) =>
                f.execKey !== event.correction.execKey ? [f] : corrected === null ? [] : [{ ...f, ...corrected }],
              );
            }
            open = [...open, real];
            told += quantity;
            const sum = open.reduce((total, f) => total + f.quantity, 0);
            expect(sum).toBe(Math.max(cum, told));
            expect(correctFills(working([]), open, NOW).filled).toBe(sum);
          }
          return true;
        },
      ),
    );
  });
});

describe('what is odd about a fill', () => {
  const fill = filled('x', 1);
  it('is an order of another hand, one filled beyond what was asked, or one that had ended', () => {
    expect(oddityOf(fill, null, null)).toMatch(/did not send/);
    expect(oddityOf(fill, working([]), { ...working([]), filled: 6 })).toMatch(/beyond the 5 ordered/);
    expect(
      oddityOf(fill, { ...working([]), life: 'canceled' }, { ...working([]), life: 'canceled', filled: 1 }),
    ).toMatch(/after its order was canceled/);
    expect(oddityOf(fill, working([]), { ...working([]), filled: 1 })).toBeNull();
  });
});
