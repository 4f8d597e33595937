import { useCallback } from 'react';
import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import { countText, durationText, percentText } from '#shared/format/numbers.ts';
import {
  betText,
  blockText,
  CLOSED_FORMS,
  closedFormUnit,
  figureText,
  runFigures,
} from '#shared/wording/run-figures.ts';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import table from '#renderer/src/features/performance/table.module.css';
import { evenly } from '#renderer/src/features/performance/scene-reader.ts';
import { drawdownsScene, fanScene, timesText } from './fan-scene.ts';
import { FigureCell } from './results-table.tsx';
import { RunHeader, RunNotes, RunTools } from './run-header.tsx';
import type { Headline } from '#renderer/src/ui/headline.tsx';
import { ScenePanel } from './scene-panel.tsx';
import css from './simulation.module.css';

const cls = styler({ ...table, ...css });

function cellsOf({ head, finalWealth, maxDrawdown, ruin, setup }: MonteCarloRun): readonly Headline[] {
  return [
    { name: 'End wealth', value: timesText(finalWealth.p50), note: 'of the start, median' },
    { name: 'Drawdown', value: percentText(maxDrawdown.p95, 1), note: 'deepest, one path in twenty' },
    { name: 'Ruin', value: percentText(ruin.value, 1), note: `falls to ${percentText(setup.ruinLevel, 0)}` },
    { name: 'Took', value: durationText(head.durationMs), note: `${countText(setup.paths)} paths` },
  ];
}

const BANDS = [
  ['95 %', 'p95'],
  ['75 %', 'p75'],
  ['Median', 'p50'],
  ['25 %', 'p25'],
  ['5 %', 'p05'],
] as const;

function Fan({ run }: { readonly run: MonteCarloRun }) {
  const draw = useCallback((size: { width: number; height: number }) => fanScene(run, size), [run]);
  const { fan, finalWealth } = run;
  const last = fan.trade.length - 1;
  const at = (step: number) => ({
    title: `After ${countText(fan.trade[step])} trades`,
    figures: BANDS.map(([name, band]) => [name, timesText(fan[band][step] ?? 0)] as const),
  });
  return (
    <ScenePanel
      {...{ id: 'monte-carlo-fan', title: 'Wealth', note: 'in units of the start: median, middle half, nine tenths' }}
      draw={draw}
      alternative={`Wealth. After ${countText(run.setup.trades)} trades: 5 % of the paths end at or below ${timesText(finalWealth.p05)}, half at or below ${timesText(finalWealth.p50)}, 95 % at or below ${timesText(finalWealth.p95)}.`}
      picture={`kelly-desk-wealth-${run.head.runId.slice(-6).toLowerCase()}.png`}
      reader={{ label: 'Trades of the fan', last, x: evenly(last), at }}
    />
  );
}

function Drawdowns({ run }: { readonly run: MonteCarloRun }) {
  const draw = useCallback((size: { width: number; height: number }) => drawdownsScene(run, size), [run]);
  const { depth, above } = run.drawdowns;
  const last = depth.length - 1;
  const at = (step: number) => ({
    title: `Deeper than ${percentText(depth[step], 1)}`,
    figures: [['Paths', percentText(above[step], 1)]] as const,
  });
  return (
    <ScenePanel
      {...{ id: 'monte-carlo-drawdowns', title: 'Drawdown', note: 'share of the paths that fell deeper' }}
      draw={draw}
      alternative={`Drawdown. Half of the paths fell deeper than ${percentText(run.maxDrawdown.p50, 1)}, one in twenty deeper than ${percentText(run.maxDrawdown.p95, 1)}.`}
      picture={`kelly-desk-drawdowns-${run.head.runId.slice(-6).toLowerCase()}.png`}
      reader={{ label: 'Depths of the drawdowns', last, x: evenly(last), at }}
    />
  );
}

/** The interval of what is left of chance in the shares, by the key of their figure. */
const intervalsOf = ({ endsBelow, reach, ruin, wiped }: MonteCarloRun) =>
  new Map(
    Object.entries({ 'ends-below': endsBelow, 'loss-first': reach.loss, 'gain-first': reach.gain, ruin, wiped }).map(
      ([key, { lower, upper }]) => [key, `${percentText(lower, 1)} to ${percentText(upper, 1)}`],
    ),
  );

function Figures({ run }: { readonly run: MonteCarloRun }) {
  const theory = new Set<string>(run.closedForms.map(({ key }) => key));
  const intervals = intervalsOf(run);
  return (
    <Panel id="monte-carlo-figures" title="Figures" tools={<RunTools runId={run.head.runId} />}>
      <table className={cls('table')}>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" className={cls('number')}>
              Value
            </th>
            <th scope="col" className={cls('number')}>
              95 % interval
            </th>
          </tr>
        </thead>
        <tbody>
          {runFigures({ kind: 'monte-carlo', run })
            .filter(({ key }) => !theory.has(key))
            .map((figure) => (
              <tr key={figure.key}>
                <th scope="row" className={cls('plain')}>
                  {figure.label}
                </th>
                <FigureCell cell={{ text: figureText(figure), reason: figure.reason }} />
                <td className={cls('number', 'quiet')}>{intervals.get(figure.key) ?? ''}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Theory({ run }: { readonly run: MonteCarloRun }) {
  return (
    <Panel id="monte-carlo-theory" title="Beside theory" note="where its assumptions hold">
      <table className={cls('table', 'wrapped')}>
        <thead>
          <tr>
            <th scope="col">Question</th>
            <th scope="col" className={cls('number')}>
              Theory
            </th>
            <th scope="col" className={cls('number')}>
              Paths
            </th>
          </tr>
        </thead>
        <tbody>
          {run.closedForms.map(({ key, theory, simulated }) => (
            <tr key={key}>
              <th scope="row" className={cls('plain')}>
                {CLOSED_FORMS[key].name}
                <span className={cls('rule')}>
                  {CLOSED_FORMS[key].rule}
                  {theory.reason === null ? '' : `; ${theory.reason}`}
                </span>
              </th>
              <td className={cls('number')}>{figureText({ unit: closedFormUnit(key), value: theory.value })}</td>
              <td className={cls('number')}>{figureText({ unit: closedFormUnit(key), value: simulated })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** A stored simulation: the fan of wealth, drawdowns, every figure, and theory beside it. */
export function MonteCarloView({ run }: { readonly run: MonteCarloRun }) {
  const { head, setup, sample } = run;
  return (
    <div className={cls('view')}>
      <RunHeader
        head={head}
        setup={`${sample.label}, ${betText(setup.bet)}, drawn ${blockText(setup)}`}
        cells={cellsOf(run)}
      />
      <div className={cls('charts')}>
        <Fan run={run} />
        <Drawdowns run={run} />
      </div>
      <div className={cls('tables')}>
        <Figures run={run} />
        <Theory run={run} />
      </div>
      <RunNotes notes={run.notes} />
    </div>
  );
}
