/** A calendar day without a time zone, 'YYYY-MM-DD'. Sorts as a string. */
export type IsoDate = string;

/** A calendar day in parts: full year, month 1–12, day of the month 1–31. */
export type CivilDate = { readonly year: number; readonly month: number; readonly day: number };

/** Day of the week as Date has it: 0 Sunday … 6 Saturday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const SUNDAY = 0;
export const MONDAY = 1;
export const WEDNESDAY = 3;
export const THURSDAY = 4;
export const FRIDAY = 5;
export const SATURDAY = 6;

const DAY_MS = 86_400_000;
const ZERO = 48;
const DASH = 45;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** Days since 1970-01-01. Month and day may run over: month 13 is January of the next year, day 0 the eve of day 1. */
const dayNumber = ({ year, month, day }: CivilDate): number => Date.UTC(year, month - 1, day) / DAY_MS;

/** Days since 1970-01-01 of a day. */
export const toNumber = (date: IsoDate): number => dayNumber(civilDate(date));

function fromNumber(days: number): IsoDate {
  const date = new Date(days * DAY_MS);
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
}

/** Makes a day from its parts; month and day may run over, as in `isoDate(2026, 13, 0)` = '2026-12-31'. */
export const isoDate = (year: number, month: number, day: number): IsoDate =>
  fromNumber(dayNumber({ year, month, day }));

/** The number that some of a text's digits spell; NaN where one of them is no digit. */
function numberAt(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    value = digit >= 0 && digit <= 9 ? 10 * value + digit : NaN;
  }
  return value;
}

/** A text of the form 'YYYY-MM-DD' in its parts, whether or not there is such a day; null for any other. */
function partsOf(text: string): CivilDate | null {
  if (text.length !== 10 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return null;
  const year = numberAt(text, 0, 4);
  const month = numberAt(text, 5, 7);
  const day = numberAt(text, 8, 10);
  return Number.isNaN(year + month + day) ? null : { year, month, day };
}

/** Whether a text is an existing day of the calendar in the form 'YYYY-MM-DD', from the year 100 on as Date has years. */
export function isIsoDate(text: string): boolean {
  const parts = partsOf(text);
  if (parts === null || parts.year < 100) return false;
  const { year, month, day } = parts;
  return month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= daysOf(year, month));
}

/** Days of a month. */
const daysOf = (year: number, month: number): number =>
  dayNumber({ year, month: month + 1, day: 1 }) - dayNumber({ year, month, day: 1 });

/** Splits a day into its parts. Throws on a text that is no day: inputs are checked at the boundary. */
export function civilDate(date: IsoDate): CivilDate {
  const parts = partsOf(date);
  if (parts === null) throw new RangeError(`not a day in the form YYYY-MM-DD: ${date}`);
  return parts;
}

/** Moves a day by calendar days, forward or back. */
export const addDays = (date: IsoDate, days: number): IsoDate => fromNumber(toNumber(date) + days);

/** Day of the week of so many days after 1970-01-01, which was a Thursday. */
export const weekdayOf = (days: number): Weekday => ((((days + THURSDAY) % 7) + 7) % 7) as Weekday;

/** Day of the week. */
export const weekday = (date: IsoDate): Weekday => weekdayOf(toNumber(date));

/** Last calendar day of a month. */
export const monthEnd = (year: number, month: number): IsoDate => isoDate(year, month + 1, 0);

/** The n-th given weekday of a month, n = 1 the first: the third Friday is `nthWeekday(y, m, {weekday: 5, n: 3})`. */
export function nthWeekday(year: number, month: number, which: { weekday: Weekday; n: number }): IsoDate {
  const first = isoDate(year, month, 1);
  return addDays(first, ((which.weekday - weekday(first) + 7) % 7) + 7 * (which.n - 1));
}

/** The last given weekday of a month. */
export function lastWeekday(year: number, month: number, day: Weekday): IsoDate {
  const last = monthEnd(year, month);
  return addDays(last, -((weekday(last) - day + 7) % 7));
}
