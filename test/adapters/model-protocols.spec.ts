import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { predictionSchema } from '#shared/domain/prediction.ts';
import { epochMs, ticks } from '#shared/units.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import {
  PROTOCOLS,
  PROTOCOL_NAMES,
  type ModelServer,
  type ProtocolName,
  startModelServer,
} from '#test/support/model-servers.ts';
import { type SourceOptions, modelSource, secretsOf } from '#test/support/model-source.ts';
import { START, createVirtualClock } from './virtual-clock.ts';

const MINUTE = 60_000;
const never = new AbortController().signal;
const bars: readonly Bar[] = Array.from({ length: 30 }, (_, i) => {
  const close = 84_000 + Math.round(40 * Math.sin(i / 3)) + i;
  const [openAt, closeAt] = [epochMs(START + (i - 30) * MINUTE), epochMs(START + (i - 29) * MINUTE)];
  const prices = { open: ticks(close - 3), high: ticks(close + 9), low: ticks(close - 12), close: ticks(close) };
  return { symbol: 'NQH26-CME', timeframe: '1m', openAt, closeAt, ...prices, volume: 500 + ((i * 37) % 90) };
});

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => {
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

function connect(
  name: ProtocolName,
  server: { readonly url: string },
  over: Partial<SourceOptions> = {},
): ForecastSource {
  const clock = createVirtualClock();
  const connection = { ...PROTOCOLS[name].connection, timeoutMs: 400, ...over.connection };
  const source = modelSource(server.url, { clock, probeMs: 60_000, ...over, connection });
  onTestFinished(() => source.close());
  return source;
}

let minute = 0;
/** Asks about another symbol each time, so that no answer is held against an earlier one. */
const ask = async (source: ForecastSource) => {
  const symbol = `S${(minute += 1)}`;
  const asked = bars.map((bar) => ({ ...bar, symbol }));
  return predictionSchema.parse(
    await source.predict({ symbol, asOf: epochMs(START), bars: asked, tickSize: 0.25 }, never),
  );
};
const questions = (name: ProtocolName, server: ModelServer) =>
  server.asked.filter(({ path }) => PROTOCOLS[name].question.test(path));
const REMOTE = PROTOCOL_NAMES.filter((name) => name !== 'desk');

describe.each(PROTOCOL_NAMES)('%s', (name) => {
  it('reads a good answer', async () => {
    const server = await startModelServer(name);
    const source = connect(name, server);
    const prediction = await ask(source);
    expect(prediction).toMatchObject({ state: 'ok', direction: 1, confidence: 0.64, asOf: START, detail: null });
    expect(prediction.reading).toMatchObject({ chance: 1 / 3, edge: 0.64 - 0.11 });
    expect(prediction.modelVersion?.name).toBe('nq');
    expect(source.connection().state).toBe('live');
  });

  it('reads an answer cut at every byte', async () => {
    const server = await startModelServer(name);
    const source = connect(name, server);
    await ask(source);
    let cut = 0;
    // Known from the first answer on.
    let length = 2;
    server.state.spoil = (raw, request) => {
      length = raw.length;
      request.socket.setNoDelay(true);
      request.socket.write(raw.subarray(0, cut));
      setImmediate(() => request.socket.end(raw.subarray(cut)));
    };
    for (cut = 1; cut < length; cut += 1) {
      expect((await ask(source)).state, `cut at ${cut} of ${length}`).toBe('ok');
    }
    expect(cut).toBeGreaterThan(100);
  });

  it('an answer that breaks off at any byte is unavailable, and the next question is answered', async () => {
    const server = await startModelServer(name);
    const source = connect(name, server, { breakAfter: 10_000 });
    await ask(source);
    let cut = 0;
    let length = 1;
    const breakOff: typeof server.state.spoil = (raw, request) => {
      length = raw.length;
      request.socket.end(raw.subarray(0, cut));
    };
    for (cut = 0; cut < length; cut += 23) {
      server.state.spoil = breakOff;
      expect(await ask(source), `cut at ${cut}`).toMatchObject({ state: 'unavailable', direction: null });
      server.state.spoil = null;
      expect((await ask(source)).state).toBe('ok');
    }
  });

  it.each([
    ['garbage', '<html>502</html>'],
    ['nothing', ''],
    ['half of it', '{"predictions":[[0.1,'],
    ['another kind of JSON', '"ok"'],
    ['null', 'null'],
    ['nesting without end', '['.repeat(100_000)],
    ['binary', '\u0000\u0001\u0002'],
  ])('%s is invalid', async (_, body) => {
    const server = await startModelServer(name, { answer: () => ({ body }) });
    const source = connect(name, server);
    expect(await ask(source)).toMatchObject({ state: 'invalid', direction: null, confidence: null });
    expect(source.connection().state).toBe('degraded');
  });

  it('bare NaN and Infinity, and numbers that are no probabilities, are invalid', async () => {
    const server = await startModelServer(name);
    const source = connect(name, server);
    server.state.spoil = (raw, request) => request.socket.end(raw.toString().replace('0.64', ' NaN'));
    const bare = await ask(source);
    expect(bare.state).toBe('invalid');
    expect(bare.detail).toMatch(/bare NaN/);
    server.state.spoil = null;
    for (const probs of [
      [0.5, 0.5, 0.5],
      [-0.2, 0.6, 0.6],
      [0, 0, 1.7],
      [Number.NaN, 0.3, 0.7],
    ]) {
      server.state.probs = probs;
      expect(await ask(source), probs.join()).toMatchObject({ state: 'invalid', direction: null });
    }
    server.state.probs = [0.45, 0.1, 0.45];
    expect(await ask(source)).toMatchObject({ state: 'ok', direction: 0 });
  });

  it('what is too large, plain or compressed, is cut off', async () => {
    const server = await startModelServer(name, { answer: () => ({ body: ' '.repeat(1_500_000) }) });
    const source = connect(name, server);
    expect((await ask(source)).detail).toMatch(/larger than 1000000 bytes/);
    const bomb = gzipSync(Buffer.alloc(50_000_000, 32));
    server.state.spoil = (_, request) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\nconnection: close\r\n\r\n`;
      request.socket.write(head);
      request.socket.end(bomb);
    };
    const late = await ask(source);
    expect(late).toMatchObject({ state: 'unavailable', direction: null });
    expect(late.detail).toMatch(/larger than 1000000 bytes/);
  });

  it('a byte at a time, silence, and a connection that is never closed are late', async () => {
    const server = await startModelServer(name);
    const source = connect(name, server, { connection: { timeoutMs: 60 }, breakAfter: 10_000 });
    for (let i = 0; i < 100 && (await ask(source)).state !== 'ok'; i += 1);
    server.state.spoil = (raw, request) => {
      let sent = 0;
      const drip = setInterval(() => void request.socket.write(raw.subarray(sent, (sent += 1))), 10);
      request.socket.on('error', () => undefined);
      request.socket.on('close', () => clearInterval(drip));
    };
    expect((await ask(source)).detail).toMatch(/within 60 ms/);
    server.state.spoil = () => undefined;
    expect(await ask(source)).toMatchObject({ state: 'unavailable', direction: null });
  });

  it('no redirect is followed', async () => {
    const elsewhere = await startModelServer(name);
    const server = await startModelServer(name, {
      answer: () => ({ status: 307, body: '', headers: { location: `${elsewhere.url}/x?token=sesame` } }),
    });
    const prediction = await ask(connect(name, server));
    expect(prediction.state).toBe('unavailable');
    expect(prediction.detail).toMatch(/follows no redirect/);
    expect(prediction.detail).not.toContain('sesame');
    expect(elsewhere.asked).toEqual([]);
  });

  it.each([400, 404, 422, 500, 503])('HTTP %i is unavailable and quotes the service', async (status) => {
    const server = await startModelServer(name, {
      answer: () => ({ status, body: '{"error":"weights\\u0007 lost"}' }),
    });
    const prediction = await ask(connect(name, server));
    expect(prediction).toMatchObject({ state: 'unavailable', direction: null });
    expect(prediction.detail).toContain(`HTTP ${status}, saying "weights lost"`);
    expect(questions(name, server)).toHaveLength(status >= 500 ? 2 : 1);
  });

  it('sends its token, and says so when it is refused, without showing it', async () => {
    const server = await startModelServer(name, { token: 'Bearer sesame' });
    const right = connect(name, server, { secrets: secretsOf({ t: 'sesame' }), connection: { tokenSecret: 't' } });
    expect((await ask(right)).state).toBe('ok');
    const wrong = connect(name, server, { secrets: secretsOf({ t: 'guess' }), connection: { tokenSecret: 't' } });
    const refused = await ask(wrong);
    expect(refused.detail).toMatch(/HTTP 401.*check its token/);
    expect(JSON.stringify(refused)).not.toContain('guess');
  });

  it('a server that went away and comes back is asked again', async () => {
    const server = await startModelServer(name);
    const source = connect(name, server, { breakAfter: 10_000 });
    expect((await ask(source)).state).toBe('ok');
    await server.stop();
    expect((await ask(source)).state).toBe('unavailable');
    expect(source.connection().state).toBe('disconnected');
    await startModelServer(name, { port: server.port });
    expect((await ask(source)).state).toBe('ok');
  });
});

describe.each(REMOTE)('%s, before it is asked', (name) => {
  it('a server that breaks at every step leaves no crash behind', async () => {
    const server = await startModelServer(name);
    const broken = connect(name, { url: 'http://127.0.0.1:1' }, { breakAfter: 10_000 });
    expect((await ask(broken)).state).toBe('unavailable');
    const source = connect(name, server);
    await ask(source);
    const [first] = server.asked;
    expect(first?.method).toBe('GET');
    expect(questions(name, server)).toHaveLength(1);
  });
});

describe.each(['open-inference', 'tensorflow-serving'] as const)('%s metadata', (name) => {
  it('that differs from what the desk builds is a mismatch, and nothing is asked', async () => {
    const server = await startModelServer(name, { shape: [-1, 60, 8] });
    const source = connect(name, server);
    const prediction = await ask(source);
    expect(prediction).toMatchObject({ state: 'mismatch', direction: null });
    expect(prediction.detail).toMatch(/expects \[-1,60,8\], desk builds \[1,4,2\]/);
    expect(questions(name, server)).toEqual([]);
    expect(source.connection().state).toBe('degraded');
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ input: { tensor: 'y' } }, /no input "y": it has "x"/],
    [
      { output: { kind: 'probs3', labels: ['short', 'neutral', 'long'], tensor: 'p' } },
      /no output "p": it has "probs"/,
    ],
    [{ output: { kind: 'pUp' } }, /"probs" gives \[-1,3\]; pUp reads 1 numbers/],
  ])('is held against the connection: %j', async (connection, words) => {
    const server = await startModelServer(name);
    const prediction = await ask(connect(name, server, { connection }));
    expect(prediction.state).toBe('mismatch');
    expect(prediction.detail).toMatch(words);
  });

  it('a model that is still loading is not asked', async () => {
    const server = await startModelServer(name, { isReady: false });
    expect((await ask(connect(name, server))).state).toBe('unavailable');
    expect(questions(name, server)).toEqual([]);
  });

  it('a server that restarts with another version is noticed', async () => {
    const server = await startModelServer(name);
    const source = connect(name, server, { breakAfter: 10_000, connection: { expectedVersion: '3' } });
    expect((await ask(source)).modelVersion?.version).toBe('3');
    await server.stop();
    expect((await ask(source)).state).toBe('unavailable');
    await startModelServer(name, { port: server.port, version: '4' });
    expect(await ask(source)).toMatchObject({ state: 'mismatch', direction: null, modelVersion: { version: '4' } });
  });
});

describe('open-inference', () => {
  const answering = async (over: Record<string, unknown>, connection: Record<string, unknown> = {}) => {
    const server = await startModelServer('open-inference', {
      answer: (body) => {
        const { id } = body as { id: string };
        const outputs = [{ name: 'probs', shape: [1, 3], datatype: 'FP32', data: [0.1, 0.2, 0.7] }];
        return { body: JSON.stringify({ id, model_name: 'nq', outputs, ...over }) };
      },
    });
    return ask(connect('open-inference', server, { connection }));
  };
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['another id', { id: 'x' }, /"id" is "x" but "lstm-1" was asked/],
    ['another model', { model_name: 'es' }, /"model_name" is "es"/],
    [
      'a shape that is not its data',
      { outputs: [{ name: 'probs', shape: [1, 4], data: [0.1, 0.2, 0.7] }] },
      /3 values.*4 values/,
    ],
    [
      'another output',
      { outputs: [{ name: 'p', shape: [3], data: [0.1, 0.2, 0.7] }] },
      /"probs" is missing.*outputs p/,
    ],
    [
      'texts for numbers',
      { outputs: [{ name: 'probs', shape: [3], data: ['0.1', 0.2, 0.7] }] },
      /"probs\[0\]" is "0\.1"/,
    ],
    [
      'binary data',
      { outputs: [{ name: 'probs', shape: [3], parameters: { binary_data_size: 12 } }] },
      /outputs\.0\.data/,
    ],
  ])('%s is invalid', async (_, over, words) => {
    const prediction = await answering(over);
    expect(prediction).toMatchObject({ state: 'invalid', direction: null });
    expect(prediction.detail).toMatch(words);
  });

  it('nested data, unknown fields and a number for a version are taken', async () => {
    const outputs = [{ name: 'probs', shape: [1, 3], datatype: 'FP64', data: [[0.1, 0.2, 0.7]], parameters: {} }];
    expect(await answering({ outputs, model_version: 7, parameters: { x: 1 } })).toMatchObject({
      ...{ state: 'ok', confidence: 0.7, modelVersion: { version: '7', featureSchema: 'fs-1' } },
    });
  });

  it('a version in the path is asked for by name', async () => {
    const server = await startModelServer('open-inference');
    expect((await ask(connect('open-inference', server, { connection: { modelVersion: '3' } }))).state).toBe('ok');
    expect(server.asked.map(({ path }) => path)).toContain('/v2/models/nq/versions/3/infer');
    const missing = await ask(connect('open-inference', server, { connection: { modelVersion: '9' } }));
    expect(missing.detail).toMatch(/HTTP 404.*no model of this name or version/);
  });
});

describe('the forms of a question', () => {
  it.each<[ProtocolName, Record<string, unknown>]>([
    ['tensorflow-serving', { format: 'column' }],
    ['tensorflow-serving', { format: 'row', input: { tensor: 'x' } }],
    ['mlflow', { format: 'inputs' }],
    ['mlflow', { format: 'dataframe_split', features: { schema: 'fs-1', rows: 1 } }],
    ['mlflow', { format: 'dataframe_records', features: { schema: 'fs-1', rows: 1 } }],
  ])('%s takes %j', async (name, connection) => {
    const server = await startModelServer(name);
    expect(await ask(connect(name, server, { connection }))).toMatchObject({
      state: 'ok',
      confidence: 0.64,
      detail: null,
    });
  });

  it('torchserve names its version on the management port', async () => {
    const server = await startModelServer('torchserve');
    const management = await startModelServer('torchserve', { version: '1.1', token: 'Bearer other' });
    const source = connect('torchserve', server, {
      secrets: secretsOf({ m: 'other' }),
      connection: { managementUrl: management.url, managementSecret: 'm' },
    });
    expect((await ask(source)).modelVersion?.version).toBe('1.1');
  });
});

describe('answers of servers that are not these', () => {
  const probs = [0.11, 0.25, 0.64];
  /** What a server says on one of its pages instead. */
  const saying = (page: RegExp, body: unknown) => (reply: { body: string }, path: string) =>
    page.test(path) ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : reply;
  const heard = async (name: ProtocolName, page: RegExp, given: { body: unknown; connection?: object }) => {
    const server = await startModelServer(name, { vary: saying(page, given.body) });
    const source = connect(name, server, { connection: { ...given.connection } });
    return { prediction: await ask(source), source };
  };
  const up = { output: { kind: 'pUp' } };
  const oip = (output: object) => ({ outputs: [{ name: 'probs', datatype: 'FP64', ...output }] });
  const shaped = (shape: readonly unknown[]) => ({ name: 'nq', outputs: [{ name: 'probs', datatype: 'FP64', shape }] });

  it.each<[ProtocolName, string, RegExp, unknown, object?]>([
    ['open-inference', 'a shape without a batch', /infer$/, oip({ shape: [3], data: probs })],
    ['open-inference', 'no shape at all', /infer$/, oip({ data: [probs] })],
    ['open-inference', 'a declared output of any length', /nq$/, shaped([-1])],
    ['open-inference', 'a declared output of a length nobody says', /nq$/, shaped([null, 3])],
    ['open-inference', 'declared shapes as texts', /nq$/, shaped(['-1', '3'])],
    ['open-inference', 'a page of readiness that is a word', /ready$/, 'OK'],
    ['open-inference', 'ready in words', /ready$/, { name: 'nq', ready: 'True' }],
    ['tensorflow-serving', 'columns where rows were asked for', /:predict$/, { outputs: [probs] }],
    ['tensorflow-serving', 'named columns where rows were asked for', /:predict$/, { outputs: { probs: [probs] } }],
    ['tensorflow-serving', 'rows where columns were', /:predict$/, { predictions: [probs] }, { format: 'column' }],
    ['tensorflow-serving', 'an answer without its batch', /:predict$/, { predictions: probs }],
    [
      'tensorflow-serving',
      'a version as a number',
      /nq$/,
      { model_version_status: [{ version: 3, state: 'AVAILABLE' }] },
    ],
    ['kserve-v1', 'an answer without its batch', /:predict$/, { predictions: probs, id: 'x' }],
    ['kserve-v1', 'ready as a number', /nq$/, { name: 'nq', ready: 1 }],
    ['kserve-v1', 'a page that says nothing', /nq$/, ''],
    ['mlflow', 'an answer without its batch', /invocations$/, { predictions: probs }],
    ['mlflow', 'one number', /invocations$/, { predictions: 0.64 }, up],
    ['mlflow', 'one number in a list', /invocations$/, [0.64], up],
    ['torchserve', 'one number', /predictions/, 0.64, up],
    ['torchserve', 'no status', /ping$/, ''],
  ])('%s: %s is read', async (name, _, page, body, connection = {}) => {
    const { prediction, source } = await heard(name, page, { body, connection });
    expect(prediction).toMatchObject({ state: 'ok', direction: 1, confidence: 0.64, detail: null });
    expect(source.connection()).toMatchObject({ state: 'live', detail: null });
  });

  it.each<[ProtocolName, string, RegExp, unknown, string, RegExp]>([
    ['open-inference', 'not ready, in words', /ready$/, { ready: 'false' }, 'unavailable', /not ready/],
    ['kserve-v1', 'not ready, as a number', /nq$/, { ready: 0 }, 'unavailable', /not ready/],
    ['torchserve', 'no worker runs', /ping$/, { status: 'Unhealthy' }, 'unavailable', /says it is Unhealthy/],
    [
      'kserve-v1',
      'two answers to one question',
      /:predict$/,
      { predictions: [probs, probs] },
      'invalid',
      /one prediction/,
    ],
    ['mlflow', 'more numbers than labels', /invocations$/, { predictions: [...probs, 0] }, 'invalid', /one prediction/],
    ['tensorflow-serving', 'a batch of two', /:predict$/, { outputs: [probs, probs] }, 'invalid', /3 numbers/],
    [
      'open-inference',
      'an error with a good status',
      /infer$/,
      { error: 'out of memory' },
      'unavailable',
      /out of memory/,
    ],
    ['mlflow', 'an error in other words', /invocations$/, { error_code: 'X', message: 'oops' }, 'unavailable', /oops/],
  ])('%s: %s is said', async (name, _, page, body, state, words) => {
    const { prediction } = await heard(name, page, { body });
    expect(prediction).toMatchObject({ state, direction: null, detail: expect.stringMatching(words) as unknown });
  });

  it('open-inference: numbers in bytes nobody asked for are called that', async () => {
    const head = JSON.stringify({ outputs: [{ name: 'probs', shape: [1, 3], parameters: { binary_data_size: 12 } }] });
    const server = await startModelServer('open-inference', {
      answer: () => ({
        body: `${head}${'\u0001'.repeat(12)}`,
        headers: { 'inference-header-content-length': String(head.length) },
      }),
    });
    const prediction = await ask(connect('open-inference', server));
    expect(prediction).toMatchObject({ state: 'invalid', detail: expect.stringMatching(/as bytes/) as unknown });
  });

  it('torchserve: a server of which some workers are down is asked, and called degraded', async () => {
    const server = await startModelServer('torchserve', { vary: saying(/ping$/, { status: 'Partial Healthy' }) });
    const source = connect('torchserve', server);
    expect(await ask(source)).toMatchObject({ state: 'ok', confidence: 0.64 });
    expect(source.connection()).toMatchObject({
      state: 'degraded',
      detail: expect.stringMatching(/Partial Healthy.*answers are good/) as unknown,
    });
    // What its own page says of the model decides whether it is asked at all.
    const none = await startModelServer('torchserve', {
      vary: saying(/ping$/, { status: 'Partial Healthy' }),
      isReady: false,
    });
    const closed = connect('torchserve', none, { connection: { managementUrl: none.url } });
    expect(await ask(closed)).toMatchObject({
      state: 'unavailable',
      detail: expect.stringMatching(/no worker/) as unknown,
    });
  });
});
