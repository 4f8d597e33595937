import { type Command, Option } from 'commander';
import { badInput, type ExitCode, type Output } from './output.ts';
import { defaultDataFolder } from '#desk/desk.ts';
import { serveModelsCommand, trainCommand, usualModels } from './models-command.ts';
import { day, integer, number } from './option-parsers.ts';

type Finish = (exit: ExitCode) => void;

type TrainOptions = {
  readonly bars: readonly string[];
  readonly symbol: readonly string[];
  readonly out: string;
  readonly timeframe: '1m' | '1d';
  readonly from?: string;
  readonly to?: string;
  readonly trainTo?: string;
  readonly folds: number;
  readonly stopAtr?: number;
  readonly targetAtr?: number;
  readonly horizon?: number;
  readonly seed: number;
  readonly threads?: number;
  readonly json: boolean;
};

/** Adds `models` and what it can do. */
export function addModelCommands(program: Command, output: Output, finish: Finish): void {
  const models = program.command('models').description('reference models of your own: train them on bars, serve them');
  models
    .command('train')
    .description('train an LSTM and an ensemble on recorded bars, walk-forward, and say whether they have skill')
    .requiredOption('--bars <csv...>', 'files of bars, one a symbol')
    .requiredOption('--symbol <root...>', 'contracts the prices are traded as, in the order of the files')
    .option('--out <folder>', 'folder to write; it must not be there', usualModels(defaultDataFolder()))
    .addOption(new Option('--timeframe <length>', 'length of a bar').choices(['1m', '1d']).default('1d'))
    .option('--from <date>', 'first day, as 2000-01-31', day('--from'))
    .option('--to <date>', 'last day', day('--to'))
    .option(
      '--train-to <date>',
      'last day before the first forecast that is judged (default: half of the bars)',
      day('--train-to'),
    )
    .option(
      '--folds <number>',
      'steps of the walk forward; each has a model that learned all before it',
      integer(1, 40),
      4,
    )
    .option('--stop-atr <number>', 'distance of the planned stop, in average ranges', number(0.1, 20))
    .option('--target-atr <number>', 'distance of the planned target, in average ranges', number(0.1, 60))
    .option('--horizon <bars>', 'bars after which a planned trade is marked out', integer(1, 1_440))
    .option('--seed <number>', 'the same seed gives the same files', integer(0, 2 ** 31 - 1), 7)
    .option('--threads <number>', 'threads; the result does not depend on them', integer(1, 16))
    .option('--json', 'print the result as JSON', false)
    .action(async (options: TrainOptions) => {
      finish(await trainCommand(trainArguments(options), output));
    });
  models
    .command('serve')
    .description('serve the models of a folder on this machine: the desk’s JSON contract and Open Inference v2')
    .argument('[folder]', 'folder that models train has written', usualModels(defaultDataFolder()))
    .option('--port <number>', 'port; 0 takes a free one', integer(0, 65_535), 0)
    .option('--json', 'print the address and the connections as JSON', false)
    .action(async (folder: string, options: { readonly port: number; readonly json: boolean }) => {
      finish(await serveModelsCommand(folder, options, output));
    });
}

function trainArguments(options: TrainOptions) {
  const { bars, symbol, out, timeframe, folds, seed, json } = options;
  if (bars.length !== symbol.length) {
    const given = `${bars.length} files, ${symbol.length} symbols`;
    throw badInput('--symbol', given, 'each file of bars has one symbol', 'give as many symbols as files');
  }
  return {
    ...{ out, timeframe, folds, seed, json },
    files: bars.map((file, i) => ({ file, symbol: symbol[i] ?? '' })),
    ...{ from: options.from ?? null, to: options.to ?? null, trainTo: options.trainTo ?? null },
    ...{ stopAtr: options.stopAtr ?? null, targetAtr: options.targetAtr ?? null },
    ...{ horizonBars: options.horizon ?? null, threads: options.threads ?? null },
  };
}
