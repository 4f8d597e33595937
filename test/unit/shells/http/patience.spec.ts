import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { ask, askUpgrade } from '#test/support/http.ts';
import { createTestDesk, type TestDesk } from '#test/support/test-desk.ts';

let desk: TestDesk;
let shell: HttpShell;
const bearer = () => ({ authorization: `Bearer ${shell.token}` });
const own = () => ({ ...bearer(), origin: shell.origin });

beforeAll(() => {
  desk = createTestDesk();
});
afterAll(() => desk.close());

/** Sends the beginning of a request, goes on with a byte now and then, and tells what came until the other side hung up. */
function trickle(begin: string, byte: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = net.connect(Number(new URL(shell.origin).port), '127.0.0.1', () => socket.write(begin));
    const drip = setInterval(() => socket.write(byte), 200);
    socket.on('data', (data) => (heard += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(drip);
      resolve(heard);
    });
  });
}

describe('a client that takes its time', () => {
  beforeAll(async () => {
    shell = await startHttpShell({ desk, staticFolder: import.meta.dirname });
  });
  afterAll(() => shell.close());

  it('over its headers is hung up on, whether it says nothing, little or no end', async () => {
    const begins = [
      ['', ''],
      ['GET /', 'a'],
      ['GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ', 'x'],
    ] as const;
    const slow = begins.map(([begin, byte]) => trickle(begin, byte));
    expect((await ask(shell.origin, { path: '/api/kelly/risk-metrics', headers: bearer() })).status).toBe(200);
    for (const heard of await Promise.all(slow)) {
      expect(heard === '' || heard.startsWith('HTTP/1.1 408')).toBe(true);
      expect(heard).not.toContain('equity');
    }
  });

  it('over its body is refused before the body is there, and then hung up on', async () => {
    const { host } = new URL(shell.origin);
    const post = (...headers: string[]): Promise<string> =>
      trickle(
        ['POST /api/order HTTP/1.1', `Host: ${host}`, 'Content-Length: 60000', ...headers, '', ''].join('\r\n'),
        'x',
      );
    const json = 'Content-Type: application/json';
    const token = `Authorization: Bearer ${shell.token}`;
    const heard = await Promise.all([post(), post(json), post(token), post(json, token)]);
    expect(heard.map((answer) => answer.slice(0, 12))).toEqual([415, 401, 415, 405].map((code) => `HTTP/1.1 ${code}`));
    for (const answer of heard) expect(answer).not.toMatch(/HTTP\/1\.1 2/);
  });
});

describe('a WebSocket', () => {
  beforeAll(async () => {
    shell = await startHttpShell({ desk, staticFolder: import.meta.dirname });
  });
  afterAll(() => shell.close());
  afterEach(() => vi.useRealTimers());

  const open = async (autoPong = true): Promise<WebSocket> => {
    const socket = new WebSocket(`${shell.origin.replace('http', 'ws')}/ws`, {
      ...{ headers: bearer(), origin: shell.origin, autoPong },
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return socket;
  };
  const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', resolve));
  const answered = (socket: WebSocket): Promise<unknown> => {
    const heard = new Promise((resolve) => socket.once('message', resolve));
    socket.send(JSON.stringify({ kind: 'call', id: 1, op: 'risk.metrics', input: {} }));
    return heard;
  };

  it('whose other side is gone is ended at the second heartbeat, one that answers is kept', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const [gone, alive] = [await open(false), await open()];
    const ended = closed(gone);
    const pinged = new Promise((resolve) => alive.once('ping', resolve));
    vi.advanceTimersByTime(15_000);
    await pinged;
    // Its pong was sent before this call, so it has arrived when the call is answered.
    await answered(alive);
    vi.advanceTimersByTime(15_000);
    expect(await ended).toBe(1006);
    await answered(alive);
    alive.terminate();
  });

  it('that sends without end is closed, and the others go on', async () => {
    const [flood, other] = [await open(), await open()];
    const ended = closed(flood);
    for (let n = 0; n < 20_000; n += 1) flood.send('{}');
    expect(await ended).toBe(1008);
    await answered(other);
    other.terminate();
  });

  it('beyond the sixteenth is refused until one is closed', async () => {
    await expect.poll(async () => (await askUpgrade(shell.origin, own())).status).toBe(101);
    const sockets: WebSocket[] = [];
    let status = 101;
    while (sockets.length < 20 && status === 101) {
      const socket = await open().catch(() => null);
      if (socket === null) break;
      sockets.push(socket);
    }
    expect(sockets.length).toBeLessThanOrEqual(16);
    expect(sockets.length).toBeGreaterThanOrEqual(14);
    ({ status } = await askUpgrade(shell.origin, own()));
    expect(status).toBe(503);
    for (const socket of sockets) socket.terminate();
    await expect.poll(async () => (await askUpgrade(shell.origin, own())).status).toBe(101);
  });
});
