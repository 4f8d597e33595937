import { Command, CommanderError, Option } from 'commander';
import { defaultDataFolder, openReplayProfile, VERSION } from '#desk/desk.ts';
import { addBacktestCommands } from './backtest-program.ts';
import { addConnectionCommands } from './connections-program.ts';
import { doctorCommand, type DoctorOptions } from './doctor-command.ts';
import { addJournalCommands, EXIT_CODES } from './journal-program.ts';
import { chooseModels } from './models-command.ts';
import { addModelCommands } from './models-program.ts';
import { day, integer, number } from './option-parsers.ts';
import { EXIT, processOutput, reportError } from './output.ts';
import type { ExitCode, Output } from './output.ts';
import { replayCommand } from './replay-command.ts';
import { serveCommand } from './serve-command.ts';
import { sizeCommand } from './size-command.ts';
import { startCommand } from './start-command.ts';

/** Runs one command line and returns its exit code. Never throws: an error is one line on `err`. */
export async function run(argv: readonly string[], output: Output = processOutput): Promise<ExitCode> {
  const state: { exit: ExitCode } = { exit: EXIT.done };
  const program = createProgram(output, (exit) => {
    state.exit = exit;
  });
  try {
    // The desk is what one starts; everything else is asked for by name.
    await program.parseAsync(argv.length === 0 ? ['start'] : [...argv], { from: 'user' });
    return state.exit;
  } catch (error) {
    // commander has already said what is wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.badInput;
    return reportError(error, output);
  }
}

function createProgram(output: Output, finish: (exit: ExitCode) => void): Command {
  const program = new Command('kelly-desk')
    .description('A trading desk that turns model predictions into one sized order, with every reason shown.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out(text.trimEnd()),
      writeErr: (text) => output.err(text.trimEnd()),
      outputError: (text, write) => write(`${text.replace(/\.?\s*$/, '')} (see --help)`),
    });
  addDeskCommands(program, output, finish);
  addSizeCommand(program, output, finish);
  addReplayCommand(program, output, finish);
  addBacktestCommands(program, output, finish);
  addJournalCommands(program, output, finish);
  addConnectionCommands(program, output, finish);
  addModelCommands(program, output, finish);
  addDoctorCommand(program, output, finish);
  for (const command of [program, ...program.commands]) command.addHelpText('after', EXIT_CODES);
  return program;
}

const pace = number(0, 3_600);

/** Options of every command that opens a desk. */
const deskOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--profile <name>', 'whose journal and connections')
        .choices(['simulation', 'paper', 'live'])
        .default('simulation'),
    )
    .option('--config <file>', 'connections file; it names the profile (default: the one in the profile’s folder)')
    .option('--data <folder>', 'folder that holds the profiles (default: the user’s data folder)')
    .option(
      '--port <number>',
      'port of the local server; 0 takes a free one (start: the usual one)',
      integer(0, 65_535),
      0,
    )
    .option('--seed <number>', 'seed of the simulated market', integer(0, 2 ** 31 - 1));

type DeskArguments = {
  readonly profile: 'simulation' | 'paper' | 'live';
  readonly config?: string;
  readonly data?: string;
  readonly port: number;
  readonly seed?: number;
};

const deskArguments = ({ profile, config, data, port, seed }: DeskArguments) => ({
  profile,
  config: config ?? null,
  dataFolder: data ?? defaultDataFolder(),
  port,
  seed: seed ?? null,
});

function addDeskCommands(program: Command, output: Output, finish: (exit: ExitCode) => void): void {
  deskOptions(program.command('start'))
    .description('open the desk in a window: Electron, or an installed browser where Electron cannot be fetched')
    .addOption(new Option('--shell <kind>', 'which window').choices(['auto', 'electron', 'browser']).default('auto'))
    .option('--no-open', 'open no browser window, print the address only')
    .option('--replay <csv>', 'play recorded bars, one after the other, on a desk of their own')
    .option('--symbol <root>', 'contract the bars of --replay are traded as (default: what the models learned)')
    .option(
      '--models <folder>',
      'trained models that --replay asks (default: the folder models beside the profiles, if it is there)',
    )
    .option('--from <date>', 'first day of --replay (default: the first on which the models answer)', day('--from'))
    .option('--pace <seconds>', 'seconds between the bars of --replay; one with a proposal waits for you', pace, 1)
    .option('--auto-approve', 'approve every proposal of --replay as it is', false)
    .action(async (options: StartArguments) => {
      const desk = { ...deskArguments(options), ...replayProfile(options, output) };
      const { shell, open } = options;
      finish(await startCommand({ ...desk, shell, open }, output));
    });
  deskOptions(program.command('serve'))
    .description('run the desk without a window and print its address')
    .action(async (options: DeskArguments) => finish(await serveCommand(deskArguments(options), output)));
}

