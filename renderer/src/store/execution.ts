import { create } from 'zustand';
import { deskClient } from '#renderer/src/api/client.ts';
import type { InputOf, OutputOf } from '#shared/contract/index.ts';
import type { DifferenceChoice, ExecutionView, LatchCode } from '#shared/domain/risk.ts';
import type { Ticks } from '#shared/units.ts';
import { run } from './actions.ts';
import { putOrder } from './orders.ts';
import { closeDialog, toast } from './ui.ts';

/** What stands between the desk and the broker: comparison, kill switch, breakers that hold. Null until the snapshot. */
export const useExecution = create<{ readonly view: ExecutionView | null }>()(() => ({ view: null }));

export const setExecution = (view: ExecutionView): void => useExecution.setState({ view });

type ViewCommand =
  'trading.flattenAll' | 'breaker.rearm' | 'reconciliation.run' | 'reconciliation.resolve' | 'order.cancelExternal';

/** Runs a command that answers with the whole view. */
const change = <N extends ViewCommand>(target: string, name: N, input: InputOf<N>, done: () => void = closeDialog) =>
  run<OutputOf<N>>(
    target,
    () => deskClient().call(name, input),
    (view) => {
      setExecution(view);
      done();
    },
  );

const stay = (): void => undefined;

/** Second step of the kill switch: closes every position at the market. */
export const flattenAll = (reason: string): Promise<boolean> => change('flatten-all', 'trading.flattenAll', { reason });

/** Arms a breaker again by hand. */
export const rearm = (code: LatchCode, reason: string): Promise<boolean> =>
  change(`rearm:${code}`, 'breaker.rearm', { code, reason });

/** Compares the journal with the broker now. */
export const compareNow = (): Promise<boolean> => change('compare', 'reconciliation.run', {}, stay);

/** Settles a difference the trader has looked at. */
export const resolveDifference = (differenceId: string, choice: DifferenceChoice, reason: string): Promise<boolean> =>
  change(`difference:${differenceId}`, 'reconciliation.resolve', { differenceId, choice, reason }, stay);

/** Cancels an order at the broker that this desk did not send. */
export const cancelExternal = (venueOrderId: string): Promise<boolean> =>
  change(`external:${venueOrderId}`, 'order.cancelExternal', { venueOrderId }, stay);

/** Asks the broker about an order in doubt. */
export const askBroker = (clientOrderId: string): Promise<boolean> =>
  run(
    `ask:${clientOrderId}`,
    () => deskClient().call('order.query', { clientOrderId }),
    (order) => {
      putOrder(order);
      if (order.certainty.kind === 'in-doubt')
        toast('warn', `${order.symbol}: still in doubt. ${order.certainty.why}.`);
      else toast('info', `${order.symbol}: the broker has answered.`);
    },
  );

/** The trader says what became of an order the broker cannot tell about. */
export const settleOrder = (
  clientOrderId: string,
  as: 'never-arrived' | 'canceled',
  reason: string,
): Promise<boolean> =>
  run(
    `settle:${clientOrderId}`,
    () => deskClient().call('order.settle', { clientOrderId, as, reason }),
    (order) => {
      putOrder(order);
      closeDialog();
    },
  );

/** Puts a stop under a position that has none for all of it. */
export const protect = (symbol: string, stop: Ticks): Promise<boolean> =>
  run(
    `protect:${symbol}`,
    () => deskClient().call('position.protect', { symbol, stop }),
    ({ orders }) => {
      orders.forEach(putOrder);
      closeDialog();
      toast('info', `${symbol}: a stop was sent.`);
    },
  );
