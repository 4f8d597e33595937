import type { ModelVersion } from '#shared/domain/prediction.ts';
import { type Result, err, ok } from '#shared/result.ts';
import type { Headers } from './auth.ts';
import { errorBodySchema } from './error-body.ts';
import { type ForecastError, type TransportError, printable } from './error.ts';
import { createHttpEndpoint } from './http.ts';
import { parseJson } from './json.ts';
import type { Answer, ClientParts, ModelClient, Question, ServiceCard } from './model-client.ts';
import type { Opinion } from './output.ts';
import { createResilientEndpoint } from './resilient.ts';

type Checked<T> = Result<T, ForecastError>;

type Look = {
  readonly path: string;
  readonly read: (text: string) => Checked<ServiceCard>;
  /** Another port than that of the questions, with a token of its own. */
  readonly at?: { readonly url: string; readonly headers: Headers };
};

/** What a protocol over HTTP adds to the rest: its paths, its bodies, and how its answers are read. */
export type Protocol = {
  readonly healthPath: string;
  readonly ready: Look;
  /** Null: the protocol says nothing of inputs, outputs or versions. */
  readonly metadata: Look | null;
  readonly ask: (question: Question) => { readonly path: string; readonly body: unknown };
  /** Reads an answer; `version` is null where it names none. */
  readonly read: (
    text: string,
    question: Question,
  ) => Checked<{ readonly opinion: Opinion; readonly version: string | null }>;
  /** What an HTTP status means here. */
  readonly explain: (error: TransportError) => TransportError;
};

export type RemoteConfig = {
  readonly url: string;
  readonly model: string;
  readonly timeoutMs: number;
};

/** What runs at the service is looked at again before a question when the last look is older than this. */
const LOOK_AGAIN_MS = 10_000;

/** Version of a model whose service names none. */
const UNVERSIONED = 'unversioned';

const silent = (who: string): ServiceCard => ({
  summary: `${who} says nothing of inputs, outputs or versions`,
  version: null,
});

const isNoPage = (error: TransportError): boolean =>
  error.code === 'http-status' && [404, 405, 501].includes(error.status);

/** An answer that cannot be read may be an error with a status that says otherwise; null when it is none. */
function errorIn(text: string): Checked<never> | null {
  const body = parseJson(text);
  const said = body.ok && typeof body.value === 'object' ? errorBodySchema.safeParse(body.value) : null;
  return said?.success === true
    ? err({ code: 'http-status', status: 200, message: printable(said.data), remedy: null })
    : null;
}

/**
 * Makes the client of a protocol over HTTP. Before the first question, and again when the last look is old, the
 * service's readiness and metadata are held against the configuration: no question goes to a model that is not the one
 * that was meant.
 */
export function createRemoteClient(config: RemoteConfig, protocol: Protocol, parts: ClientParts): ModelClient {
  const endpoint = createResilientEndpoint({
    ...{ url: config.url, healthPath: protocol.healthPath, timeoutMs: config.timeoutMs },
    ...{
      headers: parts.headers,
      hide: parts.hide,
      breakAfter: parts.breakAfter,
      probeMs: parts.probeMs,
      onProbe: parts.onProbe,
    },
  });
  const at = protocol.metadata?.at;
  const aside = at === undefined ? null : createHttpEndpoint(at.url, at.headers, parts.hide);
  const get = async (look: Look, signal: AbortSignal): Promise<Result<string, TransportError>> => {
    const { timeoutMs } = config;
    return aside === null || look.at === undefined
      ? endpoint.send(look.path, null, signal)
      : aside.send({ path: look.path, body: null, timeoutMs, signal });
  };
  const ready = async (signal: AbortSignal): Promise<Checked<ServiceCard>> => {
    const sent = await get(protocol.ready, signal);
    return sent.ok ? protocol.ready.read(sent.value) : err(protocol.explain(sent.error));
  };
  const metadata = async (signal: AbortSignal): Promise<Checked<ServiceCard>> => {
    if (protocol.metadata === null) return ok(silent('the protocol'));
    const sent = await get(protocol.metadata, signal);
    if (sent.ok) return protocol.metadata.read(sent.value);
    // The model is there, or it would not be ready: some servers have no page about it, and contradict nothing.
    return isNoPage(sent.error) ? ok(silent('the service')) : err(protocol.explain(sent.error));
  };

  let seen: { readonly card: ServiceCard; readonly at: number } | null = null;
  let underWay: Promise<Checked<ServiceCard>> | null = null;
  const look = async (): Promise<Checked<ServiceCard>> => {
    // One look serves all the symbols asked about together, so none of them may cancel it.
    const { signal } = new AbortController();
    const isReady = await ready(signal);
    const said = isReady.ok ? await metadata(signal) : isReady;
    if (!said.ok || !isReady.ok) {
      seen = null;
      return said;
    }
    const card = { ...isReady.value, ...said.value, version: said.value.version ?? isReady.value.version };
    seen = { card, at: performance.now() };
    return ok(card);
  };
  const known = (): Promise<Checked<ServiceCard>> => {
    if (seen !== null && performance.now() - seen.at < LOOK_AGAIN_MS) return Promise.resolve(ok(seen.card));
    underWay ??= look().finally(() => (underWay = null));
    return underWay;
  };

  const ask = async (question: Question, signal: AbortSignal): Promise<Checked<Answer>> => {
    const card = await known();
    if (!card.ok) return card;
    const { path, body } = protocol.ask(question);
    const sent = await endpoint.send(path, JSON.stringify(body), signal);
    if (!sent.ok) {
      // Whatever answers after this may be another one.
      seen = null;
      return err(protocol.explain(sent.error));
    }
    const answer = protocol.read(sent.value, question);
    if (!answer.ok) return errorIn(sent.value) ?? answer;
    const version: ModelVersion = {
      name: config.model,
      version: answer.value.version ?? card.value.version ?? UNVERSIONED,
      featureSchema: parts.spec.schema,
      sha256: null,
    };
    const { remark } = card.value;
    return ok({
      ...{ opinion: answer.value.opinion, asOf: question.asOf, version },
      ...(remark === undefined ? {} : { remark }),
    });
  };
  return {
    ...{ origin: endpoint.origin, ready, metadata, ask },
    close: () => {
      endpoint.close();
      aside?.close();
      return Promise.resolve();
    },
  };
}
