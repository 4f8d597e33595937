import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import type { Statistic } from '#shared/domain/performance.ts';
import { countText, DASH } from '#shared/format/numbers.ts';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { BookSwatch } from './book-swatch.tsx';
import { BOOKS } from './books.ts';
import { BOOK_LINES, TRADE_LINES } from './statistics-words.ts';
import table from './table.module.css';
import css from './views.module.css';

const cls = styler({ ...table, ...css });

/** A figure, or a dash with its reason under it. */
function Cell({ statistic, write }: { readonly statistic: Statistic; readonly write: (value: number) => string }) {
  const { value, reason } = statistic;
  if (value !== null) return <td className={cls('number', 'strong')}>{write(value)}</td>;
  return (
    <td className={cls('number', 'quiet', 'why')}>
      {DASH} <span>{reason}</span>
    </td>
  );
}

function BookTable({ statistics }: { readonly statistics: PerformanceHistory['statistics'] }) {
  const shown = BOOKS.flatMap((style) => {
    const found = statistics.find(({ book }) => book === style.book);
    return found === undefined ? [] : [{ style, found }];
  });
  return (
    <table className={cls('table', 'told')}>
      <caption className={cls('spoken')}>Statistics of the three books and how each is reckoned</caption>
      <thead>
        <tr>
          <th scope="col">Statistic</th>
          {shown.map(({ style }) => (
            <th key={style.book} scope="col" className={cls('number')}>
              <BookSwatch style={style} /> {style.name}
            </th>
          ))}
          <th scope="col">How it is reckoned</th>
        </tr>
      </thead>
      <tbody>
        {BOOK_LINES.map(({ name, how, of, write }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {shown.map(({ style, found }) => (
              <Cell key={style.book} statistic={of(found)} write={write} />
            ))}
            <td className={cls('how')}>{how}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function TradeTable({ history }: { readonly history: PerformanceHistory }) {
  const { wins, losses, scratches } = history.trades;
  return (
    <table className={cls('table', 'told')}>
      <caption className={cls('spoken')}>Statistics of the closed trades and how each is reckoned</caption>
      <thead>
        <tr>
          <th scope="col">Statistic</th>
          <th scope="col" className={cls('number')}>
            Your trades
          </th>
          <th scope="col">How it is reckoned</th>
        </tr>
      </thead>
      <tbody>
        {TRADE_LINES.map(({ name, how, of, write }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {name === 'Won, lost, scratch' ? (
              <td className={cls('number', 'strong')}>
                {countText(wins)}, {countText(losses)}, {countText(scratches)}
              </td>
            ) : (
              <Cell statistic={of(history)} write={write} />
            )}
            <td className={cls('how')}>{how}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Every statistic with its definition. What is not defined says why. */
export function StatisticsView({ history }: { readonly history: PerformanceHistory }) {
  const days = history.statistics[0]?.days ?? 0;
  return (
    <div className={cls('view', 'scrolling')} role="region" aria-label="Statistics" tabIndex={0}>
      <Panel
        id="book-statistics"
        title="The three books"
        note={`${countText(days)} session days, of what had closed at their ends, net of costs`}
      >
        <BookTable statistics={history.statistics} />
      </Panel>
      <Panel id="trade-statistics" title="Your trades in R" note="R: net result over the planned loss at the stop">
        <TradeTable history={history} />
      </Panel>
    </div>
  );
}
