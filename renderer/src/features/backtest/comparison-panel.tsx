import { useEffect } from 'react';
import type { Comparison } from '#shared/contract/backtest-operations.ts';
import type { PolicyResult, RunHead } from '#shared/domain/backtest.ts';
import { DASH, moneyText, ratioText, signedPercentText } from '#shared/format/numbers.ts';
import { figureText } from '#shared/wording/run-figures.ts';
import table from '#renderer/src/features/performance/table.module.css';
import { comparison } from '#renderer/src/store/backtest.ts';
import { Panel, Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { growthChange, runLine, statisticCell, verdictCell } from './backtest-words.ts';
import type { Cell } from './backtest-words.ts';
import { FigureCell, toneOf } from './results-table.tsx';
import css from './comparison.module.css';

const cls = styler({ ...table, ...css });

type Column = {
  readonly name: string;
  readonly cell: (result: PolicyResult) => Cell;
  readonly tone?: (result: PolicyResult) => number;
  readonly isWide: boolean;
};

const plain = (text: string): Cell => ({ text, reason: null });

const COLUMNS: readonly Column[] = [
  { name: 'End equity', cell: ({ finalEquity }) => plain(moneyText(finalEquity, 0)), isWide: true },
  {
    name: 'Growth',
    cell: ({ statistics }) => plain(signedPercentText(statistics.totalReturn)),
    tone: ({ statistics }) => statistics.totalReturn,
    isWide: false,
  },
  {
    name: 'Max drawdown',
    cell: ({ statistics }) => plain(signedPercentText(-statistics.maxDrawdown)),
    tone: ({ statistics }) => -statistics.maxDrawdown,
    isWide: false,
  },
  { name: 'Sharpe', cell: ({ statistics }) => statisticCell(statistics.sharpe, ratioText), isWide: true },
  { name: 'Against fixed', cell: ({ verdict }) => verdictCell(verdict), isWide: false },
];

const ABSENT: Cell = { text: DASH, reason: 'this run does not have it' };

type ContentProps = { readonly compared: Comparison; readonly isCompact: boolean };

function Table({ compared, isCompact }: ContentProps) {
  const columns = COLUMNS.filter(({ isWide }) => !(isCompact && isWide));
  return (
    <table className={cls('table')}>
      <thead>
        <tr>
          <th />
          {columns.map(({ name }) => (
            <th key={name} scope="colgroup" colSpan={compared.runs.length} className={cls('number', 'group')}>
              {name}
            </th>
          ))}
          <th />
        </tr>
        <tr>
          <th scope="col">Policy</th>
          {columns.flatMap(({ name }) =>
            compared.runs.map(({ runId }, i) => (
              <th key={`${name} ${runId}`} scope="col" className={cls('number', i === 0 && 'group')}>
                {i === 0 ? 'A' : 'B'}
              </th>
            )),
          )}
          <th scope="col" className={cls('number', 'group')}>
            Growth B − A
          </th>
        </tr>
      </thead>
      <tbody>
        {compared.rows.map(({ key, label, results }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            {columns.flatMap(({ name, cell, tone }) =>
              results.map((result, i) => (
                <FigureCell
                  key={`${name} ${compared.runs[i]?.runId ?? i}`}
                  cell={result === null ? ABSENT : cell(result)}
                  tone={result !== null && tone !== undefined && toneOf(tone(result))}
                />
              )),
            )}
            <td className={cls('number', 'strong')}>{growthChange(results[0] ?? null, results[1] ?? null)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Runs that are not told policy by policy: figure by figure. */
function FiguresTable({ figures }: Pick<Comparison, 'figures'>) {
  const [first = []] = figures;
  return (
    <table className={cls('table')}>
      <thead>
        <tr>
          <th scope="col">Figure</th>
          {figures.map((_, i) => (
            <th key={i === 0 ? 'A' : 'B'} scope="col" className={cls('number')}>
              {i === 0 ? 'A' : 'B'}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {first.map(({ key, label }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            {figures.map((list, i) => {
              const figure = list.find((one) => one.key === key);
              const cell = figure === undefined ? ABSENT : { text: figureText(figure), reason: figure.reason };
              return <FigureCell key={`${key} ${i === 0 ? 'A' : 'B'}`} cell={cell} />;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RunName({ letter, head }: { readonly letter: string; readonly head: RunHead }) {
  return (
    <p>
      <b>
        {letter} · {head.name}
      </b>{' '}
      <span className={cls('note')}>{runLine(head)}</span>
    </p>
  );
}

type Props = { readonly a: string; readonly b: string; readonly isCompact: boolean; readonly close: () => void };

/** Two runs side by side, policy by policy, and what keeps them from being the same experiment. */
export function ComparisonPanel({ a, b, isCompact, close }: Props) {
  const { value, answered, failure } = comparison.use();
  useEffect(() => comparison.show([a, b]), [a, b]);
  const isThese = answered !== null && answered[0] === a && answered[1] === b;
  const tools = (
    <Button size="small" keys={['C']} aria-keyshortcuts="C" onClick={close}>
      Close comparison
    </Button>
  );
  return (
    <Panel id="backtest-comparison" title="Two runs side by side" isGrowing tools={tools}>
      {failure !== null && (
        <Strip
          tone="loss"
          title="The runs could not be compared."
          action={
            <Button size="small" onClick={() => comparison.refresh()}>
              Try again
            </Button>
          }
        >
          {failure}
        </Strip>
      )}
      {(!isThese || value === null) && failure === null && <Skeleton rows={8} text="Comparing the runs" />}
      {isThese && value !== null && (
        <div className={cls('content')}>
          <div className={cls('names')}>
            {value.runs.map((head, i) => (
              <RunName key={head.runId} letter={i === 0 ? 'A' : 'B'} head={head} />
            ))}
            <p className={cls(value.differences.length === 0 ? 'note' : 'warn')}>
              {value.differences.length === 0
                ? 'Same journal, range, seed and version: what differs comes from the settings alone.'
                : value.differences.join(' ')}
            </p>
          </div>
          {value.figures.length === 0 ? (
            <Table compared={value} isCompact={isCompact} />
          ) : (
            <FiguresTable figures={value.figures} />
          )}
        </div>
      )}
    </Panel>
  );
}
