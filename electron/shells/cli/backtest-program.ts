import { Option, type Command } from 'commander';
import { DEFAULT_GRID, MOST_PATHS, MOST_PATH_TRADES } from '#shared/contract/backtest-requests.ts';
import type { Bet, TradeSource } from '#shared/domain/monte-carlo.ts';
import { defaultDataFolder, parsePolicies, parsePolicy, policyNames } from '#desk/desk.ts';
import { backtestCommand } from './backtest-command.ts';
import type { JobArguments } from './job-command.ts';
import { monteCarloCommand } from './monte-carlo-command.ts';
import { day, integer, integers, number, numbers } from './option-parsers.ts';
import { badInput } from './output.ts';
import type { ExitCode, Output } from './output.ts';
import { walkForwardCommand } from './walk-forward-command.ts';

type Finish = (exit: ExitCode) => void;

type CommonOptions = {
  readonly journal: string;
  readonly from?: string;
  readonly to?: string;
  readonly seed?: number;
  readonly workers?: number;
  readonly report?: string;
  readonly json: boolean;
  readonly data?: string;
};

/** Options of every computation over a journal. */
const commonOptions = (command: Command): Command =>
  command
    .requiredOption('--journal <file>', 'journal file, or the name of a profile')
    .option('--from <date>', 'first day, as 2020-01-31', day('--from'))
    .option('--to <date>', 'last day', day('--to'))
    .option('--seed <number>', 'seed of everything random (default: 2024)', integer(0, 2 ** 31 - 1))
    .option('--workers <number>', 'threads; the result does not depend on them', integer(1, 16))
    .option('--report <file>', 'write a page to print, as HTML')
    .option('--json', 'print the result as JSON', false)
    .option('--data <folder>', 'folder that holds the profiles (default: the user’s data folder)');

const commonArguments = (options: CommonOptions): JobArguments => ({
  journal: options.journal,
  dataFolder: options.data ?? defaultDataFolder(),
  from: options.from ?? null,
  to: options.to ?? null,
  seed: options.seed ?? null,
  workers: options.workers ?? null,
  report: options.report ?? null,
  json: options.json,
});

const POLICY_HELP = `\nPolicies: ${policyNames().join(', ')}.\nParameters follow a colon: kelly:multiplier=0.4`;

/** Adds `backtest`, `monte-carlo` and `walk-forward`. */
export function addBacktestCommands(program: Command, output: Output, finish: Finish): void {
  commonOptions(program.command('backtest'))
    .description('replay the decisions of a journal under other sizing policies; the journal is only read')
    .option('--policies <list>', 'policies by name, with commas; all is the thirteen of the comparison', 'all')
    .addHelpText('after', POLICY_HELP)
    .action(async (options: CommonOptions & { readonly policies: string }) => {
      const policies = parsePolicies(options.policies);
      finish(await backtestCommand({ ...commonArguments(options), policies }, output));
    });
  addMonteCarloCommand(program, output, finish);
  addWalkForwardCommand(program, output, finish);
}

type MonteCarloOptions = CommonOptions & {
  readonly policy?: string;
  readonly stake: 'as-taken' | 'fraction' | 'fixed';
  readonly fraction?: number;
  readonly trades: number;
  readonly paths: number;
  readonly block?: number;
  readonly loss: number;
  readonly gain: number;
  readonly ruin: number;
};

const MONTE_CARLO_HELP = `
Paths are drawn from closed trades: your own, or those a policy makes of the journal’s opportunities (--policy).
Stakes:
  as-taken  each trade by the return on equity it had
  fraction  --fraction percent of present equity per 1R; it compounds
  fixed     --fraction percent of the starting equity per 1R; it does not
Drawn one by one with --block 1, else in blocks (stationary bootstrap); without --block the trades themselves say.
The same seed gives the same paths, whatever the machine and the number of workers.
${POLICY_HELP.trimStart()}`;

