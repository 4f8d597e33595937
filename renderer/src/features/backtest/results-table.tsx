import type { PoliciesRun, PolicyResult } from '#shared/domain/backtest.ts';
import { countText, moneyText, ratioText, rText, signedPercentText } from '#shared/format/numbers.ts';
import table from '#renderer/src/features/performance/table.module.css';
import { styler } from '#renderer/src/ui/styler.ts';
import { policySentence, ruinText, statisticCell, verdictCell } from './backtest-words.ts';
import type { Cell } from './backtest-words.ts';
import { LINE_STYLES, styleOf } from './line-styles.ts';
import type { Slots } from './line-styles.ts';
import { Swatch } from './swatch.tsx';
import css from './results.module.css';

const cls = styler({ ...table, ...css });

export const toneOf = (value: number): 'gain' | 'loss' | false => (value > 0 ? 'gain' : value < 0 ? 'loss' : false);

/** A figure, or a dash with its reason in reach. */
export function FigureCell({ cell, tone = false }: { readonly cell: Cell; readonly tone?: 'gain' | 'loss' | false }) {
  if (cell.reason === null) return <td className={cls('number', tone)}>{cell.text}</td>;
  return (
    <td className={cls('number', 'quiet')} title={cell.reason}>
      <span aria-hidden="true">{cell.text}</span>
      <span className={cls('spoken')}>{cell.reason}</span>
    </td>
  );
}

type RowProps = {
  readonly result: PolicyResult;
  readonly slots: Slots;
  readonly isPointed: boolean;
  readonly isCompact: boolean;
  readonly toggle: (key: string) => void;
  readonly point: (key: string | null) => void;
};

/** Columns that a small window has no room for. */
function WideCells({ result }: { readonly result: PolicyResult }) {
  const { liquidityFlags } = result;
  return (
    <>
      <td className={cls('number', result.ruin === null ? 'quiet' : 'loss')}>{ruinText(result)}</td>
      <td className={cls('number', liquidityFlags === 0 && 'quiet')}>{countText(liquidityFlags)}</td>
    </>
  );
}

function Row({ result, slots, isPointed, isCompact, toggle, point }: RowProps) {
  const { key, label, finalEquity, statistics, trades, verdict } = result;
  const style = styleOf(slots, key);
  const isFull = style === null && !slots.includes(null);
  return (
    <tr className={cls(isPointed && 'pointed')} onPointerEnter={() => point(key)}>
      <th scope="row">
        <button
          type="button"
          className={cls('draw')}
          aria-pressed={style !== null}
          aria-disabled={isFull}
          title={isFull ? `${LINE_STYLES.length} lines are drawn: take one away first` : undefined}
          aria-label={`Draw ${label}`}
          onFocus={() => point(key)}
          onClick={isFull ? undefined : () => toggle(key)}
        >
          <Swatch style={style} />
        </button>
        {label}
      </th>
      <td className={cls('number')}>{moneyText(finalEquity)}</td>
      <td className={cls('number', toneOf(statistics.totalReturn))}>{signedPercentText(statistics.totalReturn)}</td>
      <FigureCell cell={statisticCell(statistics.cagr, (v) => signedPercentText(v, 1))} />
      <FigureCell cell={statisticCell(statistics.sharpe, ratioText)} />
      <FigureCell cell={statisticCell(trades.expectancy, rText)} />
      <td className={cls('number')}>{countText(trades.trades)}</td>
      {!isCompact && <WideCells result={result} />}
      <td className={cls('number', toneOf(-statistics.maxDrawdown))}>{signedPercentText(-statistics.maxDrawdown)}</td>
      <FigureCell cell={verdictCell(verdict)} />
    </tr>
  );
}

const ALWAYS = ['End equity', 'Growth', 'A year', 'Sharpe', 'Expectancy', 'Trades'] as const;
const WIDE = ['Ruin', 'Flags'] as const;

type TableProps = Omit<RowProps, 'result' | 'isPointed'> & {
  readonly run: PoliciesRun;
  readonly pointed: string | null;
};

/** What every policy made of the same opportunities, and a sentence on the one looked at. */
export function ResultsTable({ run, pointed, ...rest }: TableProps) {
  const heads = [...ALWAYS, ...(rest.isCompact ? [] : WIDE), 'Max drawdown', 'Against fixed'];
  const looked = run.policies.find(({ key }) => key === pointed) ?? run.policies[0];
  return (
    <>
      <div className={cls('room')}>
        <table className={cls('table')}>
          <thead>
            <tr>
              <th scope="col">Policy</th>
              {heads.map((head) => (
                <th key={head} scope="col" className={cls('number')}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {run.policies.map((result) => (
              <Row key={result.key} result={result} isPointed={result.key === pointed} {...rest} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={cls('sentence')}>{looked === undefined ? '' : policySentence(looked)}</p>
    </>
  );
}
