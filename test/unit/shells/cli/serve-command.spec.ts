import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { listenForWindow } from '#shells/cli/serve-command.ts';

const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const serve = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      open.push(server);
      resolve(server);
    });
  });

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = await serve(0);
  const port = portOf(server);
  await new Promise((closed) => open.pop()?.close(closed));
  return port;
}

it('a window has the usual port, so that the page finds what it kept', async () => {
  const usual = await freePort();
  expect(portOf(await listenForWindow(serve, { port: 0, usual }))).toBe(usual);
});

it('a usual port that somebody else has gives way to a free one', async () => {
  const usual = portOf(await serve(0));
  const port = portOf(await listenForWindow(serve, { port: 0, usual }));
  expect(port).not.toBe(usual);
  expect(port).toBeGreaterThan(0);
});

it('a port that was asked for is taken at its word', async () => {
  const [usual, asked] = [await freePort(), await freePort()];
  expect(portOf(await listenForWindow(serve, { port: asked, usual }))).toBe(asked);
  await expect(listenForWindow(serve, { port: asked, usual })).rejects.toThrow('this port is taken');
});

it('another failure is not covered by a free port', async () => {
  const refuse = (): Promise<never> => Promise.reject(new Error('no sockets'));
  await expect(listenForWindow(refuse, { port: 0 })).rejects.toThrow('no sockets');
});
