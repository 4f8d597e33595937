import type { BacktestRun, RunFigure } from '#shared/contract/backtest-operations.ts';
import type { Bet, ClosedForm, MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import {
  countText,
  DASH,
  moneyText,
  numberText,
  percentText,
  ratioText,
  signedPercentText,
} from '#shared/format/numbers.ts';
import { money } from '#shared/units.ts';
import { figure, statistic, type Unit } from './figures.ts';
import { walkForwardFigures, walkForwardSetup } from './walk-forward.ts';

/** A figure as it is written everywhere; a dash where there is none. */
export function figureText({ unit, value }: Pick<RunFigure, 'unit' | 'value'>): string {
  if (value === null) return DASH;
  switch (unit) {
    case 'share':
      return percentText(value, 1);
    case 'signed-share':
      return signedPercentText(value, 1);
    case 'ratio':
      return ratioText(value);
    case 'times':
      return `${numberText(value, 2)} ×`;
    case 'trades':
    case 'days':
      return numberText(value, Number.isInteger(value) ? 0 : 1);
    case 'count':
      return countText(value);
    case 'money':
      return moneyText(money(Math.round(value)));
  }
}

/** How a simulation staked, in words. */
export function betText(bet: Bet): string {
  switch (bet.kind) {
    case 'as-taken':
      return 'each trade by the return on equity it had';
    case 'fraction':
      return `${percentText(bet.fraction, 2)} of present equity per 1R`;
    case 'fixed':
      return `${percentText(bet.fraction, 2)} of the starting equity per 1R`;
  }
}

/** How the trades were drawn, in words. */
export const blockText = ({ meanBlock, isBlockAutomatic }: MonteCarloRun['setup']): string => {
  const how = meanBlock <= 1 ? 'one by one' : `in blocks of ${numberText(meanBlock, 1)} on average`;
  return isBlockAutomatic ? `${how}, as the trades themselves ask for` : how;
};

/** What a closed form answers, and by which rule. */
export const CLOSED_FORMS: Readonly<Record<ClosedForm['key'], { readonly name: string; readonly rule: string }>> = {
  'ruin-bound': { name: 'Ever at the ruin level, at most', rule: 'x^λ, E[(1 + fR)^−λ] = 1' },
  'loss-bound': { name: 'Ever at the loss, at most', rule: 'x^λ, E[(1 + fR)^−λ] = 1' },
  'ruin-lundberg': { name: 'Ever at the ruin level, at most', rule: 'Lundberg, e^−θC' },
  'loss-lundberg': { name: 'Ever at the loss, at most', rule: 'Lundberg, e^−θC' },
  'ruin-continuous': { name: 'Ever at the ruin level', rule: 'continuous limit, x^(2/c − 1)' },
  'loss-before-gain': { name: 'The loss before the gain', rule: 'continuous limit, θ = 2/c − 1' },
  'expected-drawdown': { name: 'Largest fall, mean', rule: 'Magdon-Ismail, long run' },
  'trades-to-double': { name: 'Trades to double', rule: 'ln 2 over the mean growth' },
};

/** Unit of a closed form's figures. */
export const closedFormUnit = (key: ClosedForm['key']): Unit => (key === 'trades-to-double' ? 'trades' : 'share');

/** Every figure of a simulation that two runs can be compared by. */
function monteCarloFigures(run: MonteCarloRun): readonly RunFigure[] {
  const { setup, sample, finalWealth, maxDrawdown, reach, underWater, longestUnderWater } = run;
  return [
    figure('paths', 'Paths', 'count', setup.paths),
    figure('horizon', 'Trades of a path', 'count', setup.trades),
    figure('block', 'Mean block', 'trades', setup.meanBlock),
    figure('sample', 'Trades drawn from', 'count', sample.trades),
    statistic('mean-r', 'Mean R', 'ratio', sample.meanR),
    statistic('kelly-share', 'Stake as a share of full Kelly', 'ratio', sample.kellyShare),
    figure('final-p05', 'End wealth, 5 %', 'times', finalWealth.p05),
    figure('final-p50', 'End wealth, median', 'times', finalWealth.p50),
    figure('final-p95', 'End wealth, 95 %', 'times', finalWealth.p95),
    figure('ends-below', 'Ends below the start', 'share', run.endsBelow.value),
    figure('drawdown-p50', 'Deepest drawdown, median', 'share', maxDrawdown.p50),
    figure('drawdown-p95', 'Deepest drawdown, 95 %', 'share', maxDrawdown.p95),
    figure(
      'loss-first',
      `−${percentText(setup.loss, 0)} before +${percentText(setup.gain, 0)}`,
      'share',
      reach.loss.value,
    ),
    figure(
      'gain-first',
      `+${percentText(setup.gain, 0)} before −${percentText(setup.loss, 0)}`,
      'share',
      reach.gain.value,
    ),
    figure('ruin', `Falls to ${percentText(setup.ruinLevel, 0)} of the start`, 'share', run.ruin.value),
    figure('wiped', 'Loses everything', 'share', run.wiped.value),
    figure('under-water', 'Time under water, median', 'share', underWater.p50),
    figure('longest-under-water', 'Longest time under water, 95 %, trades', 'trades', longestUnderWater.p95),
    ...run.closedForms.map(({ key, theory }) =>
      statistic(key, `${CLOSED_FORMS[key].name} (${CLOSED_FORMS[key].rule})`, closedFormUnit(key), theory),
    ),
  ];
}

/** Figures of a run that are not told policy by policy; a run of policies has none. */
export function runFigures(stored: BacktestRun): readonly RunFigure[] {
  switch (stored.kind) {
    case 'policies':
      return [];
    case 'monte-carlo':
      return monteCarloFigures(stored.run);
    case 'walk-forward':
      return walkForwardFigures(stored.run);
  }
}

/** What was asked of each of some runs of one kind that was not asked of all. */
export function setupDifferences(stored: readonly BacktestRun[]): readonly string[] {
  const setups = stored.map(setupOf);
  const [first] = setups;
  if (first === undefined) return [];
  return Object.keys(first)
    .filter((name) => setups.some((setup) => setup[name] !== first[name]))
    .map((name) => `${name} differs: ${setups.map((setup) => setup[name] ?? DASH).join(' and ')}.`);
}

function setupOf(stored: BacktestRun): Readonly<Record<string, string>> {
  if (stored.kind === 'policies') return {};
  if (stored.kind === 'walk-forward') return walkForwardSetup(stored.run);
  const { setup, sample } = stored.run;
  return {
    'What is drawn': sample.label,
    'The stake': betText(setup.bet),
    'The way of drawing': blockText(setup),
    'The loss and the gain': `${percentText(setup.loss, 0)} and ${percentText(setup.gain, 0)}`,
    'The ruin level': percentText(setup.ruinLevel, 0),
  };
}
