import type { OrderGroup } from '#desk/ports/broker.ts';
import type { OrderTerms } from '#shared/domain/order.ts';
import { ticks } from '#shared/units.ts';
import { SIX } from './planned-trades.ts';

export const SYMBOL = SIX[0]!.symbol;
export const ACCOUNT = 'PAPER';

let made = 0;
/** Terms of an order for 2 contracts of the first future, bought at the market. */
export function terms(over: Partial<OrderTerms> = {}): OrderTerms {
  made += 1;
  return {
    clientOrderId: `D1-${String(made).padStart(26, '0')}`,
    ...{ recommendationId: null, parentId: null, account: ACCOUNT, symbol: SYMBOL, role: 'entry', direction: 1 },
    ...{ type: 'market', quantity: 2, price: null, timeInForce: 'day' },
    ...over,
  };
}

export const alone = (over: Partial<OrderTerms> = {}): OrderGroup => ({ entry: terms(over), stop: null, target: null });

export type Bracket = OrderGroup & { readonly stop: OrderTerms; readonly target: OrderTerms };

/** Entry with a stop and a target at these prices, in ticks. */
export function bracket(stop: number, target: number, over: Partial<OrderTerms> = {}): Bracket {
  const entry = terms(over);
  const { clientOrderId, quantity, symbol } = entry;
  const child = {
    ...{
      parentId: clientOrderId,
      direction: -entry.direction as 1 | -1,
      quantity,
      symbol,
      timeInForce: 'gtc' as const,
    },
  };
  return {
    entry,
    stop: terms({ ...child, clientOrderId: `${clientOrderId}S`, role: 'stop', type: 'stop', price: ticks(stop) }),
    target: terms({
      ...child,
      clientOrderId: `${clientOrderId}T`,
      role: 'target',
      type: 'limit',
      price: ticks(target),
    }),
  };
}
