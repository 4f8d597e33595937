import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { createForecastSource, modelConnectionSchema } from '#desk/adapters/models/forecast-sources.ts';
import { predictTrained } from '#desk/engine/learning/predict.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import { serveModelFolder, type ServedFolder } from '#desk/learning/serve-folder.ts';
import { createClock } from '#desk/profiles/clocks.ts';
import { dailyBars } from '#test/support/daily-bars.ts';
import { FIRST_DAY, smallEnsemble, smallNetwork, trainedFolder } from '#test/support/trained-folder.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NO_SIGNAL = new AbortController().signal;
const DAY_MS = 86_400_000;
/** Bars of which the last one closes in the time of the first model. */
const shifted = (from: number): readonly Bar[] =>
  dailyBars(120, { seed: 6 }).map((bar, i) => ({
    ...bar,
    openAt: epochMs(from + (i - 120) * DAY_MS),
    closeAt: epochMs(from + (i - 119) * DAY_MS),
  }));
const BARS = shifted(FIRST_DAY + 30 * DAY_MS);

describe('trained models under way', () => {
  let parent = '';
  let served: ServedFolder;
  beforeAll(async () => {
    parent = mkdtempSync(join(tmpdir(), 'desk-served-'));
    served = await serveModelFolder(trainedFolder(parent), { port: 0 });
  });
  afterAll(async () => {
    await served.close();
    rmSync(parent, { recursive: true, force: true });
  });

  async function ask(model: 'lstm' | 'ensemble', protocol: 'desk' | 'open-inference', bars: readonly Bar[]) {
    const now: EpochMs = bars.at(-1)?.closeAt ?? epochMs(0);
    const connection = modelConnectionSchema.parse(
      (served.connections[protocol] as Readonly<Record<string, unknown>>)[model],
    );
    const clock = createClock(now);
    const source = createForecastSource(connection, { model, clock, features: createFeatureBuilder() });
    try {
      return await source.predict({ symbol: 'MES', asOf: now, bars, tickSize: 0.25 }, NO_SIGNAL);
    } finally {
      await source.close();
      clock.stop();
    }
  }

  it.each(['lstm', 'ensemble'] as const)('answer in the desk’s contract what the file says (%s)', async (model) => {
    const prediction = await ask(model, 'desk', BARS);
    expect(prediction.state).toBe('ok');
    const builder = createFeatureBuilder();
    const spec = builder.resolve(served[model].features);
    if (!spec.ok) throw new Error(spec.error);
    const window = builder.build(BARS, spec.value, 0.25);
    if (!window.ok) throw new Error(window.error.code);
    const [rows, width] = window.value.shape;
    const data = Array.from({ length: rows }, (_, i) => window.value.data.slice(i * width, (i + 1) * width));
    const trained = model === 'lstm' ? smallNetwork(FIRST_DAY, 1) : smallEnsemble(FIRST_DAY);
    const { chances } = predictTrained(trained, data);
    expect(prediction.confidence).toBeCloseTo(Math.max(chances.short, chances.neutral, chances.long), 12);
    expect(prediction.modelVersion).toMatchObject({ name: `reference-${model}`, version: served.manifest.version });
  });

  it('name the members of the ensemble', async () => {
    const prediction = await ask('ensemble', 'desk', BARS);
    expect(prediction.reading?.members?.map(({ name }) => name)).toEqual([
      'logistic-regression',
      'random-forest',
      'boosted-trees',
    ]);
  });

  it.each(['lstm', 'ensemble'] as const)(
    'answer in the Open Inference Protocol by the newest model (%s)',
    async (model) => {
      const prediction = await ask(model, 'open-inference', BARS);
      expect(prediction.state).toBe('ok');
      const page = (await (await fetch(`${served.url}/v2/models/${model}`)).json()) as { versions: string[] };
      expect(page.versions).toEqual([served.manifest.version]);
    },
  );

  it('do not answer for a day on which nothing had been learned yet', async () => {
    const prediction = await ask('lstm', 'desk', shifted(FIRST_DAY - 30 * DAY_MS));
    expect(prediction.state).not.toBe('ok');
    expect(prediction.detail).toContain('no model was trained before');
  });

  it('say what is wrong with a question', async () => {
    const post = async (path: string, body: unknown): Promise<readonly [number, string]> => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${served.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return [response.status, await response.text()];
    };
    const question = { schema: 1, requestId: 'a', symbol: 'MES', timeframe: '1d', asOf: '2011-01-03T00:00:00Z' };
    const features = { schema: 'fs-2', names: ['ret1'], shape: [1, 1], data: [0.1] };
    expect(await post('/lstm/predict', { ...question, features })).toEqual([
      422,
      expect.stringContaining('ret5, vol20 are missing') as string,
    ]);
    expect((await post('/lstm/predict', { nothing: true }))[0]).toBe(400);
    const tensor = { name: 'features', shape: [1, 1, 1], datatype: 'FP32', data: [1] };
    expect(await post('/v2/models/lstm/infer', { inputs: [tensor] })).toEqual([
      400,
      expect.stringContaining('[1,4,3] is wanted') as string,
    ]);
  });
});
