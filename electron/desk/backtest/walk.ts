import { decisionStatusSchema, type DecisionStatus } from '#shared/domain/decision.ts';
import type { Tape } from './tape.ts';

/** Statuses as the numbers of a walk's column. */
export const STATUSES: readonly DecisionStatus[] = decisionStatusSchema.options;
/** Places of the statuses in that list. */
export const CODE_OF: ReadonlyMap<DecisionStatus, number> = new Map(STATUSES.map((status, i) => [status, i]));

export type Ruin = { readonly at: number; readonly reason: 'no-equity' | 'below-margin' };

/** One policy's way over a tape: columns by case, closes by session day. NaN where there is nothing. */
export type Walk = {
  readonly status: Uint8Array;
  readonly asked: Int32Array;
  readonly contracts: Int32Array;
  readonly filled: Int32Array;
  readonly fraction: Float64Array;
  /** What the size was taken of: realised, and open losses. Money. */
  readonly equity: Float64Array;
  readonly riskFraction: Float64Array;
  /** Net of what was taken and has closed whole, money; and when. */
  readonly net: Float64Array;
  readonly exitAt: Float64Array;
  /** Equity marked to market at the end of each session day, less fees paid on what is open; money. */
  readonly closes: Float64Array;
  readonly finalEquity: number;
  /** Of what is open at the end, less the fees paid on its way in. */
  readonly openPnl: number;
  readonly ruin: Ruin | null;
  readonly maxHeat: number;
  readonly maxCluster: number;
  /** The first case at which the account was no longer the journal's; null when it always was, or was never asked. */
  readonly leftAt: number | null;
};

const shared = (length: number, bytes: number): SharedArrayBuffer => new SharedArrayBuffer(length * bytes);

const doubles = (length: number): Float64Array => new Float64Array(shared(length, Float64Array.BYTES_PER_ELEMENT));
const integers = (length: number): Int32Array => new Int32Array(shared(length, Int32Array.BYTES_PER_ELEMENT));
const unknowns = (length: number): Float64Array => doubles(length).fill(NaN);

/** A walk on which nothing has happened, in memory that threads share: any of them can judge it. */
export function emptyWalk({ cases, days }: Tape): Walk {
  const n = cases.length;
  return {
    status: new Uint8Array(shared(n, 1)),
    asked: integers(n),
    contracts: integers(n),
    filled: integers(n),
    fraction: unknowns(n),
    equity: unknowns(n),
    riskFraction: doubles(n),
    net: unknowns(n),
    exitAt: unknowns(n),
    closes: unknowns(days.opensAt.length),
    finalEquity: 0,
    openPnl: 0,
    ruin: null,
    maxHeat: 0,
    maxCluster: 0,
    leftAt: null,
  };
}
