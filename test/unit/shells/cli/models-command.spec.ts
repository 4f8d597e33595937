import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeModels } from '#desk/desk.ts';
import { chooseModels } from '#shells/cli/models-command.ts';
import { run } from '#shells/cli/main.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';
import { trainedFolder } from '#test/support/trained-folder.ts';

const [HEADER = '', ...ROWS] = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8')
  .trim()
  .split('\n');

/** A user's data folder with some real bars beside it; with trained models in the usual place, of these bars. */
function userFolder(trainedOn: '1d' | '1m' | null) {
  const dataFolder = temporaryFolder();
  const prices = path.join(dataFolder, 'prices.csv');
  // The models of the fixture answer from 2010-01-01.
  writeFileSync(prices, [HEADER, ...ROWS.slice(2_460, 2_560)].join('\n'));
  const models = path.join(dataFolder, 'models');
  if (trainedOn !== null) expect(trainedFolder(dataFolder, trainedOn)).toBe(models);
  return { dataFolder, prices, models };
}

afterEach(() => vi.unstubAllEnvs());

async function cli(...argv: readonly string[]) {
  const lines: string[] = [];
  const output = { out: () => undefined, err: (text: string) => void lines.push(text), isTerminal: false };
  return { exit: await run(argv, output), err: lines.join('\n') };
}

/** Replays the bars of a user as the command line does, and says which models the journal names. */
async function replayed({ dataFolder, prices }: ReturnType<typeof userFolder>, ...more: readonly string[]) {
  vi.stubEnv('KELLY_DESK_DATA', dataFolder);
  const journal = path.join(temporaryFolder(), 'journal.db');
  const asked = ['replay', '--prices', prices, '--symbol', 'MES', '--auto-approve', '--journal', journal, ...more];
  const { exit, err } = await cli(...asked);
  expect(exit, err).toBe(0);
  const aside = mustOpen(journal, 'read');
  const versions = [...aside.events({ kinds: ['decision'] })].flatMap(
    ({ event }) => event.snapshot.opinions.lstm?.modelVersion?.version ?? [],
  );
  aside.close();
  return { err, versions: new Set(versions) };
}

describe('the models of a replay on real bars', () => {
  it('are the trained ones of the data folder, where nothing is said', async () => {
    const user = userFolder('1d');
    const { err, versions } = await replayed(user);
    expect(err).toContain(`Models of ${user.models}.`);
    expect([...versions]).toEqual([describeModels(user.models).version]);
  });

  it('are two that count where nothing is trained, and how to train is said', async () => {
    const user = userFolder(null);
    const { err, versions } = await replayed(user);
    expect(err).toContain(`There are no trained models in ${user.models} (models train makes some)`);
    // They count for longer than these bars before they answer.
    expect([...versions]).toEqual([]);
  });

  it('are those of the window too, which takes the contract from them', async () => {
    const late = (user: ReturnType<typeof userFolder>) =>
      cli('start', '--replay', user.prices, '--data', user.dataFolder, '--from', '2099-01-01');
    expect(await late(userFolder(null))).toMatchObject({ exit: 2, err: expect.stringContaining('--symbol') as string });
    expect(await late(userFolder('1d'))).toMatchObject({ exit: 2, err: expect.stringContaining('--from') as string });
  });

  it('are never those of other bars, nor any when none are wanted', () => {
    const { dataFolder, models } = userFolder('1m');
    const { folder, said } = chooseModels(true, { dataFolder, played: '1d' });
    expect(folder).toBeNull();
    expect(said).toContain(`The models of ${models} read bars of 1m, not of 1d`);
    expect(chooseModels(true, { dataFolder, played: null }).folder).toBe(models);
    expect(chooseModels(false, { dataFolder, played: null }).folder).toBeNull();
    expect(chooseModels('elsewhere', { dataFolder, played: '1d' }).folder).toBe('elsewhere');
  });

  it('are not passed over where the usual folder is damaged', () => {
    const { dataFolder, models } = userFolder('1d');
    writeFileSync(path.join(models, 'models.json'), '{}');
    expect(() => chooseModels(true, { dataFolder, played: '1d' })).toThrow(/format/);
  });
});
