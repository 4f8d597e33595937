import { deskClient } from '#renderer/src/api/client.ts';
import { DeskError } from '#shared/contract/errors.ts';
import type { Order } from '#shared/domain/order.ts';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import type { PlanChange, Recommendation, TraderReason } from '#shared/domain/recommendation.ts';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { setBars, useBars } from './market.ts';
import { putOrder } from './orders.ts';
import { putRecommendation } from './recommendations.ts';
import { useStatus } from './status.ts';
import { begin, clearDraft, closeDialog, disarmSecondKey, finish, toast } from './ui.ts';

/** The words of a failure: the desk's own, with its remedy where it gives one. */
export function failureText(cause: unknown): string {
  if (!(cause instanceof DeskError)) return cause instanceof Error ? cause.message : 'Unknown failure.';
  const { message, remedy, incident } = cause.data;
  return [message, remedy, incident === null ? null : `Incident ${incident}.`]
    .filter((part) => part !== null)
    .join(' ');
}

/** Runs a command once per target at a time; a failure stays beside what it acted on. */
export async function run<T>(target: string, work: () => Promise<T>, done: (result: T) => void): Promise<boolean> {
  if (!begin(target)) return false;
  try {
    done(await work());
    finish(target, null);
    return true;
  } catch (cause) {
    const text = failureText(cause);
    finish(target, text);
    toast('error', text);
    return false;
  }
}

export type ApprovalAsked = {
  readonly contracts: number;
  /** Lines the trader moved; null: as recommended. */
  readonly plan: PlanChange | null;
  /** Where number or lines differ from the recommendation. */
  readonly reason: TraderReason | null;
};

/** Approves a recommendation at a number of contracts, with its lines as they are or as the trader put them. */
export const approve = (recommendation: Recommendation, { contracts, plan, reason }: ApprovalAsked): Promise<boolean> =>
  run(
    recommendation.id,
    () =>
      deskClient().call('recommendation.approve', {
        id: recommendation.id,
        contracts,
        ...(plan === null ? {} : { plan }),
        ...(reason === null ? {} : { reason }),
      }),
    (result) => {
      clearDraft();
      disarmSecondKey();
      putRecommendation(result.recommendation);
      toast('info', `Approved ${contracts} ${recommendation.symbol}. The order is on its way.`);
    },
  );

/** Rejects a recommendation. */
export const reject = (recommendation: Recommendation, reason: TraderReason): Promise<boolean> =>
  run(
    recommendation.id,
    () => deskClient().call('recommendation.reject', { id: recommendation.id, reason }),
    (result) => {
      clearDraft();
      putRecommendation(result);
      toast('info', `Rejected ${recommendation.symbol}. Its shadow outcome is followed.`);
    },
  );

/** Asks the broker to cancel an order. */
export const cancelOrder = (order: Order): Promise<boolean> =>
  run(order.clientOrderId, () => deskClient().call('order.cancel', { clientOrderId: order.clientOrderId }), putOrder);

/** Closes a position at the market and cancels its working orders. */
export const flatten = (symbol: string): Promise<boolean> =>
  run(
    `flatten:${symbol}`,
    () => deskClient().call('position.flatten', { symbol }),
    ({ orders }) => orders.forEach(putOrder),
  );

/** Halts trading at once. One step, everywhere. */
export const halt = (): Promise<boolean> =>
  run(
    'halt',
    () => deskClient().call('trading.halt', { reason: 'Halted by the trader' }),
    (risk) => useStatus.setState({ risk }),
  );

/** Resumes trading with the trader's reason. */
export const resume = (reason: string): Promise<boolean> =>
  run(
    'resume',
    () => deskClient().call('trading.resume', { reason }),
    (risk) => {
      useStatus.setState({ risk });
      closeDialog();
    },
  );

/** Arms live trading by the exact account id. */
export const arm = (account: string): Promise<boolean> =>
  run(
    'arm',
    () => deskClient().call('trading.arm', { account }),
    (identity) => {
      useStatus.setState({ identity });
      closeDialog();
    },
  );

const CHART_BARS = 300;

/** Reads the bars of a symbol, unless they are there or on their way. */
export async function loadBars(symbol: string): Promise<void> {
  const known = useBars.getState().bySymbol[symbol];
  if (known !== undefined && known.kind !== 'failed') return;
  setBars(symbol, { kind: 'loading' });
  try {
    const chart = await deskClient().call('chart.bars', { symbol, limit: CHART_BARS });
    setBars(symbol, { kind: 'ready', bars: chart.bars });
  } catch (cause) {
    setBars(symbol, { kind: 'failed', message: failureText(cause) });
  }
}

/** Reads the history of the three books. */
export async function loadPerformance(): Promise<Result<PerformanceHistory, string>> {
  try {
    return ok(await deskClient().call('performance.history', {}));
  } catch (cause) {
    return err(failureText(cause));
  }
}
