import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { CalendarDay } from '#shared/contract/journal-views.ts';
import { countText, rText, signedMoneyText } from '#shared/format/numbers.ts';
import type { Money } from '#shared/units.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { isoDaySpoken, isoMonthText } from '#renderer/src/ui/times.ts';
import { stepDay, tintShare } from './calendar.ts';
import type { CalendarCell, CalendarMonth, CalendarWeek, Sums } from './calendar.ts';
import css from './calendar.module.css';
import { toneOf } from './trade-words.ts';

const cls = styler(css);

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

export const tradesText = (count: number): string => `${countText(count)} ${count === 1 ? 'trade' : 'trades'}`;

/** The tint of a result: the stronger, the larger it is among those shown. */
export function Tint({ net, largest }: { readonly net: Money; readonly largest: number }) {
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
  readonly onDay: (day: string) => void;
};

function DayCell({ cell, largest, isFocused, onDay }: DayProps) {
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
        onClick={() => sums !== null && onDay(day)}
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

type WeekProps = Pick<DayProps, 'largest' | 'onDay'> & { readonly week: CalendarWeek; readonly focused: string };

function WeekRow({ week, largest, focused, onDay }: WeekProps) {
  return (
    <tr>
      {week.cells.map((cell) => (
        <DayCell key={cell.day} cell={cell} largest={largest} isFocused={cell.day === focused} onDay={onDay} />
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

type GridProps = {
  /** All days that are known: the strongest tint is that of the largest of them. */
  readonly days: readonly CalendarDay[];
  readonly grid: CalendarMonth;
  readonly onDay: (day: string) => void;
  /** An arrow left the month. */
  readonly onMonth: (month: string) => void;
};

/** P&L of a month by session day. Arrows move from day to day, page keys from month to month, Enter opens a day. */
export function MonthGrid({ days, grid, onDay, onMonth }: GridProps) {
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
    if (next.slice(0, 7) !== grid.month) onMonth(next.slice(0, 7));
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
          <WeekRow key={week.monday} week={week} largest={largest} focused={focused} onDay={onDay} />
        ))}
      </tbody>
    </table>
  );
}
