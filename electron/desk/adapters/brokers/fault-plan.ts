/** A span in ms, both ends included; a value is drawn evenly from it. */
export type SpanMs = readonly [least: number, most: number];

/**
 * How often what goes wrong between a broker and its exchange. Every number without a unit is the chance, in [0, 1],
 * that it happens to one message it applies to. "Request" is what the broker sends, "answer" what comes back for it,
 * "event" what comes by itself.
 */
export type FaultPlan = {
  /** Time a request is on its way. Its longest, with `reorderMs`, stays under the proof of absence (10 s). */
  readonly toVenueMs: SpanMs;
  /** Time an answer or event is on its way. */
  readonly fromVenueMs: SpanMs;
  /** A message takes up to `reorderMs` longer and loses its place: what was sent after it may arrive before it. */
  readonly reorder: number;
  readonly reorderMs: number;
  /** A message arrives a second time, up to `reorderMs` later. A venue takes an order id only once all the same. */
  readonly duplicate: number;
  /** An event never arrives, although the connection stands: a gap in the feed. */
  readonly loseEvent: number;
  /** A submit never arrives, although the connection stands. The broker hears nothing: unknown after its time limit. */
  readonly loseSubmit: number;
  /** A submit, cancel or replace arrives and is carried out; the answer does not come back. Unknown, and it happened. */
  readonly loseAnswer: number;
  /** The connection drops at a message, by the seed before it or after it gets through. Both ends know at once. */
  readonly drop: number;
  /** A request that was on its way when the connection went down arrives all the same. */
  readonly survive: number;
  /** The connection goes half-open at a request: it stands, and nothing gets through in one direction or in both. */
  readonly halfOpen: number;
  /** How long connecting again is refused after a drop. */
  readonly outageMs: SpanMs;
  /** A submit is acknowledged, and rejected later by the matching engine behind the gateway. */
  readonly rejectLate: number;
  readonly rejectLateMs: SpanMs;
  /** The report of a fill is late: it may come after the order was cancelled or has ended. */
  readonly lateFill: number;
  readonly lateFillMs: SpanMs;
  /** A snapshot is answered with an error. */
  readonly failSnapshot: number;
  /** A snapshot lacks a part of its orders, fills or positions, and says that it is not complete. */
  readonly partialSnapshot: number;
  /** A find is answered with "cannot tell". */
  readonly cannotTell: number;
  /** After a logon the venue states every working order again. */
  readonly restate: number;
};

/** A connection that only takes its time. */
export const NO_FAULTS: FaultPlan = {
  toVenueMs: [1, 20],
  fromVenueMs: [1, 20],
  reorder: 0,
  reorderMs: 500,
  duplicate: 0,
  loseEvent: 0,
  loseSubmit: 0,
  loseAnswer: 0,
  drop: 0,
  survive: 0.5,
  halfOpen: 0,
  outageMs: [0, 0],
  rejectLate: 0,
  rejectLateMs: [50, 2_000],
  lateFill: 0,
  lateFillMs: [500, 8_000],
  failSnapshot: 0,
  partialSnapshot: 0,
  cannotTell: 0,
  restate: 0,
};

/** Everything that can go wrong, often enough to meet several of them within a few orders. */
export const ROUGH: FaultPlan = {
  ...NO_FAULTS,
  toVenueMs: [1, 400],
  fromVenueMs: [1, 400],
  reorder: 0.05,
  duplicate: 0.05,
  loseEvent: 0.02,
  loseSubmit: 0.05,
  loseAnswer: 0.05,
  drop: 0.02,
  halfOpen: 0.01,
  outageMs: [0, 20_000],
  rejectLate: 0.05,
  lateFill: 0.1,
  failSnapshot: 0.05,
  partialSnapshot: 0.05,
  cannotTell: 0.1,
  restate: 0.5,
};

/** Faults that can be ordered for the next message they apply to, whatever the chances are. */
export type Fault =
  | 'lose-submit'
  | 'lose-answer'
  /** The connection drops at the next request, which does not get through. */
  | 'drop-before'
  /** The connection drops at the next request, which gets through all the same. */
  | 'drop-after'
  | 'half-open'
  | 'duplicate-request'
  | 'duplicate-event'
  | 'lose-event'
  | 'reject-late'
  | 'late-fill'
  | 'fail-snapshot'
  | 'partial-snapshot'
  | 'cannot-tell'
  | 'refuse-connect'
  | 'restate';

/** Longest time after which a request may still arrive, in ms: what a proof of absence must wait for. */
export const ABSENCE_APART_MS = 10_000;

/** What is wrong with a plan, in words; null when nothing is. */
export function planFault(plan: FaultPlan): string | null {
  for (const [name, value] of Object.entries(plan)) {
    const isSpan = Array.isArray(value);
    const numbers: readonly unknown[] = isSpan ? value : [value];
    const isOk = numbers.every((n) => typeof n === 'number' && n >= 0 && (isSpan || name.endsWith('Ms') || n <= 1));
    const isRising = !isSpan || numbers.every((n, i) => i === 0 || Number(n) >= Number(numbers[i - 1]));
    if (!isOk || !isRising) return `${name}: ${JSON.stringify(value)} is not a chance in [0, 1] or a span of ms`;
  }
  const longest = plan.toVenueMs[1] + plan.reorderMs;
  return longest < ABSENCE_APART_MS
    ? null
    : `a request may take ${longest} ms: at ${ABSENCE_APART_MS} ms its absence counts as proven`;
}
