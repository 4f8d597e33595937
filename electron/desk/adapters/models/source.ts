import type { FeatureSpec } from '#shared/domain/feature.ts';
import type { Timeframe } from '#shared/domain/market.ts';
import type { ModelId, ModelVersion, Prediction } from '#shared/domain/prediction.ts';
import { type Result, err, ok } from '#shared/result.ts';
import { type EpochMs, epochMs } from '#shared/units.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { FeatureBuilder } from '#desk/ports/feature-builder.ts';
import type { ForecastRequest, ForecastSource } from '#desk/ports/forecast-source.ts';
import type { ConnectionLog } from '#desk/adapters/connection-log.ts';
import { type ForecastError, detailOf, stateOf } from './error.ts';
import { createLanes } from './lanes.ts';
import type { Answer, ModelClient, Question } from './model-client.ts';
import type { Opinion } from './output.ts';
import { readingOf } from './reading.ts';

/** Something of a model that belongs in the log: an event and its fields, never features, never a secret. */
export type ModelLog = (event: Readonly<Record<string, string | number>> & { readonly event: string }) => void;

export type SourceParts = {
  readonly model: ModelId;
  readonly clock: Clock;
  readonly client: ModelClient;
  readonly connection: ConnectionLog;
  readonly features: FeatureBuilder;
  readonly spec: FeatureSpec;
  readonly timeframe: Timeframe;
  /** Age of the last bar behind an answer above which it is stale. */
  readonly maxAgeMs: number;
  /** The version and the file the connection is for; null: whatever answers, under the desk's own watch. */
  readonly expected: { readonly version: string | null; readonly sha256: string | null };
  readonly log: ModelLog;
};

/** The service's clock may run this far ahead of the desk's. */
const CLOCK_TOLERANCE_MS = 2_000;

type Kept = { readonly asOf: number; readonly opinion: Opinion; readonly version: string };
type Outcome = {
  readonly error: ForecastError | null;
  readonly answer: Answer | null;
  readonly latencyMs: number | null;
  readonly note: string | null;
};

/**
 * Makes a source that asks one model through its client. It never rejects and never invents: whatever is not a
 * readable, fresh answer of what was configured is a prediction in another state than `ok`, whose detail names the
 * field, the value and the remedy. One ask per symbol is under way at a time, and older answers do not replace newer.
 */
export function createSource(parts: SourceParts): ForecastSource {
  const { model, clock, client, connection } = parts;
  const newest = new Map<string, Kept>();
  let counter = 0;

  const judge = (request: ForecastRequest, read: { answer: Answer; latencyMs: number }, id: string): Outcome => {
    const { answer, latencyMs } = read;
    const now = clock.now();
    const judged = (error: ForecastError | null): Outcome => ({ error, answer, latencyMs, note: null });
    const wrong = checkTime(request, answer, now) ?? checkVersion(parts, answer.version);
    if (wrong !== null) return judged(wrong);
    const kept = newest.get(request.symbol);
    if (kept !== undefined && kept.asOf > answer.asOf) {
      return judged({ code: 'older-answer', asOf: isoTime(answer.asOf), than: `${isoTime(kept.asOf)}, already held` });
    }
    // The first answer for a bar stands: a model that changes its mind about the same bar must not be shopped for.
    const version = versionText(answer.version);
    const first = kept?.asOf === answer.asOf && kept.version === version ? kept.opinion : answer.opinion;
    newest.set(request.symbol, { asOf: answer.asOf, opinion: first, version });
    const age = now - answer.asOf;
    const { maxAgeMs } = parts;
    const error: ForecastError | null = age > maxAgeMs ? { code: 'too-old', ageMs: age, maxAgeMs } : null;
    if (isSameOpinion(first, answer.opinion)) return judged(error);
    parts.log({ event: 'model-second-answer', model, symbol: request.symbol, requestId: id });
    const note = 'A second answer for the same bar differed and was dropped; the first one stands.';
    return { ...judged(error), note, answer: { ...answer, opinion: first } };
  };

  const ask = async (request: ForecastRequest, signal: AbortSignal): Promise<Outcome> => {
    const question = buildQuestion(parts, request, `${model}-${(counter += 1)}`);
    if (!question.ok) return failed(question.error);
    const startedAt = performance.now();
    const answer = await client.ask(question.value, signal);
    const latencyMs = performance.now() - startedAt;
    if (!answer.ok) {
      const isHeard = stateOf(answer.error) === 'invalid' || stateOf(answer.error) === 'mismatch';
      if (isHeard) connection.heard(clock.now(), latencyMs);
      return { ...failed(answer.error), latencyMs: isHeard ? latencyMs : null };
    }
    connection.heard(clock.now(), latencyMs);
    return judge(request, { answer: answer.value, latencyMs }, question.value.id);
  };

  const lanes = createLanes<Prediction>();
  const toPrediction = (symbol: string, outcome: Outcome): Prediction => {
    const { error, answer, latencyMs, note } = outcome;
    report(connection, error, answer?.remark ?? null);
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
      ...(isReadable ? { reading: readingOf(answer) } : {}),
    };
  };

  return {
    model,
    predict: (request, signal) =>
      lanes.run(request.symbol, request.asOf, {
        work: async () => toPrediction(request.symbol, await ask(request, signal)),
        superseded: () => toPrediction(request.symbol, failed({ code: 'superseded' })),
      }),
    connection: connection.current,
    onConnection: connection.onChange,
    close: async () => {
      await client.close();
      connection.set('disconnected', 'Closed by the desk.');
    },
  };
}

