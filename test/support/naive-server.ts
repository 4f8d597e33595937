import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export type NaiveServer = { readonly port: number; readonly handled: string[]; close(): Promise<void> };

/**
 * A loopback server as they are often written: it listens on 127.0.0.1 and trusts whoever gets there. The attack tests
 * run against it too: an attack that fails here as well would prove nothing about the desk.
 */
export async function startNaiveServer(): Promise<NaiveServer> {
  const handled: string[] = [];
  const server = createServer((request, response) => {
    handled.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.setHeader('content-type', 'application/json');
    response.end('{"equity":"SECRET"}');
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.send('SECRET'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    handled,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type AttackerPage = { readonly port: number; close(): Promise<void> };

/** Serves an empty page for an attacker's scripts to run in, on a port and host names of its own. */
export async function startAttackerPage(): Promise<AttackerPage> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>other site</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
