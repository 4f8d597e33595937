import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * Servers of the protocols that traders' models speak, written from the protocols' own pages and not from the desk's
 * adapters. Each checks what it is sent as strictly as the strictest real one.
 */

export type Reply = { readonly status?: number; readonly body: string; readonly headers?: Record<string, string> };
export type ServerState = {
  version: string;
  /** In the order short, neutral, long. */
  probs: readonly number[];
  isReady: boolean;
  shape: readonly number[];
  token: string | null;
  /** Puts something else in the place of the answer to a question. */
  answer: ((body: unknown) => Reply) | null;
  /** Writes what the server says in another way. */
  vary: ((reply: Reply, path: string) => Reply) | null;
  /** Takes the answer to a question over: what it writes is all that goes out. */
  spoil: ((raw: Buffer, request: http.IncomingMessage, response: http.ServerResponse) => void) | null;
};
export type ModelServer = {
  readonly url: string;
  readonly port: number;
  readonly state: ServerState;
  readonly asked: { readonly method: string; readonly path: string; readonly body: unknown }[];
  readonly stop: () => Promise<void>;
};

type Asked = { readonly method: string; readonly path: string; readonly body: unknown };
type Route = (asked: Asked, state: ServerState) => Reply | null;

const json = (value: unknown, status = 200): Reply => ({ status, body: JSON.stringify(value) });
const bad = (message: string, status = 400): Reply => json({ error: message }, status);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The lengths of nested lists; null where they are ragged or hold something that is no number. */
function depths(value: unknown): readonly number[] | null {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : null;
  if (!Array.isArray(value)) return null;
  const inner = value.map(depths);
  const [first] = inner;
  const isEven = first !== undefined && first !== null && inner.every((d) => d?.join() === first.join());
  return isEven ? [value.length, ...first] : null;
}

const openInference: Route = ({ method, path, body }, state) => {
  if (path === '/v2/health/live' || path === '/v2/health/ready') return { body: '' };
  const found = /^\/v2\/models\/nq(?:\/versions\/([^/]+))?(\/ready|\/infer)?$/.exec(path);
  if (found === null) return bad('unknown model', 404);
  if (found[1] !== undefined && found[1] !== state.version) return bad('unknown version', 404);
  if (found[2] === '/ready') return state.isReady ? { body: '' } : bad('loading', 400);
  if (found[2] === undefined) {
    return json({
      ...{ name: 'nq', versions: [state.version], platform: 'onnx' },
      inputs: [{ name: 'x', datatype: 'FP32', shape: state.shape }],
      outputs: [{ name: 'probs', datatype: 'FP32', shape: [-1, 3] }],
    });
  }
  if (method !== 'POST' || !isObject(body)) return bad('POST an object');
  const unknown = Object.keys(body).find((key) => !['id', 'parameters', 'inputs', 'outputs'].includes(key));
  if (unknown !== undefined) return bad(`unknown field ${unknown}`);
  const [input, second] = Array.isArray(body['inputs']) ? (body['inputs'] as Record<string, unknown>[]) : [];
  if (input === undefined || second !== undefined) return bad('one input');
  if (Object.keys(input).sort().join() !== 'data,datatype,name,shape') return bad('name, shape, datatype, data');
  const { name, shape, datatype, data } = input;
  if (name !== 'x' || datatype !== 'FP32' || !Array.isArray(shape) || !Array.isArray(data)) return bad('input x FP32');
  if (data.length !== (shape as number[]).reduce((a, b) => a * b, 1)) return bad('shape and data differ');
  return json({
    ...{ model_name: 'nq', model_version: state.version, id: body['id'] },
    outputs: [{ name: 'probs', shape: [1, 3], datatype: 'FP32', data: state.probs }],
  });
};

