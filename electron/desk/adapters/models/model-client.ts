import type { FeatureSpec, FeatureWindow } from '#shared/domain/feature.ts';
import type { Timeframe } from '#shared/domain/market.ts';
import type { ModelVersion } from '#shared/domain/prediction.ts';
import type { Result } from '#shared/result.ts';
import type { EpochMs } from '#shared/units.ts';
import type { Headers } from './auth.ts';
import type { ForecastError } from './error.ts';
import type { Opinion } from './output.ts';

/** One question to a model: the features of one symbol as of the close of a bar. */
export type Question = {
  /** Unlike any other question of this run; a service that echoes it proves which question it answered. */
  readonly id: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly asOf: EpochMs;
  readonly window: FeatureWindow;
};

/** What one member of an ensemble said; its opinion is null, with the reason, where it could not be read. */
export type MemberAnswer = {
  readonly name: string;
  readonly weight: number;
  readonly opinion: Opinion | null;
  readonly detail: string | null;
};

/** An answer that could be read in full. `asOf` in epoch milliseconds: the one the answer carries, or the question's. */
export type Answer = {
  readonly opinion: Opinion;
  readonly asOf: number;
  readonly version: ModelVersion;
  /** What is not as it should be at the service, though it answers. */
  readonly remark?: string;
  /** Only of an ensemble that names its members. */
  readonly members?: readonly MemberAnswer[];
  /** Share of the weight of the members heard that votes for the winner; only with `members`. */
  readonly agreement?: number;
};

/** What a service says of itself, in words fit to be shown, and the version it runs where it says so. */
export type ServiceCard = {
  readonly summary: string;
  readonly version: string | null;
  /** What is not as it should be there, though it answers. */
  readonly remark?: string;
};

/**
 * One protocol's way to one model. Nothing rejects: expected failures are values. The two looks, `ready` and
 * `metadata`, are what a connection does before its first question and what a test of the connection reports.
 */
export interface ModelClient {
  /** Where it is, without credentials: fit to be shown. */
  readonly origin: string;
  ready(signal: AbortSignal): Promise<Result<ServiceCard, ForecastError>>;
  /** Holds what the service says of its inputs and outputs against the configuration and the features the desk builds. */
  metadata(signal: AbortSignal): Promise<Result<ServiceCard, ForecastError>>;
  ask(question: Question, signal: AbortSignal): Promise<Result<Answer, ForecastError>>;
  close(): Promise<void>;
}

/** What a client needs of the desk. */
export type ClientParts = {
  readonly spec: FeatureSpec;
  /** Request headers that prove who asks; a secret never stands in an address. */
  readonly headers: Headers;
  /** Takes secrets out of what a service answers, before it is read. */
  readonly hide: (text: string) => string;
  /** Headers for another port of the same service, whose token is kept under a name of its own. */
  readonly headersOf: (tokenSecret: string | undefined) => Headers;
  /** Hears of every probe of the service's health; null: healthy. */
  readonly onProbe: (error: ForecastError | null) => void;
  readonly breakAfter: number;
  readonly probeMs: number;
};
