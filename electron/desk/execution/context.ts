import { DeskError } from '#shared/contract/errors.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Order } from '#shared/domain/order.ts';
import type { RiskLimits } from '#shared/domain/risk.ts';
import type { Correlations, SizingConfig } from '#shared/domain/sizing.ts';
import type { Book } from '#desk/account/book.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { Notices } from '#desk/records/notices.ts';
import type { Recorder } from '#desk/records/recorder.ts';
import type { Trading } from './trading.ts';

/** What the rooms of execution share: one account at one broker. */
export type ExecutionContext = {
  readonly broker: Broker;
  readonly book: Book;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly recorder: Recorder;
  readonly trading: Trading;
  readonly notices: Pick<Notices, 'raise' | 'clear'>;
  readonly instrument: (symbol: string) => Instrument;
  /** Says whether the desk has an instrument: what it has not, it cannot book. */
  readonly knows: (symbol: string) => boolean;
  readonly limits: () => RiskLimits;
  readonly config: () => SizingConfig;
  readonly correlations: (roots: readonly string[]) => Correlations;
  /** Waits until the desk may make a new connection; left out: at once. */
  readonly admit?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Called when the state that the screens show beside the orders has changed. */
  readonly changed: () => void;
};

/** Time after which an order, a cancel or a change that nobody has answered is in doubt. */
export const ANSWER_MS = 5_000;

/** Returns an order. Throws DeskError 'not-found'. */
export function orderOr(book: Book, id: string): Order {
  const order = book.order(id);
  if (order !== null) return order;
  throw new DeskError({ code: 'not-found', message: `there is no order ${id}`, field: 'clientOrderId', value: id });
}

export const refusal = (message: string, remedy: string | null = null): DeskError =>
  new DeskError({ code: 'refused', message, remedy });

/** A call that broke off says nothing of what the broker did: that is doubt, never a refusal and never an answer. */
export async function outcomeOf<T>(
  call: () => Promise<T>,
): Promise<T | { readonly kind: 'unknown'; readonly why: string }> {
  try {
    return await call();
  } catch (error) {
    return { kind: 'unknown', why: error instanceof Error ? error.message : 'the call to the broker broke off' };
  }
}

/** Resolves after `ms` of the desk's time. */
export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));

/** Waits for `work`, but no longer than `ms` of the desk's time; null when it was not done by then. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | null> {
  let cancel: () => void = () => undefined;
  const timeout = new Promise<null>((resolve) => {
    cancel = clock.after(ms, () => resolve(null));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel();
  }
}

/** Does work that nobody waits for; what goes wrong is told, never swallowed. */
export function inBackground({ notices }: Pick<ExecutionContext, 'notices'>, work: () => Promise<unknown>): void {
  const run = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      notices.raise({
        id: 'execution',
        level: 'error',
        title: 'The desk could not finish something it began with an order',
        detail: error instanceof Error ? error.message : 'unknown error',
        remedy: 'Look at the orders and at the broker; if the disk is full, make room and start the desk again.',
      });
    }
  };
  void run();
}
