import type { Handlers, OperationName } from '#shared/contract/index.ts';
import type { ExecutionView } from '#shared/domain/risk.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Execution } from './execution/execution.ts';
import type { Pipeline } from './pipeline.ts';

type Prefixed<P extends string> = Extract<OperationName, `${P}.${string}`>;
export type ExecutionOperation =
  | Prefixed<'order'>
  | Prefixed<'position'>
  | Prefixed<'breaker'>
  | Prefixed<'reconciliation'>
  | Prefixed<'execution'>
  | Exclude<Prefixed<'trading'>, 'trading.arm'>;

export type ExecutionHandlerParts = {
  readonly execution: Execution;
  readonly pipeline: Pipeline;
  readonly instrumentOf: (symbol: string) => Instrument;
};

/**
 * Returns the operations on orders, positions, the kill switch, breakers and the comparison with the broker. What
 * reduces risk is served at any time, also while history is being made or the broker cannot be reached.
 */
export function createExecutionHandlers(parts: ExecutionHandlerParts): Pick<Handlers, ExecutionOperation> {
  const { execution, pipeline, instrumentOf } = parts;
  const after = async (work: unknown): Promise<ExecutionView> => {
    await work;
    return execution.view();
  };
  return {
    'execution.state': () => execution.view(),
    'order.cancel': ({ clientOrderId }) => execution.cancel(clientOrderId),
    'order.query': ({ clientOrderId }) => execution.query(clientOrderId),
    'order.settle': ({ clientOrderId, as, reason }) => execution.settle(clientOrderId, as, reason),
    'order.replace': ({ clientOrderId, price, quantity }) =>
      execution.replace({ clientOrderId, price: price ?? null, quantity: quantity ?? null }),
    'order.cancelExternal': ({ venueOrderId }) => after(execution.cancelExternal(venueOrderId)),
    'position.protect': async ({ symbol, stop }) => ({
      orders: [...(await execution.protect(instrumentOf(symbol).symbol, stop))],
    }),
    'position.flatten': async ({ symbol }) => ({ orders: [...(await execution.flatten(instrumentOf(symbol).symbol))] }),
    'trading.halt': ({ reason }) => pipeline.halt(reason, 'trader'),
    'trading.resume': ({ reason }) => pipeline.resume(reason, 'trader'),
    'trading.flattenAll': ({ reason }) => {
      execution.kill.flattenAll(reason, 'trader');
      return execution.view();
    },
    'breaker.rearm': ({ code, reason }) => {
      execution.guard.rearm(code, reason, 'trader');
      return execution.view();
    },
    'reconciliation.run': () => after(execution.reconcile('asked')),
    'reconciliation.resolve': ({ differenceId, choice, reason }) =>
      after(execution.resolve({ differenceId, choice, reason, actor: 'trader' })),
  };
}
