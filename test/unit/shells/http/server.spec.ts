import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deskErrorSchema } from '#shared/contract/errors.ts';
import { kellyPositionSchema } from '#shared/contract/views.ts';
import { startHttpShell } from '#shells/http/server.ts';
import type { HttpShell } from '#shells/http/server.ts';
import { CONTENT_SECURITY_POLICY } from '#shells/security-headers.ts';
import { ask, askRaw, askUpgrade } from '#test/support/http.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import type { TestDesk } from '#test/support/test-desk.ts';

let folder: string;
let desk: TestDesk;
let shell: HttpShell;
let bearer: { readonly authorization: string };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'desk-http-'));
  await mkdir(path.join(folder, 'page/assets'), { recursive: true });
  await writeFile(path.join(folder, 'secret.txt'), 'SECRET');
  await writeFile(path.join(folder, 'page/index.html'), '<!doctype html><title>desk</title>');
  await writeFile(path.join(folder, 'page/assets/app.js'), 'export {};');
  await writeFile(path.join(folder, 'page/.hidden.txt'), 'SECRET');
  await writeFile(path.join(folder, 'page/data.sqlite'), 'SECRET');
  await symlink(path.join(folder, 'secret.txt'), path.join(folder, 'page/link.txt'));
  desk = createTestDesk();
  shell = await startHttpShell({ desk, staticFolder: path.join(folder, 'page'), version: '1.2.3' });
  bearer = { authorization: `Bearer ${shell.token}` };
});

afterAll(async () => {
  await shell.close();
  desk.close();
  await rm(folder, { recursive: true });
});

const cookieOf = async (url: string): Promise<string> => {
  const { pathname, search } = new URL(url);
  const { headers } = await ask(shell.origin, { path: pathname + search });
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
};

