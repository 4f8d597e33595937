import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import type { Prediction } from '#shared/domain/prediction.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { epochMs } from '#shared/units.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import { createSimulatedMarket } from '#desk/adapters/market/simulated.ts';
import { readBars } from '#desk/adapters/market/csv.ts';
import { type ModelPair, startSimulatedModels } from '#desk/adapters/models/simulated/simulated.ts';
import { startStatisticalModels } from '#desk/adapters/models/simulated/statistical.ts';
import { modelSource } from '#test/support/model-source.ts';
import { SIX, planWins } from './planned-trades.ts';
import { START, createVirtualClock } from './virtual-clock.ts';

const MINUTE = 60_000;
const never = new AbortController().signal;

/** Sources for both models of a pair, on a clock that stands where the question does. */
function sourcesOf(pair: ModelPair): { lstm: ForecastSource; ensemble: ForecastSource } {
  let now = epochMs(START);
  const clock = { ...createVirtualClock(), now: () => now };
  const { features } = pair;
  const source = (model: 'lstm' | 'ensemble'): ForecastSource => {
    const timeframe = features.rows > 100 ? '1d' : '1m';
    const made = modelSource(pair[model].url, { model, clock, connection: { features, timeframe } });
    return {
      ...made,
      predict: (request, signal) => {
        now = request.asOf;
        return made.predict(request, signal);
      },
    };
  };
  return { lstm: source('lstm'), ensemble: source('ensemble') };
}

type Signal = { readonly direction: 1 | -1; readonly confidence: number };

/** The desk's gate: both ok, same direction, .4·lstm + .6·ensemble ≥ .6. */
function gate(lstm: Prediction, ensemble: Prediction): Signal | null {
  const direction = lstm.direction;
  if (lstm.state !== 'ok' || ensemble.state !== 'ok' || direction === null || direction === 0) return null;
  if (ensemble.direction !== direction) return null;
  const confidence = 0.4 * lstm.confidence! + 0.6 * ensemble.confidence!;
  return confidence >= 0.6 - 1e-9 ? { direction, confidence } : null;
}

