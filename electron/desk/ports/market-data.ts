import type { Bar, Quote } from '#shared/domain/market.ts';
import type { Connection } from '#shared/domain/status.ts';

export type MarketEvent =
  { readonly kind: 'quote'; readonly quote: Quote } | { readonly kind: 'bar'; readonly bar: Bar };

/** A source of prices. Events of one symbol come in time order. */
export interface MarketData {
  onEvent(listener: (event: MarketEvent) => void): () => void;
  start(): Promise<void>;
  connection(): Connection;
  onConnection(listener: (connection: Connection) => void): () => void;
  close(): Promise<void>;
}
