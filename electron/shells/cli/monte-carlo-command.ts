import type { BacktestRun } from '#shared/contract/backtest-operations.ts';
import type { MonteCarloRequest } from '#shared/contract/backtest-requests.ts';
import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import { percentText } from '#shared/format/numbers.ts';
import { countedText } from '#shared/wording/names.ts';
import {
  betText,
  blockText,
  CLOSED_FORMS,
  closedFormUnit,
  figureText,
  runFigures,
} from '#shared/wording/run-figures.ts';
import { formatTable } from './format.ts';
import { commonRequest, jobCommand, wrongKind, type JobArguments } from './job-command.ts';
import type { ExitCode, Output } from './output.ts';

export type MonteCarloArguments = JobArguments &
  Pick<MonteCarloRequest, 'source' | 'bet' | 'trades' | 'paths' | 'meanBlock' | 'loss' | 'gain' | 'ruinLevel'>;

/** Draws paths of trades from a journal. */
export function monteCarloCommand(asked: MonteCarloArguments, output: Output): Promise<ExitCode> {
  const { source, bet, trades, paths, meanBlock, loss, gain, ruinLevel } = asked;
  const request: MonteCarloRequest = {
    ...{ kind: 'monte-carlo', source, bet, trades, paths, meanBlock, loss, gain, ruinLevel },
    ...commonRequest(asked),
  };
  const text = (stored: BacktestRun): string =>
    stored.kind === 'monte-carlo' ? monteCarloText(stored.run) : wrongKind(stored);
  return jobCommand(asked, { name: 'monte-carlo', request, text }, output);
}

function fanRows({ fan }: MonteCarloRun): readonly (readonly string[])[] {
  const last = fan.trade.length - 1;
  const shown = [0.25, 0.5, 0.75, 1].map((share) => Math.round(share * last));
  const times = (value: number | undefined): string => figureText({ unit: 'times', value: value ?? null });
  return [...new Set(shown)].map((i) => [
    String(fan.trade[i] ?? 0),
    ...[fan.p05, fan.p25, fan.p50, fan.p75, fan.p95].map((band) => times(band[i])),
    '',
  ]);
}

/** A simulation as a person reads it. */
function monteCarloText(run: MonteCarloRun): string {
  const { head, setup, sample, closedForms, notes } = run;
  const theory = new Set<string>(closedForms.map(({ key }) => key));
  const figures = runFigures({ kind: 'monte-carlo', run }).filter(({ key }) => !theory.has(key));
  return [
    `${sample.label}: ${countedText(sample.trades, 'trade')}, ${betText(setup.bet)}, drawn ${blockText(setup)}.`,
    '',
    formatTable([['After', '5 %', '25 %', 'median', '75 %', '95 %', ''], ...fanRows(run)]),
    '',
    formatTable(figures.map((figure) => [figure.label, figureText(figure), figure.reason ?? ''])),
    '',
    formatTable([
      ['Beside theory', 'Theory', 'Paths', ''],
      ...closedForms.map(({ key, theory: { value, reason }, simulated }) => [
        `${CLOSED_FORMS[key].name} (${CLOSED_FORMS[key].rule})`,
        figureText({ unit: closedFormUnit(key), value }),
        figureText({ unit: closedFormUnit(key), value: simulated }),
        reason ?? '',
      ]),
    ]),
    '',
    `Ruin is ${percentText(setup.ruinLevel, 0)} of the start; seed ${head.seed}, ${setup.streams}.`,
    ...notes.map((note) => `  ${note}`),
  ].join('\n');
}