function addMonteCarloCommand(program: Command, output: Output, finish: Finish): void {
  commonOptions(program.command('monte-carlo'))
    .description('draw many paths of trades: fan of wealth, drawdowns, risk of ruin, beside theory')
    .option('--policy <name>', 'draw the trades of this policy (default: your own trades)')
    .addOption(
      new Option('--stake <kind>', 'how much a drawn trade moves wealth')
        .choices(['as-taken', 'fraction', 'fixed'])
        .default('as-taken'),
    )
    .option('--fraction <percent>', 'of equity per 1R, for the stakes fraction and fixed', number(0.001, 100))
    .option('--trades <number>', 'trades of a path', integer(1, MOST_PATH_TRADES), 250)
    .option('--paths <number>', 'paths', integer(100, MOST_PATHS), 2000)
    .option('--block <trades>', 'expected block; 1 is one by one', number(1, 1000))
    .option('--loss <percent>', 'loss of the start that is asked about', number(0.1, 99.9), 20)
    .option('--gain <percent>', 'gain of the start that is asked about', number(0.1, 10_000), 20)
    .option('--ruin <percent>', 'share of the start at which a path is ruined', number(0.1, 99.9), 50)
    .addHelpText('after', MONTE_CARLO_HELP)
    .action(async (options: MonteCarloOptions) => {
      const { trades, paths, block, loss, gain, ruin } = options;
      const levels = { loss: loss / 100, gain: gain / 100, ruinLevel: ruin / 100 };
      const drawn = { source: sourceOf(options), bet: betOf(options), trades, paths, meanBlock: block ?? null };
      finish(await monteCarloCommand({ ...commonArguments(options), ...drawn, ...levels }, output));
    });
}

const sourceOf = ({ policy }: MonteCarloOptions): TradeSource =>
  policy === undefined ? { from: 'journal' } : { from: 'policy', spec: parsePolicy(policy) };

function betOf({ stake, fraction }: MonteCarloOptions): Bet {
  if (stake === 'as-taken') {
    if (fraction === undefined) return { kind: stake };
    const remedy = 'choose --stake fraction or --stake fixed';
    throw badInput('--fraction', String(fraction), 'trades as they were taken have their own', remedy);
  }
  if (fraction === undefined) {
    throw badInput('--fraction', '', `the stake ${stake} needs one`, 'give the percent of equity at risk per 1R');
  }
  return { kind: stake, fraction: fraction / 100 };
}

type WalkForwardOptions = CommonOptions & {
  readonly multipliers: readonly number[];
  readonly evidence: readonly number[];
  readonly lookBacks: readonly number[];
  readonly folds: number;
  readonly inSample: number;
  readonly window: 'anchored' | 'rolling';
  readonly score: 'growth' | 'sharpe';
};

const WALK_FORWARD_HELP = `
Every combination of the values is walked on an account of its own. The best of the days before is taken up for the days
of the next fold, on one account that goes through all folds. What that account made is told beside the scheme as it was
live and the best combination in hindsight; its Sharpe ratio is deflated by the number of combinations tried.`;

function addWalkForwardCommand(program: Command, output: Output, finish: Finish): void {
  const { multipliers, evidenceTrades, lookBackDays, folds, inSampleShare } = DEFAULT_GRID;
  commonOptions(program.command('walk-forward'))
    .description('choose λ, n₀ and the look-back on the past, trade the choice on what follows, and say what is left')
    .option('--multipliers <list>', 'values of λ, with commas', numbers(0.001, 1), multipliers)
    .option('--evidence <list>', 'values of the prior strength n₀, in trades', numbers(0, 10_000), evidenceTrades)
    .option('--look-backs <list>', 'values of the look-back, in days', integers(1, 36_500), lookBackDays)
    .option('--folds <number>', 'choices to make', integer(2, 12), folds)
    .option(
      '--in-sample <percent>',
      'share of the days the first choice is made on',
      number(20, 80),
      inSampleShare * 100,
    )
    .addOption(
      new Option('--window <kind>', 'what is looked back on').choices(['anchored', 'rolling']).default('anchored'),
    )
    .addOption(new Option('--score <kind>', 'what is chosen by').choices(['growth', 'sharpe']).default('growth'))
    .addHelpText('after', WALK_FORWARD_HELP)
    .action(async (options: WalkForwardOptions) => {
      const { window, score, folds: asked } = options;
      const grid = {
        multipliers: [...options.multipliers],
        evidenceTrades: [...options.evidence],
        lookBackDays: [...options.lookBacks],
      };
      const plan = { folds: asked, inSampleShare: options.inSample / 100, window, score };
      finish(await walkForwardCommand({ ...commonArguments(options), ...grid, ...plan }, output));
    });
}