const tensorflow: Route = ({ method, path, body }, state) => {
  const found = /^\/v1\/models\/nq(?:\/versions\/(\d+))?(:predict|\/metadata)?$/.exec(path);
  if (found === null) return bad('Malformed request', 404);
  if (found[1] !== undefined && found[1] !== state.version) return bad('Servable not found', 404);
  if (found[2] === undefined) {
    const current = state.isReady ? 'AVAILABLE' : 'LOADING';
    const status = { error_code: 'OK', error_message: '' };
    return json({
      model_version_status: [
        { version: '1', state: 'END', status },
        { version: state.version, state: current, status },
      ],
    });
  }
  const dims = (sizes: readonly number[]) => ({
    dim: sizes.map((n) => ({ size: String(n), name: '' })),
    unknown_rank: false,
  });
  if (found[2] === '/metadata') {
    const serving = {
      inputs: { x: { dtype: 'DT_FLOAT', tensor_shape: dims(state.shape), name: 'x:0' } },
      outputs: { probs: { dtype: 'DT_FLOAT', tensor_shape: dims([-1, 3]), name: 'p:0' } },
      method_name: 'tensorflow/serving/predict',
    };
    return json({
      model_spec: { name: 'nq', signature_name: '', version: state.version },
      metadata: { signature_def: { signature_def: { serving_default: serving } } },
    });
  }
  if (method !== 'POST' || !isObject(body) || body['signature_name'] !== 'serving_default') return bad('signature');
  if ('instances' in body === 'inputs' in body) return bad('exactly one of instances and inputs');
  if (Array.isArray(body['instances'])) {
    const [row] = body['instances'] as unknown[];
    const sizes = depths(isObject(row) ? row['x'] : row);
    return sizes?.length === 2 ? json({ predictions: [state.probs] }) : bad('instance is not 2-dimensional');
  }
  const column = isObject(body['inputs']) ? body['inputs']['x'] : body['inputs'];
  return depths(column)?.length === 3 ? json({ outputs: [state.probs] }) : bad('input is not 3-dimensional');
};

const kserve: Route = ({ method, path, body }, state) => {
  if (path === '/v1/models/nq') return json({ name: 'nq', ready: state.isReady });
  if (path !== '/v1/models/nq:predict') return bad('Model not found', 404);
  if (method !== 'POST' || !isObject(body) || Object.keys(body).join() !== 'instances') return bad('instances');
  const sizes = depths(body['instances']);
  return sizes?.length === 3 ? json({ predictions: [state.probs] }) : bad('instances have the wrong shape');
};

const mlflow: Route = ({ method, path, body }, state) => {
  if (path === '/ping' || path === '/health') return state.isReady ? { body: '\n' } : bad('starting', 503);
  if (path === '/version') return { body: '2.20.0' };
  if (path !== '/invocations' || method !== 'POST') return bad('not found', 404);
  const wrong = (message: string): Reply => json({ error_code: 'BAD_REQUEST', message }, 400);
  if (!isObject(body)) return wrong('an object');
  const forms = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'].filter((form) => form in body);
  if (forms.length !== 1 || Object.keys(body).length !== 1) return wrong('exactly one form');
  const { dataframe_split: split, dataframe_records: records } = body;
  if (isObject(split)) {
    const sizes = depths(split['data']);
    const width = Array.isArray(split['columns']) ? split['columns'].length : -1;
    if (sizes?.join() !== `1,${width}`) return wrong('columns and data differ');
  }
  if (records !== undefined && !(Array.isArray(records) && records.length === 1 && isObject(records[0])))
    return wrong('records');
  return json({ predictions: [state.probs] });
};

const torchserve: Route = ({ method, path, body }, state) => {
  if (path === '/ping') return json({ status: 'Healthy' });
  if (path === '/models/nq') {
    return json([
      {
        modelName: 'nq',
        modelVersion: state.version,
        workers: [{ id: '9000', status: state.isReady ? 'READY' : 'UNLOADING' }],
      },
    ]);
  }
  if (path !== '/predictions/nq' || method !== 'POST') {
    return json({ code: 404, type: 'ModelNotFoundException', message: `Model not found: ${path}` }, 404);
  }
  if (!isObject(body) || depths(body['data'])?.length !== 3)
    return json({ code: 400, type: 'BadRequest', message: 'data' }, 400);
  const [short, neutral, long] = state.probs;
  return json({ short, neutral, long });
};

