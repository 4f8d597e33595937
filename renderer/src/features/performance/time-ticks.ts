import { DASH } from '#shared/format/numbers.ts';

/** Exchange time, as everywhere on the desk. */
const ZONE = 'America/New_York';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const PARTS = new Intl.DateTimeFormat('en-US', {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
  hourCycle: 'h23',
  timeZone: ZONE,
});
const MONTH = new Intl.DateTimeFormat('en-US', { month: 'short', timeZone: 'UTC' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

export type TimeTick = { readonly at: number; readonly label: string };

/** Calendar years 1 to 9999: other instants are no day of a journal, and no axis has room for them. */
export const isOfCalendar = (at: number): boolean => at > -62_135_000_000_000 && at < 253_402_000_000_000;

/** Exchange time of an instant, written as if it were UTC: calendar arithmetic without a zone. */
export function wallClock(at: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of PARTS.formatToParts(at)) part[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The instant at which the exchange's clock shows `wall`. Twice: the first guess may lie beyond a clock change. */
function instantOf(wall: number): number {
  const guess = wall - (wallClock(wall) - wall);
  return guess - (wallClock(guess) - wall);
}

type Unit =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'day'; readonly step: number }
  | { readonly kind: 'month'; readonly step: number };

const time = (ms: number): Unit => ({ kind: 'time', ms });
const UNITS: readonly Unit[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => time(n * MINUTE)),
  ...[1, 2, 3, 6, 12].map((n) => time(n * HOUR)),
  ...[1, 2, 7, 14].map((step): Unit => ({ kind: 'day', step })),
  ...[1, 2, 3, 6, 12, 24, 60, 120].map((step): Unit => ({ kind: 'month', step })),
];

const lengthOf = (unit: Unit): number =>
  unit.kind === 'time' ? unit.ms : unit.kind === 'day' ? unit.step * DAY : unit.step * 30.4 * DAY;

const dayOf = (wall: number): number => Math.floor(wall / DAY) * DAY;

function monthWalls(from: number, to: number, step: number): readonly number[] {
  const start = new Date(from);
  const first = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / step) * step;
  const walls: number[] = [];
  for (let month = first; ; month += step) {
    const wall = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (wall > to) return walls;
    if (wall >= from) walls.push(wall);
  }
}

/** Days 1, 1 + step, …: never closer than step to the next first of a month. */
function isMarked(wall: number, step: number): boolean {
  const date = new Date(wall);
  const day = date.getUTCDate();
  const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return (day - 1) % step === 0 && (day === 1 || days - day + 1 >= step);
}

function dayWalls(from: number, to: number, step: number): readonly number[] {
  const walls: number[] = [];
  for (let wall = dayOf(from); wall <= to; wall += DAY) {
    if (wall >= from && isMarked(wall, step)) walls.push(wall);
  }
  return walls;
}

function timeWalls(from: number, to: number, ms: number): readonly number[] {
  const walls: number[] = [];
  for (let wall = Math.ceil(from / ms) * ms; wall <= to; wall += ms) walls.push(wall);
  return walls;
}

/** A day: 28 Aug. @param wall exchange time as if it were UTC */
export const dayText = (wall: number): string => `${new Date(wall).getUTCDate()} ${MONTH.format(wall)}`;

function labelOf(wall: number, unit: Unit): string {
  const date = new Date(wall);
  if (unit.kind === 'month') return date.getUTCMonth() === 0 ? String(date.getUTCFullYear()) : MONTH.format(wall);
  if (unit.kind === 'day' || dayOf(wall) === wall) return dayText(wall);
  return CLOCK.format(wall);
}

/**
 * Round instants of exchange time between two epoch ms, ascending, about `most` at the most, each with its label: a
 * month, a day or a time of day. January shows its year, midnight its day.
 */
export function timeTicks(from: number, to: number, most: number): readonly TimeTick[] {
  if (!(to > from) || !isOfCalendar(from) || !isOfCalendar(to)) return [];
  const unit = UNITS.find((candidate) => (to - from) / lengthOf(candidate) <= Math.max(1, most)) ?? UNITS.at(-1);
  if (unit === undefined) return [];
  const [first, last] = [wallClock(from), wallClock(to)];
  const walls =
    unit.kind === 'month'
      ? monthWalls(first, last, unit.step)
      : unit.kind === 'day'
        ? dayWalls(first, last, unit.step)
        : timeWalls(first, last, unit.ms);
  return walls.map((wall) => ({ at: instantOf(wall), label: labelOf(wall, unit) }));
}

/** A day of exchange time: 28 Aug 2025. @param at epoch ms */
export function pointDay(at: number): string {
  if (!isOfCalendar(at)) return DASH;
  const wall = wallClock(at);
  return `${dayText(wall)} ${new Date(wall).getUTCFullYear()}`;
}

/** A day and time of day, exchange time: 28 Aug 2025, 10:42. @param at epoch ms */
export const pointTime = (at: number): string =>
  isOfCalendar(at) ? `${pointDay(at)}, ${CLOCK.format(wallClock(at))}` : DASH;
