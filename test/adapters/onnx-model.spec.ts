import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path, { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { predictionSchema } from '#shared/domain/prediction.ts';
import { epochMs, ticks } from '#shared/units.ts';
import type { OnnxConnection } from '#desk/adapters/models/config.ts';
import { createOnnxClient } from '#desk/adapters/models/onnx/client.ts';
import { startModelThread } from '#desk/adapters/models/onnx/model-thread.ts';
import { createForecastSource } from '#desk/adapters/models/forecast-sources.ts';
import { buildWindow, createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import { resolveFeatures } from '#desk/engine/features/catalogue.ts';
import { connectedFiles } from '#test/support/connected-desk.ts';
import { connectionOf } from '#test/support/model-source.ts';
import { hasRuntime, linearModel } from '#test/support/onnx-model.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { START, createVirtualClock } from './virtual-clock.ts';

const MINUTE = 60_000;
const features = { schema: 'fs-1', names: ['ret1', 'rsi14'], rows: 4 };
const bars: readonly Bar[] = Array.from({ length: 30 }, (_, i) => {
  const close = 84_000 + Math.round(90 * Math.sin(i / 2)) + i;
  const [openAt, closeAt] = [epochMs(START + (i - 30) * MINUTE), epochMs(START + (i - 29) * MINUTE)];
  const prices = { open: ticks(close), high: ticks(close + 9), low: ticks(close - 12), close: ticks(close) };
  return { symbol: 'NQ', timeframe: '1m', openAt, closeAt, ...prices, volume: 500 + i };
});
const BIAS = [Math.log(0.1), Math.log(0.2), Math.log(0.7)];

function fileOf(content: Buffer | string): string {
  const file = join(temporaryFolder(), 'model.onnx');
  writeFileSync(file, content);
  return file;
}

function connect(file: string, over: Readonly<Record<string, unknown>> = {}) {
  const output = { kind: 'probs3', labels: ['short', 'neutral', 'long'] };
  const fields = { kind: 'onnx', file, model: 'linear', features, input: { tensor: 'x' }, output, timeoutMs: 5_000 };
  const source = createForecastSource(connectionOf({ ...fields, ...over }), {
    ...{ model: 'lstm', clock: createVirtualClock(), features: createFeatureBuilder() },
  });
  onTestFinished(() => source.close());
  const ask = async () =>
    predictionSchema.parse(
      await source.predict({ symbol: 'NQ', asOf: epochMs(START), bars, tickSize: 0.25 }, new AbortController().signal),
    );
  return { source, ask };
}

describe.runIf(hasRuntime)('a model file', () => {
  it('answers, and its SHA-256 is its version', async () => {
    const content = linearModel({ rows: 4, width: 2, bias: BIAS });
    const sha256 = createHash('sha256').update(content).digest('hex');
    const { ask, source } = connect(fileOf(content), { expectedSha256: sha256 });
    const prediction = await ask();
    expect(prediction).toMatchObject({
      state: 'ok',
      direction: 1,
      detail: null,
      modelVersion: { name: 'linear', sha256 },
    });
    expect(prediction.confidence).toBeCloseTo(0.7, 6);
    expect(source.connection().state).toBe('live');
  });

  it('sees the numbers the desk builds, in their order', async () => {
    // The class "long" weighs the newest rsi14 alone, the others nothing: p = e^rsi / (e^rsi + 2).
    const long = [0, 0, 0, 0, 0, 0, 0, 1];
    const none = Array.from({ length: 8 }, () => 0);
    const file = fileOf(linearModel({ rows: 4, width: 2, bias: [0, 0, 0], weights: [none, none, long] }));
    const spec = resolveFeatures(features);
    const window = spec.ok ? buildWindow(bars, spec.value, 0.25) : null;
    if (window?.ok !== true) throw new Error('no window');
    const power = Math.exp(window.value.data.at(-1) ?? Number.NaN);
    const prediction = await connect(file).ask();
    expect(prediction.direction).toBe(1);
    expect(prediction.confidence).toBeCloseTo(power / (power + 2), 5);
  });

  it.each<[string, Buffer | string, Readonly<Record<string, unknown>>, string, RegExp]>([
    [
      'of another shape',
      linearModel({ rows: 60, width: 8, bias: BIAS }),
      {},
      'mismatch',
      /expects \[-1,60,8\], desk builds \[1,4,2\]/,
    ],
    [
      'without the input',
      linearModel({ rows: 4, width: 2, bias: BIAS }),
      { input: { tensor: 'y' } },
      'mismatch',
      /no input "y": it has "x"/,
    ],
    [
      'of another type',
      linearModel({ rows: 4, width: 2, bias: BIAS }),
      { input: { tensor: 'x', datatype: 'FP64' } },
      'mismatch',
      /takes float32; the connection sends float64/,
    ],
    [
      'with two classes',
      linearModel({ rows: 4, width: 2, bias: [0, 1] }),
      {},
      'mismatch',
      /gives \[1,2\]; probs3 reads 3 numbers/,
    ],
    [
      'that is another one',
      linearModel({ rows: 4, width: 2, bias: BIAS }),
      { expectedSha256: 'a'.repeat(64) },
      'mismatch',
      /expects sha256 aaaaaaaaaaaa/,
    ],
    ['that is none', 'no model', {}, 'unavailable', /The model file cannot be loaded/],
    [
      'that gives no number',
      linearModel({ rows: 4, width: 2, bias: [Number.NaN, 0, 0] }),
      {},
      'invalid',
      /is NaN; expected a finite number/,
    ],
  ])('%s is not traded on', async (_, content, over, state, words) => {
    const prediction = await connect(fileOf(content), over).ask();
    expect(prediction).toMatchObject({ state, direction: null, confidence: null });
    expect(prediction.detail).toMatch(words);
  });

  it('that is not there is said', async () => {
    expect((await connect('/nowhere/model.onnx').ask()).detail).toMatch(/cannot be loaded.*ENOENT/);
  });
});

describe.runIf(hasRuntime)('the thread of a model', () => {
  it('that ends or is late fails what waits, once, and a question after that has a fresh one', async () => {
    const file = fileOf(linearModel({ rows: 4, width: 2, bias: BIAS }));
    const thread = startModelThread(file, 5_000);
    expect((await thread.loaded).ok).toBe(true);
    const job = {
      input: 'x',
      datatype: 'FP32',
      shape: [1, 4, 2],
      data: [1, 2, 3, 4, 5, 6, 7, 8],
      outputs: null,
    } as const;
    expect((await thread.run({ ...job, shape: [1, 4, 2], data: [...job.data] })).ok).toBe(true);
    const wrong = await thread.run({ ...job, shape: [1, 2, 4], data: [...job.data] });
    expect(wrong).toMatchObject({ ok: false, error: { code: 'runtime' } });
    const waiting = thread.run({ ...job, shape: [1, 4, 2], data: [...job.data] });
    await thread.close();
    await waiting;
    expect(thread.isAlive()).toBe(false);
    expect(await thread.run({ ...job, shape: [1, 4, 2], data: [...job.data] })).toMatchObject({ ok: false });
    const hurried = startModelThread(file, 5_000, 0);
    expect(await hurried.loaded).toMatchObject({ ok: false, error: { code: 'timeout' } });
  });
});

describe.runIf(hasRuntime)('a model whose thread ends again and again', () => {
  it('is started again after waits that grow, and is unavailable meanwhile', async () => {
    const file = join(temporaryFolder(), 'late.onnx');
    const output = { kind: 'probs3', labels: ['short', 'neutral', 'long'] };
    const spec = resolveFeatures(features);
    if (!spec.ok) throw new Error(spec.error);
    let now = 0;
    const client = createOnnxClient(
      connectionOf({ kind: 'onnx', file, model: 'linear', features, input: { tensor: 'x' }, output }) as OnnxConnection,
      { spec: spec.value },
      () => now,
    );
    onTestFinished(() => client.close());
    const isReady = async (at: number): Promise<boolean> => {
      now = at;
      return (await client.ready(new AbortController().signal)).ok;
    };
    expect(await isReady(0)).toBe(false);
    expect(await isReady(1_000)).toBe(false);
    writeFileSync(file, linearModel({ rows: 4, width: 2, bias: BIAS }));
    // The second end is waited for twice as long as the first.
    expect(await isReady(2_999)).toBe(false);
    expect(await isReady(3_000)).toBe(true);
  });
});

it('a desk without the runtime of ONNX opens, says what is missing, and sizes nothing by that model', async () => {
  const file = fileOf(linearModel({ rows: 4, width: 2, bias: BIAS }));
  const dataFolder = temporaryFolder();
  const made = await connectedFiles(dataFolder);
  onTestFinished(() => made.close());
  const output = { kind: 'probs3', labels: ['short', 'neutral', 'long'] };
  const lstm = { kind: 'onnx', file, model: 'linear', features, input: { tensor: 'x' }, output };
  const models = { ...(made.config['models'] as object), lstm };
  writeFileSync(made.configPath, JSON.stringify({ ...made.config, models }));
  const support = path.resolve(import.meta.dirname, '../support');
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--disable-warning=ExperimentalWarning', '--import', path.join(support, 'without-onnx.ts')],
    ...[path.join(support, 'onnx-absent-child.ts'), dataFolder],
  ]);
  const told = JSON.parse(stdout) as {
    readonly connections: readonly { readonly id: string; readonly state: string; readonly detail: string }[];
    readonly recommendations: readonly { readonly decision: { readonly contracts: number } }[];
  };
  const stateOf = (id: string) => told.connections.find((one) => one.id === id);
  expect(stateOf('model:lstm')).toMatchObject({ state: 'disconnected' });
  expect(stateOf('model:lstm')?.detail).toContain('onnxruntime-node, which is not installed');
  expect(stateOf('model:ensemble')).toMatchObject({ state: 'live' });
  expect(told.recommendations.map(({ decision }) => decision.contracts)).toEqual([0]);
});
