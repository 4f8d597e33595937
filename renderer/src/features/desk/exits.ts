import { isTerminal } from '#shared/domain/order-life.ts';
import { cancelOrder, flatten } from '#renderer/src/store/actions.ts';
import { useOrders, usePositions, workingIds } from '#renderer/src/store/orders.ts';
import { armSecondKey, disarmSecondKey, toast, useUi } from '#renderer/src/store/ui.ts';

/** First key: says what would be flattened. Second key within 3 s: does it. */
export function requestFlatten(symbol: string | null): void {
  const position = symbol === null ? undefined : usePositions.getState().bySymbol[symbol];
  if (position === undefined) {
    toast('warn', 'Select a position first: P, then J or K.');
    return;
  }
  const { pending } = useUi.getState();
  if (pending?.kind === 'flatten' && pending.target === position.symbol) {
    confirmFlatten(position.symbol);
    return;
  }
  armSecondKey('flatten', position.symbol);
}

/** Second key of a flatten. */
export function confirmFlatten(symbol: string): void {
  disarmSecondKey();
  void flatten(symbol);
}

/** First key: says what would be cancelled. Second key within 3 s: does it. */
export function requestCancel(id: string | null): void {
  const order = id === null ? undefined : useOrders.getState().byId[id];
  if (order === undefined || isTerminal(order)) {
    toast('warn', 'Select a working order first: O, then J or K.');
    return;
  }
  const { pending } = useUi.getState();
  if (pending?.kind === 'cancel' && pending.target === order.clientOrderId) {
    confirmCancel(order.clientOrderId);
    return;
  }
  armSecondKey('cancel', order.clientOrderId);
}

/** Second key of a cancel. */
export function confirmCancel(id: string): void {
  disarmSecondKey();
  const order = useOrders.getState().byId[id];
  if (order !== undefined) void cancelOrder(order);
}

const neighbour = (ids: readonly string[], current: string | null, step: number): string | null => {
  const at = current === null ? -1 : ids.indexOf(current);
  if (at < 0) return ids[0] ?? null;
  return ids[Math.max(0, Math.min(ids.length - 1, at + step))] ?? null;
};

/** Selects the next or previous position. */
export const movePosition = (step: number): void =>
  useUi.setState((ui) => ({ positionSymbol: neighbour(usePositions.getState().symbols, ui.positionSymbol, step) }));

/** Selects the next or previous working order. */
export const moveOrder = (step: number): void =>
  useUi.setState((ui) => ({ orderId: neighbour(workingIds(useOrders.getState()), ui.orderId, step) }));
