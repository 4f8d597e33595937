import type { ModelId, ModelVersion, Prediction } from '#shared/domain/prediction.ts';
import type { Timeframe } from '#shared/domain/market.ts';
import { type Result, err, ok } from '#shared/result.ts';
import { type EpochMs, epochMs } from '#shared/units.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { ForecastRequest, ForecastSource } from '#desk/ports/forecast-source.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import { type ForecastError, detailOf, stateOf } from './error.ts';
import { DEFAULT_WINDOW_ROWS, FEATURE_NAMES, FEATURE_SCHEMA, type FeatureName, buildFeatures } from './features.ts';
import { createLanes } from './lanes.ts';
import { type Answer, DEFAULT_OUTPUT, type Opinion, type OutputConfig, parseAnswer } from './parse.ts';
import { createResilientEndpoint } from './resilient.ts';
import { type PredictRequest, WIRE_SCHEMA } from './wire.ts';

/** How to reach and read one model service. Times in milliseconds. */
export type HttpForecastOptions = {
  readonly model: ModelId;
  /** Base address; `/predict` and `/healthz` are appended. */
  readonly url: string;
  readonly token?: string | null;
  readonly clock: Clock;
  /** Limit of one attempt; a failed attempt is repeated once. Default 2 s. */
  readonly timeoutMs?: number;
  /** Age of the last bar behind an answer above which it is stale. */
  readonly maxAgeMs: number;
  readonly output?: OutputConfig;
  /** Rows of features in a request (default 32) and which features (default all). */
  readonly windowRows?: number;
  readonly features?: readonly FeatureName[];
  /** The version the trader accepted last; null accepts the first one seen. */
  readonly acceptedVersion?: ModelVersion | null;
  /** Consecutive failed asks that open the circuit (default 5), and the period of health probes (default 10 s). */
  readonly breakAfter?: number;
  readonly probeMs?: number;
};

/** A model service over HTTP, with the versions the trader has a say in. */
export interface HttpForecastSource extends ForecastSource {
  /** The version answers are taken from, and another one the service has offered since; null where there is none. */
  versions(): { readonly accepted: ModelVersion | null; readonly offered: ModelVersion | null };
  /** Takes the offered version from now on. Returns it, or null when none is on offer. */
  acceptVersion(): ModelVersion | null;
}

/** The service's clock may run this far ahead of the desk's. */
const CLOCK_TOLERANCE_MS = 2_000;

type Kept = { readonly asOf: number; readonly opinion: Opinion };
type Read = { readonly answer: Answer; readonly latencyMs: number };
type Outcome = {
  readonly error: ForecastError | null;
  readonly answer: Answer | null;
  readonly latencyMs: number | null;
  readonly note: string | null;
};

/**
 * Makes a source that asks one model service in the desk's own JSON contract. It never rejects and never invents:
 * whatever is not a readable, fresh answer of the accepted version is a prediction in another state than `ok`, whose
 * detail names the field, the value and the remedy.
 */
export function createHttpForecastSource(options: HttpForecastOptions): HttpForecastSource {
  const { model, clock } = options;
  const log = createConnectionLog({ id: `model:${model}`, kind: 'model', name: model });
  const endpoint = createResilientEndpoint({
    url: options.url,
    token: options.token ?? null,
    timeoutMs: options.timeoutMs ?? 2_000,
    breakAfter: options.breakAfter ?? 5,
    probeMs: options.probeMs ?? 10_000,
    onProbe: (error) => {
      if (error !== null) log.set('disconnected', detailOf(error));
      else if (log.current().state !== 'degraded') log.set('live', null);
      if (error === null) log.heard(clock.now(), null);
    },
  });
  const newest = new Map<string, Kept>();
  let accepted = options.acceptedVersion ?? null;
  let offered: ModelVersion | null = null;
  let counter = 0;

  const checkVersion = (version: ModelVersion): ForecastError | null => {
    if (version.featureSchema !== null && version.featureSchema !== FEATURE_SCHEMA) {
      return { code: 'feature-schema', built: FEATURE_SCHEMA, expected: version.featureSchema };
    }
    if (accepted === null || isSameVersion(accepted, version)) {
      accepted = version;
      offered = null;
      return null;
    }
    offered = version;
    return { code: 'version', accepted: versionText(accepted), offered: versionText(version) };
  };

  const judge = (request: ForecastRequest, { answer, latencyMs }: Read): Outcome => {
    const now = clock.now();
    const judged = (error: ForecastError | null, note: string | null = null): Outcome => ({
      error,
      answer,
      latencyMs,
      note,
    });
    const timing = checkTime(request, answer, now) ?? checkVersion(answer.version);
    if (timing !== null) return judged(timing);
    const kept = newest.get(request.symbol);
    if (kept !== undefined && kept.asOf > answer.asOf) {
      return judged({ code: 'older-answer', asOf: isoTime(answer.asOf), than: `${isoTime(kept.asOf)}, already held` });
    }
    // The first answer for a bar stands: a model that changes its mind about the same bar must not be shopped for.
    const isSecond = kept?.asOf === answer.asOf;
    const opinion = isSecond ? kept.opinion : answer.opinion;
    newest.set(request.symbol, { asOf: answer.asOf, opinion });
    const age = now - answer.asOf;
    const error: ForecastError | null =
      age > options.maxAgeMs ? { code: 'too-old', ageMs: age, maxAgeMs: options.maxAgeMs } : null;
    const differs = opinion.direction !== answer.opinion.direction || opinion.confidence !== answer.opinion.confidence;
    const note = differs ? 'A second answer for the same bar differed and was dropped; the first one stands.' : null;
    return { ...judged(error, note), answer: { ...answer, opinion } };
  };

  const ask = async (request: ForecastRequest, signal: AbortSignal): Promise<Outcome> => {
    const built = buildRequest(options, request, `${model}-${(counter += 1)}`);
    if (!built.ok) return failed(built.error);
    const startedAt = performance.now();
    const sent = await endpoint.predict(JSON.stringify(built.value), signal);
    if (!sent.ok) return failed(sent.error);
    const latencyMs = performance.now() - startedAt;
    log.heard(clock.now(), latencyMs);
    const answer = parseAnswer(sent.value, built.value, options.output ?? DEFAULT_OUTPUT);
    return answer.ok ? judge(request, { answer: answer.value, latencyMs }) : { ...failed(answer.error), latencyMs };
  };

  const lanes = createLanes<Prediction>();
  const toPrediction = (symbol: string, outcome: Outcome): Prediction => {
    const { error, answer, latencyMs, note } = outcome;
    report(log, error);
    const isReadable = answer !== null && (error === null || stateOf(error) === 'stale');
    return {
      model,
      symbol,
      state: error === null ? 'ok' : stateOf(error),
      direction: isReadable ? answer.opinion.direction : null,
      confidence: isReadable ? answer.opinion.confidence : null,
      asOf: answer === null ? null : epochMs(answer.asOf),
      receivedAt: clock.now(),
      latencyMs,
      modelVersion: answer?.version ?? null,
      detail: error === null ? note : detailOf(error),
    };
  };

  return {
    model,
    predict: (request, signal) =>
      lanes.run(request.symbol, request.asOf, {
        work: async () => toPrediction(request.symbol, await ask(request, signal)),
        superseded: () => toPrediction(request.symbol, failed({ code: 'superseded' })),
      }),
    connection: log.current,
    onConnection: log.onChange,
    versions: () => ({ accepted, offered }),
    acceptVersion: () => {
      if (offered === null) return null;
      accepted = offered;
      offered = null;
      return accepted;
    },
    close: () => {
      endpoint.close();
      log.set('disconnected', 'Closed by the desk.');
      return Promise.resolve();
    },
  };
}

