import type { Fill, FillCorrection } from '#shared/domain/order.ts';
import type { Direction, EpochMs, Ticks } from '#shared/units.ts';
import type { BookedOrder } from './paper-orders.ts';

/** What an execution is worth now, corrections applied. */
export type ExecutedValues = NonNullable<FillCorrection['corrected']>;

/** One execution as it was first told, and what became of it. `values` is null once it was busted. */
export type Execution = {
  readonly fill: Fill;
  readonly order: BookedOrder;
  values: ExecutedValues | null;
  correction: { readonly told: FillCorrection; readonly at: EpochMs } | null;
};

/** All executions of an account, in the order in which they happened. */
export interface Executions {
  readonly add: (fill: Fill, order: BookedOrder) => void;
  readonly get: (execKey: string) => Execution | undefined;
  readonly all: () => readonly Execution[];
  /** Executions made at or after `at`. */
  readonly since: (at: EpochMs) => readonly Execution[];
  /** Puts other values, or none, in the place of an execution's, and returns what is to be told. */
  readonly correct: (
    execution: Execution,
    values: ExecutedValues | null,
    told: { readonly reason: string; readonly at: EpochMs },
  ) => FillCorrection;
  /** The newest correction of each execution that was corrected at or after `at`. */
  readonly correctionsSince: (at: EpochMs) => readonly FillCorrection[];
}

/** Makes an empty log of executions. */
export function createExecutions(): Executions {
  const log: Execution[] = [];
  const byKey = new Map<string, Execution>();
  return {
    add: (fill, order) => {
      if (byKey.has(fill.execKey)) throw new Error(`executions: ${fill.execKey} is there already`);
      const { direction, quantity, price, fee, at } = fill;
      const execution: Execution = { fill, order, values: { direction, quantity, price, fee, at }, correction: null };
      log.push(execution);
      byKey.set(fill.execKey, execution);
    },
    get: (execKey) => byKey.get(execKey),
    all: () => log,
    // The time of a fill from a bar lies before it was made; neither may hide it.
    since: (at) => log.filter(({ fill }) => Math.max(fill.at, fill.receivedAt) >= at),
    correct: (execution, values, { reason, at }) => {
      const { venue, account, execKey } = execution.fill;
      const version = (execution.correction?.told.version ?? 0) + 1;
      const told: FillCorrection = { venue, account, execKey, version, corrected: values, reason };
      execution.values = values;
      execution.correction = { told, at };
      return told;
    },
    correctionsSince: (at) =>
      log
        .map((execution) => execution.correction)
        .filter((correction) => correction !== null)
        .filter((correction) => correction.at >= at)
        .map((correction) => correction.told),
  };
}

type Lot = { quantity: number; readonly price: number };

/**
 * Returns the mean price of what is open per symbol, in ticks (float64), by first in first out.
 * @param base positions the executions begin on, as one lot each
 */
export function averagePrices(
  base: readonly { readonly symbol: string; readonly quantity: number; readonly averagePrice: number }[],
  executions: readonly Execution[],
): ReadonlyMap<string, number> {
  const lots = new Map<string, Lot[]>();
  const lotsOf = (symbol: string): Lot[] => {
    const known = lots.get(symbol) ?? [];
    lots.set(symbol, known);
    return known;
  };
  for (const { symbol, quantity, averagePrice } of base) {
    if (quantity !== 0) lotsOf(symbol).push({ quantity, price: averagePrice });
  }
  for (const { fill, values } of executions) if (values !== null) take(lotsOf(fill.symbol), values);
  const averages = [...lots].map(([symbol, open]): [string, number] => {
    const quantity = open.reduce((sum, lot) => sum + lot.quantity, 0);
    return [symbol, open.reduce((sum, lot) => sum + lot.quantity * lot.price, 0) / quantity];
  });
  return new Map(averages.filter(([, average]) => Number.isFinite(average)));
}

/** Closes lots of the other side first, oldest first; what is left opens one of its own. */
function take(lots: Lot[], { direction, quantity, price }: { direction: Direction; quantity: number; price: Ticks }) {
  let left = quantity;
  for (let [lot] = lots; lot !== undefined && lot.quantity * direction < 0 && left > 0; [lot] = lots) {
    const closed = Math.min(left, Math.abs(lot.quantity));
    lot.quantity += direction * closed;
    left -= closed;
    if (lot.quantity === 0) lots.shift();
  }
  if (left > 0) lots.push({ quantity: direction * left, price });
}

/** What a correction changes: contracts, cost and fee, to be added to what was booked. */
export function changeOf(before: ExecutedValues | null, after: ExecutedValues | null) {
  const signed = (values: ExecutedValues | null): number => (values === null ? 0 : values.direction * values.quantity);
  return {
    quantity: signed(after) - signed(before),
    cost: signed(after) * (after?.price ?? 0) - signed(before) * (before?.price ?? 0),
    fee: (after?.fee ?? 0) - (before?.fee ?? 0),
  };
}
