import type { Order } from '#shared/domain/order.ts';
import type { EpochMs } from '#shared/units.ts';
import type { ExecutionContext } from './context.ts';

const MINUTE_MS = 60_000;
/** Newest orders a start looks through for the entries of the last minute. */
const LOOKED_THROUGH = 200;

/** An entry that was asked for. */
export type LoggedEntry = {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly direction: 1 | -1;
  readonly contracts: number;
  readonly at: EpochMs;
};

/** Entries of the last minute, over restarts too: what the rate of orders and repeated clicks are judged by. */
export interface EntryLog {
  note(entry: LoggedEntry): void;
  /** Entries of the last minute that were not denied, without the one named. */
  recent(exceptId: string | null): readonly LoggedEntry[];
}

const entryOf = (order: Order): LoggedEntry => ({
  clientOrderId: order.clientOrderId,
  symbol: order.symbol,
  direction: order.direction,
  contracts: order.quantity,
  at: order.createdAt,
});

/** Returns the log of one account's entries. */
export function createEntryLog({
  journal,
  book,
  clock,
}: Pick<ExecutionContext, 'journal' | 'book' | 'clock'>): EntryLog {
  const isFresh = (entry: LoggedEntry): boolean => clock.now() - entry.at < MINUTE_MS;
  let entries = journal
    .orders({ limit: LOOKED_THROUGH })
    .filter((order) => order.role === 'entry')
    .map(entryOf)
    .filter(isFresh);
  return {
    note: (entry) => {
      entries = [...entries.filter(isFresh), entry];
    },
    recent: (exceptId) =>
      entries.filter(isFresh).filter(({ clientOrderId: id }) => id !== exceptId && book.order(id)?.life !== 'denied'),
  };
}
