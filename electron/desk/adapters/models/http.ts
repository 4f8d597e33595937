import http from 'node:http';
import https from 'node:https';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { type Result, err, ok } from '#shared/result.ts';
import type { Headers } from './auth.ts';
import { type TransportError, printable } from './error.ts';
import { errorBodySchema } from './error-body.ts';

/** Largest answer the desk reads. */
export const MAX_BODY_BYTES = 1_000_000;

type Ask = {
  readonly path: string;
  readonly body: string | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** One base address asked over kept-alive connections. Never rejects. */
export interface HttpEndpoint {
  /** Host and path, without credentials: fit to be shown. */
  readonly origin: string;
  /** The body of a 2xx answer, or why there is none. `body` null makes it a GET. */
  send(ask: Ask): Promise<Result<string, TransportError>>;
  /** Ends what is under way as 'aborted'. */
  close(): void;
}

/**
 * Makes an endpoint. A url that is not http(s) makes one that answers 'bad-url' to everything.
 * @param hide what takes secrets out of a text: applied to all that comes back, before any of it is read or cut
 */
export function createHttpEndpoint(url: string, headers: Headers, hide: (text: string) => string): HttpEndpoint {
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
  const sendWith = (ask: Ask, own: Readonly<Record<string, string>>): Promise<Result<string, TransportError>> =>
    new Promise((resolve) => {
      const target = new URL(`${origin}${ask.path}`);
      const options = { agent, method: ask.body === null ? 'GET' : 'POST', headers: headersOf(ask.body, own) };
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
      request.on('response', (response) => readBody(response, { origin, hide, finish }));
      request.end(ask.body ?? undefined);
    });
  const send: HttpEndpoint['send'] = async (ask) => {
    const own = await headers();
    return own.ok ? sendWith(ask, own.value) : own;
  };
  const close = (): void => {
    for (const abort of underWay) abort();
    agent.destroy();
  };
  return { origin, send, close };
}

function headersOf(body: string | null, own: Readonly<Record<string, string>>): Record<string, string> {
  return {
    accept: 'application/json',
    // Plain answers only: a small compressed one can be a large one.
    'accept-encoding': 'identity',
    ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...own,
  };
}

type Reader = {
  readonly origin: string;
  readonly hide: (text: string) => string;
  readonly finish: (result: Result<string, TransportError>) => void;
};

function readBody(response: http.IncomingMessage, { origin, hide, finish }: Reader): void {
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
    // Part JSON, part bytes: an extension of Triton that has to be asked for.
    if (response.headers['inference-header-content-length'] !== undefined) {
      finish(err({ code: 'binary' }));
      return;
    }
    const encoding = response.headers['content-encoding'];
    void decoded(Buffer.concat(chunks), encoding === undefined ? undefined : hide(encoding)).then((body) => {
      if (body.ok) finish(toResult(response, { origin, hide }, hide(body.value.toString('utf8'))));
      else finish(body);
    });
  });
}

function toResult(
  response: http.IncomingMessage,
  { origin, hide }: Pick<Reader, 'origin' | 'hide'>,
  text: string,
): Result<string, TransportError> {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return ok(text);
  const { location } = response.headers;
  if (status >= 300 && status < 400 && location !== undefined) {
    return err({ code: 'redirect', origin, status, location: hide(withoutCredentials(location, origin)) });
  }
  return err({ code: 'http-status', status, message: messageOf(text), remedy: null });
}

/** Host and path of where a redirect points: a query may hold what must not be shown. */
function withoutCredentials(location: string, origin: string): string {
  const url = URL.parse(location, origin);
  return url === null ? 'nowhere' : `${url.protocol}//${url.host}${url.pathname}`;
}

type Decoder = (body: Buffer, done: (cause: Error | null, plain: Buffer) => void) => void;

const limit = { maxOutputLength: MAX_BODY_BYTES };
const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', (body, done) => gunzip(body, limit, done)],
  ['x-gzip', (body, done) => gunzip(body, limit, done)],
  ['deflate', (body, done) => inflate(body, limit, done)],
  ['br', (body, done) => brotliDecompress(body, limit, done)],
]);

/** Undoes a compression nobody asked for, up to the size an answer may have. */
async function decoded(body: Buffer, encoding = 'identity'): Promise<Result<Buffer, TransportError>> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '' || body.length === 0) return ok(body);
  const decoder = DECODERS.get(name);
  if (decoder === undefined) return err({ code: 'encoding', encoding, problem: 'cannot be read' });
  return new Promise((resolve) => {
    decoder(body, (cause, plain) => {
      if (cause === null) resolve(ok(plain));
      else if ('code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') {
        resolve(err({ code: 'too-large', limitBytes: MAX_BODY_BYTES }));
      } else resolve(err({ code: 'encoding', encoding, problem: 'is broken' }));
    });
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
