import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { createForecastSource, modelConnectionSchema } from '#desk/adapters/models/forecast-sources.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import { createClock } from '#desk/profiles/clocks.ts';
import { dailyBars } from '#test/support/daily-bars.ts';

/** The services the README shows are run as they are, and asked as the desk asks. */
const FOLDER = 'test/fixtures/models/examples';
const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) process.stderr.write('python3 is not installed: the example service in Python is not tried.\n');

async function started(command: string, file: string): Promise<string> {
  const child = spawn(command, [`${FOLDER}/${file}`, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  const lines = createInterface(child.stdout);
  const [url] = (await once(lines, 'line')) as [string];
  return url;
}

test.each([
  { language: 'Node', command: process.execPath, file: 'service.mjs', isThere: true },
  { language: 'Python', command: 'python3', file: 'service.py', isThere: hasPython },
])('the example service in $language answers as the contract wants', async ({ command, file, isThere }) => {
  if (!isThere) return;
  const url = await started(command, file);
  const bars = dailyBars(80, { seed: 1 });
  const asOf = bars.at(-1)?.closeAt ?? epochMs(0);
  const clock = createClock(asOf);
  const connection = modelConnectionSchema.parse({ kind: 'desk', url, timeframe: '1d', horizonBars: 15 });
  const source = createForecastSource(connection, { model: 'lstm', clock, features: createFeatureBuilder() });
  onTestFinished(async () => {
    await source.close();
    clock.stop();
  });
  const ask = () => source.predict({ symbol: 'MES', asOf, bars, tickSize: 0.25 }, new AbortController().signal);

  const prediction = await ask();
  expect(prediction).toMatchObject({ state: 'ok', modelVersion: { version: '1', featureSchema: 'fs-1' } });
  const rising = bars.slice(-32).filter((bar, i, last) => {
    const before = i === 0 ? bars.at(-33) : last[i - 1];
    return before !== undefined && bar.close > before.close;
  }).length;
  const long = 0.25 + (0.4 * rising) / 32;
  expect(prediction.direction).toBe(long > 0.9 - long ? 1 : -1);
  expect(prediction.confidence).toBeCloseTo(Math.max(long, 0.9 - long), 12);

  const wrong = await fetch(`${url}/predict`, { method: 'POST', body: '{"schema":1}' });
  expect(wrong.status).toBe(400);
});
