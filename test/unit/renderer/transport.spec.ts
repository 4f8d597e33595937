import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { bridgeTransport, socketTransport } from '#renderer/src/api/transport.ts';
import type { Transport } from '#renderer/src/api/transport.ts';
import type { ServerFrame } from '#shared/contract/frames.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(port = 0): Promise<{ readonly server: WebSocketServer; readonly port: number }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port });
  await once(server, 'listening');
  closers.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

const connect = (port: number): Transport => {
  const transport = socketTransport(`ws://127.0.0.1:${port}/ws`);
  closers.push(() => transport.close());
  return transport;
};

const stateIs = (transport: Transport, wanted: 'open' | 'closed') =>
  new Promise<void>((resolve) => {
    transport.onState((state) => {
      if (state === wanted) resolve();
    });
  });

describe('socket transport', () => {
  it('carries frames both ways', async () => {
    const { server, port } = await listen();
    server.on('connection', (socket) => {
      socket.on('message', () => {
        socket.send('not json');
        socket.send(JSON.stringify({ kind: 'subscribed', seq: 3, isComplete: true }));
      });
    });
    const transport = connect(port);
    await stateIs(transport, 'open');
    const frame = new Promise<ServerFrame>((resolve) => transport.onFrame(resolve));
    transport.send({ kind: 'subscribe', after: null });
    expect(await frame).toEqual({ kind: 'subscribed', seq: 3, isComplete: true });
  });

  it('says when it is down and comes back by itself', async () => {
    const first = await listen();
    const transport = connect(first.port);
    await stateIs(transport, 'open');
    const retries: (number | null)[] = [];
    transport.onRetry((at) => retries.push(at));
    const down = stateIs(transport, 'closed');
    for (const client of first.server.clients) client.terminate();
    first.server.close();
    await down;
    expect(retries.some((at) => at !== null)).toBe(true);
    await listen(first.port);
    transport.retryNow();
    await stateIs(transport, 'open');
  });

  it('drops what is sent while down: nothing goes out later', async () => {
    const { port, server } = await listen();
    const received: string[] = [];
    server.on('connection', (socket) => socket.on('message', (data: Buffer) => received.push(data.toString())));
    const transport = connect(port);
    transport.send({ kind: 'call', id: 1, op: 'trading.halt', input: {} });
    await stateIs(transport, 'open');
    transport.send({ kind: 'call', id: 2, op: 'desk.snapshot', input: {} });
    while (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(received.map((text) => (JSON.parse(text) as { id: number }).id)).toEqual([2]);
  });
});

describe('bridge transport', () => {
  it('is up at once and passes frames through', () => {
    const sent: unknown[] = [];
    let push: (frame: unknown) => void = () => undefined;
    const transport = bridgeTransport({
      send: (frame) => void sent.push(frame),
      onFrame: (listener) => {
        push = listener;
        return () => undefined;
      },
    });
    const states: string[] = [];
    const frames: ServerFrame[] = [];
    transport.onState((state) => states.push(state));
    transport.onFrame((frame) => frames.push(frame));
    transport.send({ kind: 'subscribe', after: 4 });
    push({ kind: 'subscribed', seq: 4, isComplete: true });
    expect(states).toEqual(['open']);
    expect(sent).toEqual([{ kind: 'subscribe', after: 4 }]);
    expect(frames).toHaveLength(1);
  });
});
