import type { Fill, FillCorrection } from '#shared/domain/order.ts';
import type { EpochMs } from '#shared/units.ts';
import type { Values } from './execution-entry.ts';
import type { Listing } from './listing.ts';
import type { Remembered } from './remembered.ts';

/** Who says it: the stream, or the list of activities. Each has ids of its own. */
export type Source = 'stream' | 'list';

/** One execution, as it is told. */
export type Told = {
  /** Null where none is told. */
  readonly id: string | null;
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly price: string;
  /** What the order had filled with it. */
  readonly filledWith: string;
  /** Mean price of that; null where it is not told. */
  readonly mean: string | null;
  readonly at: number;
};

/** A later word on an execution: that it never happened, or what it was instead. */
export type Amendment = Pick<Told, 'id' | 'venueOrderId' | 'symbol' | 'side'> & {
  readonly kind: 'bust' | 'correct';
  /** The id of the execution it is about, as the stream or the list told it; null where it is not said. */
  readonly previousId: string | null;
  /** Of a bust what it takes back, of a correction what holds instead; null where it is not told. */
  readonly quantity: string | null;
  readonly price: string | null;
  readonly reason: string | null;
};

export type Reading =
  | {
      readonly kind: 'fill';
      /** As it stands. */
      readonly fill: Fill;
      readonly isNews: boolean;
      /** The list has other values for it than were told before. */
      readonly correction: FillCorrection | null;
    }
  /** Not the desk's to book: another symbol, or a part of a lot of crypto. */
  | { readonly kind: 'none' }
  /** An execution that was busted, or one the desk cannot tell from it. */
  | { readonly kind: 'busted'; readonly execKey: string; readonly values: Values }
  /** It does not fit what was told before: the list of activities has the word. */
  | { readonly kind: 'doubtful' }
  | { readonly kind: 'impossible'; readonly why: string };

export type AmendReading =
  | { readonly kind: 'correction'; readonly correction: FillCorrection }
  /** Known already, or not the desk's. */
  | { readonly kind: 'none' }
  /** It is not clear which execution it is about, or what that is now. */
  | { readonly kind: 'unclear' };

/** Who says it; and, where nobody else can say, which executions a list that was asked for does not have. */
export type AmendHow = { readonly source: Source; readonly unlisted?: (execKey: string) => boolean };

export type ExecutionsParts = {
  readonly account: string;
  readonly listing: Listing;
  readonly ownerOf: (venueOrderId: string) => string | null;
  readonly now: () => EpochMs;
  readonly remembered: Remembered;
};

/** The executions of an account, each under one key whichever way it is told. */
export interface Executions {
  readonly take: (told: Told, source: Source) => Reading;
  /** Finds the executions of a list that are as they were told first, before what differs is judged. */
  readonly recognise: (all: readonly Told[]) => void;
  readonly amend: (amendment: Amendment, how: AmendHow) => AmendReading;
  /** What stands for an amendment nobody can place: the desk knows no such execution, and says so. */
  readonly unplaced: (amendment: Amendment) => FillCorrection;
  /** Contracts of an order at Alpaca that executions account for. */
  readonly sumOf: (venueOrderId: string) => number;
  /** True when executions of an order were busted or corrected: what it had filled names them no longer alone. */
  readonly isAmended: (venueOrderId: string) => boolean;
  /** True when executions of an order were told, whatever became of them. */
  readonly isKnown: (venueOrderId: string) => boolean;
  /** How many later words on executions of an order were taken. */
  readonly wordsOn: (venueOrderId: string) => number;
  /**
   * Takes back what the list no longer has, where Alpaca counts fewer contracts as filled by just as many.
   * @param listed keys of the executions in the list, which reaches back to `since`
   */
  readonly settle: (
    order: { readonly venueOrderId: string; readonly filled: number },
    list: { readonly listed: ReadonlySet<string>; readonly since: EpochMs },
  ) => readonly FillCorrection[];
  /**
   * Puts back what was busted and is told all the same, where Alpaca counts more contracts as filled by just as many:
   * another execution came to the same count, at the same price, within a minute.
   * @param told what a list that was asked for after the order says of busted executions
   */
  readonly putBack: (
    order: { readonly venueOrderId: string; readonly filled: number },
    told: ReadonlyMap<string, Values>,
  ) => readonly { readonly fill: Fill; readonly correction: FillCorrection }[];
  /** The last word on each execution that has one. */
  readonly corrections: () => readonly FillCorrection[];
}
