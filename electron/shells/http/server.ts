import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DeskErrorCode, DeskErrorData } from '#shared/contract/errors.ts';
import { openApiDocument, restRoutes } from '#shared/contract/openapi.ts';
import { serve } from '#desk/serve.ts';
import type { Door } from '#desk/serve.ts';
import { SECURITY_HEADERS } from '#shells/security-headers.ts';
import { readStaticFile } from '#shells/static-file.ts';
import { createGate, newToken } from './auth.ts';
import type { Gate } from './auth.ts';
import { guardRequest, MAX_BODY_BYTES, refuse } from './guards.ts';
import type { Refusal } from './guards.ts';
import { serveWebSocket } from './ws.ts';

export type HttpShellOptions = {
  readonly desk: Door;
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** Folder of the built page. */
  readonly staticFolder: string;
  /** Fixed token for tests; a new random one otherwise. */
  readonly token?: string;
  readonly version?: string;
};

export type HttpShell = {
  /** Address to open the desk with, token included. It works as often as needed. */
  readonly url: string;
  readonly origin: string;
  readonly token: string;
  /** Address that works once: for command lines, which other users of the machine can read. */
  oneTimeUrl(): string;
  close(): Promise<void>;
};

/** The only address it listens on. */
const LOOPBACK = '127.0.0.1';
const OPENAPI_PATH = '/api/openapi.json';

const STATUS: Readonly<Record<DeskErrorCode, number>> = {
  'unknown-operation': 404,
  'invalid-input': 400,
  'not-found': 404,
  refused: 409,
  'not-ready': 503,
  'journal-in-use': 503,
  'needs-recovery': 503,
  disconnected: 503,
  internal: 500,
};

/**
 * Serves one open desk on 127.0.0.1: the page, its WebSocket and the read-only REST API.
 * Everything needs the token. Rejects when the port is taken.
 */
export async function startHttpShell(options: HttpShellOptions): Promise<HttpShell> {
  const token = options.token ?? newToken();
  const address = { port: 0 };
  const origin = (): string => `http://${LOOPBACK}:${address.port}`;
  const gate = createGate(token, () => address.port);
  const app = createApp();

  guardEverything(app, { gate, origin });
  addRest(app, options);
  addPage(app, options.staticFolder);
  answerErrors(app);
  const sockets = serveWebSocket(app.server, options.desk, { gate, origin });

  await app.listen({ host: LOOPBACK, port: options.port ?? 0 });
  const bound = app.server.address();
  address.port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    url: `${origin()}/?token=${token}`,
    origin: origin(),
    token,
    oneTimeUrl: () => `${origin()}/?token=${gate.newTicket()}`,
    close: async () => {
      sockets.close();
      await app.close();
    },
  };
}

const createApp = (): FastifyInstance =>
  fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: 5000,
    keepAliveTimeout: 5000,
    // Node looks for overdue requests only every 30 s unless it is told to: until then a slow one would hold its socket.
    http: { headersTimeout: 3000, maxHeaderSize: 16 * 1024, connectionsCheckingInterval: 1000 },
    forceCloseConnections: true,
    // Proxies do not stand in front of a loopback server, and their headers are not believed.
    trustProxy: false,
  });

function send(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return reply.code(refusal.status).type('application/json; charset=utf-8').send(refusal.error);
}

function guardEverything(app: FastifyInstance, access: { readonly gate: Gate; readonly origin: () => string }): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    const refusal = guardRequest({ ...headersOf(request), method: request.method }, access.origin());
    if (refusal !== null) {
      void send(reply, refusal);
      return;
    }
    const entered = enter(request, access);
    if (entered === 'redirect') {
      void reply.header('set-cookie', access.gate.cookie(Number(new URL(access.origin()).port))).redirect('/', 303);
    } else if (entered === 'refused') {
      // A request without any token is no guess: a page elsewhere could make thousands of those.
      if (hasToken(request) && access.gate.isGuessing()) void send(reply.header('retry-after', '60'), tooManyGuesses);
      else void send(reply, unauthorised(request));
    } else if (!isRead(request.method)) void send(reply.header('allow', 'GET, HEAD'), readOnly);
    else done();
  });
}

const headersOf = (request: FastifyRequest) => ({ headers: request.headers, rawHeaders: request.raw.rawHeaders });

function enter(request: FastifyRequest, access: { readonly gate: Gate }): 'allowed' | 'redirect' | 'refused' {
  const url = new URL(request.url, 'http://unused');
  const given = request.method === 'GET' && url.pathname === '/' ? url.searchParams.get('token') : null;
  // A token in the address is taken out of it at once, whether or not the cookie is there already.
  if (given !== null) return access.gate.admits(given) ? 'redirect' : 'refused';
  return access.gate.isAllowed(request.headers) ? 'allowed' : 'refused';
}

const hasToken = ({ headers, url }: FastifyRequest): boolean =>
  headers.authorization !== undefined || headers.cookie !== undefined || url.includes('token=');

const tooManyGuesses = refuse(429, {
  code: 'refused',
  message: 'Too many wrong tokens.',
  remedy: 'Wait a minute, then open the address the desk printed when it started.',
});

const unauthorised = (request: FastifyRequest): Refusal =>
  refuse(401, {
    code: 'refused',
    message: 'The token is missing or wrong.',
    remedy: request.url.startsWith('/api/')
      ? 'Send Authorization: Bearer with the token shown in Settings.'
      : 'Open the address the desk printed when it started.',
  });

function addRest(app: FastifyInstance, options: HttpShellOptions): void {
  for (const route of restRoutes) {
    app.get(route.path, async (request, reply) => {
      const { handlers, onIncident } = options.desk;
      const result = await serve(handlers, route.name, request.query, onIncident);
      return result.ok
        ? reply.type('application/json; charset=utf-8').send(JSON.stringify(result.output))
        : send(reply, { status: STATUS[result.error.code], error: result.error });
    });
  }
  const document = JSON.stringify(openApiDocument(options.version ?? '0.0.0'));
  app.get(OPENAPI_PATH, (_request, reply) => reply.type('application/json; charset=utf-8').send(document));
}

function addPage(app: FastifyInstance, folder: string): void {
  app.get('/*', async (request, reply) => {
    const file = await readStaticFile(folder, request.url.split('?')[0] ?? '/');
    return file === null ? send(reply, notFound) : reply.type(file.type).send(file.body);
  });
}

const notFound = refuse(404, { code: 'not-found', message: 'There is no such address.' });

/** Every address is read-only, so any other method is wrong everywhere, and its body is not even read. */
const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';
const readOnly = refuse(405, { code: 'refused', message: 'This address can only be read.', remedy: 'Use GET.' });

function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) => send(reply, notFound));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const told: Pick<DeskErrorData, 'code' | 'message'> =
      status < 500
        ? { code: 'invalid-input', message: error.message }
        : { code: 'internal', message: 'The desk could not answer because of an error of its own.' };
    return send(reply, refuse(status, told));
  });
}