type StartArguments = DeskArguments & {
  readonly shell: 'auto' | 'electron' | 'browser';
  readonly open: boolean;
  readonly replay?: string;
  readonly symbol?: string;
  readonly models?: string;
  readonly from?: string;
  readonly pace: number;
  readonly autoApprove: boolean;
};

/** Which desk a replay opens; nothing where none was asked for. */
function replayProfile(options: StartArguments, output: Output) {
  const { replay, symbol = null, from = null, pace: secondsPerBar, autoApprove } = options;
  if (replay === undefined) return {};
  const { dataFolder } = deskArguments(options);
  const { folder: models, said } = chooseModels(options.models ?? true, { dataFolder, played: null });
  const asked = { prices: replay, symbol, models, from, secondsPerBar, autoApprove, dataFolder };
  const opened = openReplayProfile(asked);
  output.err(said);
  output.err(`This replay is kept in ${opened.dataFolder}; a second start goes on where it ends.`);
  return { dataFolder: opened.dataFolder, profile: 'replay', config: null } as const;
}

function addDoctorCommand(program: Command, output: Output, finish: (exit: ExitCode) => void): void {
  program
    .command('doctor')
    .description('look over the machine and a profile, and say for each problem what to do')
    .option('--profile <name>', 'whose folder, journal and settings', 'simulation')
    .option('--data <folder>', 'folder that holds the profiles (default: the user’s data folder)')
    .option('--connections', 'also connect what its connections file names, look, and hang up', false)
    .option('--json', 'print the findings as JSON', false)
    .action(async ({ data, ...options }: Omit<DoctorOptions, 'dataFolder'> & { readonly data?: string }) => {
      finish(await doctorCommand({ ...options, dataFolder: data ?? defaultDataFolder() }, output));
    });
}

function addSizeCommand(program: Command, output: Output, finish: (exit: ExitCode) => void): void {
  program
    .command('size')
    .description('size a scenario: a decision with its ladder comes out, nothing is journaled')
    .argument('<scenario>', 'JSON file, or - for standard input')
    .option('--json', 'print the decision as JSON', false)
    .action(async (file: string, options: { readonly json: boolean }) => {
      finish(await sizeCommand(file, options, output));
    });
}

function addReplayCommand(program: Command, output: Output, finish: (exit: ExitCode) => void): void {
  program
    .command('replay')
    .description('run the desk over recorded daily prices, into a journal of its own')
    .requiredOption('--prices <csv>', 'file of daily bars')
    .requiredOption('--symbol <root>', 'contract the prices are traded as, for example MES')
    .requiredOption('--journal <file>', 'journal to write')
    .option('--from <date>', 'first day, as 2020-01-31', day('--from'))
    .option('--to <date>', 'last day', day('--to'))
    .option('--auto-approve', 'approve every proposal as it is', false)
    .option('--look-back-days <number>', 'days of own trades the payoff ratio is taken from', integer(1, 36_500), 365)
    .option(
      '--models <folder>',
      'trained models to ask (default: the folder models beside the profiles, if it is there)',
    )
    .option('--no-models', 'ask two models that count, although there are trained ones')
    .option('--seed <number>', 'seed of identifiers', integer(0, 2 ** 31 - 1), 7)
    .option('--json', 'print the summary as JSON', false)
    .action(async (options: ReplayOptions) => {
      const models = chooseModels(options.models ?? true, { dataFolder: defaultDataFolder(), played: '1d' });
      finish(await replayCommand({ ...options, from: options.from ?? null, to: options.to ?? null, models }, output));
    });
}

type ReplayOptions = Omit<Parameters<typeof replayCommand>[0], 'from' | 'to' | 'models'> & {
  /** False for --no-models. */
  readonly models?: string | false;
  readonly from?: string;
  readonly to?: string;
};
