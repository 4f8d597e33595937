import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import type { PoliciesRun } from '#shared/domain/backtest.ts';
import { run as runCommand } from '#shells/cli/main.ts';
import { parsePolicies, runOverJournal, runReplay, type ReplaySummary } from '#desk/desk.ts';
import { referencePage, type ReferenceCard } from './reference-page.ts';

/**
 * Runs the reference models over the S&P 500 of 2000 to 2020 as the README does, and writes what came of it:
 *   npm run reference [-- --models <folder> --out <file>]
 * Without a folder of models they are trained first, which takes some minutes.
 */
const PRICES = 'node_modules/vega-datasets/data/sp500-2000.csv';
const SYMBOL = 'MES';
const FROM = '2010-06-01';
const TRAIN = ['--train-to', '2010-12-31', '--stop-atr', '2', '--target-atr', '1'];
const PAGE = path.join(import.meta.dirname, 'reference-models.md');
const tell = (text: string): void => void process.stderr.write(`${text}\n`);

async function trained(folder: string): Promise<string> {
  const output = { out: tell, err: tell, isTerminal: false };
  const asked = ['models', 'train', '--bars', PRICES, '--symbol', SYMBOL, ...TRAIN, '--out', folder];
  if ((await runCommand(asked, output)) !== 0) throw new Error('the models were not trained');
  return folder;
}

async function replayed(models: string, journal: string): Promise<ReplaySummary> {
  const options = { symbol: SYMBOL, from: FROM, to: null, lookBackDays: 365, seed: 7, autoApprove: true };
  return runReplay({ ...options, prices: PRICES, journal, models });
}

async function backtested(journal: string): Promise<PoliciesRun> {
  const request = { kind: 'policies' as const, policies: [...parsePolicies('all')] };
  const watch = { signal: new AbortController().signal, onProgress: () => undefined };
  const stored = await runOverJournal({ request, journal, report: null }, watch);
  if (stored.kind !== 'policies') throw new Error('policies were asked for');
  return stored.run;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { models: { type: 'string' }, out: { type: 'string' } } });
  const work = mkdtempSync(path.join(tmpdir(), 'kelly-desk-reference-'));
  try {
    const models = values.models ?? (await trained(path.join(work, 'models')));
    if (!existsSync(path.join(models, 'card.json'))) throw new Error(`${models} is no folder of trained models`);
    const journal = path.join(work, 'replay.db');
    const summary = await replayed(models, journal);
    const card = JSON.parse(readFileSync(path.join(models, 'card.json'), 'utf8')) as ReferenceCard;
    const page = referencePage({ card, summary, backtest: await backtested(journal) });
    const file = values.out ?? PAGE;
    writeFileSync(file, await format(page, { ...(await resolveConfig(PAGE)), parser: 'markdown' }));
    tell(`Written: ${file}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

await main();
