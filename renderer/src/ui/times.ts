import { DASH } from '#shared/format/numbers.ts';

/** Exchange time: what traders of these contracts speak of, whatever the machine's own zone. */
const ZONE = 'America/New_York';

const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: ZONE,
});
const SHORT = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: ZONE });
const DATE = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: ZONE,
});

/** An instant beyond every calendar is unknown. */
const write = (format: Intl.DateTimeFormat, at: number): string =>
  Math.abs(at) <= 8_640_000_000_000_000 ? format.format(at) : DASH;

/** Months have three letters everywhere: this locale alone writes September with four. */
const threeLetters = (date: string): string => date.replace('Sept', 'Sep');

/** Time of day to the second: 10:42:18. @param at epoch ms */
export const clockTime = (at: number): string => write(CLOCK, at);

/** Time of day to the minute: 10:42. @param at epoch ms */
export const shortTime = (at: number): string => write(SHORT, at);

/** Thu 28 Aug 2025. @param at epoch ms */
export const dayDate = (at: number): string => threeLetters(write(DATE, at).replace(',', ''));

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: ZONE });

/** 28 Aug. @param at epoch ms */
export const shortDay = (at: number): string => threeLetters(write(DAY, at));

/**
 * How long until the end, in ms. The clock of the window steps once a second: what was made since its last step has no
 * more time left than it was given.
 */
export const timeLeft = (span: { readonly from: number; readonly until: number }, now: number): number =>
  Math.max(0, span.until - Math.max(now, span.from));

/** Time left as m:ss, from an hour on as h:mm:ss, rounded up so that 0:00 means over. @param ms not negative */
export function countdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const two = (count: number): string => String(count).padStart(2, '0');
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

const YEAR = new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone: ZONE });

/** 2025. @param at epoch ms */
export const year = (at: number): string => write(YEAR, at);

const ISO_DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const ISO_MONTH = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const ISO_SHORT_MONTH = new Intl.DateTimeFormat('en-US', { month: 'short', timeZone: 'UTC' });
const ISO_WEEKDAY = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

/** 28 Aug 2025. @param day 'YYYY-MM-DD' */
export const isoDayText = (day: string): string => threeLetters(ISO_DAY.format(Date.parse(day)));

/** Thursday 28 August 2025. @param day 'YYYY-MM-DD' */
export const isoDaySpoken = (day: string): string => ISO_WEEKDAY.format(Date.parse(day));

/** August 2025. @param month 'YYYY-MM' */
export const isoMonthText = (month: string): string => ISO_MONTH.format(Date.parse(`${month}-01`));

/** Aug. @param month 'YYYY-MM' */
export const isoShortMonth = (month: string): string => ISO_SHORT_MONTH.format(Date.parse(`${month}-01`));
