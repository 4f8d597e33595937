import http from 'node:http';
import https from 'node:https';
import { type Result, err, ok } from '#shared/result.ts';
import { type TransportError, printable } from './error.ts';
import { errorBodySchema } from './wire.ts';

/** Largest answer the desk reads. */
export const MAX_BODY_BYTES = 1_000_000;

/** One base address asked over kept-alive connections. Never rejects. */
export interface HttpEndpoint {
  /** Host and path, without credentials: fit to be shown. */
  readonly origin: string;
  /** The body of a 2xx answer, or why there is none. `body` null makes it a GET. */
  send(ask: {
    readonly path: string;
    readonly body: string | null;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<Result<string, TransportError>>;
  /** Ends what is under way as 'aborted'. */
  close(): void;
}

/** Makes an endpoint. A url that is not http(s) makes one that answers 'bad-url' to everything. */
export function createHttpEndpoint(url: string, token: string | null): HttpEndpoint {
  const base = URL.parse(url);
  if (base === null || (base.protocol !== 'http:' && base.protocol !== 'https:')) {
    return {
      origin: printable(url),
      send: () => Promise.resolve(err({ code: 'bad-url', url })),
      close: () => undefined,
    };
  }
  const secure = base.protocol === 'https:';
  const agent = secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  const origin = `${base.protocol}//${base.host}${base.pathname.replace(/\/$/u, '')}`;
  const underWay = new Set<() => void>();
  const send: HttpEndpoint['send'] = (ask) =>
    new Promise((resolve) => {
      const target = new URL(`${origin}${ask.path}`);
      const options = { agent, method: ask.body === null ? 'GET' : 'POST', headers: headersOf(ask.body, token) };
      const request = (secure ? https : http).request(target, options);
      // The limit covers the whole exchange: a service that sends one byte a second is late as well.
      const timer = setTimeout(() => finish(err({ code: 'timeout', afterMs: ask.timeoutMs, origin })), ask.timeoutMs);
      const onAbort = (): void => finish(err({ code: 'aborted' }));
      let isDone = false;
      const finish = (result: Result<string, TransportError>): void => {
        if (isDone) return;
        isDone = true;
        clearTimeout(timer);
        ask.signal.removeEventListener('abort', onAbort);
        underWay.delete(onAbort);
        if (!result.ok && result.error.code !== 'http-status') request.destroy();
        resolve(result);
      };
      underWay.add(onAbort);
      ask.signal.addEventListener('abort', onAbort);
      if (ask.signal.aborted) onAbort();
      request.on('error', (cause) => finish(err({ code: 'unreachable', origin, reason: reasonOf(cause) })));
      request.on('response', (response) => readBody(response, origin, finish));
      request.end(ask.body ?? undefined);
    });
  const close = (): void => {
    for (const abort of underWay) abort();
    agent.destroy();
  };
  return { origin, send, close };
}

function headersOf(body: string | null, token: string | null): Record<string, string> {
  return {
    accept: 'application/json',
    ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
}

function readBody(
  response: http.IncomingMessage,
  origin: string,
  finish: (result: Result<string, TransportError>) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) finish(err({ code: 'too-large', limitBytes: MAX_BODY_BYTES }));
    else chunks.push(chunk);
  });
  response.on('error', (cause) => finish(err({ code: 'unreachable', origin, reason: reasonOf(cause) })));
  response.on('aborted', () => finish(err({ code: 'unreachable', origin, reason: 'the answer broke off' })));
  response.on('end', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) finish(ok(text));
    else finish(err({ code: 'http-status', origin, status, message: messageOf(text) }));
  });
}

/** What an error body says, in whichever of the usual shapes; plain short text as it is; null for pages of HTML. */
function messageOf(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.startsWith('<')) return null;
  try {
    const parsed = errorBodySchema.safeParse(JSON.parse(trimmed));
    if (parsed.success) return printable(parsed.data);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  return printable(trimmed);
}

/** Node puts the system's code (ECONNREFUSED …) on the error; attempts over several addresses come as a bundle. */
function reasonOf(cause: Error): string {
  const first = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  const code = first instanceof Error && 'code' in first ? first.code : undefined;
  return typeof code === 'string' ? code : cause.message;
}
