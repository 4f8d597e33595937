import type { MessagePort } from 'node:worker_threads';
import type { Quote } from '#shared/domain/market.ts';
import { epochMs, ticks, type EpochMs } from '#shared/units.ts';
import type { RequestFrame, VenueFrame } from '#desk/adapters/brokers/paper-wire.ts';

/** What the desk's thread of a soak and the venue's say to each other. */

export type VenueStart = {
  readonly account: string;
  readonly symbols: number;
  readonly seed: number;
  readonly port: MessagePort;
  /** The numbers of the steps that were asked and answered last, by which the threads wake each other. */
  readonly turns: Int32Array;
};

export const ASKED = 0;
export const ANSWERED = 1;

export type ToVenue =
  | { readonly op: 'open'; readonly line: number }
  | { readonly op: 'send'; readonly line: number; readonly frame: RequestFrame }
  | { readonly op: 'close'; readonly line: number }
  | { readonly op: 'quotes'; readonly rows: readonly number[] }
  | { readonly op: 'drop' }
  | { readonly op: 'calm' };

/** One step of time: everything that is due until then happens, and then what the desk did. */
export type Step = {
  readonly step: number;
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
  /** When something falls due at the venue by itself; null when nothing is on its way. */
  readonly due: EpochMs | null;
  readonly records: VenueRecords | null;
};

const ROW = 6;

/** Adds a quote to those of a step: numbers alone cross the line between threads for next to nothing. */
export function addRow(rows: number[], place: number, { bid, ask, last, asOf, receivedAt }: Quote): void {
  rows.push(place, bid, ask, last, asOf, receivedAt);
}

/** The quotes of a step, of the symbols by their places. */
export function* quotesIn(rows: readonly number[], symbols: readonly string[]): Generator<Quote> {
  const figure = (n: number): number => rows[n] ?? Number.NaN;
  for (let n = 0; n < rows.length; n += ROW) {
    yield {
      ...{ symbol: symbols[figure(n)] ?? '', bid: ticks(figure(n + 1)), ask: ticks(figure(n + 2)) },
      ...{ last: ticks(figure(n + 3)), asOf: epochMs(figure(n + 4)), receivedAt: epochMs(figure(n + 5)) },
    };
  }
}