describe('the loopback server', () => {
  it('listens on 127.0.0.1 and nowhere else', async () => {
    const { port } = new URL(shell.origin);
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((address) => address.address !== '127.0.0.1' && !address.address.startsWith('fe80'));
    for (const { address } of others) {
      const outcome = await new Promise<string>((resolve) => {
        const socket = net.connect(Number(port), address, () => resolve('connected'));
        socket.on('error', () => resolve('refused'));
      });
      expect(outcome, address).toBe('refused');
    }
  });

  it('makes a token of 256 bits, another at each start', async () => {
    const second = await startHttpShell({ desk, staticFolder: folder });
    expect(Buffer.from(shell.token, 'base64url')).toHaveLength(32);
    expect(second.token).not.toBe(shell.token);
    await second.close();
  });

  it('says so when its port is taken', async () => {
    const port = Number(new URL(shell.origin).port);
    await expect(startHttpShell({ desk, staticFolder: folder, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the token', () => {
  it('in the address becomes a cookie no script can read, and leaves the address', async () => {
    const { status, headers } = await ask(shell.origin, { path: `/?token=${shell.token}` });
    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    expect(headers['set-cookie']?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  it('by cookie opens the page and the API', async () => {
    const cookie = await cookieOf(shell.url);
    expect((await ask(shell.origin, { headers: { cookie } })).body).toContain('<title>desk</title>');
    expect((await ask(shell.origin, { path: '/api/kelly/risk-metrics', headers: { cookie } })).status).toBe(200);
  });

  it('on a command line works once', async () => {
    const url = shell.oneTimeUrl();
    expect(url).not.toContain(shell.token);
    expect(await cookieOf(url)).toMatch(/^desk-\d+=/);
    const { pathname, search } = new URL(url);
    expect((await ask(shell.origin, { path: pathname + search })).status).toBe(401);
  });

  it.each([
    ['nothing', {}],
    ['a wrong bearer', { authorization: 'Bearer wrong' }],
    ['an empty bearer', { authorization: 'Bearer ' }],
    ['basic credentials', { authorization: 'Basic dG9rZW46dG9rZW4=' }],
    ['a wrong cookie', { cookie: 'desk-1=wrong; desk=wrong' }],
  ])('is asked for everywhere: 401 with %s', async (_name, headers) => {
    for (const address of ['/', '/assets/app.js', '/api/kelly/current-positions', '/api/openapi.json', '/nope']) {
      const answer = await ask(shell.origin, { path: address, headers });
      expect(answer.status, address).toBe(401);
      expect(answer.body).not.toContain('title');
    }
  });

  it('in the address is refused when wrong, even with a good cookie', async () => {
    const cookie = await cookieOf(shell.url);
    expect((await ask(shell.origin, { path: '/?token=wrong', headers: { cookie } })).status).toBe(401);
  });

  it('in the address of the API opens nothing', async () => {
    const answer = await ask(shell.origin, { path: `/api/kelly/risk-metrics?token=${shell.token}` });
    expect(answer.status).toBe(401);
  });
});

describe('guessing the token', () => {
  it('is answered with 429 after some tries, and the right one is let in all the same', async () => {
    const guessed = await startHttpShell({ desk, staticFolder: path.join(folder, 'page') });
    const get = (authorization: string) =>
      ask(guessed.origin, { path: '/api/kelly/risk-metrics', headers: { authorization } });
    const statuses: number[] = [];
    for (let i = 0; i < 40; i += 1) statuses.push((await get(`Bearer wrong${i}`)).status);
    expect(new Set(statuses.slice(0, 30))).toEqual(new Set([401]));
    expect(new Set(statuses.slice(31))).toEqual(new Set([429]));
    expect((await get(`Bearer ${guessed.token}`)).status).toBe(200);
    expect((await ask(guessed.origin, { path: '/' })).status).toBe(401);
    await guessed.close();
  });
});

describe('requests no page and no program of ours sends', () => {
  it.each([
    ['rebind.test'],
    ['localhost'],
    ['127.0.0.1'],
    ['127.0.0.1.evil.test'],
    ['127.0.0.1:1'],
    ['[::1]'],
    ['0.0.0.0'],
  ])('421 for Host %j', async (host) => {
    const withPort = host.includes(':') || host === '127.0.0.1' ? host : `${host}:${new URL(shell.origin).port}`;
    const answer = await ask(shell.origin, { path: '/api/kelly/risk-metrics', headers: { ...bearer, host: withPort } });
    expect(answer.status).toBe(421);
    expect(answer.body).not.toContain('equity');
  });

  it('no answer to a request without Host, with an empty one, or with two', async () => {
    const { host } = new URL(shell.origin);
    const auth = `Authorization: ${bearer.authorization}\r\nConnection: close\r\n\r\n`;
    const none = await askRaw(shell.origin, `GET /api/kelly/risk-metrics HTTP/1.1\r\n${auth}`);
    const two = await askRaw(
      shell.origin,
      `GET /api/kelly/risk-metrics HTTP/1.1\r\nHost: ${host}\r\nHost: evil.test\r\n${auth}`,
    );
    const empty = await askRaw(shell.origin, `GET /api/kelly/risk-metrics HTTP/1.1\r\nHost:\r\n${auth}`);
    for (const answer of [none, two, empty]) {
      expect(answer).toMatch(/^HTTP\/1\.1 4(00|21)/);
      expect(answer).not.toContain('equity');
    }
  });

  it.each(['null', 'http://evil.test', 'https://127.0.0.1', 'http://127.0.0.1', 'http://localhost:1'])(
    '403 for Origin %s',
    async (origin) => {
      const answer = await ask(shell.origin, { path: '/api/kelly/risk-metrics', headers: { ...bearer, origin } });
      expect(answer.status).toBe(403);
    },
  );

  it.each(['cross-site', 'same-site', 'nonsense'])('403 for Sec-Fetch-Site %s', async (site) => {
    const answer = await ask(shell.origin, { path: `/?token=${shell.token}`, headers: { 'sec-fetch-site': site } });
    expect(answer.status).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    '415 for a body of type %j',
    async (type) => {
      const headers = { ...bearer, 'content-type': type };
      const answer = await ask(shell.origin, { method: 'POST', path: '/api/order', headers, body: '{"contracts":5}' });
      expect(answer.status).toBe(415);
    },
  );

  it('413 for a body above 64 KiB, stated or not', async () => {
    const headers = { ...bearer, 'content-type': 'application/json' };
    const body = JSON.stringify('x'.repeat(200_000));
    expect((await ask(shell.origin, { method: 'POST', path: '/api/order', headers, body })).status).toBe(413);
    const chunked = { ...headers, 'transfer-encoding': 'chunked' };
    const answer = await ask(shell.origin, { method: 'POST', path: '/api/order', headers: chunked, body }).catch(
      () => null,
    );
    expect([null, 405]).toContain(answer?.status ?? null);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('405 for %s, with what is allowed', async (method) => {
    const headers = { ...bearer, 'content-type': 'application/json' };
    const body = method === 'DELETE' ? '' : '{}';
    const answer = await ask(shell.origin, { method, path: '/api/kelly/risk-metrics', headers, body });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  it('no CORS header for anyone, preflight included', async () => {
    const { origin } = shell;
    const headers = { ...bearer, origin, 'access-control-request-method': 'POST' };
    for (const method of ['OPTIONS', 'GET']) {
      const answer = await ask(origin, { method, path: '/api/kelly/risk-metrics', headers });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('every answer carries the security headers', async () => {
    const answers = await Promise.all([
      ask(shell.origin, { headers: bearer }),
      ask(shell.origin, {}),
      ask(shell.origin, { path: '/nope', headers: bearer }),
      ask(shell.origin, { headers: { host: 'evil.test' } }),
      ask(shell.origin, { path: `/?token=${shell.token}` }),
      ask(shell.origin, { path: '/api/kelly/risk-metrics', headers: bearer }),
      ask(shell.origin, { method: 'POST', headers: bearer }),
      askUpgrade(shell.origin, { ...bearer }),
    ]);
    for (const { headers } of answers) {
      expect(headers['content-security-policy']).toBe(CONTENT_SECURITY_POLICY);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cache-control']).toBe('no-store');
    }
  });
});

describe('the page', () => {
  it('is served with its type', async () => {
    const page = await ask(shell.origin, { headers: bearer });
    const script = await ask(shell.origin, { path: '/assets/app.js?v=1', headers: bearer });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/....//secret.txt',
    '//secret.txt',
    '/%00/../secret.txt',
    '/index.html%00.txt',
    '/link.txt',
    '/.hidden.txt',
    '/data.sqlite',
    '/%252e%252e/secret.txt',
    '/%E0%A4%A',
    '/assets',
    '/assets/',
    '/C:/secret.txt',
    '/file:///etc/passwd',
  ])('gives nothing out for %s', async (address) => {
    const answer = await ask(shell.origin, { path: address, headers: bearer });
    expect(answer.body).not.toContain('SECRET');
    expect([400, 404]).toContain(answer.status);
  });
});

describe('the REST API', () => {
  it('answers the specification’s three addresses', async () => {
    const positions = await ask(shell.origin, { path: '/api/kelly/current-positions', headers: bearer });
    const rows = kellyPositionSchema.array().parse(JSON.parse(positions.body));
    expect(rows).toHaveLength(6);
    for (const address of ['/api/kelly/performance-history', '/api/kelly/risk-metrics', '/api/openapi.json']) {
      const answer = await ask(shell.origin, { path: address, headers: bearer });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });

  it('reads parameters through the schema of the operation', async () => {
    const address = '/api/kelly/performance-history';
    const none = await ask(shell.origin, { path: `${address}?from=9000000000000`, headers: bearer });
    expect(JSON.parse(none.body)).toMatchObject({ points: [] });
    for (const query of ['from=yesterday', 'from=1.5', 'nope=1', '__proto__=1', 'from=1&from=2']) {
      const bad = await ask(shell.origin, { path: `${address}?${query}`, headers: bearer });
      expect(bad.status, query).toBe(400);
      expect(deskErrorSchema.parse(JSON.parse(bad.body))).toMatchObject({ code: 'invalid-input' });
    }
  });

  it('answers an unknown address with an error as data', async () => {
    const answer = await ask(shell.origin, { path: '/api/nope', headers: bearer });
    expect(answer.status).toBe(404);
    expect(deskErrorSchema.parse(JSON.parse(answer.body))).toMatchObject({ code: 'not-found' });
  });
});

describe('the WebSocket', () => {
  const own = () => ({ ...bearer, origin: shell.origin });

  it('lets our own page in', async () => {
    const cookie = await cookieOf(shell.url);
    expect((await askUpgrade(shell.origin, own())).status).toBe(101);
    expect((await askUpgrade(shell.origin, { cookie, origin: shell.origin })).status).toBe(101);
  });

  it('offers no compression', async () => {
    const answer = await askUpgrade(shell.origin, { ...own(), 'sec-websocket-extensions': 'permessage-deflate' });
    expect(answer.headers['sec-websocket-extensions']).toBeUndefined();
  });

  it.each([
    ['another origin', 403, () => ({ ...bearer, origin: 'http://evil.test' })],
    ['no origin', 403, () => ({ ...bearer })],
    ['a null origin', 403, () => ({ ...bearer, origin: 'null' })],
    ['a cross-site fetch', 403, () => ({ ...own(), 'sec-fetch-site': 'cross-site' })],
    ['no token', 401, () => ({ origin: shell.origin })],
    ['a wrong token', 401, () => ({ origin: shell.origin, authorization: 'Bearer x' })],
    ['another host', 421, () => ({ ...own(), host: 'rebind.test' })],
  ])('refuses %s', async (_name, status, headers) => {
    expect((await askUpgrade(shell.origin, headers())).status).toBe(status);
  });

  it.each(['/', '/ws/', '/ws?token=x', '/api/ws'])('is nowhere but at /ws: %s', async (address) => {
    expect((await askUpgrade(shell.origin, own(), address)).status).toBe(404);
  });

  it.each([
    ['a message above 64 KiB', 1009, (socket: WebSocket) => socket.send('x'.repeat(65 * 1024))],
    ['a binary message', 1003, (socket: WebSocket) => socket.send(Buffer.from([1, 2, 3]))],
  ])('closes on %s', async (_name, code, act) => {
    const socket = new WebSocket(`${shell.origin.replace('http', 'ws')}/ws`, { headers: bearer, origin: shell.origin });
    const closed = await new Promise<number>((resolve, reject) => {
      socket.on('open', () => act(socket));
      socket.on('close', resolve);
      socket.on('error', reject);
    });
    expect(closed).toBe(code);
  });

  it('closes when the shell closes', async () => {
    const short = await startHttpShell({ desk, staticFolder: folder });
    const socket = new WebSocket(`${short.origin.replace('http', 'ws')}/ws`, {
      headers: { authorization: `Bearer ${short.token}` },
      origin: short.origin,
    });
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await short.close();
    expect(await closed).toBe(1001);
  });
});