const failed = (error: ForecastError): Outcome => ({ error, answer: null, latencyMs: null, note: null });

const isoTime = (ms: number): string => new Date(ms).toISOString();

const isSameOpinion = (a: Opinion, b: Opinion): boolean => a.direction === b.direction && a.confidence === b.confidence;

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

/** What the connection is for: its features, and the version or file where it names one. */
function checkVersion({ spec, expected }: SourceParts, version: ModelVersion): ForecastError | null {
  if (version.featureSchema !== null && version.featureSchema !== spec.schema) {
    return { code: 'feature-schema', built: spec.schema, expected: version.featureSchema };
  }
  if (expected.version !== null && version.version !== expected.version) {
    return { code: 'version', expected: `version ${expected.version}`, offered: versionText(version) };
  }
  if (expected.sha256 !== null && version.sha256 !== expected.sha256) {
    const offered = version.sha256 === null ? `${versionText(version)} without a sha256` : versionText(version);
    return { code: 'version', expected: `sha256 ${expected.sha256.slice(0, 12)}…`, offered };
  }
  return null;
}

function buildQuestion(parts: SourceParts, request: ForecastRequest, id: string): Result<Question, ForecastError> {
  const { symbol, asOf, bars, tickSize } = request;
  const last = bars.at(-1);
  if (last !== undefined && last.closeAt > asOf) {
    return err({ code: 'bad-bars', detail: `the last bar closes at ${isoTime(last.closeAt)}, after ${isoTime(asOf)}` });
  }
  const timeframe = last?.timeframe ?? parts.timeframe;
  if (timeframe !== parts.timeframe) {
    return err({
      code: 'differs',
      what: `The model reads bars of ${parts.timeframe}; the desk holds bars of ${timeframe}`,
      remedy: 'Correct the timeframe of the connection, or ask a model for these bars.',
    });
  }
  const window = parts.features.build(bars, parts.spec, tickSize);
  if (!window.ok) return window;
  return ok({ id, symbol, timeframe, asOf, window: window.value });
}

/** What an outcome says about the connection: too few bars and cancelled asks say nothing about the service. */
function report(connection: ConnectionLog, error: ForecastError | null, remark: string | null): void {
  if (error === null) {
    connection.set(remark === null ? 'live' : 'degraded', remark);
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
    case 'no-secret':
    case 'bad-secret':
    case 'runtime':
      connection.set('disconnected', detailOf(error));
      return;
    case 'too-old':
      // The service did its part; what is old are the bars.
      connection.set('live', null);
      return;
    default:
      connection.set('degraded', detailOf(error));
  }
}
