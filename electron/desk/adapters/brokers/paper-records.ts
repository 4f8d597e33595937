import { remainingOf } from '#shared/domain/order-life.ts';
import type { BrokerSnapshot, FindAnswer } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { Fill, Order } from '#shared/domain/order.ts';
import type { EpochMs } from '#shared/units.ts';
import type { PaperAccount, RestoredPosition } from './paper-account.ts';
import type { PaperBook } from './paper-book.ts';
import { type Executions, averagePrices } from './paper-executions.ts';
import { type BookedOrder, venueOrderOf } from './paper-orders.ts';

export type RecordsParts = {
  readonly clock: Clock;
  readonly account: PaperAccount;
  readonly book: PaperBook;
  readonly executions: Executions;
  /** What was there before the executions begin. */
  readonly restored: () => {
    readonly orders: readonly Order[];
    readonly positions: readonly RestoredPosition[];
    readonly fills?: readonly Fill[];
  };
};

/** What the exchange knows of an account, told and compared. */
export interface PaperRecords {
  readonly find: (clientOrderId: string) => FindAnswer;
  readonly snapshot: (since: EpochMs) => BrokerSnapshot;
  /** What does not agree between orders, executions and positions, in words. */
  readonly audit: () => readonly string[];
}

/** Makes the records of one account. */
export function createPaperRecords(parts: RecordsParts): PaperRecords {
  const { clock, account, book, executions, restored } = parts;
  const past = (): readonly Fill[] => restored().fills ?? [];
  return {
    find: (clientOrderId) => {
      const order = book.own(clientOrderId);
      if (order === undefined) return { kind: 'absent' };
      const before = past().filter((fill) => fill.clientOrderId === clientOrderId);
      const made = executions.all().filter((execution) => execution.order === order);
      return { kind: 'found', order: venueOrderOf(order), fills: [...before, ...made.map(({ fill }) => fill)] };
    },
    snapshot: (since) => {
      const averages = averagePrices(restored().positions, executions.all());
      const ended = [...book.all()].filter((order) => order.end !== null && order.end.at >= since);
      const before = past().filter((fill) => Math.max(fill.at, fill.receivedAt) >= since);
      return {
        isComplete: true,
        at: clock.now(),
        orders: book.open().map(venueOrderOf),
        completed: ended.map(venueOrderOf),
        fills: [...before, ...executions.since(since).map(({ fill }) => fill)],
        positions: account.positions().map((p) => ({ ...p, averagePrice: averages.get(p.symbol) ?? null })),
      };
    },
    audit: () => [...holdingFindings(parts), ...orderFindings(parts), ...familyFindings(book)],
  };
}

function holdingFindings({ account, executions, restored }: RecordsParts): readonly string[] {
  const held = new Map<string, number>();
  const add = (symbol: string, quantity: number): void => void held.set(symbol, (held.get(symbol) ?? 0) + quantity);
  for (const { symbol, quantity } of restored().positions) add(symbol, quantity);
  for (const { fill, values } of executions.all()) {
    if (values !== null) add(fill.symbol, values.direction * values.quantity);
  }
  for (const { symbol, quantity } of account.positions()) add(symbol, -quantity);
  return [...held]
    .filter(([, left]) => left !== 0)
    .map(([symbol, left]) => `${symbol}: the executions hold ${left} more than the position`);
}

function orderFindings({ book, executions, restored }: RecordsParts): readonly string[] {
  const executed = new Map(restored().orders.map((order) => [order.clientOrderId, order.filled]));
  for (const { order, values } of executions.all()) {
    const { clientOrderId } = order.terms;
    executed.set(clientOrderId, (executed.get(clientOrderId) ?? 0) + (values?.quantity ?? 0));
  }
  return [...book.all()].flatMap((order) => {
    const { terms, filled, quantity, state, end } = order;
    const made = executed.get(terms.clientOrderId) ?? 0;
    const findings = [
      made === filled ? null : `filled ${filled}, executed ${made}`,
      filled <= quantity ? null : `filled ${filled} of ${quantity}`,
      (state === 'done') === (end !== null) ? null : `${state}, and its end says otherwise`,
      state === 'done' || remainingOf(order) > 0 ? null : `${state} with nothing left to fill`,
    ];
    return findings.filter((finding) => finding !== null).map((finding) => `${terms.clientOrderId}: ${finding}`);
  });
}

/** Protection that works covers what its family has open, no more and no less. */
function familyFindings(book: PaperBook): readonly string[] {
  const openOf = (entry: BookedOrder): number =>
    book.exitsOf(entry.terms.clientOrderId).reduce((left, exit) => left - exit.filled, entry.filled);
  return [...book.all()].flatMap((exit) => {
    const entry = exit.entryId === null ? undefined : book.get(exit.entryId);
    if (entry === undefined || exit.state !== 'working') return [];
    const open = openOf(entry);
    return remainingOf(exit) === open ? [] : [`${exit.terms.clientOrderId}: covers ${remainingOf(exit)} of ${open}`];
  });
}
