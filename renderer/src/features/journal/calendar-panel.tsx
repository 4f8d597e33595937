import { useEffect } from 'react';
import type { CalendarDay } from '#shared/contract/journal-views.ts';
import { percentText, rText, signedMoneyText } from '#shared/format/numbers.ts';
import { calendar, clearFilter, showDay, useJournal } from '#renderer/src/store/journal.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Skeleton } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { isoMonthText, isoShortMonth } from '#renderer/src/ui/times.ts';
import { calendarMonth, calendarYear, lastMonth, monthsAfter, yearsOf } from './calendar.ts';
import css from './calendar.module.css';
import { tradeChips } from './filter-words.ts';
import { FirstTradeActions, ReadingStrip } from './list-states.tsx';
import { MonthGrid, Tint, tradesText } from './month-grid.tsx';
import { TradeFilterBar } from './trades-panel.tsx';
import { toneOf } from './trade-words.ts';

const cls = styler(css);

const goTo = (month: string) => useJournal.setState({ month });

function YearStrip({ days, month }: { readonly days: readonly CalendarDay[]; readonly month: string }) {
  const year = month.slice(0, 4);
  const { months, total } = calendarYear(days, year);
  const years = yearsOf(days);
  const at = years.indexOf(year);
  const largest = months.reduce((most, { total: { net } }) => Math.max(most, Math.abs(net)), 0);
  const step = (to: string | undefined) => to !== undefined && goTo(`${to}-${month.slice(5)}`);
  return (
    <section className={cls('year')} aria-label={`The year ${year}`}>
      <header className={cls('yearHead')}>
        <Button size="small" aria-label="Year before" aria-disabled={at <= 0} onClick={() => step(years[at - 1])}>
          ‹
        </Button>
        <strong>{year}</strong>
        <Button
          size="small"
          aria-label="Year after"
          aria-disabled={at < 0 || at === years.length - 1}
          onClick={() => step(years[at + 1])}
        >
          ›
        </Button>
        <span className={cls('net', toneOf(total.net))}>{signedMoneyText(total.net)}</span>
        <span className={cls('small')}>
          {tradesText(total.trades)} on {total.days} days
          {total.days === 0 ? '' : `, ${percentText(total.green / total.days, 0)} of them up`}
        </span>
      </header>
      <ol className={cls('months')}>
        {months.map(({ month: each, total: sums }) => (
          <li key={each} className={cls('yearMonth', each === month && 'chosen')}>
            <Tint net={sums.net} largest={largest} />
            <button
              type="button"
              className={cls('monthButton')}
              aria-current={each === month ? 'date' : undefined}
              aria-label={`${isoMonthText(each)}, ${sums.days === 0 ? 'no trade' : signedMoneyText(sums.net)}`}
              onClick={() => goTo(each)}
            >
              <span className={cls('date')}>{isoShortMonth(each)}</span>
              <span className={cls('net', toneOf(sums.net))}>
                {sums.days === 0 ? '—' : signedMoneyText(sums.net, 0)}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Month({ days, month }: { readonly days: readonly CalendarDay[]; readonly month: string }) {
  const grid = calendarMonth(days, month);
  const { total } = grid;
  return (
    <div className={cls('scroll')}>
      <header className={cls('monthHead')}>
        <Button size="small" aria-label="Month before" onClick={() => goTo(monthsAfter(month, -1))}>
          ‹
        </Button>
        <h2 className={cls('title')}>{isoMonthText(month)}</h2>
        <Button size="small" aria-label="Month after" onClick={() => goTo(monthsAfter(month, 1))}>
          ›
        </Button>
        <span className={cls('net', toneOf(total.net))}>{total.days === 0 ? '' : signedMoneyText(total.net)}</span>
        <span className={cls('small')}>
          {total.days === 0
            ? 'No trade closed in this month.'
            : `${tradesText(total.trades)} · ${rText(total.sumR)} · ${total.green} of ${total.days} days up`}
        </span>
      </header>
      <MonthGrid days={days} grid={grid} onDay={showDay} onMonth={goTo} />
      <YearStrip days={days} month={month} />
      <p className={cls('foot')}>Net of fees, by session day: a day ends at 17:00 in Chicago.</p>
    </div>
  );
}

function Nothing() {
  const filter = useJournal((s) => s.filter);
  if (tradeChips(filter).some(({ key }) => key !== 'days')) {
    return (
      <Empty title="No trade fits" actions={<Button onClick={clearFilter}>Clear all conditions</Button>}>
        The calendar shows the trades of the conditions above.
      </Empty>
    );
  }
  return (
    <Empty title="No day to show yet" actions={<FirstTradeActions />}>
      Each session day appears with the first trade that closes on it.
    </Empty>
  );
}

/** P&L by session day: a month, its weeks, and the year. */
export function CalendarPanel() {
  const filter = useJournal((s) => s.filter);
  const chosen = useJournal((s) => s.month);
  const days = calendar.use((s) => s.value);
  const failure = calendar.use((s) => s.failure);
  const readAt = calendar.use((s) => s.readAt);
  useEffect(() => {
    // The calendar is for choosing days: it shows all of them.
    calendar.show({ ...filter, fromDay: undefined, toDay: undefined });
  }, [filter]);
  const month = chosen ?? lastMonth(days ?? []);
  return (
    <>
      <TradeFilterBar hasDays={false} />
      <ReadingStrip failure={failure} readAt={readAt} retry={() => calendar.refresh()} what="The days" />
      {days === null && failure === null && <Skeleton rows={8} text="Adding up the days" />}
      {days !== null && (days.length === 0 || month === null ? <Nothing /> : <Month days={days} month={month} />)}
    </>
  );
}
