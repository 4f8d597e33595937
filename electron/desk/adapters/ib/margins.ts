import { OrderAction, OrderType, TimeInForce } from './library.ts';
import type { OrderIds } from './order-ids.ts';
import type { Line } from './orders.ts';

/** The initial margin of one contract, by what-if orders: TWS answers them and sends them nowhere. */
export interface Margins {
  /** Asks for every contract of the connection, once each. */
  readonly ask: () => void;
  readonly take: (orderId: number, usd: number) => void;
  /** USD per contract; null while IB has not said. */
  readonly of: (symbol: string) => number | null;
  /** A question that was under way will not be answered. */
  readonly forget: () => void;
}

/** Makes the margins of one account. Nothing is asked where it is not wanted. */
export function createMargins(parts: {
  readonly isWanted: boolean;
  readonly account: string;
  readonly orderIds: OrderIds;
  readonly line: () => Line | null;
}): Margins {
  const known = new Map<string, number>();
  const asked = new Map<number, string>();
  return {
    ask: () => {
      const line = parts.line();
      if (!parts.isWanted || line === null) return;
      const { session, contracts } = line;
      for (const [symbol, { contract }] of contracts.bySymbol) {
        if (known.has(symbol)) continue;
        const orderId = parts.orderIds.take(1);
        asked.set(orderId, symbol);
        const place = (): void =>
          void session.api.placeOrder(orderId, contract, {
            ...{ action: OrderAction.BUY, orderType: OrderType.MKT, totalQuantity: 1, tif: TimeInForce.DAY },
            ...{ account: parts.account, whatIf: true, transmit: true },
          });
        session.send(place, { messages: 1, isUrgent: false });
      }
    },
    take: (orderId, usd) => {
      const symbol = asked.get(orderId);
      if (symbol !== undefined) known.set(symbol, usd);
      asked.delete(orderId);
    },
    of: (symbol) => known.get(symbol) ?? null,
    forget: () => asked.clear(),
  };
}
