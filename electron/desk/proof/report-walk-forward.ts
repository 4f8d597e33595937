import type { WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { DASH, moneyText, numberText, percentText, signedPercentText } from '#shared/format/numbers.ts';
import { money } from '#shared/units.ts';
import { chosenOf, parametersText, scoreText, setupText } from '#shared/wording/walk-forward.ts';
import { figureText, runFigures } from '#shared/wording/run-figures.ts';
import { underwaterOf } from './decimate.ts';
import { lineChart, type Line } from './report-charts.ts';
import { cell, headTerms, notesList, reportPage, row, statisticCell, table, term } from './report-page.ts';
import type { SeriesFile } from './run-store.ts';

const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

function foldRows(run: WalkForwardRun): readonly string[] {
  const { score } = run.setup;
  return run.folds.map((fold, k) => {
    const chosen = chosenOf(run, fold);
    return row(String(k + 1), [
      cell(`${dayText(fold.split)} to ${dayText(fold.to)}`),
      cell(chosen === null ? DASH : parametersText(chosen)),
      cell(scoreText(fold.inSample[fold.chosen] ?? null, score)),
      cell(scoreText(fold.score, score)),
      cell(signedPercentText(fold.growth, 1)),
      cell(
        fold.rank === null
          ? DASH
          : `${numberText(fold.rank, Number.isInteger(fold.rank) ? 0 : 1)} of ${run.combinations.length}`,
      ),
    ]);
  });
}

const linesOf = (run: WalkForwardRun, series: readonly (SeriesFile | null)[]): readonly Line[] =>
  run.books.flatMap(({ label }, i) => {
    const one = series[i] ?? null;
    return one === null ? [] : [{ label, at: one.at, values: one.equity }];
  });

/** Returns a walk-forward as one HTML page to print or to send. @param series of the accounts, in their order */
export function walkForwardReport(run: WalkForwardRun, series: readonly (SeriesFile | null)[]): string {
  const lines = linesOf(run, series);
  const falls = lines.map((line) => ({ ...line, values: underwaterOf(line.values).map((depth) => -depth) }));
  return reportPage(run.head.name, [
    `<dl>${[...headTerms(run.head), term('Tried', setupText(run))].join('')}</dl>`,
    notesList(run.notes),
    '<h2>Out of sample</h2>',
    table(
      'Figures',
      ['Figure', 'Value'],
      runFigures({ kind: 'walk-forward', run }).map((one) =>
        row(one.label, [statisticCell(one, (value) => figureText({ ...one, value }))]),
      ),
    ),
    lineChart(lines, 'Equity at the end of each day, marked', {
      valueText: (value) => moneyText(money(Math.round(value)), 0),
    }),
    lineChart(falls, 'Drawdown from the highest equity', { valueText: (value) => percentText(value, 1) }),
    '<h2>Choices</h2>',
    table(
      'By fold',
      ['Fold', 'Traded', 'Chosen', 'Score in sample', 'Score as traded', 'Growth', 'Place'],
      foldRows(run),
    ),
  ]);
}