const deskJson: Route = ({ path, body }, state) => {
  if (path === '/healthz') return json({ status: 'ok' });
  if (path !== '/predict' || !isObject(body)) return bad('not found', 404);
  const { requestId, symbol, asOf } = body;
  const [short, neutral, long] = state.probs;
  const model = { name: 'nq', version: state.version };
  return json({ ...{ schema: 1, requestId, symbol, asOf, model }, probabilities: { short, neutral, long } });
};

const LABELS = ['short', 'neutral', 'long'];
const output = { kind: 'probs3', labels: LABELS };
const small = { schema: 'fs-1', names: ['ret1', 'rsi14'], rows: 4 };

/** Each protocol: its server, a connection to it, and where a question goes. */
export const PROTOCOLS = {
  desk: { route: deskJson, question: /^\/predict$/, connection: { kind: 'desk', features: small } },
  'open-inference': {
    ...{ route: openInference, question: /\/infer$/ },
    connection: {
      kind: 'open-inference',
      model: 'nq',
      features: small,
      input: { tensor: 'x' },
      output: { ...output, tensor: 'probs' },
    },
  },
  'tensorflow-serving': {
    ...{ route: tensorflow, question: /:predict$/ },
    connection: { kind: 'tensorflow-serving', model: 'nq', features: small, output },
  },
  'kserve-v1': {
    ...{ route: kserve, question: /:predict$/ },
    connection: { kind: 'kserve-v1', model: 'nq', features: small, output },
  },
  mlflow: {
    ...{ route: mlflow, question: /^\/invocations$/ },
    connection: { kind: 'mlflow', model: 'nq', format: 'instances', features: small, output },
  },
  torchserve: {
    ...{ route: torchserve, question: /^\/predictions\// },
    connection: { kind: 'torchserve', model: 'nq', format: 'data', features: small, output },
  },
} as const;
export type ProtocolName = keyof typeof PROTOCOLS;
export const PROTOCOL_NAMES = Object.keys(PROTOCOLS) as readonly ProtocolName[];

const rawOf = ({ status = 200, body, headers = {} }: Reply): Buffer =>
  Buffer.from(
    [
      `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );

/** Starts a server of a protocol on a free port of this computer; it stops with the test. */
export async function startModelServer(
  name: ProtocolName,
  given: Partial<ServerState> & { readonly port?: number } = {},
): Promise<ModelServer> {
  const { route, question } = PROTOCOLS[name];
  const { port = 0, ...over } = given;
  const state: ServerState = {
    ...{
      version: '3',
      probs: [0.11, 0.25, 0.64],
      isReady: true,
      shape: [-1, 4, 2],
      token: null,
      answer: null,
      vary: null,
      spoil: null,
    },
    ...over,
  };
  const asked: Asked[] = [];
  const answer = (request: http.IncomingMessage, response: http.ServerResponse, text: string): void => {
    const path = request.url ?? '';
    const body: unknown = text === '' ? null : JSON.parse(text);
    const one = { method: request.method ?? '', path, body };
    asked.push(one);
    const isQuestion = question.test(path);
    const isKnown = state.token === null || request.headers.authorization === state.token;
    const plain = !isKnown
      ? bad('unauthorised', 401)
      : isQuestion && state.answer !== null
        ? state.answer(body)
        : route(one, state);
    if (plain === null) return;
    const reply = state.vary === null ? plain : state.vary(plain, path);
    if (isQuestion && state.spoil !== null) {
      state.spoil(rawOf(reply), request, response);
      return;
    }
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.body);
  };
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  const used = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${used}`, port: used, state, asked, stop };
}
