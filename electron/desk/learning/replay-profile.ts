import { mkdirSync, writeFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import { serveModelFolder } from './serve-folder.ts';

/** A desk of its own on recorded bars: where it lies, and the models it asks. */
export type ReplayProfile = {
  readonly dataFolder: string;
  readonly config: string;
  readonly close: () => Promise<void>;
};

export type ReplayProfileOptions = {
  readonly prices: string;
  /** Null: the contract the models were trained on. */
  readonly symbol: string | null;
  readonly models: string;
  readonly dataFolder: string;
};

const ACCOUNT = 'REPLAY';
const EQUITY_USD = 100_000;

const refuse = (field: string, value: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', field, value, message, remedy });

/** A name for a folder, of a file's name. */
const plainName = (file: string): string =>
  path
    .basename(file, path.extname(file))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');

/**
 * Prepares a desk that plays recorded minute bars as if they happened now, with the paper broker and the models of a
 * folder. It has a data folder of its own, by the file and the models: its journal mixes with no other.
 * Throws DeskError 'invalid-input' naming the option.
 */
export async function openReplayProfile(options: ReplayProfileOptions): Promise<ReplayProfile> {
  const prices = path.resolve(options.prices);
  if (!existsSync(prices))
    throw refuse('--replay', options.prices, 'there is no such file', 'name a CSV of minute bars');
  const served = await serveModelFolder(options.models, { port: 0 });
  const { timeframe, version, planning, symbols } = served.manifest;
  const symbol = options.symbol ?? symbols[0] ?? '';
  if (timeframe !== '1m') {
    await served.close();
    const message = `these models read bars of ${timeframe}; a window plays minute bars`;
    const remedy = 'train models on minute bars, or play daily bars with the command replay';
    throw refuse('--models', options.models, message, remedy);
  }
  const dataFolder = path.join(options.dataFolder, 'replays', `${plainName(prices)}-${version}`);
  const folder = path.join(dataFolder, 'profiles/paper');
  mkdirSync(folder, { recursive: true });
  const config = path.join(folder, 'connections.json');
  const connections = {
    ...{ profile: 'paper', account: ACCOUNT, equityUsd: EQUITY_USD, instruments: [{ contract: symbol }] },
    models: served.connections.desk,
    broker: { kind: 'paper' },
    marketData: [{ kind: 'replay', files: { [symbol]: prices } }],
  };
  // The models are at another address each time.
  writeFileSync(config, `${JSON.stringify(connections, null, 2)}\n`);
  const settings = path.join(folder, 'settings.json');
  // Their chances are of the trade they were trained for; what the trader changed since stays.
  if (!existsSync(settings)) writeFileSync(settings, `${JSON.stringify({ planning }, null, 2)}\n`);
  return { dataFolder, config, close: served.close };
}
