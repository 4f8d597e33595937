import type { OutcomeSource } from '#shared/domain/backtest.ts';
import type { DecisionStatus } from '#shared/domain/decision.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import type { Direction, EpochMs, Money } from '#shared/units.ts';
import type { ReadBooks } from './read-books.ts';

/** Contracts of one opportunity that came in by one fill and left, or will leave, by another. */
export type Leg = {
  readonly entryAt: number;
  /** Ticks. */
  readonly entryPrice: number;
  /** Paid on the way in, for all of them. */
  readonly entryFee: Money;
  readonly quantity: number;
  /** ∞ while they are held. */
  readonly exitAt: number;
  /** What all of them made once they had left; 0 while they are held. */
  readonly net: Money;
};

/** What became of one opportunity, as the journal tells it. A replay reads it only once its time has come. */
export type CaseOutcome = {
  readonly source: OutcomeSource;
  /** Last moment at which more of it could come in; ∞ where it still can. */
  readonly fillsUntil: number;
  /** From then on nothing of it is held or may still fill; ∞ when it was open at the end. */
  readonly endsAt: number;
  /** Contracts that were sent, and those of them that were filled. 1 and 1 for a planned trade. */
  readonly sent: number;
  readonly filled: number;
  /** By exit, oldest first; what is still held comes last. */
  readonly legs: readonly Leg[];
};

/** One signal that stood: what was known at its time, and (for later) what became of it. */
export type Case = {
  readonly id: string;
  readonly at: EpochMs;
  readonly direction: Direction;
  /** The gate that kept the desk from it whatever the account, e.g. a closed session; null when it was open. */
  readonly gate: DecisionStatus | null;
  /** Everything the decision looked at but the opinions and the quote, which are in the probability and the marks. */
  readonly snapshot: SizingSnapshot;
  readonly winProbability: number;
  readonly riskPerContract: Money;
  readonly stop: number;
  /** What the desk recommended, and what the trader let through (0: rejected, let go or never up for approval). */
  readonly suggested: number;
  readonly executed: number;
  /** When the trader's word on it fell; ∞ while it had not. */
  readonly closedAt: number;
  /** The trader was asked: it was proposed with a size. */
  readonly isProposal: boolean;
  readonly outcome: CaseOutcome;
  /** What the planned trade makes per contract, and when; null while it is not resolved. */
  readonly plan: { readonly exitAt: number; readonly net: Money } | null;
};

/** A closed trade of the trader's own, as estimates count it. */
export type TradePoint = {
  readonly exitAt: number;
  readonly root: string;
  readonly quantity: number;
  readonly net: Money;
  readonly r: number | null;
};

/** Known prices of one contract in ticks. A price counts from `at` on: a bar's close from just after it closed. */
export type Marks = { readonly at: Float64Array; readonly price: Float64Array };

/** The journal as a replay needs it: read once, shared by every policy, never written. */
export type Tape = {
  readonly profile: string;
  readonly events: number;
  readonly headHash: string | null;
  readonly configVersions: readonly string[];
  /** Realised equity at the start of the range. */
  readonly initialEquity: Money;
  /** By time; those of one time decide together. */
  readonly cases: readonly Case[];
  /** Decisions in the range, vetoed ones included. */
  readonly decisions: number;
  readonly trades: readonly TradePoint[];
  readonly marks: ReadonlyMap<string, Marks>;
  /** Session days of the range: their names, and the first moment of each that is known of. */
  readonly days: { readonly names: readonly string[]; readonly opensAt: Float64Array };
  readonly endAt: number;
  /** Realised equity of the journal itself at the end of the range. */
  readonly journalEquity: Money;
  /** From then on the account held what no recommendation of the range explains; ∞ when it never did. */
  readonly foreignAt: number;
};

/** With what the three books of the range are made of, and marked by: no policy needs it. */
export type WholeTape = Tape & { readonly books: ReadBooks };
