import type { CalendarDay } from '#shared/contract/journal-views.ts';
import { daysAfter } from '#shared/session-day.ts';
import { boundedSum } from '#renderer/src/ui/shown-money.ts';
import { money } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

export type Sums = {
  readonly net: Money;
  readonly trades: number;
  readonly wins: number;
  readonly sumR: number;
  /** Session days with a trade, and those of them that ended above zero. */
  readonly days: number;
  readonly green: number;
};

export type CalendarCell = {
  readonly day: string;
  readonly isInMonth: boolean;
  /** Null where no trade closed. */
  readonly sums: CalendarDay | null;
};

export type CalendarWeek = {
  /** Monday of the week. */
  readonly monday: string;
  readonly cells: readonly CalendarCell[];
  /** Of the days of the month only: a week of two months is told half in each. */
  readonly total: Sums;
};

export type CalendarMonth = {
  readonly month: string;
  readonly weeks: readonly CalendarWeek[];
  readonly total: Sums;
  /** Five columns where no trade ever closed at a weekend, else seven. */
  readonly columns: 5 | 7;
};

const NOTHING: Sums = { net: money(0), trades: 0, wins: 0, sumR: 0, days: 0, green: 0 };

/** Adds days up, money exactly. */
export const totalOf = (days: readonly CalendarDay[]): Sums =>
  days.length === 0
    ? NOTHING
    : {
        net: boundedSum(days.map(({ net }) => net)),
        trades: days.reduce((sum, { trades }) => sum + trades, 0),
        wins: days.reduce((sum, { wins }) => sum + wins, 0),
        sumR: days.reduce((sum, { sumR }) => sum + sumR, 0),
        days: days.length,
        green: days.filter(({ net }) => net > 0).length,
      };

/** 0 for Monday to 6 for Sunday. */
export const weekday = (day: string): number => (new Date(Date.parse(day)).getUTCDay() + 6) % 7;

const monthOf = (day: string): string => day.slice(0, 7);

/** The month `count` months after an ISO month. */
export function monthsAfter(month: string, count: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7);
}

/** The grid of one month: weeks from Monday, each day with its sums, each week with its total. */
export function calendarMonth(days: readonly CalendarDay[], month: string): CalendarMonth {
  const byDay = new Map(days.map((sums) => [sums.day, sums]));
  const columns = days.some(({ day }) => weekday(day) >= 5) ? 7 : 5;
  const first = `${month}-01`;
  const end = `${monthsAfter(month, 1)}-01`;
  const weeks: CalendarWeek[] = [];
  for (let monday = daysAfter(first, -weekday(first)); monday < end; monday = daysAfter(monday, 7)) {
    const cells = Array.from({ length: columns }, (_, i): CalendarCell => {
      const day = daysAfter(monday, i);
      return { day, isInMonth: monthOf(day) === month, sums: byDay.get(day) ?? null };
    });
    const own = cells.flatMap(({ isInMonth, sums }) => (isInMonth && sums !== null ? [sums] : []));
    // A month that begins on a Saturday has a first week of weekend days alone.
    if (cells.some(({ isInMonth }) => isInMonth)) weeks.push({ monday, cells, total: totalOf(own) });
  }
  return { month, weeks, columns, total: totalOf(days.filter(({ day }) => monthOf(day) === month)) };
}

export type YearMonth = { readonly month: string; readonly total: Sums };

/** Twelve months of a year with their sums, and the year's own. */
export function calendarYear(
  days: readonly CalendarDay[],
  year: string,
): { readonly months: readonly YearMonth[]; readonly total: Sums } {
  const own = days.filter(({ day }) => day.startsWith(`${year}-`));
  const months = Array.from({ length: 12 }, (_, i): YearMonth => {
    const month = `${year}-${String(i + 1).padStart(2, '0')}`;
    return { month, total: totalOf(own.filter(({ day }) => monthOf(day) === month)) };
  });
  return { months, total: totalOf(own) };
}

/** The years that have trades, oldest first. */
export const yearsOf = (days: readonly CalendarDay[]): readonly string[] => [
  ...new Set(days.map(({ day }) => day.slice(0, 4))),
];

/** The month of the last day with a trade; null without any. */
export const lastMonth = (days: readonly CalendarDay[]): string | null => {
  const last = days.reduce<string | null>((latest, { day }) => (latest === null || day > latest ? day : latest), null);
  return last === null ? null : monthOf(last);
};

/** Share of a cell's tint, 8 % to 34 %, by how large the result is among those shown. */
export function tintShare(net: number, largest: number): number {
  if (net === 0 || largest <= 0) return 0;
  return 0.08 + 0.26 * Math.min(1, Math.abs(net) / largest);
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Moves a day by a key; weekends are stepped over where they have no column. */
export function stepDay(day: string, key: string, columns: 5 | 7): string | null {
  if (key === 'PageUp' || key === 'PageDown') {
    const month = monthsAfter(day.slice(0, 7), key === 'PageUp' ? -1 : 1);
    return `${month}-01`;
  }
  const step = STEPS[key];
  if (step === undefined) return null;
  const next = daysAfter(day, step);
  const at = weekday(next);
  if (columns === 7 || at < 5) return next;
  return daysAfter(next, step > 0 ? 7 - at : 4 - at);
}
