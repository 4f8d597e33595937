import type { Bar, Quote, Timeframe } from '#shared/domain/market.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';

export type MarketEvent =
  { readonly kind: 'quote'; readonly quote: Quote } | { readonly kind: 'bar'; readonly bar: Bar };

/** One trade in the market. `asOf` is when it was made, `receivedAt` when the desk saw it. */
export type MarketTrade = {
  readonly symbol: string;
  readonly price: Ticks;
  readonly quantity: number;
  readonly asOf: EpochMs;
  readonly receivedAt: EpochMs;
};

/**
 * What a source tells: quotes, trades where it has them, and bars only where it makes better ones than the desk could.
 * The desk builds its bars from the trades of a symbol, or from its quotes while no trade of it has ever come.
 */
export type FeedEvent = MarketEvent | { readonly kind: 'trade'; readonly trade: MarketTrade };

/** Bars asked of a source: those that open at or after `from` and close at or before `to`. */
export type HistoryRequest = {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly from: EpochMs;
  readonly to: EpochMs;
};

/** A source of prices. Events of one symbol come in time order. */
export interface MarketData {
  onEvent(listener: (event: FeedEvent) => void): () => void;
  /**
   * Connects and subscribes; resolves when prices may come, rejects with a sentence that says what failed. The desk
   * calls it again, with growing waits, after the connection has become `disconnected`, and never while one stands.
   */
  start(signal?: AbortSignal): Promise<void>;
  /**
   * Completed bars, oldest first; null when the source keeps none of this symbol. A stretch without trading is left
   * out, never filled. Left out where a source has no history at all.
   */
  history?(request: HistoryRequest, signal: AbortSignal): Promise<readonly Bar[] | null>;
  connection(): Connection;
  onConnection(listener: (connection: Connection) => void): () => void;
  close(): Promise<void>;
}
