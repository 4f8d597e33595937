import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import { numberText, percentText } from '#shared/format/numbers.ts';
import {
  betText,
  blockText,
  CLOSED_FORMS,
  closedFormUnit,
  figureText,
  runFigures,
} from '#shared/wording/run-figures.ts';
import { lineChart, type Line } from './report-charts.ts';
import { cell, headTerms, notesList, reportPage, row, statisticCell, table, term } from './report-page.ts';

const BANDS = [
  ['95 %', 'p95'],
  ['75 %', 'p75'],
  ['median', 'p50'],
  ['25 %', 'p25'],
  ['5 %', 'p05'],
] as const;

function originOf({ head, setup, sample }: MonteCarloRun): string {
  return `<dl>${[
    ...headTerms(head),
    term('Drawn from', `${sample.label}, ${sample.trades} trades`),
    term('The stake', betText(setup.bet)),
    term('Drawn', `${setup.paths} paths of ${setup.trades} trades, ${blockText(setup)}`),
    term('Streams', setup.streams),
  ].join('')}</dl>`;
}

const fanLines = ({ fan }: MonteCarloRun): readonly Line[] =>
  BANDS.map(([label, key]) => ({ label, at: fan.trade, values: fan[key] }));

function closedFormRows({ closedForms }: MonteCarloRun): readonly string[] {
  return closedForms.map(({ key, theory, simulated }) => {
    const unit = closedFormUnit(key);
    return row(`${CLOSED_FORMS[key].name} (${CLOSED_FORMS[key].rule})`, [
      statisticCell(theory, (value) => figureText({ unit, value })),
      cell(figureText({ unit, value: simulated })),
      cell(theory.reason ?? ''),
    ]);
  });
}

/** Returns a simulation as one HTML page to print or to send. */
export function monteCarloReport(run: MonteCarloRun): string {
  const count = (trades: number): string => `${numberText(trades, 0)} trades`;
  const { drawdowns } = run;
  return reportPage(run.head.name, [
    originOf(run),
    notesList(run.notes),
    '<h2>Wealth</h2>',
    lineChart(fanLines(run), 'Wealth in units of the start', {
      valueText: (value) => `${numberText(value, 2)} ×`,
      atText: count,
    }),
    '<h2>Drawdown</h2>',
    lineChart(
      [{ label: 'share of the paths', at: drawdowns.depth, values: drawdowns.above }],
      'Paths that fell deeper',
      {
        valueText: (value) => percentText(value, 0),
        atText: (depth) => percentText(depth, 0),
      },
    ),
    '<h2>Figures</h2>',
    table(
      'What the paths show',
      ['Figure', 'Value', ''],
      runFigures({ kind: 'monte-carlo', run })
        .filter(({ key }) => !run.closedForms.some((one) => one.key === key))
        .map((one) =>
          row(one.label, [statisticCell(one, (value) => figureText({ ...one, value })), cell(one.reason ?? '')]),
        ),
    ),
    table('Beside theory', ['Question', 'Theory', 'Paths', ''], closedFormRows(run)),
  ]);
}
