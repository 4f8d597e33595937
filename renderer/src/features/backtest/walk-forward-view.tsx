import { useCallback, useMemo, useState } from 'react';
import type { WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { countText, DASH, durationText, numberText, ratioText, signedPercentText } from '#shared/format/numbers.ts';
import { chosenOf, parametersText, scoreText, setupText } from '#shared/wording/walk-forward.ts';
import { figureText, runFigures } from '#shared/wording/run-figures.ts';
import { SelectField } from '#renderer/src/features/journal/fields.tsx';
import { pointDay } from '#renderer/src/features/performance/time-ticks.ts';
import table from '#renderer/src/features/performance/table.module.css';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { styleOf } from './line-styles.ts';
import { PolicyCharts } from './policy-charts.tsx';
import { FigureCell, toneOf } from './results-table.tsx';
import { RunHeader, RunNotes, RunTools } from './run-header.tsx';
import type { Headline } from '#renderer/src/ui/headline.tsx';
import { ScenePanel } from './scene-panel.tsx';
import { Swatch } from './swatch.tsx';
import { stabilityReader, stabilityScene, surfaceReader, surfaceScene } from './walk-forward-scenes.ts';
import css from './simulation.module.css';

const cls = styler({ ...table, ...css });

function cellsOf({ head, books, combinations, efficiency }: WalkForwardRun): readonly Headline[] {
  const own = books[0]?.statistics;
  return [
    { name: 'Out of sample', value: signedPercentText(own?.totalReturn ?? null, 1), note: 'growth of the choices' },
    {
      name: 'Deflated Sharpe',
      value: figureText({ unit: 'share', value: own?.deflatedSharpe.value ?? null }),
      note: own?.deflatedSharpe.reason ?? `after ${countText(combinations.length)} trials`,
    },
    { name: 'Left of it', value: ratioText(efficiency.value), note: efficiency.reason ?? 'score out over score in' },
    { name: 'Took', value: durationText(head.durationMs), note: `${countText(combinations.length)} combinations` },
  ];
}

function Folds({ run }: { readonly run: WalkForwardRun }) {
  const { score } = run.setup;
  return (
    <Panel id="walk-forward-folds" title="Choices" tools={<RunTools runId={run.head.runId} />}>
      <table className={cls('table')}>
        <thead>
          <tr>
            {['Traded', 'Chosen'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {['Score in', 'As traded', 'Growth', 'Place'].map((name) => (
              <th key={name} scope="col" className={cls('number')}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {run.folds.map((fold) => {
            const chosen = chosenOf(run, fold);
            return (
              <tr key={fold.split}>
                <th scope="row">
                  {pointDay(fold.split)} to {pointDay(fold.to)}
                </th>
                <td>{chosen === null ? DASH : parametersText(chosen)}</td>
                <td className={cls('number')}>{scoreText(fold.inSample[fold.chosen] ?? null, score)}</td>
                <td className={cls('number')}>{scoreText(fold.score, score)}</td>
                <FigureCell
                  cell={{ text: signedPercentText(fold.growth, 1), reason: null }}
                  tone={toneOf(fold.growth)}
                />
                <td className={cls('number')}>
                  {fold.rank === null
                    ? DASH
                    : `${numberText(fold.rank, Number.isInteger(fold.rank) ? 0 : 1)} of ${run.combinations.length}`}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}

function Figures({ run }: { readonly run: WalkForwardRun }) {
  return (
    <Panel id="walk-forward-figures" title="Figures" note="over all days out of sample">
      <table className={cls('table')}>
        <tbody>
          {runFigures({ kind: 'walk-forward', run }).map((figure) => (
            <tr key={figure.key}>
              <th scope="row" className={cls('plain')}>
                {figure.label}
              </th>
              <FigureCell cell={{ text: figureText(figure), reason: figure.reason }} />
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

const changesText = (changes: number): string =>
  changes === 0
    ? 'the choice never changed'
    : `the choice changed ${changes === 1 ? 'once' : `${countText(changes)} times`}`;

type Size = { readonly width: number; readonly height: number };

function Stability({ run }: { readonly run: WalkForwardRun }) {
  const draw = useCallback((size: Size) => stabilityScene(run, size), [run]);
  const words = run.folds.map((fold, k) => {
    const chosen = chosenOf(run, fold);
    return `fold ${k + 1} ${chosen === null ? DASH : parametersText(chosen)}`;
  });
  return (
    <ScenePanel
      {...{
        id: 'walk-forward-stability',
        title: 'Stability',
        note: changesText(run.changes),
      }}
      draw={draw}
      alternative={`What was chosen: ${words.join('; ')}.`}
      picture={`kelly-desk-stability-${run.head.runId.slice(-6).toLowerCase()}.png`}
      reader={stabilityReader(run)}
    />
  );
}

function Surface({ run, place }: { readonly run: WalkForwardRun; readonly place: number }) {
  const fold = run.folds[place] ?? run.folds[0];
  const draw = useCallback(
    (size: Size) =>
      fold === undefined
        ? { ...size, plot: { left: 0, right: 1, top: 0, bottom: 1 }, shapes: [] }
        : surfaceScene(run, fold, size),
    [run, fold],
  );
  const words = run.combinations.map(
    (one, i) => `${parametersText(one)} ${scoreText(fold?.inSample[i] ?? null, run.setup.score)}`,
  );
  return (
    <ScenePanel
      {...{
        id: 'walk-forward-surface',
        title: `Scores of fold ${place + 1}`,
        note: 'in sample; the chosen one is framed',
      }}
      draw={draw}
      alternative={`Scores in sample of fold ${place + 1}: ${words.join('; ')}.`}
      picture={`kelly-desk-scores-${run.head.runId.slice(-6).toLowerCase()}-${place + 1}.png`}
      reader={fold === undefined ? undefined : surfaceReader(run, fold)}
    />
  );
}

/** The accounts out of sample, and which line is whose. */
function Accounts({ run }: { readonly run: WalkForwardRun }) {
  const slots = useMemo(() => run.books.map(({ key }) => key), [run.books]);
  return (
    <div className={cls('account')}>
      <ul className={cls('legend')} aria-label="Lines">
        {run.books.map(({ key, label }) => {
          const style = styleOf(slots, key);
          return (
            <li key={key}>
              {style !== null && <Swatch style={style} />} {label}
            </li>
          );
        })}
      </ul>
      <PolicyCharts runId={run.head.runId} labels={run.books} slots={slots} pointed={null} />
    </div>
  );
}

/** A stored walk-forward: what the choices made, how stable they were, and every score they stood on. */
export function WalkForwardView({ run }: { readonly run: WalkForwardRun }) {
  const [place, setPlace] = useState(0);
  const choices = run.folds.map((_, k) => ({ value: String(k), label: `Fold ${k + 1}` }));
  return (
    <div className={cls('view')}>
      <RunHeader head={run.head} setup={setupText(run)} cells={cellsOf(run)} />
      <Accounts run={run} />
      <div className={cls('charts')}>
        <Stability run={run} />
        <div className={cls('surface')}>
          <Surface run={run} place={place} />
          <div className={cls('choose')}>
            <SelectField
              label="Scores of"
              value={String(place)}
              choices={choices}
              onChange={(value) => setPlace(Number(value ?? 0))}
            />
          </div>
        </div>
      </div>
      <div className={cls('tables', 'folds')}>
        <Folds run={run} />
        <Figures run={run} />
      </div>
      <RunNotes notes={run.notes} />
    </div>
  );
}
