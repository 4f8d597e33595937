import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { linkClient } from '#desk/serve.ts';
import type { Door } from '#desk/serve.ts';
import type { Gate } from './auth.ts';
import { frameTexts } from './frame-text.ts';
import { guardUpgrade, MAX_BODY_BYTES, refuse } from './guards.ts';
import type { Refusal } from './guards.ts';
import { SECURITY_HEADERS } from '#shells/security-headers.ts';

/** Above this, events wait in the desk's ring until the client has caught up … */
const BUSY_BYTES = 1024 * 1024;
/** … and above this the client is not reading at all. */
const DEAD_BYTES = 8 * 1024 * 1024;
const MAX_CLIENTS = 16;
const HEARTBEAT_MS = 15_000;
/** Messages a client may send at once, and per second on average. A trader's page sends a few, an upload hundreds. */
const BURST = 3_000;
const PER_SECOND = 2_000;

export type WebSocketDoor = { close(): void };

/** Serves the contract on `/ws` of an HTTP server. Compression is off: on loopback it only costs time. */
export function serveWebSocket(
  server: Server,
  desk: Door,
  access: { readonly gate: Gate; readonly origin: () => string },
): WebSocketDoor {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY_BYTES, perMessageDeflate: false });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const refusal = refusalOf(request, access) ?? (sockets.clients.size >= MAX_CLIENTS ? tooMany : null);
    if (refusal === null) sockets.handleUpgrade(request, socket, head, (client) => attach(client, desk));
    else end(socket, refusal);
  };
  server.on('upgrade', onUpgrade);
  return {
    close: () => {
      server.off('upgrade', onUpgrade);
      for (const client of sockets.clients) client.close(1001, 'The desk is closing');
      sockets.close();
      // A client that does not answer the close is not waited for.
      setTimeout(() => sockets.clients.forEach((client) => client.terminate()), 500).unref();
    },
  };
}

function refusalOf(
  request: IncomingMessage,
  access: { readonly gate: Gate; readonly origin: () => string },
): Refusal | null {
  const guarded = guardUpgrade({ ...pick(request), method: 'GET' }, access.origin());
  if (guarded !== null) return guarded;
  if (request.url !== '/ws') return refuse(404, { code: 'not-found', message: 'There is no such address.' });
  return access.gate.isAllowed(request.headers)
    ? null
    : refuse(401, { code: 'refused', message: 'The token is missing or wrong.' });
}

const pick = ({ headers, rawHeaders }: IncomingMessage) => ({ headers, rawHeaders });
const tooMany = refuse(503, { code: 'refused', message: 'Too many windows are connected.' });

function end(socket: Duplex, refusal: Refusal): void {
  const body = JSON.stringify(refusal.error);
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.on('error', () => socket.destroy());
  socket.end([`HTTP/1.1 ${refusal.status} Refused`, ...lines, '', body].join('\r\n'));
}

function attach(client: WebSocket, desk: Door): void {
  const link = linkClient(desk, {
    isBusy: () => client.bufferedAmount > BUSY_BYTES,
    send: (frame) => {
      if (client.readyState !== client.OPEN) return;
      if (client.bufferedAmount > DEAD_BYTES) {
        client.terminate();
        return;
      }
      for (const text of frameTexts(frame)) client.send(text, () => link.drained());
    },
  });
  const stopHeartbeat = heartbeat(client);
  const isWithinRate = messageRate();
  client.on('message', (data, isBinary) => {
    if (!isWithinRate()) client.close(1008, 'Too many messages');
    else if (isBinary) client.close(1003, 'Text frames only');
    else link.receive(parse(data));
  });
  client.on('error', () => client.terminate());
  client.on('close', () => {
    stopHeartbeat();
    link.close();
  });
}

/** Says, message by message, whether a client keeps to its rate. */
function messageRate(): () => boolean {
  let left = BURST;
  let at = performance.now();
  return () => {
    const now = performance.now();
    left = Math.min(BURST, left + ((now - at) / 1000) * PER_SECOND);
    at = now;
    left -= 1;
    return left >= 0;
  };
}

/** Ends a connection whose other side has gone without a word (lid closed, process stopped). */
function heartbeat(client: WebSocket): () => void {
  let isAlive = true;
  client.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) client.terminate();
    isAlive = false;
    client.ping();
  }, HEARTBEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function parse(data: RawData): unknown {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    // Not a frame; the link ignores it.
    return null;
  }
}
