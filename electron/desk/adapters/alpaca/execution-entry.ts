import type { Fill, FillCorrection } from '#shared/domain/order.ts';
import type { EpochMs } from '#shared/units.ts';
import type { Source } from './execution-words.ts';

/** What an execution was. */
export type Values = NonNullable<FillCorrection['corrected']>;
/** One execution, and what became of it. */
export type Entry = {
  readonly execKey: string;
  readonly venueOrderId: string;
  readonly symbol: string;
  /** What the order had filled with it, in 1e-9. */
  readonly filledWith: string;
  readonly first: Values;
  /** Null once it was busted. */
  values: Values | null;
  readonly receivedAt: EpochMs;
  /** Who has told it under an id of its own. */
  readonly named: Set<Source>;
  /** USD of it before it was put on ticks; null when it is not known. */
  readonly cost: number | null;
  /** What it was said to be before, and by whom last. */
  readonly past: (Values | null)[];
  amendedBy: Source | null;
  /** A list has told of its bust, under a name. */
  isBustListed: boolean;
  correction: FillCorrection | null;
};

export const valuesOf = ({ direction, quantity, price, fee, at }: Fill): Values => ({
  direction,
  quantity,
  price,
  fee,
  at,
});
export const isSame = (a: Values | null, b: Values | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.quantity === b.quantity &&
    a.price === b.price &&
    a.fee === b.fee &&
    a.direction === b.direction);
/** True of values that are known: a list may be behind the stream, and tell what was true before. */
export const isSaid = ({ first, values, past }: Entry, told: Values | null): boolean =>
  isSame(first, told) || isSame(values, told) || past.some((one) => isSame(one, told));
