import { useEffect, useState } from 'react';
import type { PerformanceHistory } from '#shared/domain/performance.ts';
import { moneyText, percentText, ratioText, signedPercentText } from '#shared/format/numbers.ts';
import { loadPerformance } from '#renderer/src/store/actions.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Panel, Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './performance.module.css';

const cls = styler(css);

const BOOKS = { actual: 'Actual, you', model: 'Kelly, as recommended', fixed: 'Fixed fraction' } as const;

type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ready'; readonly history: PerformanceHistory };

function Books({ history }: { readonly history: PerformanceHistory }) {
  return (
    <table className={cls('table')}>
      <thead>
        <tr>
          <th scope="col">Book</th>
          {['End equity', 'Return', 'Max drawdown', 'Sharpe', 'Sortino', 'Calmar'].map((name) => (
            <th key={name} scope="col" className={cls('number')}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {history.books.map((book) => (
          <tr key={book.book}>
            <th scope="row">{BOOKS[book.book]}</th>
            <td className={cls('number')}>{moneyText(book.endEquity)}</td>
            <td className={cls('number')}>{signedPercentText(book.totalReturn)}</td>
            <td className={cls('number')}>{signedPercentText(-book.maxDrawdown)}</td>
            {[book.sharpe, book.sortino, book.calmar].map((statistic, i) => (
              <td key={i} className={cls('number')} title={statistic.reason ?? undefined}>
                {ratioText(statistic.value)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Content({ history }: { readonly history: PerformanceHistory }) {
  const { trades } = history;
  if (trades.trades === 0) {
    return <Empty title="No closed trade yet">The three books start with the first trade that closes.</Empty>;
  }
  return (
    <>
      <Books history={history} />
      <p className={cls('summary')}>
        {trades.trades} trades, {percentText(trades.winRate.value, 1)} won, payoff {ratioText(trades.payoff.value)}, net
        of costs.
      </p>
    </>
  );
}

/** Three books on the same decisions, and what the trades say. */
export function PerformanceScreen() {
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isStopped = false;
    void loadPerformance().then((result) => {
      if (isStopped) return;
      setLoaded(result.ok ? { kind: 'ready', history: result.value } : { kind: 'failed', message: result.error });
    });
    return () => {
      isStopped = true;
    };
  }, [round]);
  return (
    <Panel
      id="performance"
      title="Performance"
      isGrowing
      {...(loaded.kind === 'failed'
        ? {
            strip: (
              <Strip
                tone="loss"
                title="The history could not be read."
                action={
                  <Button size="small" onClick={() => setRound(round + 1)}>
                    Try again
                  </Button>
                }
              >
                {loaded.message}
              </Strip>
            ),
          }
        : {})}
    >
      {loaded.kind === 'loading' && <Skeleton rows={3} text="Reading the history of the three books" />}
      {loaded.kind === 'ready' && <Content history={loaded.history} />}
    </Panel>
  );
}
