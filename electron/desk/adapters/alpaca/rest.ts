import type { z } from 'zod';
import { type Result, err, ok } from '#shared/result.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { AlpacaKeys } from './config.ts';
import { errorSchema } from './wire.ts';

/** What came of one request. Only `refused` says that Alpaca has not done it; `unclear` says nothing at all. */
export type Answer =
  | { readonly kind: 'ok'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly code: number | null; readonly message: string }
  | { readonly kind: 'limited'; readonly retryMs: number }
  | { readonly kind: 'unclear'; readonly why: string };

export type Request = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
};

/** The REST side of one connection. Nothing rejects. */
export interface Rest {
  readonly ask: (request: Request) => Promise<Answer>;
  /** A question that changes nothing: asked again after a limit or a failure, a few times. */
  readonly get: <S extends z.ZodType>(path: string, schema: S) => Promise<Result<z.output<S>, GetFailure>>;
  readonly close: () => void;
}
export type GetFailure = { readonly status: number | null; readonly why: string };

export type RestParts = {
  readonly clock: Clock;
  readonly url: string;
  readonly keys: AlpacaKeys;
  readonly onHeard: (latencyMs: number) => void;
};

/** Without an answer by then, nobody knows. @source protocols.md 6.3 */
const ANSWER_MS = 10_000;
const MAX_BODY_BYTES = 8_000_000;
/** Waits between the looks of one question. @source protocols.md 3.1 */
const AGAIN_MS = [500, 1_000] as const;
const LONGEST_LIMIT_MS = 5_000;
const MINUTE_MS = 60_000;

/** Statuses by which Alpaca says that it has not taken an order. @source protocols.md 6.1 */
const DEFINITE: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 413, 422]);

const WORDS: ReadonlyMap<number, string> = new Map([
  [401, 'Alpaca does not know these keys; paper and live have keys of their own'],
  [403, 'Alpaca refuses it'],
]);

/** Says a refusal in one sentence. */
export function refusalSentence({ status, message }: { status: number; message: string }): string {
  const word = WORDS.get(status) ?? `Alpaca refused it (${status})`;
  return message === '' ? word : `${word}: ${message.slice(0, 300)}`;
}

/** Makes the REST side of a connection. Redirects are not followed: the keys go to one place only. */
export function createRest({ clock, url, keys, onHeard }: RestParts): Rest {
  const underWay = new Set<AbortController>();
  const headers = { 'APCA-API-KEY-ID': keys.keyId, 'APCA-API-SECRET-KEY': keys.secretKey, accept: 'application/json' };

  const exchange = async ({ method, path, body }: Request, signal: AbortSignal): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      ...{ method, signal, redirect: 'manual' },
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await readText(response);
    if (response.ok) return { kind: 'ok', body: text === '' ? null : (JSON.parse(text) as unknown) };
    const { status } = response;
    if (status === 429) return { kind: 'limited', retryMs: retryOf(response.headers, clock.now()) };
    if (!DEFINITE.has(status)) return { kind: 'unclear', why: `Alpaca answered ${status}` };
    return { kind: 'refused', status, ...errorOf(text) };
  };
  const ask: Rest['ask'] = async (request) => {
    const controller = new AbortController();
    const stopTimer = clock.after(ANSWER_MS, () => controller.abort(new Error('late')));
    underWay.add(controller);
    const askedAt = clock.monotonic();
    try {
      const answer = await exchange(request, controller.signal);
      onHeard(clock.monotonic() - askedAt);
      return answer;
    } catch (cause) {
      return { kind: 'unclear', why: reasonOf(cause, controller.signal.aborted) };
    } finally {
      stopTimer();
      underWay.delete(controller);
    }
  };
  const get: Rest['get'] = async (path, schema) => {
    let failure: GetFailure = { status: null, why: 'Alpaca was not asked' };
    for (const waitMs of [...AGAIN_MS, null]) {
      const answer = await ask({ method: 'GET', path });
      if (answer.kind === 'refused') return err({ status: answer.status, why: refusalSentence(answer) });
      if (answer.kind === 'ok') {
        const parsed = schema.safeParse(answer.body);
        return parsed.success ? ok(parsed.data) : err({ status: null, why: `Alpaca's answer to ${path} is not read` });
      }
      const limit = answer.kind === 'limited' ? answer.retryMs : 0;
      failure = { status: null, why: answer.kind === 'limited' ? limitSentence(limit) : answer.why };
      if (waitMs === null || limit > LONGEST_LIMIT_MS) break;
      await new Promise<void>((resolve) => void clock.after(Math.max(waitMs, limit), resolve));
    }
    return err(failure);
  };
  return {
    ask,
    get,
    close: () => {
      for (const controller of underWay) controller.abort(new Error('closed'));
    },
  };
}

export const limitSentence = (retryMs: number): string =>
  `Alpaca takes no more requests for ${Math.ceil(retryMs / 1_000)} s (429)`;

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: ReadableStream<Uint8Array> | null = response.body;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    size += part.value.length;
    if (size > MAX_BODY_BYTES) throw new Error('the answer is too large');
    chunks.push(part.value);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** How long to wait after a 429: what it says (seconds, or until a date), else until the limit is set back, else a second. */
function retryOf(headers: Headers, now: number): number {
  const text = headers.get('retry-after') ?? '';
  const after = text === '' ? Number.NaN : Number(text);
  if (Number.isFinite(after) && after >= 0) return Math.min(after * 1_000, MINUTE_MS);
  const until = Date.parse(text) - now;
  if (Number.isFinite(until)) return Math.min(Math.max(until, 0), MINUTE_MS);
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1_000 - now;
  return Number.isFinite(reset) ? Math.min(Math.max(reset, 0), MINUTE_MS) : 1_000;
}

function errorOf(text: string): { code: number | null; message: string } {
  try {
    const parsed = errorSchema.safeParse(JSON.parse(text));
    if (parsed.success) return { code: parsed.data.code ?? null, message: parsed.data.message };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  return { code: null, message: '' };
}

/** Node hides the system's code behind "fetch failed". */
function reasonOf(cause: unknown, isAborted: boolean): string {
  if (isAborted) return `Alpaca has not answered within ${ANSWER_MS / 1_000} s`;
  const inner: unknown = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const code = inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : null;
  if (cause instanceof SyntaxError) return 'Alpaca answered what is no JSON';
  return `Alpaca could not be reached (${code ?? (cause instanceof Error ? cause.message : 'unknown error')})`;
}
