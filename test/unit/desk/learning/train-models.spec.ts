import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { trainModels } from '#desk/desk.ts';
import { dailyBars } from '#test/support/daily-bars.ts';
import { barsFile, hasLibraries, tempFolder, trainOptions } from '#test/support/learning.ts';
import { trainedFolder } from '#test/support/trained-folder.ts';

const SUPPORT = path.resolve(import.meta.dirname, '../../../support');
const BIN = path.resolve(import.meta.dirname, '../../../../electron/shells/cli/bin.mjs');
const SIZE = { rows: 4, units: 2, maxEpochs: 2, plots: 1, rounds: 2 };

const bytesOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'hex')]));

describe.skipIf(!hasLibraries)('training', () => {
  it('writes the same bytes for the same bars and seed, whatever the number of threads, and others for another', async () => {
    const folder = tempFolder();
    const options = trainOptions(barsFile(folder, dailyBars(700, { seed: 4 })), { effort: SIZE });
    const train = async (name: string, over: { readonly threads: number; readonly seed: number }) => {
      const out = path.join(folder, name);
      const watch = { onProgress: () => undefined, signal: new AbortController().signal };
      await trainModels({ ...options, ...over, out }, watch);
      return bytesOf(out);
    };
    const first = await train('first', { seed: 5, threads: 2 });
    expect([...first.keys()]).toContain('lstm-2.json');
    expect(await train('again', { seed: 5, threads: 1 })).toEqual(first);
    const other = await train('other', { seed: 6, threads: 2 });
    for (const name of ['lstm-1.json', 'ensemble-1.json']) expect(other.get(name)).not.toBe(first.get(name));
  });

  it('ends on Ctrl-C while it learns, says so and writes nothing', async () => {
    const folder = tempFolder();
    const bars = barsFile(folder, dailyBars(700, { seed: 4 }));
    const out = path.join(folder, 'models');
    const asked = ['models', 'train', '--bars', bars, '--symbol', 'MES', '--folds', '1', '--out', out];
    const child = spawn(process.execPath, [BIN, ...asked], { stdio: ['ignore', 'ignore', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const said: string[] = [];
    createInterface(child.stderr).on('line', (line) => {
      said.push(line);
      if (line.startsWith('train ')) child.kill('SIGINT');
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect(said.at(-1)).toBe('Stopped: nothing was written.');
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual(['bars.csv']);
  });
});

test('without the learning libraries training says how to add them; serving, replaying and the desk need none', async () => {
  const folder = tempFolder();
  const bars = barsFile(folder, dailyBars(700, { seed: 4 }));
  const child = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', '--import', path.join(SUPPORT, 'without-learning.ts')],
      ...[path.join(SUPPORT, 'learning-absent-child.ts'), bars, trainedFolder(folder), path.join(folder, 'data')],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const answer: unknown = JSON.parse(await text(child.stdout));
  expect(answer).toEqual({
    trainExit: 1,
    said: [
      'error: training needs learning libraries that are not installed. Add them in the folder of the desk with: ' +
        'npm install --include=optional.',
    ],
    ...{ served: 200, mode: 'simulation' },
  });
  expect(existsSync(path.join(folder, 'data/trained'))).toBe(false);
});
