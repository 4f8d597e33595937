import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { CalendarDay } from '#shared/contract/journal-views.ts';
import { countText, percentText, rText, signedMoneyText } from '#shared/format/numbers.ts';
import type { Money } from '#shared/units.ts';
import { calendar, clearFilter, showDay, useJournal } from '#renderer/src/store/journal.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Skeleton } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { isoDaySpoken, isoMonthText, isoShortMonth } from '#renderer/src/ui/times.ts';
import { calendarMonth, calendarYear, lastMonth, monthsAfter, stepDay, tintShare, yearsOf } from './calendar.ts';
import type { CalendarCell, CalendarMonth, CalendarWeek, Sums } from './calendar.ts';
import css from './calendar.module.css';
import { tradeChips } from './filter-words.ts';
import { FirstTradeActions, ReadingStrip } from './list-states.tsx';
import { TradeFilterBar } from './trades-panel.tsx';
import { toneOf } from './trade-words.ts';

const cls = styler(css);

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

const tradesText = (count: number): string => `${countText(count)} ${count === 1 ? 'trade' : 'trades'}`;

/** The tint of a result: the stronger, the larger it is among those shown. */
function Tint({ net, largest }: { readonly net: Money; readonly largest: number }) {
  const share = tintShare(net, largest);
  if (share === 0) return null;
  return <span className={cls('tint', net > 0 ? 'up' : 'down')} style={{ opacity: share }} aria-hidden="true" />;
}

const cellWords = ({ day, sums }: CalendarCell): string =>
  sums === null
    ? `${isoDaySpoken(day)}, no trade closed`
    : `${isoDaySpoken(day)}, ${signedMoneyText(sums.net)}, ${tradesText(sums.trades)}, ${sums.wins} won, ${rText(sums.sumR)}. Show its trades`;

type DayProps = {
  readonly cell: CalendarCell;
  readonly largest: number;
  readonly isFocused: boolean;
};

function DayCell({ cell, largest, isFocused }: DayProps) {
  const { day, isInMonth, sums } = cell;
  if (!isInMonth) return <td className={cls('cell', 'outside')} aria-hidden="true" />;
  return (
    <td className={cls('cell')}>
      {sums !== null && <Tint net={sums.net} largest={largest} />}
      <button
        type="button"
        id={`day-${day}`}
        className={cls('day', sums === null && 'none')}
        tabIndex={isFocused ? 0 : -1}
        aria-label={cellWords(cell)}
        aria-disabled={sums === null}
        onClick={() => sums !== null && showDay(day)}
      >
        <span className={cls('date')}>{Number(day.slice(8))}</span>
        {sums !== null && (
          <>
            <span className={cls('net', toneOf(sums.net))}>{signedMoneyText(sums.net, 0)}</span>
            <span className={cls('small')}>
              {tradesText(sums.trades)} · {rText(sums.sumR)}
            </span>
          </>
        )}
      </button>
    </td>
  );
}

function Total({ sums }: { readonly sums: Sums }) {
  if (sums.days === 0) return <span className={cls('small')}>no trade</span>;
  return (
    <>
      <span className={cls('net', toneOf(sums.net))}>{signedMoneyText(sums.net, 0)}</span>
      <span className={cls('small')}>
        {tradesText(sums.trades)} · {rText(sums.sumR)}
      </span>
    </>
  );
}

function WeekRow({
  week,
  largest,
  focused,
}: {
  readonly week: CalendarWeek;
  readonly largest: number;
  readonly focused: string;
}) {
  return (
    <tr>
      {week.cells.map((cell) => (
        <DayCell key={cell.day} cell={cell} largest={largest} isFocused={cell.day === focused} />
      ))}
      <td className={cls('cell', 'week')}>
        <Total sums={week.total} />
      </td>
    </tr>
  );
}

function firstDayOf({ weeks, month }: CalendarMonth): string {
  const days = weeks.flatMap(({ cells }) => cells).filter(({ isInMonth }) => isInMonth);
  return (days.findLast(({ sums }) => sums !== null) ?? days[0])?.day ?? `${month}-01`;
}

const goTo = (month: string) => useJournal.setState({ month });

function MonthGrid({ days, grid }: { readonly days: readonly CalendarDay[]; readonly grid: CalendarMonth }) {
  const [held, setHeld] = useState<string | null>(null);
  const table = useRef<HTMLTableElement>(null);
  const isMoving = useRef(false);
  const inMonth = grid.weeks.flatMap(({ cells }) => cells).filter(({ isInMonth }) => isInMonth);
  const focused = held !== null && inMonth.some(({ day }) => day === held) ? held : firstDayOf(grid);
  useEffect(() => {
    if (!isMoving.current) return;
    isMoving.current = false;
    table.current?.querySelector<HTMLElement>(`#day-${focused}`)?.focus();
  }, [focused]);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepDay(focused, event.key, grid.columns);
    if (next === null) return;
    event.preventDefault();
    isMoving.current = true;
    setHeld(next);
    if (next.slice(0, 7) !== grid.month) goTo(next.slice(0, 7));
  };
  const largest = days.reduce((most, { net }) => Math.max(most, Math.abs(net)), 0);
  return (
    <table
      ref={table}
      className={cls('month')}
      aria-label={`P&L of ${isoMonthText(grid.month)} by session day`}
      onKeyDown={onKeyDown}
    >
      <thead>
        <tr>
          {WEEKDAYS.slice(0, grid.columns).map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
          <th scope="col">Week</th>
        </tr>
      </thead>
      <tbody>
        {grid.weeks.map((week) => (
          <WeekRow key={week.monday} week={week} largest={largest} focused={focused} />
        ))}
      </tbody>
    </table>
  );
}

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
      <MonthGrid days={days} grid={grid} />
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
