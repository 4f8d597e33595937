import { IANAZone } from 'luxon';
import type { Result } from '#shared/result.ts';
import { err, ok } from '#shared/result.ts';
import { epochMs } from '#shared/units.ts';
import type { EpochMs } from '#shared/units.ts';

import type { WrittenTime } from './format.ts';

/** Day before month, or month before day, where a date is written with the year last. */
export type DateOrder = 'DMY' | 'MDY';

/**
 * What the dates of a file say of their order. `fixed`: none needs one (the year comes first).
 * `contradictory`: one can only be day first, another only month first.
 */
export type DetectedOrder = DateOrder | 'fixed' | 'ambiguous' | 'contradictory';

export type TimeError =
  | { readonly code: 'no-time'; readonly text: string }
  | { readonly code: 'no-time-of-day'; readonly text: string }
  | { readonly code: 'no-such-date'; readonly text: string }
  | { readonly code: 'year-out-of-range'; readonly text: string; readonly year: number }
  | { readonly code: 'order-unknown'; readonly text: string }
  | { readonly code: 'zone-unknown'; readonly text: string; readonly zone: string | null }
  | { readonly code: 'in-gap'; readonly text: string; readonly zone: string };

/** Figures of a written time, the date still in the order of the file. */
type Written = {
  readonly date:
    | { readonly kind: 'year-first'; readonly year: number; readonly month: number; readonly day: number }
    | { readonly kind: 'year-last'; readonly first: number; readonly second: number; readonly year: number };
  /** Milliseconds since midnight; null when the text is a date alone. */
  readonly timeOfDayMs: number | null;
  readonly offsetMinutes: number | null;
};

const FIRST_YEAR = 1990;
const LAST_YEAR = 2100;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const LONGEST_TIME = 64;

const DATE_YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)/;
const DATE_COMPACT = /^(\d{4})(\d{2})(\d{2})(?!\d)/;
const DATE_YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)/;
const TIME_COLONS = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([AP])\.?M\.?)?/i;
const TIME_COMPACT = /^(\d{2})(\d{2})(\d{2})(?:\.(\d{1,9}))?(?!\d)/;
const OFFSET = /^ ?(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-])(\d{2}):?(\d{2}))$/i;

const UNTIDY = /\s\s|[^\S ]/;
/** Z, UTC, GMT or figures: a quick look that spares most cells the whole reading. */
const MAY_END_IN_OFFSET = /(?:[ZCT]|[+-]\d{2}:?\d{2})\s*$/i;

/** One blank for any run of blanks: no-break ones stand before AM and PM in newer locales. */
function tidy(text: string): string {
  const trimmed = text.trim();
  return UNTIDY.test(trimmed) ? trimmed.replace(/\s+/g, ' ') : trimmed;
}

function readDate(text: string): { readonly date: Written['date']; readonly length: number } | null {
  const last = DATE_YEAR_LAST.exec(text);
  if (last !== null) {
    const [all, first, , second, year] = last;
    return {
      date: { kind: 'year-last', first: Number(first), second: Number(second), year: Number(year) },
      length: all.length,
    };
  }
  const separated = DATE_YEAR_FIRST.exec(text);
  const found = separated ?? DATE_COMPACT.exec(text);
  if (found === null) return null;
  const [year, month, day] = separated === null ? found.slice(1) : [found[1], found[3], found[4]];
  const date = { kind: 'year-first' as const, year: Number(year), month: Number(month), day: Number(day) };
  return { date, length: found[0].length };
}

/** Hour 0–23 of a clock hour; null for 24 o'clock, 13 PM or 0 AM. */
function hourOf(hour: number, half: string | undefined): number | null {
  if (half === undefined) return hour <= 23 ? hour : null;
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
}