describe('the simulated models', () => {
  let pair: ModelPair;
  let sources: ReturnType<typeof sourcesOf>;
  beforeAll(async () => {
    pair = await startSimulatedModels({ seed: 5 });
    sources = sourcesOf(pair);
  });
  afterAll(async () => {
    await Promise.all([sources.lstm.close(), sources.ensemble.close()]);
    await pair.close();
  });

  const ask = async (bars: readonly Bar[], instrument: Instrument) => {
    const request = { symbol: instrument.symbol, asOf: bars.at(-1)!.closeAt, bars, tickSize: instrument.tickSize };
    return Promise.all([sources.lstm.predict(request, never), sources.ensemble.predict(request, never)]);
  };

  it('listen on loopback, say they are simulated, and refuse nonsense with a reason', async () => {
    for (const { url } of [pair.lstm, pair.ensemble]) {
      expect(new URL(url).hostname).toBe('127.0.0.1');
      expect(await (await fetch(`${url}/healthz`)).text()).toContain('simulated-');
      const refused = await fetch(`${url}/predict`, {
        method: 'POST',
        body: '{"schema":1}',
        headers: { 'content-type': 'application/json' },
      });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({
        error: { code: 'bad-request', message: expect.stringContaining('requestId') as string },
      });
    }
  });

  it('are calibrated: signals past the gate win about as often as they say', { timeout: 240_000 }, async () => {
    const market = createSimulatedMarket({
      instruments: SIX,
      seed: 2,
      clock: createVirtualClock(),
      quoteIntervalMs: 500,
    });
    const series = new Map(SIX.map((instrument) => [instrument.symbol, [] as Bar[]]));
    for (let minute = 0; minute < 30_000; minute += 1) {
      for (const bar of market.playBar(epochMs(START + minute * MINUTE))) series.get(bar.symbol)!.push(bar);
    }
    let [asks, disagreements] = [0, 0];
    const passed: { confidence: number; isWin: boolean }[] = [];
    for (let end = 60; end < 29_700; end += 19) {
      const answers = await Promise.all(
        SIX.map(async (instrument) => {
          const bars = series.get(instrument.symbol)!;
          return { bars, opinions: await ask(bars.slice(end - 59, end + 1), instrument) };
        }),
      );
      for (const { bars, opinions } of answers) {
        const [lstm, ensemble] = opinions;
        asks += 1;
        if (lstm.direction !== ensemble.direction) disagreements += 1;
        const signal = gate(lstm, ensemble);
        const isWin = signal === null ? null : planWins(bars, end, signal.direction);
        if (signal !== null && isWin !== null) passed.push({ confidence: signal.confidence, isWin });
      }
    }
    const mean = passed.reduce((sum, signal) => sum + signal.confidence, 0) / passed.length;
    const wins = passed.filter((signal) => signal.isWin).length / passed.length;
    expect(passed.length).toBeGreaterThan(3_000);
    expect(Math.abs(mean - wins)).toBeLessThan(0.04);
    expect(passed.length / asks).toBeGreaterThan(0.25);
    expect(passed.length / asks).toBeLessThan(0.45);
    expect(disagreements / asks).toBeGreaterThan(0.03);
  });

  it('answer the same question the same way, and look at nothing but the bars sent', async () => {
    const market = createSimulatedMarket({
      instruments: SIX,
      seed: 3,
      clock: createVirtualClock(),
      quoteIntervalMs: 500,
    });
    const bars: Bar[] = [];
    for (let minute = 0; minute < 80; minute += 1) bars.push(market.playBar(epochMs(START + minute * MINUTE))[0]!);
    const [instrument] = SIX;
    const again = await startSimulatedModels({ seed: 5 });
    const [others, mine] = [sourcesOf(again), sourcesOf(pair)];
    const request = { symbol: instrument!.symbol, asOf: bars.at(-1)!.closeAt, bars, tickSize: 0.25 };
    const [a, b] = [await mine.lstm.predict(request, never), await others.lstm.predict(request, never)];
    expect({ ...a, latencyMs: 0 }).toEqual({ ...b, latencyMs: 0 });
    expect(a.modelVersion?.name).toBe('simulated-lstm');
    await Promise.all([...Object.values(others), ...Object.values(mine)].map((source) => source.close()));
    await again.close();
  });
});

describe('the statistical models on real daily bars', () => {
  it('agree above the gate now and then, and are right about as often as they say', { timeout: 240_000 }, async () => {
    const text = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8');
    const file = readBars(text, { symbol: 'MES', tickSize: 0.25, timeframe: '1d' });
    if (!file.ok) throw new Error(file.error.message);
    const { bars } = file.value;
    const pair = await startStatisticalModels();
    const sources = sourcesOf(pair);
    const seen: { confidence: number; isRight: boolean }[] = [];
    let asks = 0;
    for (let end = 410; end < bars.length - 5; end += 3) {
      const request = {
        symbol: 'MES',
        asOf: bars[end]!.closeAt,
        bars: bars.slice(end - 419 > 0 ? end - 419 : 0, end + 1),
        tickSize: 0.25,
      };
      const [lstm, ensemble] = await Promise.all([
        sources.lstm.predict(request, never),
        sources.ensemble.predict(request, never),
      ]);
      asks += 1;
      const signal = gate(lstm, ensemble);
      if (signal === null) continue;
      const move = bars[end + 5]!.close - bars[end]!.close;
      seen.push({ confidence: signal.confidence, isRight: signal.direction * move > 0 });
    }
    const mean = seen.reduce((sum, signal) => sum + signal.confidence, 0) / seen.length;
    const right = seen.filter((signal) => signal.isRight).length / seen.length;
    expect(seen.length / asks).toBeGreaterThan(0.1);
    expect(seen.length / asks).toBeLessThan(0.5);
    expect(right).toBeGreaterThan(0.55);
    expect(Math.abs(mean - right)).toBeLessThan(0.06);
    await Promise.all([sources.lstm.close(), sources.ensemble.close()]);
    await pair.close();
  });
});
