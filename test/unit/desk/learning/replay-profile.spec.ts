import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testConnectionsFile } from '#desk/desk.ts';
import { openReplayProfile } from '#desk/learning/replay-profile.ts';
import { dailyBars } from '#test/support/daily-bars.ts';
import { tempFolder } from '#test/support/learning.ts';
import { trainedFolder } from '#test/support/trained-folder.ts';

/** Minutes with the prices of made-up days. */
function minutesFile(folder: string): string {
  const start = Date.UTC(2026, 0, 5, 15);
  const rows = dailyBars(600, { seed: 4 }).map(({ open, high, low, close, volume }, i) =>
    [new Date(start + i * 60_000).toISOString(), ...[open, high, low, close].map((p) => p / 4), volume].join(','),
  );
  const file = path.join(folder, 'Minute bars.csv');
  writeFileSync(file, ['time,open,high,low,close,volume', ...rows].join('\n'));
  return file;
}

test('a desk on recorded minute bars connects to the models of a folder, and plans their trade', async () => {
  const folder = tempFolder();
  const models = trainedFolder(folder, '1m');
  const asked = { prices: minutesFile(folder), symbol: null, models, dataFolder: folder };
  const replay = await openReplayProfile(asked);
  onTestFinished(() => replay.close());
  expect(replay.dataFolder).toContain(path.join(folder, 'replays', 'minute-bars-'));
  const signal = new AbortController().signal;
  const options = { path: replay.config, dataFolder: replay.dataFolder, signal, onStep: () => undefined };
  const { reports } = await testConnectionsFile(options);
  const failed = reports.flatMap(({ id, steps }) => steps.filter(({ ok }) => !ok).map(({ name }) => `${id} ${name}`));
  expect(failed).toEqual([]);
  const settings: unknown = JSON.parse(readFileSync(path.join(path.dirname(replay.config), 'settings.json'), 'utf8'));
  expect(settings).toEqual({ planning: { stopAtr: 2, targetAtr: 1, minStopTicks: 4 } });
});

test('models of daily bars are refused by name', async () => {
  const folder = tempFolder();
  const asked = { prices: minutesFile(folder), symbol: null, models: trainedFolder(folder), dataFolder: folder };
  await expect(openReplayProfile(asked)).rejects.toThrow('a window plays minute bars');
});
