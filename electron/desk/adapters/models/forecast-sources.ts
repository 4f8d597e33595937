import type { FeatureChoice, FeatureSpec } from '#shared/domain/feature.ts';
import type { Timeframe } from '#shared/domain/market.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import { type Result, assertNever, err } from '#shared/result.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import { screenedModel } from '#desk/adapters/screened.ts';
import { secretScreenOf, type SecretScreen } from '#desk/adapters/secret-screen.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { FeatureBuilder } from '#desk/ports/feature-builder.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import type { SecretSource } from '#desk/ports/secrets.ts';
import { type Headers, authHeaders } from './auth.ts';
import type { ModelConnection } from './config.ts';
import { createDeskJsonClient } from './desk-json/client.ts';
import { type ForecastError, detailOf } from './error.ts';
import { createKserveV1Client } from './kserve-v1/client.ts';
import { createMlflowClient } from './mlflow/client.ts';
import type { ClientParts, ModelClient } from './model-client.ts';
import { createOnnxClient } from './onnx/client.ts';
import { createOpenInferenceClient } from './open-inference/client.ts';
import { createTensorflowServingClient } from './tensorflow-serving/client.ts';
import { createTorchserveClient } from './torchserve/client.ts';
import { type ModelLog, createSource } from './source.ts';

export { modelConnectionSchema, type ModelConnection } from './config.ts';

/** What a source of forecasts needs of the desk. */
export type ForecastSourceParts = {
  readonly model: ModelId;
  readonly clock: Clock;
  readonly features: FeatureBuilder;
  /** As the screens and `risk-metrics` name it; absent: the model's own id. */
  readonly name?: string;
  /** Asked for the secret a connection names, whenever it is needed. */
  readonly secrets?: SecretSource;
  /** The desk's own limit on the age of an answer: the smaller of it and the connection's counts. */
  readonly maxAgeMs?: number;
  readonly log?: ModelLog;
  /** Consecutive failed asks that open the circuit (5), and the period of health probes (10 s). */
  readonly breakAfter?: number;
  readonly probeMs?: number;
};

const BAR_MS = { '1m': 60_000, '1d': 86_400_000 } as const satisfies Record<Timeframe, number>;

/**
 * Makes the source of one configured connection. It never throws and never rejects: a connection that cannot work (an
 * unknown feature, a secret that is not there) answers every ask in a state that says so.
 */
export function createForecastSource(config: ModelConnection, parts: ForecastSourceParts): ForecastSource {
  const { model, clock } = parts;
  const connection = createConnectionLog({ id: `model:${model}`, kind: 'model', name: parts.name ?? model });
  const spec = parts.features.resolve(config.features);
  const screen = secretScreenOf(parts.secrets ?? NO_SECRETS);
  const client = createClient(config, {
    ...{ parts, spec, screen },
    onProbe: (error) => {
      if (error !== null) connection.set('disconnected', detailOf(error));
      else if (connection.current().state !== 'degraded') connection.set('live', null);
      if (error === null) connection.heard(clock.now(), null);
    },
  });
  const ageLimit = Math.round(config.maxAgeBars * BAR_MS[config.timeframe]);
  const source = createSource({
    ...{ model, clock, connection, client, features: parts.features, timeframe: config.timeframe },
    spec: spec.ok ? spec.value : placeholder(config.features),
    maxAgeMs: Math.min(ageLimit, parts.maxAgeMs ?? ageLimit),
    expected: { version: config.expectedVersion, sha256: config.expectedSha256 },
    log: parts.log ?? (() => undefined),
  });
  return screenedModel(source, screen);
}

const NO_SECRETS: SecretSource = { get: () => Promise.resolve(null) };

/** Features that cannot be looked up need no bars: the client says what is wrong with them. */
const placeholder = ({ schema }: FeatureChoice): FeatureSpec => ({ schema, rows: 0, lookBack: 0, features: [] });

type ClientContext = {
  readonly parts: Pick<ForecastSourceParts, 'breakAfter' | 'probeMs'>;
  readonly screen: SecretScreen;
  readonly spec: Result<FeatureSpec, string>;
  readonly onProbe: ClientParts['onProbe'];
};

/** Makes the client of a connection; one that cannot work answers everything with why. */
export function createClient(config: ModelConnection, { parts, spec, screen, onProbe }: ClientContext): ModelClient {
  if (!spec.ok) {
    return refusingClient(config, {
      code: 'differs',
      what: `The features of the connection cannot be built: ${spec.error}`,
      remedy: 'Correct the features of the connection.',
    });
  }
  const { breakAfter = 5, probeMs = 10_000 } = parts;
  const { secrets } = screen;
  const hide = (text: string): string => screen.hideInMessage(text);
  const headersOf = (tokenSecret: string | undefined): Headers =>
    authHeaders({ tokenSecret, tokenAs: 'bearer' }, secrets);
  const headers = config.kind === 'onnx' ? headersOf(undefined) : authHeaders(config, secrets);
  return clientOf(config, { spec: spec.value, headers, headersOf, hide, onProbe, breakAfter, probeMs });
}

function clientOf(config: ModelConnection, parts: ClientParts): ModelClient {
  switch (config.kind) {
    case 'desk':
      return createDeskJsonClient(config, parts);
    case 'open-inference':
      return createOpenInferenceClient(config, parts);
    case 'tensorflow-serving':
      return createTensorflowServingClient(config, parts);
    case 'kserve-v1':
      return createKserveV1Client(config, parts);
    case 'mlflow':
      return createMlflowClient(config, parts);
    case 'torchserve':
      return createTorchserveClient(config, parts);
    case 'onnx':
      return createOnnxClient(config, parts);
    default:
      return assertNever(config);
  }
}

/** A client of a connection that cannot work: it says why. */
function refusingClient(config: ModelConnection, error: ForecastError): ModelClient {
  const refuse = (): Promise<Result<never, ForecastError>> => Promise.resolve(err(error));
  const origin = config.kind === 'onnx' ? config.file : config.url;
  return { origin, ready: refuse, metadata: refuse, ask: refuse, close: () => Promise.resolve() };
}