function readTimeOfDay(text: string): { readonly ms: number; readonly length: number } | null {
  const found = TIME_COLONS.exec(text) ?? TIME_COMPACT.exec(text);
  if (found === null) return null;
  const [all, hours, minutes, seconds = '0', decimals = '0', half] = found;
  const hour = hourOf(Number(hours), half);
  if (hour === null || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const millis = Number(decimals.padEnd(3, '0').slice(0, 3));
  return { ms: hour * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * 1000 + millis, length: all.length };
}

/** Minutes east of UTC at the end of a time; undefined for text that is no offset. */
function readOffset(text: string): number | null | undefined {
  if (text === '') return null;
  const found = OFFSET.exec(text);
  if (found === null) return undefined;
  const [, utc, sign, hours, minutes] = found;
  if (utc !== undefined) return 0;
  const size = Number(hours) * 60 + Number(minutes);
  return size > 14 * 60 || Number(minutes) > 59 ? undefined : (sign === '-' ? -1 : 1) * size;
}

function readWritten(text: string): Result<Written, TimeError> {
  const none = err({ code: 'no-time' as const, text });
  if (text.length > LONGEST_TIME) return none;
  const tidied = tidy(text);
  const date = readDate(tidied);
  if (date === null) return none;
  const rest = tidied.slice(date.length);
  if (rest === '') return ok({ date: date.date, timeOfDayMs: null, offsetMinutes: null });
  const [separator = ''] = /^(?:T|[,;] ?| )/.exec(rest) ?? [];
  const time = separator === '' ? null : readTimeOfDay(rest.slice(separator.length));
  if (time === null) return none;
  const offsetMinutes = readOffset(rest.slice(separator.length + time.length));
  return offsetMinutes === undefined ? none : ok({ date: date.date, timeOfDayMs: time.ms, offsetMinutes });
}

/**
 * Makes a written time of a cell. An offset at its end is taken along.
 * @param zone IANA zone the format itself fixes; null when the trader must say
 */
export function writtenTime(text: string, zone: string | null = null): WrittenTime {
  const written = MAY_END_IN_OFFSET.test(text) ? readWritten(text) : null;
  return { text, offsetMinutes: written?.ok ? written.value.offsetMinutes : null, zone };
}

/** What one date says of the order; null for a date with the year first, and for text that is no date. */
export function dateOrderOf(text: string): DateOrder | 'either' | null {
  const date = text.length > LONGEST_TIME ? null : readDate(tidy(text));
  if (date?.date.kind !== 'year-last') return null;
  const { first, second } = date.date;
  if (first > 12 && second > 12) return null;
  if (first > 12) return 'DMY';
  return second > 12 ? 'MDY' : 'either';
}

/**
 * Decides the order of day and month for a whole file: a part above 12 is a day, and one such date decides for all.
 * @param texts dates of the file as written; those without a date are passed over
 */
export function detectDateOrder(texts: Iterable<string>): DetectedOrder {
  let isAmbiguous = false;
  let found: DateOrder | null = null;
  for (const text of texts) {
    const order = dateOrderOf(text);
    if (order === null) continue;
    if (order === 'either') isAmbiguous = true;
    else if (found !== null && found !== order) return 'contradictory';
    else found = order;
  }
  return found ?? (isAmbiguous ? 'ambiguous' : 'fixed');
}

/**
 * Rewrites a date that has its year last to `yyyy-MM-dd`, for a format that fixes the order; other text is returned
 * as it is. The figures are not checked here: `resolveTime` refuses a month of 13.
 */
export function yearFirst(text: string, order: DateOrder): string {
  const tidied = tidy(text.slice(0, LONGEST_TIME + 1));
  const date = readDate(tidied);
  if (date?.date.kind !== 'year-last') return text;
  const { first, second, year } = date.date;
  const [month, day] = order === 'MDY' ? [first, second] : [second, first];
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}${tidied.slice(date.length)}`;
}

const knownZones = new Map<string, boolean>();

/** Whether a name is a time zone, e.g. `America/Chicago`. Remembered, since every row asks. */
export function isTimeZone(name: string): boolean {
  const known = knownZones.get(name);
  if (known !== undefined) return known;
  const isZone = name !== '' && IANAZone.isValidZone(name);
  knownZones.set(name, isZone);
  return isZone;
}

type Offsets = { readonly before: number; readonly after: number };

/** Offsets a day before and a day after a local day, per zone: between them lies at most one change of the clocks. */
const knownOffsets = new Map<string, Map<number, Offsets>>();

function offsetsAround(zone: string, localMs: number): Offsets {
  const ofZone = knownOffsets.get(zone) ?? new Map<number, Offsets>();
  knownOffsets.set(zone, ofZone);
  const day = Math.floor(localMs / DAY_MS);
  const known = ofZone.get(day);
  if (known !== undefined) return known;
  const iana = IANAZone.create(zone);
  const offsets = { before: iana.offset((day - 1) * DAY_MS), after: iana.offset((day + 2) * DAY_MS) };
  ofZone.set(day, offsets);
  return offsets;
}

/** A time read, and whether the clocks showed it twice that day: then it is the earlier of the two. */
export type ResolvedTime = { readonly at: EpochMs; readonly isRepeatedHour: boolean };

type Place = { readonly text: string; readonly zone: string };

/** Finds the instant at which the clocks of a zone showed a local time. */
function inZone(localMs: number, { text, zone }: Place): Result<ResolvedTime, TimeError> {
  const { before, after } = offsetsAround(zone, localMs);
  const early = localMs - before * MINUTE_MS;
  if (before === after) return ok({ at: epochMs(early), isRepeatedHour: false });
  const iana = IANAZone.create(zone);
  const late = localMs - after * MINUTE_MS;
  const instants = [early, late].filter((at) => localMs - iana.offset(at) * MINUTE_MS === at);
  const [first, second] = instants;
  if (first === undefined) return err({ code: 'in-gap', text, zone });
  return ok({ at: epochMs(Math.min(...instants)), isRepeatedHour: second !== undefined });
}

/** Milliseconds of a local date as if it were UTC; null for a day the month does not have. */
function midnightOf(year: number, month: number, day: number): number | null {
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms : null;
}

type YearMonthDay = { readonly year: number; readonly month: number; readonly day: number };

function inOrder(date: Written['date'], order: DateOrder | null): YearMonthDay | null {
  if (date.kind === 'year-first') return date;
  const { first, second, year } = date;
  const fits = order ?? (first > 12 ? 'DMY' : second > 12 ? 'MDY' : null);
  if (fits === null) return null;
  return fits === 'MDY' ? { year, month: first, day: second } : { year, month: second, day: first };
}

export type TimeOptions = {
  /** IANA zone for times that carry neither an offset nor a zone of their own. */
  readonly timeZone: string | null;
  readonly dateOrder: DateOrder | null;
};

/**
 * Reads a written time as an instant. Forms: ISO 8601, `yyyy-MM-dd  HH:mm:ss.SSS`, `MM/dd/yyyy HH:mm:ss` and
 * `d/M/yyyy`, with `/`, `-` or `.`, AM/PM, `yyyyMMdd;HHmmss`, offsets `-05:00` and `Z`. Fractions below a millisecond
 * are cut off. An explicit offset comes before the format's zone, and that before the option.
 * @errors a time without a date or the reverse, a day or year that cannot be (1990–2100), an unknown order or zone, a
 *   local time the clocks skipped; never a fall-back
 */
export function readTime(written: WrittenTime, options: TimeOptions): Result<ResolvedTime, TimeError> {
  const { text } = written;
  const parts = readWritten(text);
  if (!parts.ok) return parts;
  if (parts.value.timeOfDayMs === null) return err({ code: 'no-time-of-day', text });
  const date = inOrder(parts.value.date, options.dateOrder);
  if (date === null) return err({ code: 'order-unknown', text });
  if (date.year < FIRST_YEAR || date.year > LAST_YEAR) return err({ code: 'year-out-of-range', text, year: date.year });
  const midnight = midnightOf(date.year, date.month, date.day);
  if (midnight === null) return err({ code: 'no-such-date', text });
  const localMs = midnight + parts.value.timeOfDayMs;
  const offsetMinutes = written.offsetMinutes ?? parts.value.offsetMinutes;
  if (offsetMinutes !== null) return ok({ at: epochMs(localMs - offsetMinutes * MINUTE_MS), isRepeatedHour: false });
  const zone = written.zone ?? options.timeZone;
  if (zone === null || !isTimeZone(zone)) return err({ code: 'zone-unknown', text, zone });
  return inZone(localMs, { text, zone });
}

/** Reads a written time as `readTime`, without word of a repeated hour. */
export function resolveTime(written: WrittenTime, options: TimeOptions): Result<EpochMs, TimeError> {
  const time = readTime(written, options);
  return time.ok ? ok(time.value.at) : time;
}

/** Says what is wrong with a time, to follow "is not". */
export function wantedTime(error: TimeError): { readonly wanted: string; readonly remedy: string | null } {
  switch (error.code) {
    case 'no-time':
      return { wanted: 'a date and time the desk can read', remedy: 'write it as yyyy-MM-dd HH:mm:ss' };
    case 'no-time-of-day':
      return { wanted: 'a date with a time of day', remedy: 'export executions with their time, or map its column' };
    case 'no-such-date':
      return { wanted: 'a day of the calendar', remedy: 'check the order of day and month' };
    case 'year-out-of-range':
      return { wanted: `a time of a year from ${FIRST_YEAR} to ${LAST_YEAR}`, remedy: null };
    case 'order-unknown':
      return { wanted: 'a date whose order of day and month is known', remedy: 'say which comes first' };
    case 'zone-unknown':
      return { wanted: 'a time of a known zone', remedy: 'name the time zone of the file' };
    case 'in-gap':
      return {
        wanted: `a time the clocks of ${error.zone} showed: they were put forward past it`,
        remedy: 'check the time zone of the file',
      };
  }
}
