import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { predictionSchema } from '#shared/domain/prediction.ts';
import { epochMs, ticks } from '#shared/units.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import { type SourceOptions, connectionOf, modelSource, secretsOf } from '#test/support/model-source.ts';
import { START, createVirtualClock } from './virtual-clock.ts';

const MINUTE = 60_000;
const SYMBOL = 'NQH26-CME';

const bars: readonly Bar[] = Array.from({ length: 60 }, (_, i) => {
  const close = 84_000 + Math.round(40 * Math.sin(i / 3)) + i;
  return {
    symbol: SYMBOL,
    timeframe: '1m',
    openAt: epochMs(START + (i - 60) * MINUTE),
    closeAt: epochMs(START + (i - 59) * MINUTE),
    open: ticks(close - 3),
    high: ticks(close + 9),
    low: ticks(close - 12),
    close: ticks(close),
    volume: 500 + ((i * 37) % 90),
  };
});

type Asked = { requestId: string; symbol: string; asOf: string; features: Record<string, unknown> };
type Reply = (asked: Asked, response: http.ServerResponse, request: http.IncomingMessage) => void;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A service of our own on a free port; `/healthz` is healthy unless `health` says otherwise. */
async function serve(
  reply: Reply,
  port = 0,
): Promise<{ url: string; port: number; asked: Asked[]; stop: () => Promise<void> }> {
  const asked: Asked[] = [];
  const server = http.createServer((request, response) => {
    if (request.url === '/healthz') return void response.end('{"status":"ok"}');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const parsed = JSON.parse(body) as Asked;
      asked.push(parsed);
      reply(parsed, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  cleanups.push(stop);
  const used = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${used}`, port: used, asked, stop };
}

const good = (asked: Asked, over: Record<string, unknown> = {}): Record<string, unknown> => ({
  schema: 1,
  requestId: asked.requestId,
  symbol: asked.symbol,
  asOf: asked.asOf,
  generatedAt: new Date().toISOString(),
  horizonBars: 3,
  model: { name: 'lstm_nq', version: '1', sha256: 'abcdef', featureSchema: 'fs-1' },
  probabilities: { short: 0.11, neutral: 0.25, long: 0.64 },
  extra: 'vendors add fields',
  ...over,
});
const send = (response: http.ServerResponse, body: unknown): void => {
  response.setHeader('content-type', 'application/json');
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

function connect(
  url: string,
  over: Partial<SourceOptions> = {},
): { source: ForecastSource; clock: ReturnType<typeof createVirtualClock> } {
  const clock = createVirtualClock();
  const source = modelSource(url, {
    ...{ clock, maxAgeMs: 90_000, probeMs: 60_000, ...over },
    connection: { timeoutMs: 400, maxAgeBars: 5, ...over.connection },
  });
  cleanups.push(() => source.close());
  return { source, clock };
}

const never = new AbortController().signal;
const request = { symbol: SYMBOL, asOf: epochMs(START), bars, tickSize: 0.25 };
const ask = async (source: ForecastSource, over: Partial<typeof request> = {}) => {
  const prediction = await source.predict({ ...request, ...over }, never);
  return predictionSchema.parse(prediction);
};

/** Asks a service that answers `over` instead of a good answer. */
async function askFor(reply: Reply, over: Partial<SourceOptions> = {}) {
  const service = await serve(reply);
  const { source } = connect(service.url, over);
  return { prediction: await ask(source), source, service };
}
const answering =
  (over: Record<string, unknown>): Reply =>
  (asked, response) =>
    send(response, good(asked, over));

describe('a good answer', () => {
  it('becomes a direction and the probability of that direction', async () => {
    const { prediction, source, service } = await askFor(answering({}));
    expect(prediction).toMatchObject({ state: 'ok', direction: 1, confidence: 0.64, asOf: START, detail: null });
    expect(prediction.modelVersion).toEqual({ name: 'lstm_nq', version: '1', sha256: 'abcdef', featureSchema: 'fs-1' });
    expect(prediction.latencyMs).toBeGreaterThan(0);
    expect(source.connection()).toMatchObject({ state: 'live', kind: 'model', detail: null });
    expect(source.connection().uptime).toBeGreaterThan(0);
    const [sent] = service.asked;
    expect(sent?.features).toMatchObject({ schema: 'fs-1', shape: [32, 11] });
    expect((sent?.features['data'] as number[]).length).toBe(32 * 11);
  });

  it('short and neutral are read as such, and a tie is flat', async () => {
    const short = await askFor(answering({ probabilities: { short: 0.7, neutral: 0.1, long: 0.2 } }));
    expect(short.prediction).toMatchObject({ state: 'ok', direction: -1, confidence: 0.7 });
    const neutral = await askFor(answering({ probabilities: { short: 0.2, neutral: 0.6, long: 0.2 } }));
    expect(neutral.prediction).toMatchObject({ state: 'ok', direction: 0 });
    const tie = await askFor(answering({ probabilities: { short: 0.45, neutral: 0.1, long: 0.45 } }));
    expect(tie.prediction).toMatchObject({ state: 'ok', direction: 0 });
  });

  it('a secret that is not there, or that no header can carry, is said and nothing is asked', async () => {
    for (const [secrets, words] of [
      [{}, /holds no secret named "lstm-token"/u],
      [{ 'lstm-token': 'one\r\nx-two: 2' }, /no request header can carry/u],
    ] as const) {
      const service = await serve(answering({}));
      const { source } = connect(service.url, {
        secrets: secretsOf(secrets),
        connection: { tokenSecret: 'lstm-token' },
      });
      const prediction = await ask(source);
      expect(prediction).toMatchObject({ state: 'unavailable', direction: null });
      expect(prediction.detail).toMatch(words);
      expect(service.asked).toEqual([]);
    }
  });

  it('sends the token as a bearer and never shows it', async () => {
    let seen = '';
    const { prediction } = await askFor(
      (asked, response, incoming) => {
        seen = incoming.headers.authorization ?? '';
        response.statusCode = 403;
        send(response, { error: 'no' });
      },
      { secrets: secretsOf({ 'lstm-token': 'sesame-opens' }), connection: { tokenSecret: 'lstm-token' } },
    );
    expect(seen).toBe('Bearer sesame-opens');
    expect(JSON.stringify(prediction)).not.toContain('sesame');
    expect(prediction.detail).toMatch(/403.*token/u);
  });

  it.each([
    ['logits3', { logits: { short: 0, neutral: 0, long: Math.log(8) } }, 1, 0.8],
    ['pUp', { pUp: 0.3 }, -1, 0.7],
    ['logitUp', { logitUp: Math.log(3) }, 1, 0.75],
    ['label+conf', { direction: 'short', confidence: 0.9 }, -1, 0.9],
  ] as const)('reads output kind %s as configured', async (kind, over, direction, confidence) => {
    const { prediction } = await askFor(answering({ probabilities: undefined, ...over }), {
      connection: { output: { kind, minConfidence: 0, minMargin: 0 } },
    });
    expect(prediction).toMatchObject({ state: 'ok', direction });
    expect(prediction.confidence).toBeCloseTo(confidence, 12);
  });

  it('never reads another field than the configured one', async () => {
    const { prediction } = await askFor(answering({ pUp: 0.9, probabilities: undefined }));
    expect(prediction).toMatchObject({ state: 'invalid', direction: null, confidence: null });
    expect(prediction.detail).toMatch(/"probabilities" is missing/u);
  });

  it('a weak lead is flat when a minimum margin is set', async () => {
    const { prediction } = await askFor(answering({ probabilities: { short: 0.42, neutral: 0.1, long: 0.48 } }), {
      connection: { output: { kind: 'probs3', minConfidence: 0, minMargin: 0.1 } },
    });
    expect(prediction).toMatchObject({ state: 'ok', direction: 0 });
  });
});

describe('the members of an ensemble', () => {
  const voice = (name: string, weight: number, long: number) => ({
    ...{ name, weight, probabilities: { short: 1 - long, neutral: 0, long } },
  });
  it('are shown with their weights, and disagreement as the share that votes for the winner', async () => {
    const members = [voice('trees', 0.4, 0.8), voice('forest', 0.3, 0.7), voice('linear', 0.3, 0.2)];
    const { prediction } = await askFor(answering({ members }));
    expect(prediction).toMatchObject({ state: 'ok', direction: 1, confidence: 0.64 });
    expect(prediction.reading?.agreement).toBeCloseTo(0.7, 12);
    expect(prediction.reading?.members).toMatchObject([
      { name: 'trees', weight: 0.4, direction: 1, confidence: 0.8 },
      { name: 'forest', direction: 1 },
      { name: 'linear', direction: -1, confidence: 0.8 },
    ]);
  });

  it('that failed are named, not averaged away; under half of the weight nothing is valid', async () => {
    const lost = { name: 'linear', weight: 0.3, error: 'out of memory' };
    const enough = await askFor(answering({ members: [voice('trees', 0.7, 0.8), lost] }));
    expect(enough.prediction.state).toBe('ok');
    expect(enough.prediction.reading?.members?.[1]).toMatchObject({
      direction: null,
      detail: expect.stringMatching(/memory/) as string,
    });
    const half = await askFor(answering({ members: [voice('trees', 0.5, 0.8), { ...lost, weight: 0.5 }] }));
    expect(half.prediction.state).toBe('ok');
    const few = await askFor(answering({ members: [voice('trees', 0.4, 0.8), { ...lost, weight: 0.6 }] }));
    expect(few.prediction).toMatchObject({ state: 'invalid', direction: null });
    expect(few.prediction.detail).toMatch(
      /40 % of the weight could be read; at least 50 % is needed. Missing: linear/u,
    );
    const broken = await askFor(answering({ members: [voice('trees', 0.4, 0.8), 7] }));
    expect(broken.prediction.state).toBe('invalid');
  });
});

describe('an answer that cannot be trusted is invalid and says why', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a probability above 1', { probabilities: { short: 0, neutral: 0, long: 1.7 } }, /"probabilities\.long" is 1\.7/u],
    ['a negative probability', { probabilities: { short: -0.2, neutral: 0.6, long: 0.6 } }, /probabilities\.short/u],
    ['a sum that is not 1', { probabilities: { short: 0.5, neutral: 0.5, long: 0.5 } }, /sum to 1, not 1\.5/u],
    ['a missing class', { probabilities: { short: 0.5, long: 0.5 } }, /"probabilities\.neutral" is missing/u],
    [
      'a string for a number',
      { probabilities: { short: '0.1', neutral: 0.2, long: 0.7 } },
      /"probabilities\.short" is "0\.1"/u,
    ],
    [
      'null for a number',
      { probabilities: { short: null, neutral: 0.3, long: 0.7 } },
      /"probabilities\.short" is null/u,
    ],
    ['another request id', { requestId: 'other' }, /"requestId" is "other" but/u],
    ['another symbol', { symbol: 'ESH26-CME' }, /"symbol" is "ESH26-CME" but "NQH26-CME" was asked/u],
    ['a time in the future', { asOf: new Date(START + 60_000).toISOString() }, /later than the desk's/u],
    ['no time', { asOf: 'yesterday' }, /"asOf" is "yesterday"/u],
    ['no model', { model: undefined }, /"model" is missing/u],
    ['another contract version', { schema: 2 }, /"schema" is 2/u],
  ])('%s', async (_, over, detail) => {
    const { prediction, source } = await askFor(answering(over));
    expect(prediction).toMatchObject({ state: 'invalid', direction: null, confidence: null });
    expect(prediction.detail).toMatch(detail);
    expect(source.connection().state).toBe('degraded');
  });

  it('a confidence above 1 of a label model', async () => {
    const { prediction } = await askFor(answering({ direction: 'long', confidence: 1.2 }), {
      connection: { output: { kind: 'label+conf', minConfidence: 0, minMargin: 0 } },
    });
    expect(prediction.state).toBe('invalid');
    expect(prediction.detail).toMatch(/"confidence" is 1\.2; expected a probability in \[0, 1\]/u);
  });

  it('an unknown label', async () => {
    const { prediction } = await askFor(answering({ direction: 'UP', confidence: 0.8 }), {
      connection: { output: { kind: 'label+conf', minConfidence: 0, minMargin: 0 } },
    });
    expect(prediction.detail).toMatch(/"direction" is "UP"/u);
  });

  it('bare NaN in the JSON, by the name of its field', async () => {
    const { prediction } = await askFor((asked, response) =>
      send(response, JSON.stringify(good(asked)).replace('"long":0.64', '"long":NaN')),
    );
    expect(prediction).toMatchObject({ state: 'invalid', confidence: null });
    expect(prediction.detail).toMatch(/bare NaN in field "long"/u);
  });

  it.each(['<html>502 Bad Gateway</html>', '', 'null', '[]', '"ok"', '{"a":', '\u0000\u0001\u0002'])(
    'garbage %j',
    async (body) => {
      const { prediction } = await askFor((_, response) => send(response, body));
      expect(prediction).toMatchObject({ state: 'invalid', direction: null });
      expect(prediction.detail).not.toMatch(/\p{Cc}/u);
    },
  );
});

describe('a service that does not answer is unavailable', () => {
  it('connection refused', async () => {
    const { stop, url } = await serve(answering({}));
    await stop();
    const { source } = connect(url);
    const prediction = await ask(source);
    expect(prediction).toMatchObject({ state: 'unavailable', direction: null });
    expect(prediction.detail).toMatch(/cannot be reached \(ECONNREFUSED\): start the service/u);
    expect(source.connection().state).toBe('disconnected');
  });

  it('late, twice: one retry and no more', async () => {
    const { prediction, service } = await askFor(() => undefined, { connection: { timeoutMs: 60 } });
    expect(prediction.state).toBe('unavailable');
    expect(prediction.detail).toMatch(/within 60 ms/u);
    expect(service.asked.length).toBe(2);
  });

  it('a byte at a time counts as late', async () => {
    const { prediction } = await askFor(
      (_, response) => {
        response.write('{');
        const drip = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(drip));
      },
      { connection: { timeoutMs: 80 } },
    );
    expect(prediction.state).toBe('unavailable');
  });

  it('a server that takes the connection and says nothing', async () => {
    const silent = net.createServer((socket) => {
      cleanups.push(() => void socket.destroy());
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => void silent.close());
    const { source } = connect(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, {
      connection: { timeoutMs: 60 },
    });
    expect((await ask(source)).state).toBe('unavailable');
  });

  it('an answer of 2 MB is cut off', async () => {
    const { prediction } = await askFor((asked, response) =>
      send(response, good(asked, { pad: 'x'.repeat(2_000_000) })),
    );
    expect(prediction.state).toBe('unavailable');
    expect(prediction.detail).toMatch(/larger than 1000000 bytes/u);
  });

  it('a connection that breaks in the middle', async () => {
    const { prediction } = await askFor((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"schema":1,');
      setTimeout(() => response.destroy(), 10);
    });
    expect(prediction.state).toBe('unavailable');
  });

  it.each([
    [{ error: { code: 'x', message: 'weights not\u0007 loaded\nyet' } }, 'weights not loaded yet'],
    [{ error: 'out of memory' }, 'out of memory'],
    [{ message: 'ModelNotFound' }, 'ModelNotFound'],
    ['plain text', 'plain text'],
  ])('HTTP 500 quotes what it said: %j', async (body, quoted) => {
    const { prediction, service } = await askFor((_, response) => {
      response.statusCode = 500;
      send(response, body);
    });
    expect(prediction).toMatchObject({ state: 'unavailable', confidence: null });
    expect(prediction.detail).toContain(`HTTP 500, saying "${quoted}"`);
    expect(service.asked.length).toBe(2);
  });

  it('a long error message is cut and cannot forge lines', async () => {
    const { prediction } = await askFor((_, response) => {
      response.statusCode = 500;
      send(response, { error: `\u202e${'A\r\n'.repeat(5_000)}` });
    });
    expect(prediction.detail?.length).toBeLessThan(300);
    expect(prediction.detail).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('a 400 is not repeated', async () => {
    const { prediction, service } = await askFor((_, response) => {
      response.statusCode = 400;
      send(response, { error: { code: 'bad', message: 'features: 8 expected' } });
    });
    expect(prediction.detail).toContain('features: 8 expected');
    expect(service.asked.length).toBe(1);
  });

  it.each(['ftp://models', 'models', 'http://user:sesame@127.0.0.1', 'http://127.0.0.1/?token=sesame', 'http://a/#b'])(
    'an address that is none, or that holds a secret, is no configuration: %s',
    (url) => {
      expect(() => connectionOf({ url })).toThrow(/without user, password, query/u);
    },
  );

  it('a cancelled ask ends at once', async () => {
    const service = await serve(() => undefined);
    const { source } = connect(service.url, { connection: { timeoutMs: 30_000 } });
    const cancel = new AbortController();
    const pending = source.predict(request, cancel.signal);
    cancel.abort();
    expect(await pending).toMatchObject({
      state: 'unavailable',
      detail: expect.stringContaining('cancelled') as string,
    });
  });

  it('too few bars are said to be the reason, and nothing is asked', async () => {
    const service = await serve(answering({}));
    const { source } = connect(service.url);
    const prediction = await ask(source, { bars: bars.slice(-40) });
    expect(prediction.detail).toMatch(/needs 52 completed bars and the desk holds 40/u);
    expect(service.asked.length).toBe(0);
  });

  it('a bar that closes after the time asked about is refused: no look-ahead', async () => {
    const service = await serve(answering({}));
    const { source } = connect(service.url);
    const prediction = await ask(source, { asOf: epochMs(START - MINUTE) });
    expect(prediction.state).toBe('unavailable');
    expect(service.asked.length).toBe(0);
  });
});

describe('time and versions', () => {
  it('an answer on old bars is stale, still shown, never ok', async () => {
    const service = await serve(answering({}));
    const { source, clock } = connect(service.url);
    clock.advanceTo(START + 91_000);
    const prediction = await ask(source);
    expect(prediction).toMatchObject({ state: 'stale', direction: 1, confidence: 0.64 });
    expect(prediction.detail).toMatch(/91 s old; the limit is 90 s/u);
  });

  it('an answer as of an earlier bar than asked is dropped', async () => {
    const { prediction } = await askFor(answering({ asOf: new Date(START - MINUTE).toISOString() }));
    expect(prediction.state).toBe('stale');
    expect(prediction.detail).toMatch(/older than/u);
  });

  it('an older ask after a newer answer is dropped', async () => {
    const service = await serve(answering({}));
    const { source } = connect(service.url);
    expect((await ask(source)).state).toBe('ok');
    const late = await ask(source, { asOf: epochMs(START - MINUTE), bars: bars.slice(0, -1) });
    expect(late.state).toBe('stale');
    expect(late.detail).toMatch(/already held/u);
  });

  it('the first answer for a bar stands when the model changes its mind', async () => {
    let count = 0;
    const service = await serve((asked, response) => {
      const long = (count += 1) === 1 ? 0.64 : 0.9;
      send(response, good(asked, { probabilities: { short: 0, neutral: 1 - long, long } }));
    });
    const { source } = connect(service.url);
    await ask(source);
    const second = await ask(source);
    expect(second).toMatchObject({ state: 'ok', confidence: 0.64 });
    expect(second.detail).toMatch(/second answer/u);
  });

  it('a pinned version is checked from the first answer on', async () => {
    const service = await serve(answering({}));
    const { source } = connect(service.url, { connection: { expectedVersion: '0' } });
    const other = await ask(source);
    expect(other).toMatchObject({ state: 'mismatch', direction: null, confidence: null });
    expect(other.detail).toMatch(/runs lstm_nq 1 .*the connection expects version 0/u);
    expect(source.connection().state).toBe('degraded');
    const { source: byFile } = connect(service.url, { connection: { expectedSha256: 'a'.repeat(64) } });
    expect((await ask(byFile)).detail).toMatch(/expects sha256 aaaaaaaaaaaa…/u);
    const { source: right } = connect(service.url, { connection: { expectedVersion: '1' } });
    expect((await ask(right)).state).toBe('ok');
  });

  it('another feature schema is a mismatch nobody can accept', async () => {
    const { prediction } = await askFor(answering({ model: { name: 'm', version: '1', featureSchema: 'fs-12' } }));
    expect(prediction.state).toBe('mismatch');
    expect(prediction.detail).toMatch(/"fs-12"; the desk builds "fs-1"/u);
  });
});

describe('many asks', () => {
  it('one symbol has one ask under way; the same bar shares it, and only the newest waits', async () => {
    let open = 0;
    let most = 0;
    const service = await serve((asked, response) => {
      most = Math.max(most, (open += 1));
      setTimeout(() => {
        open -= 1;
        send(response, good(asked));
      }, 30);
    });
    const { source, clock } = connect(service.url);
    clock.advanceTo(START + 3 * MINUTE);
    const at = (minutes: number) => ask(source, { asOf: epochMs(START + minutes * MINUTE) });
    const [first, same, skipped, newest] = await Promise.all([at(0), at(0), at(1), at(2)]);
    expect(most).toBe(1);
    expect(service.asked.length).toBe(2);
    expect(same).toEqual(first);
    expect(skipped).toMatchObject({ state: 'unavailable', detail: expect.stringContaining('newer bar') as string });
    expect(newest.asOf).toBe(START + 2 * MINUTE);
  });

  it('different symbols are asked side by side', async () => {
    let open = 0;
    let most = 0;
    const service = await serve((asked, response) => {
      most = Math.max(most, (open += 1));
      setTimeout(() => {
        open -= 1;
        send(response, good(asked));
      }, 30);
    });
    const { source } = connect(service.url);
    await Promise.all(['A', 'B', 'C'].map((symbol) => ask(source, { symbol })));
    expect(most).toBe(3);
  });

  it('keeps the connection open between asks', async () => {
    const ports = new Set<number | undefined>();
    const service = await serve((asked, response, incoming) => {
      ports.add(incoming.socket.remotePort);
      send(response, good(asked));
    });
    const { source } = connect(service.url);
    for (let i = 0; i < 20; i += 1) await ask(source, { asOf: epochMs(START) });
    expect(ports.size).toBe(1);
  });

  it('stops asking a dead service and comes back when it does', async () => {
    const { stop, url, port } = await serve(answering({}));
    await stop();
    const { source } = connect(url, { probeMs: 80, breakAfter: 3 });
    const states: string[] = [];
    const back = new Promise<void>((resolve) => {
      source.onConnection((connection) => {
        states.push(connection.state);
        if (connection.state === 'live') resolve();
      });
    });
    for (let i = 0; i < 3; i += 1) await ask(source);
    expect((await ask(source)).detail).toMatch(/Not asked: the last 3 asks failed/u);
    await serve(answering({}), port);
    await back;
    expect((await ask(source)).state).toBe('ok');
    expect(states).toContain('disconnected');
    expect(source.connection().uptime).toBeLessThan(1);
  });
});