const failed = (error: ForecastError): Outcome => ({ error, answer: null, latencyMs: null, note: null });

const isoTime = (ms: number): string => new Date(ms).toISOString();

const isSameVersion = (a: ModelVersion, b: ModelVersion): boolean =>
  a.name === b.name && a.version === b.version && a.sha256 === b.sha256;

const versionText = (v: ModelVersion): string =>
  `${v.name} ${v.version}${v.sha256 === null ? '' : ` (${v.sha256.slice(0, 12)})`}`;

/** The echoed time must be the one asked: a later one is a wrong clock, an earlier one a late answer. */
function checkTime(request: ForecastRequest, answer: Answer, now: EpochMs): ForecastError | null {
  if (answer.asOf > now + CLOCK_TOLERANCE_MS) {
    return { code: 'future', asOf: isoTime(answer.asOf), now: isoTime(now) };
  }
  if (answer.asOf > request.asOf) {
    return { code: 'wrong-echo', field: 'asOf', sent: isoTime(request.asOf), got: isoTime(answer.asOf) };
  }
  if (answer.asOf < request.asOf) {
    return { code: 'older-answer', asOf: isoTime(answer.asOf), than: `${isoTime(request.asOf)}, which was asked` };
  }
  return null;
}

function buildRequest(
  options: HttpForecastOptions,
  request: ForecastRequest,
  requestId: string,
): Result<PredictRequest, ForecastError> {
  const { symbol, asOf, bars, tickSize } = request;
  const last = bars.at(-1);
  if (last !== undefined && last.closeAt > asOf) {
    return err({ code: 'bad-bars', detail: `the last bar closes at ${isoTime(last.closeAt)}, after ${isoTime(asOf)}` });
  }
  const rows = options.windowRows ?? DEFAULT_WINDOW_ROWS;
  const window = buildFeatures(bars, { tickSize, rows, names: options.features ?? FEATURE_NAMES });
  if (!window.ok) return window;
  const timeframe: Timeframe = last?.timeframe ?? '1m';
  const { names, shape, data } = window.value;
  return ok({
    schema: WIRE_SCHEMA,
    requestId,
    symbol,
    timeframe,
    asOf: isoTime(asOf),
    features: { schema: FEATURE_SCHEMA, names: [...names], shape: [...shape], data: [...data] },
  });
}

/** What an outcome says about the connection: too few bars and cancelled asks say nothing about the service. */
function report(log: ReturnType<typeof createConnectionLog>, error: ForecastError | null): void {
  if (error === null) {
    log.set('live', null);
    return;
  }
  switch (error.code) {
    case 'aborted':
    case 'superseded':
    case 'too-few-bars':
    case 'bad-bars':
      return;
    case 'bad-url':
    case 'timeout':
    case 'unreachable':
    case 'circuit-open':
      log.set('disconnected', detailOf(error));
      return;
    case 'too-old':
      // The service did its part; what is old are the bars.
      log.set('live', null);
      return;
    default:
      log.set('degraded', detailOf(error));
  }
}
