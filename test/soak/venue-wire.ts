import type { MessagePort } from 'node:worker_threads';
import type { Quote } from '#shared/domain/market.ts';
import type { EpochMs } from '#shared/units.ts';
import type { RequestFrame, VenueFrame } from '#desk/adapters/brokers/paper-wire.ts';

/** What the desk's thread of a soak and the venue's say to each other. */

export type VenueStart = {
  readonly account: string;
  readonly symbols: number;
  readonly seed: number;
  readonly port: MessagePort;
  /** The venue writes the number of the step it has answered into it. */
  readonly done: Int32Array;
};

export type ToVenue =
  | { readonly op: 'open'; readonly line: number }
  | { readonly op: 'send'; readonly line: number; readonly frame: RequestFrame }
  | { readonly op: 'close'; readonly line: number }
  | { readonly op: 'quote'; readonly quote: Quote }
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

export type Answer = { readonly news: readonly FromVenue[] } | { readonly records: VenueRecords };
