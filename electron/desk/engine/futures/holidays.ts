import {
  addDays,
  civilDate,
  FRIDAY,
  isoDate,
  lastWeekday,
  monthEnd,
  MONDAY,
  nthWeekday,
  SATURDAY,
  SUNDAY,
  THURSDAY,
  toNumber,
  weekday,
} from './civil-date.ts';
import type { IsoDate } from './civil-date.ts';

/**
 * A holiday of the CME Group exchanges: no business day. `isClosed` when the electronic market stays shut the whole
 * day; on the others it trades until a halt, and that trading counts for the next business day.
 */
export type ExchangeHoliday = { readonly date: IsoDate; readonly name: string; readonly isClosed: boolean };

/** First year in which the exchanges kept the holiday. */
const SINCE = { martinLutherKing: 1998, mondayHolidays: 1971, juneteenth: 2022 };

/** Easter Sunday of the Gregorian calendar (Meeus/Jones/Butcher). */
export function easterSunday(year: number): IsoDate {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const correction = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const weekdayShift = (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const lateMoon = Math.floor((golden + 11 * epact + 22 * weekdayShift) / 451);
  const days = epact + weekdayShift - 7 * lateMoon + 114;
  return isoDate(year, Math.floor(days / 31), (days % 31) + 1);
}

/** A Saturday holiday is kept on the Friday before, a Sunday holiday on the Monday after. */
function observed(date: IsoDate): IsoDate {
  const day = weekday(date);
  if (day === SATURDAY) return addDays(date, -1);
  return day === SUNDAY ? addDays(date, 1) : date;
}

/** New Year's Day on a Saturday is not kept at all: the Friday closes the books of the old year. */
function newYear(year: number): ExchangeHoliday[] {
  const date = isoDate(year, 1, 1);
  return weekday(date) === SATURDAY ? [] : [{ date: observed(date), name: "New Year's Day", isClosed: true }];
}

const since = (year: number, first: number, holiday: ExchangeHoliday): ExchangeHoliday[] =>
  year >= first ? [holiday] : [];

function mondayHolidays(year: number): ExchangeHoliday[] {
  const monday = (month: number, n: number): IsoDate => nthWeekday(year, month, { weekday: MONDAY, n });
  return [
    ...since(year, SINCE.martinLutherKing, { date: monday(1, 3), name: 'Martin Luther King Day', isClosed: false }),
    ...since(year, SINCE.mondayHolidays, { date: monday(2, 3), name: "Presidents' Day", isClosed: false }),
    ...since(year, SINCE.mondayHolidays, {
      date: lastWeekday(year, 5, MONDAY),
      name: 'Memorial Day',
      isClosed: false,
    }),
    { date: monday(9, 1), name: 'Labor Day', isClosed: false },
  ];
}

/**
 * Returns the exchange holidays of a year, in order of date, by rule (no table): ten since 2022, fewer before.
 * Closures by decree (days of mourning, storms) follow no rule and are not here.
 * @source CME Group holiday calendar; NYSE rule 7.2 for the days of observance
 */
export function exchangeHolidays(year: number): readonly ExchangeHoliday[] {
  const holidays = [
    ...newYear(year),
    ...mondayHolidays(year),
    { date: addDays(easterSunday(year), -2), name: 'Good Friday', isClosed: true },
    ...since(year, SINCE.juneteenth, { date: observed(isoDate(year, 6, 19)), name: 'Juneteenth', isClosed: false }),
    { date: observed(isoDate(year, 7, 4)), name: 'Independence Day', isClosed: false },
    { date: nthWeekday(year, 11, { weekday: THURSDAY, n: 4 }), name: 'Thanksgiving', isClosed: false },
    { date: observed(isoDate(year, 12, 25)), name: 'Christmas', isClosed: true },
  ];
  return holidays.sort((a, b) => (a.date < b.date ? -1 : 1));
}

type Closures = {
  readonly all: ReadonlySet<IsoDate>;
  /** In days since 1970-01-01. */
  readonly closed: ReadonlySet<number>;
};

/** The rules give the same days every time, so each year is worked out once. */
const closuresByYear = new Map<number, Closures>();

function closuresOf(year: number): Closures {
  const known = closuresByYear.get(year);
  if (known !== undefined) return known;
  const holidays = exchangeHolidays(year);
  const closures = {
    all: new Set(holidays.map((h) => h.date)),
    closed: new Set(holidays.filter((h) => h.isClosed).map((h) => toNumber(h.date))),
  };
  closuresByYear.set(year, closures);
  return closures;
}

/** Whether the exchange keeps a holiday on this day (weekends are not holidays). */
export const isExchangeHoliday = (date: IsoDate): boolean => closuresOf(civilDate(date).year).all.has(date);

const DAY_MS = 86_400_000;

/** Whether the electronic market is shut the whole day for a holiday. @param days since 1970-01-01 */
export const isFullClosure = (days: number): boolean =>
  closuresOf(new Date(days * DAY_MS).getUTCFullYear()).closed.has(days);

/** Whether the exchange counts this day as a business day: Monday to Friday without holidays. */
export function isBusinessDay(date: IsoDate): boolean {
  const day = weekday(date);
  return day >= MONDAY && day <= FRIDAY && !isExchangeHoliday(date);
}

/**
 * Whether the US stock exchanges close early, at 13:00 in New York: the day after Thanksgiving, the third of July before
 * a holiday on the fourth, and Christmas Eve, where these are business days.
 * @source NYSE, Holidays and Trading Hours: Early Closings
 */
export function isStockEarlyClose(date: IsoDate): boolean {
  if (!isBusinessDay(date)) return false;
  const { year } = civilDate(date);
  const afterThanksgiving = addDays(nthWeekday(year, 11, { weekday: THURSDAY, n: 4 }), 1);
  const fourth = isoDate(year, 7, 4);
  const beforeFourth = isExchangeHoliday(fourth) ? addDays(fourth, -1) : null;
  return date === afterThanksgiving || date === beforeFourth || date === isoDate(year, 12, 24);
}

/** Moves by business days: the n-th one after the date (n > 0) or before it (n < 0). n = 0 returns the date itself. */
export function addBusinessDays(date: IsoDate, n: number): IsoDate {
  const step = n < 0 ? -1 : 1;
  let day = date;
  for (let left = Math.abs(n); left > 0;) {
    day = addDays(day, step);
    if (isBusinessDay(day)) left -= 1;
  }
  return day;
}

/** The date itself when it is a business day, else the one before. */
export const onOrBefore = (date: IsoDate): IsoDate => (isBusinessDay(date) ? date : addBusinessDays(date, -1));

/** The date itself when it is a business day, else the one after. */
export const onOrAfter = (date: IsoDate): IsoDate => (isBusinessDay(date) ? date : addBusinessDays(date, 1));

/** Last business day of a month. Month 0 is December of the year before. */
export const lastBusinessDay = (year: number, month: number): IsoDate => onOrBefore(monthEnd(year, month));

/** The n-th business day of a month, n = 1 the first. */
export const nthBusinessDay = (year: number, month: number, n: number): IsoDate =>
  addBusinessDays(isoDate(year, month, 0), n);

/** Business days after `from` up to and including `to`; negative when `to` lies before `from`. */
export function businessDaysBetween(from: IsoDate, to: IsoDate): number {
  const [start, end, sign] = from <= to ? [from, to, 1] : [to, from, -1];
  let count = 0;
  for (let day = addDays(start, 1); day <= end; day = addDays(day, 1)) if (isBusinessDay(day)) count += 1;
  return count === 0 ? 0 : sign * count;
}
