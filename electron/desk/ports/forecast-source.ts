import type { Bar } from '#shared/domain/market.ts';
import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { EpochMs } from '#shared/units.ts';

/** Asks for one opinion on one symbol, as of the close of the last bar. */
export type ForecastRequest = {
  readonly symbol: string;
  readonly asOf: EpochMs;
  /** Completed bars, oldest first, none closing after `asOf`. */
  readonly bars: readonly Bar[];
  /** Units of price per tick, so that features are in price units. */
  readonly tickSize: number;
};

/** A model service. `predict` never rejects: whatever goes wrong is a prediction in another state than `ok`. */
export interface ForecastSource {
  readonly model: ModelId;
  predict(request: ForecastRequest, signal: AbortSignal): Promise<Prediction>;
  connection(): Connection;
  onConnection(listener: (connection: Connection) => void): () => void;
  close(): Promise<void>;
}
