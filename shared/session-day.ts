import { epochMs } from './units.ts';
import type { EpochMs } from './units.ts';

/** Hour of the exchange's clock at which the next trading day begins. */
const ROLL_HOUR = 17;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const OFFSETS_KEPT = 50_000;

const CHICAGO = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Chicago',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
});

/** Offsets by UTC hour: they change on whole hours only, and asking the platform costs microseconds. */
const offsets = new Map<number, number>();
/** The offsets of UTC days in which they do not change; null for the two of a year in which they do. */
const wholeDays = new Map<number, number | null>();
/** Days as they are written: to spell one costs more than all the rest. */
const spelt = new Map<number, string>();

/** Milliseconds to add to UTC for the wall clock of Chicago: −6 h in winter, −5 h in summer. */
export function chicagoOffset(at: EpochMs): number {
  const day = Math.floor(at / DAY_MS);
  let known = wholeDays.get(day);
  if (known === undefined) {
    const [first, next] = [offsetOf(24 * day), offsetOf(24 * (day + 1))];
    known = first === next ? first : null;
    if (wholeDays.size >= OFFSETS_KEPT) wholeDays.clear();
    wholeDays.set(day, known);
  }
  return known ?? offsetOf(Math.floor(at / HOUR_MS));
}

function offsetOf(hour: number): number {
  const known = offsets.get(hour);
  if (known !== undefined) return known;
  const parts = new Map(CHICAGO.formatToParts(hour * HOUR_MS).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? NaN;
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'));
  const offsetMs = wall - hour * HOUR_MS;
  if (offsets.size >= OFFSETS_KEPT) offsets.clear();
  offsets.set(hour, offsetMs);
  return offsetMs;
}

/** The wall clock of Chicago: days since 1970-01-01, and the milliseconds since its midnight. */
export function chicagoTime(at: EpochMs): { readonly day: number; readonly sinceMidnightMs: number } {
  const wall = at + chicagoOffset(at);
  const day = Math.floor(wall / DAY_MS);
  return { day, sinceMidnightMs: wall - day * DAY_MS };
}

/**
 * Returns the trading day ('YYYY-MM-DD') a moment belongs to: days roll at 17:00 in Chicago, so Sunday evening is
 * Monday. The roll follows the wall clock across daylight saving. Weekends are not skipped: a market that never
 * closes has a Saturday.
 * @param at UTC epoch milliseconds
 * @source CME Group, Globex trading day: opens 17:00 CT on the eve
 */
export function sessionDay(at: EpochMs): string {
  const day = sessionDayNumber(at);
  const known = spelt.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * DAY_MS).toISOString().slice(0, 10);
  if (spelt.size >= OFFSETS_KEPT) spelt.clear();
  spelt.set(day, text);
  return text;
}

/** The same in days since 1970-01-01, where nothing is to be spelt. */
export function sessionDayNumber(at: EpochMs): number {
  const { day, sinceMidnightMs } = chicagoTime(at);
  return sinceMidnightMs >= ROLL_HOUR * HOUR_MS ? day + 1 : day;
}

/** The ISO day `count` days after (or, negative, before) an ISO day. */
export const daysAfter = (day: string, count: number): string =>
  new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);

/** The moment a trading day begins: 17:00 in Chicago on its eve. @param day 'YYYY-MM-DD' */
export function sessionStart(day: string): EpochMs {
  const wall = Date.parse(day) - (24 - ROLL_HOUR) * HOUR_MS;
  // The offset of Chicago changes at two in the morning, never near the roll: any moment of that evening tells it.
  return epochMs(wall - chicagoOffset(epochMs(wall)));
}
