import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import type { BookStatistics, OpenProfit, Statistic } from '#shared/domain/performance.ts';
import { DASH, moneyText, percentText, ratioText, signedMoneyText, signedPercentText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { BookSwatch } from './book-swatch.tsx';
import { BOOKS } from './books.ts';
import table from './table.module.css';

const cls = styler(table);

const notes = (fixedFraction: number) =>
  ({ actual: 'you', model: 'as recommended', fixed: `${percentText(fixedFraction)} per trade` }) as const;

/** A run that was stored before books were marked. */
const UNMARKED: OpenProfit = { value: null, reason: 'open positions were not marked' };

const toneOf = (value: number): 'gain' | 'loss' | false => (value > 0 ? 'gain' : value < 0 ? 'loss' : false);

const reasonsOf = ({ openPnl = UNMARKED, sharpe, sortino, calmar }: BookStatistics): readonly string[] =>
  [openPnl, sharpe, sortino, calmar].flatMap(({ reason }) => (reason === null ? [] : [reason]));

/** What each row has to say that no row above it has said. */
function reasonsByRow(books: readonly BookStatistics[]): readonly string[] {
  const said = new Set<string>();
  return books.map((book) => {
    const fresh = [...new Set(reasonsOf(book))].filter((reason) => !said.has(reason));
    for (const reason of fresh) said.add(reason);
    return fresh.join('; ');
  });
}

function Ratio({ statistic }: { readonly statistic: Statistic }) {
  if (statistic.value !== null) return <td className={cls('number')}>{ratioText(statistic.value)}</td>;
  return (
    <td className={cls('number', 'quiet')} title={statistic.reason ?? undefined}>
      <span aria-hidden="true">{DASH}</span>
      <span className={cls('spoken')}>not known: {statistic.reason}</span>
    </td>
  );
}

function Open({ profit, digits }: { readonly profit: OpenProfit; readonly digits: number }) {
  const { value, reason } = profit;
  if (value === null) return <Ratio statistic={{ value, reason }} />;
  return <td className={cls('number', toneOf(value))}>{signedMoneyText(value, digits)}</td>;
}

type RowProps = { readonly statistics: BookStatistics; readonly note: string; readonly reason: string | null };

function Row({ statistics, note, reason }: RowProps) {
  const { book, endEquity, openPnl = UNMARKED, totalReturn, maxDrawdown, sharpe, sortino, calmar } = statistics;
  // Whole dollars where there is little room: no reason stands beside the row there either.
  const digits = reason === null ? 0 : 2;
  const style = BOOKS.find((candidate) => candidate.book === book);
  return (
    <tr>
      <th scope="row">
        {style !== undefined && <BookSwatch style={style} />} {style?.name} <span className={cls('note')}>{note}</span>
      </th>
      <td className={cls('number')}>{moneyText(endEquity, digits)}</td>
      <Open profit={openPnl} digits={digits} />
      <td className={cls('number', toneOf(totalReturn))}>{signedPercentText(totalReturn)}</td>
      <td className={cls('number', toneOf(-maxDrawdown))}>{signedPercentText(-maxDrawdown)}</td>
      <Ratio statistic={sharpe} />
      <Ratio statistic={sortino} />
      <Ratio statistic={calmar} />
      {reason !== null && (
        <td className={cls('reason')} aria-hidden="true">
          {reason}
        </td>
      )}
    </tr>
  );
}

const HEADS = ['End equity', 'Open P&L', 'Return', 'Max drawdown', 'Sharpe', 'Sortino', 'Calmar'] as const;
const SHORT: Partial<Record<(typeof HEADS)[number], string>> = { 'Open P&L': 'Open', 'Max drawdown': 'Drawdown' };

/** The statistics of the three books. A ratio that cannot be known says why, beside the table's rows or under them. */
export function BooksTable({
  history,
  isCompact,
}: {
  readonly history: PerformanceHistory;
  readonly isCompact: boolean;
}) {
  const { books, verdict } = history;
  const reasons = reasonsByRow(books);
  const foot = reasons.filter((reason) => reason !== '').join('; ');
  return (
    <>
      <table className={cls('table')}>
        <caption className={cls('spoken')}>Statistics of the three books, of day ends, net of costs</caption>
        <thead>
          <tr>
            <th scope="col">Book</th>
            {HEADS.map((name) => (
              <th key={name} scope="col" className={cls('number')}>
                {isCompact ? (SHORT[name] ?? name) : name}
              </th>
            ))}
            {!isCompact && <td />}
          </tr>
        </thead>
        <tbody>
          {books.map((statistics, i) => (
            <Row
              key={statistics.book}
              statistics={statistics}
              note={notes(verdict.fixedFraction)[statistics.book]}
              reason={isCompact ? null : (reasons[i] ?? '')}
            />
          ))}
        </tbody>
      </table>
      {isCompact && foot !== '' && <p className={cls('foot')}>— {foot}</p>}
    </>
  );
}
