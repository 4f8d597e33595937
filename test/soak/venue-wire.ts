import type { MessagePort } from 'node:worker_threads';
import type { Quote } from '#shared/domain/market.ts';
import { epochMs, ticks, type EpochMs } from '#shared/units.ts';
import type { RequestFrame, VenueFrame } from '#desk/adapters/brokers/paper-wire.ts';

/** What the desk of a soak and its venue say to each other, also from one thread to another. */

export type VenueStart = {
  readonly account: string;
  readonly symbols: number;
  readonly seed: number;
};
export type VenueThread = VenueStart & { readonly port: MessagePort; readonly turns: Turns };

/** What both threads see at once: who has the turn, and what needs no message. */
export type Turns = {
  /** The numbers of the steps that were asked and answered last, by which the threads wake each other. */
  readonly steps: Int32Array;
  readonly figures: Float64Array;
  /** Rows of quotes: the desk fills one block while the venue reads the other. */
  readonly blocks: readonly [Float64Array, Float64Array];
};

export const ASKED = 0;
export const ANSWERED = 1;

/** Places of the figures: the time of a step, how many of its rows stand in its block, or none where it came as a message. */
export const AT = 0;
export const ROWS = 1;
export const AS_MESSAGE = -1;
/** When something falls due at the venue by itself, infinite when nothing; and whether its answer is a message, or only that. */
export const DUE = 2;
export const IS_TOLD = 3;

/** Room for one quote of each symbol, which another thread may see. */
export const blockOf = (symbols: number): Float64Array => new Float64Array(new SharedArrayBuffer(symbols * ROW * 8));

export function sharedTurns(symbols: number): Turns {
  return {
    steps: new Int32Array(new SharedArrayBuffer(8)),
    figures: new Float64Array(new SharedArrayBuffer(32)),
    blocks: [blockOf(symbols), blockOf(symbols)],
  };
}

export type ToVenue =
  | { readonly op: 'open'; readonly line: number }
  | { readonly op: 'send'; readonly line: number; readonly frame: RequestFrame }
  | { readonly op: 'close'; readonly line: number }
  | { readonly op: 'quotes'; readonly rows: Float64Array }
  | { readonly op: 'drop' }
  | { readonly op: 'calm' };

/** One step of time: everything that is due until then happens, and then what the desk did. */
export type Step = {
  readonly at: EpochMs;
  readonly ops: readonly ToVenue[];
  readonly asks: 'news' | 'records';
};

export type FromVenue =
  { readonly line: number; readonly frame: VenueFrame } | { readonly line: number; readonly down: string };

/** What the venue knows of everything that was. */
export type VenueRecords = {
  readonly executions: readonly string[];
  readonly positions: readonly { readonly symbol: string; readonly quantity: number }[];
  /** Orders that arrived, and how often each did. */
  readonly arrived: ReadonlyMap<string, number>;
  /** What does not agree between its orders, executions and positions. */
  readonly audit: readonly string[];
};

export type Answer = {
  readonly news: readonly FromVenue[];
  readonly records: VenueRecords | null;
};

const ROW = 6;

/** Writes a quote after the rows of a block that are used. @returns how much of it is used then */
export function addRow(block: Float64Array, used: number, { place, quote }: { place: number; quote: Quote }): number {
  block[used] = place;
  block[used + 1] = quote.bid;
  block[used + 2] = quote.ask;
  block[used + 3] = quote.last;
  block[used + 4] = quote.asOf;
  block[used + 5] = quote.receivedAt;
  return used + ROW;
}

/** Tells the quotes of a step, of the symbols by their places. */
export function tellQuotes(rows: Float64Array, symbols: readonly string[], tell: (quote: Quote) => void): void {
  const figure = (n: number): number => rows[n] ?? Number.NaN;
  for (let n = 0; n < rows.length; n += ROW) {
    tell({
      symbol: symbols[figure(n)] ?? '',
      bid: ticks(figure(n + 1)),
      ask: ticks(figure(n + 2)),
      last: ticks(figure(n + 3)),
      asOf: epochMs(figure(n + 4)),
      receivedAt: epochMs(figure(n + 5)),
    });
  }
}
