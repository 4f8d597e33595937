import type { RunFigure } from '#shared/contract/backtest-operations.ts';
import type { Fold, ScoreKind, SizingParameters, WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { countText, DASH, numberText, percentText, ratioText, signedPercentText } from '#shared/format/numbers.ts';
import { countedText } from './names.ts';
import { figure, statistic, type Unit } from './figures.ts';

/** A number without the zeros at its end. */
const short = (value: number): string => String(Number(value.toPrecision(4)));

/** Parameters in one line: λ 0.5, n₀ 50, 90 days. */
export const parametersText = ({ multiplier, evidenceTrades, lookBackDays }: SizingParameters): string =>
  `λ ${short(multiplier)}, n₀ ${short(evidenceTrades)}, ${countedText(lookBackDays, 'day')}`;

/** What the parameters are chosen by. */
export const SCORE_NAMES: Readonly<Record<ScoreKind, string>> = {
  growth: 'growth of log equity a year',
  sharpe: 'Sharpe ratio a year',
};

const WINDOW_NAMES = { anchored: 'all days before', rolling: 'as many days as at the first choice' } as const;

/** A score as it is written: growth in percent, a ratio as a number; a dash where it is undefined. */
export const scoreText = (score: number | null, kind: ScoreKind): string =>
  score === null ? DASH : kind === 'growth' ? signedPercentText(score) : ratioText(score);

/** How the choices were made, in words. */
export const setupText = ({ setup, combinations }: WalkForwardRun): string =>
  `${countedText(combinations.length, 'combination')}, ${countedText(setup.folds, 'fold')}, chosen by ${SCORE_NAMES[setup.score]} on ${WINDOW_NAMES[setup.window]} (at first ${percentText(setup.inSampleShare, 0)} of the days)`;

/** What was chosen in a fold. */
export const chosenOf = ({ combinations }: WalkForwardRun, { chosen }: Fold): SizingParameters | null =>
  combinations[chosen] ?? null;

/** Every figure of a walk-forward that two runs can be compared by. */
export function walkForwardFigures(run: WalkForwardRun): readonly RunFigure[] {
  const { books, folds, trials } = run;
  const perBook = books.flatMap(({ key, label, finalEquity, statistics }): RunFigure[] => {
    // The best in hindsight is another policy in each run: its name would not be the same figure.
    const name = label.split(':')[0] ?? label;
    const one = (part: string, words: string, unit: Unit, value: Parameters<typeof statistic>[3]): RunFigure =>
      statistic(`${key} ${part}`, `${name}: ${words}`, unit, value);
    return [
      figure(`${key} equity`, `${name}: end equity`, 'money', finalEquity),
      figure(`${key} growth`, `${name}: growth`, 'signed-share', statistics.totalReturn),
      figure(`${key} drawdown`, `${name}: deepest drawdown`, 'share', statistics.maxDrawdown),
      one('sharpe', 'Sharpe ratio', 'ratio', statistics.sharpe),
      one('deflated', 'deflated Sharpe', 'share', statistics.deflatedSharpe),
    ];
  });
  return [
    ...perBook,
    figure(
      'days',
      'Days out of sample',
      'count',
      folds.reduce((sum, fold) => sum + fold.outOfSampleDays, 0),
    ),
    statistic('efficiency', 'Score out of sample over in sample', 'ratio', run.efficiency),
    statistic('rank-correlation', 'Rank correlation of scores', 'ratio', run.rankCorrelation),
    statistic('mean-rank', 'Mean place of the chosen, 0 best, 1 worst', 'ratio', run.meanRank),
    figure('changes', 'Changes of the choice', 'count', run.changes),
    figure('trials', 'Combinations tried', 'count', trials.count),
  ];
}

const listed = (values: readonly number[]): string => values.map(short).join(', ');

/** What was asked for, by name. */
export const walkForwardSetup = ({ setup }: WalkForwardRun): Readonly<Record<string, string>> => ({
  'The multipliers': listed(setup.multipliers),
  'The prior strengths': listed(setup.evidenceTrades),
  'The look-backs': listed(setup.lookBackDays),
  'The number of folds': countText(setup.folds),
  'The share of the first choice': numberText(setup.inSampleShare, 2),
  'What is looked back on': WINDOW_NAMES[setup.window],
  'The score': SCORE_NAMES[setup.score],
});
