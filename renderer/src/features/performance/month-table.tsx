import type { Month, Months, Period } from '#shared/domain/performance-detail.ts';
import type { Statistic } from '#shared/domain/performance.ts';
import { countText, DASH, percentText, rText, signedMoneyText, signedPercentText } from '#shared/format/numbers.ts';
import { toneOf } from '#renderer/src/features/journal/trade-words.ts';
import { showMonth } from '#renderer/src/store/performance.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { isoMonthText, isoShortMonth } from '#renderer/src/ui/times.ts';
import { Undefined } from './undefined.tsx';
import table from './table.module.css';
import css from './views.module.css';

const cls = styler({ ...table, ...css });

const HEADS = [
  ['Net', 'sum of the trades that closed, after fees'],
  ['Return', 'net over the equity the month or year began with'],
  ['R', 'sum of R; trades without a planned stop have none'],
  ['Trades', 'closed, scratches too'],
  ['Win rate', 'wins over wins and losses; scratches are left out'],
  ['Max drawdown', 'deepest fall from the highest equity since the month or year began, at each close'],
] as const;

function Share({ statistic, write }: { readonly statistic: Statistic; readonly write: (value: number) => string }) {
  if (statistic.value === null) return <Undefined reason={statistic.reason} />;
  return <>{write(statistic.value)}</>;
}

/** The figures of a month, a year or everything. A stretch without a trade has no figures, not zeros. */
function Figures({ period }: { readonly period: Period }) {
  const { net, returned, r, trades, winRate, maxDrawdown } = period;
  if (trades === 0) {
    return (
      <>
        <td className={cls('number', 'quiet')}>{DASH}</td>
        <td colSpan={5} className={cls('number', 'quiet')}>
          no trade closed
        </td>
      </>
    );
  }
  return (
    <>
      <td className={cls('number', toneOf(net))}>{signedMoneyText(net)}</td>
      <td className={cls('number', toneOf(returned.value))}>
        <Share statistic={returned} write={(value) => signedPercentText(value)} />
      </td>
      <td className={cls('number', toneOf(r))}>{rText(r)}</td>
      <td className={cls('number')}>{countText(trades)}</td>
      <td className={cls('number')}>
        <Share statistic={winRate} write={(value) => percentText(value, 1)} />
      </td>
      <td className={cls('number')}>{percentText(maxDrawdown === 0 ? 0 : -maxDrawdown)}</td>
    </>
  );
}

function MonthRow({ month, isChosen }: { readonly month: Month; readonly isChosen: boolean }) {
  return (
    <tr className={cls(isChosen && 'chosenRow')}>
      <th scope="row" className={cls('plain')}>
        <button
          type="button"
          className={cls('monthButton')}
          aria-pressed={isChosen}
          aria-label={`${isoMonthText(month.month)}: show its days`}
          onClick={() => showMonth(month.month)}
        >
          {isoShortMonth(month.month)}
        </button>
      </th>
      <Figures period={month} />
    </tr>
  );
}

/** Months by year, the newest first, each year with its total above its months. */
export function MonthTable({ months, chosen }: { readonly months: Months; readonly chosen: string }) {
  return (
    <table className={cls('table')}>
      <caption className={cls('spoken')}>Months and years, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Month</th>
          {HEADS.map(([name, meaning]) => (
            <th key={name} scope="col" className={cls('number')} title={meaning}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      {months.years.toReversed().map((year) => (
        <tbody key={year.year}>
          <tr className={cls('yearRow')}>
            <th scope="row">{year.year}</th>
            <Figures period={year} />
          </tr>
          {months.months
            .filter(({ month }) => month.startsWith(year.year))
            .toReversed()
            .map((month) => (
              <MonthRow key={month.month} month={month} isChosen={month.month === chosen} />
            ))}
        </tbody>
      ))}
      <tfoot>
        <tr className={cls('yearRow')}>
          <th scope="row">All</th>
          <Figures period={months.total} />
        </tr>
      </tfoot>
    </table>
  );
}
