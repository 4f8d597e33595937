import { create } from 'zustand';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, Position } from '#shared/domain/order.ts';

/** Orders, newest first, and open positions in the order they were opened. */
export type OrderState = {
  readonly ids: readonly string[];
  readonly byId: Readonly<Record<string, Order>>;
};
export type PositionState = {
  readonly symbols: readonly string[];
  readonly bySymbol: Readonly<Record<string, Position>>;
};

/** Finished orders are of no use to the desk screen beyond the last few. */
const KEEP_FINISHED = 20;

export const useOrders = create<OrderState>()(() => ({ ids: [], byId: {} }));
export const usePositions = create<PositionState>()(() => ({ symbols: [], bySymbol: {} }));

const index = (orders: readonly Order[]): OrderState => {
  const sorted = [...orders].sort((a, b) => a.createdAt - b.createdAt || (a.clientOrderId < b.clientOrderId ? -1 : 1));
  let finished = 0;
  const kept = sorted
    .reverse()
    .filter((order) => !isTerminal(order) || (finished += 1) <= KEEP_FINISHED)
    .reverse();
  return { ids: kept.map((o) => o.clientOrderId), byId: Object.fromEntries(kept.map((o) => [o.clientOrderId, o])) };
};

/** Replaces all orders (snapshot). */
export const setOrders = (orders: readonly Order[]): void => useOrders.setState(index(orders));

/** Takes one changed order in. */
export function putOrder(order: Order): void {
  useOrders.setState((state) => {
    if (state.byId[order.clientOrderId] !== undefined) {
      return { byId: { ...state.byId, [order.clientOrderId]: order } };
    }
    return index([...Object.values(state.byId), order]);
  });
}

/** Replaces all positions: a closed one disappears. Untouched ones keep their identity. */
export function setPositions(positions: readonly Position[]): void {
  const sorted = [...positions].sort((a, b) => a.openedAt - b.openedAt || (a.symbol < b.symbol ? -1 : 1));
  usePositions.setState((state) => {
    const symbols = sorted.map((p) => p.symbol);
    const isSame = symbols.length === state.symbols.length && symbols.every((s, i) => s === state.symbols[i]);
    return {
      symbols: isSame ? state.symbols : symbols,
      bySymbol: Object.fromEntries(sorted.map((p) => [p.symbol, p])),
    };
  });
}

/** Ids of orders still at work, oldest first: select with `useShallow`. */
export const workingIds = (state: OrderState): readonly string[] =>
  state.ids.filter((id) => {
    const order = state.byId[id];
    return order !== undefined && !isTerminal(order);
  });

/** How many working orders the broker has not confirmed. */
export const doubtCount = (state: OrderState): number =>
  workingIds(state).filter((id) => state.byId[id]?.certainty.kind === 'in-doubt').length;
