import { openOrder } from '#shared/domain/order-life.ts';
import type { Fill, Order, OrderTerms } from '#shared/domain/order.ts';
import { epochMs, money, ticks } from '#shared/units.ts';

const AT = epochMs(1_000);

/** The terms of a limit entry to buy three NQ at 100 ticks, changed as given. */
export const termsOf = (change: Partial<OrderTerms> = {}): OrderTerms => ({
  clientOrderId: 'D1-01ARZ3NDEKTSV4RRFFQ69G5FAV',
  recommendationId: null,
  parentId: null,
  account: 'A',
  symbol: 'NQ',
  role: 'entry',
  direction: 1,
  type: 'limit',
  quantity: 3,
  price: ticks(100),
  timeInForce: 'day',
  ...change,
});

/** An order on such terms, changed as given: created and not sent unless it says otherwise. */
export const orderOf = (change: Partial<Order> = {}): Order => ({ ...openOrder(termsOf(), AT), ...change });

/** An execution of one contract of such an order, changed as given. */
export const fillOf = (change: Partial<Fill> = {}): Fill => ({
  execKey: 'x',
  venue: 'v',
  account: 'A',
  clientOrderId: termsOf().clientOrderId,
  symbol: 'NQ',
  direction: 1,
  quantity: 1,
  price: ticks(100),
  fee: money(0),
  at: AT,
  receivedAt: AT,
  ...change,
});
