import {
  chicagoOffset,
  chicagoTime as wallClock,
  sessionDay as rollingDay,
  sessionDayNumber,
} from '#shared/session-day.ts';
import { epochMs } from '#shared/units.ts';
import type { EpochMs } from '#shared/units.ts';

import type { SessionCalendar } from '#shared/domain/instrument.ts';
import { addDays, isoDate, SATURDAY, SUNDAY, weekdayOf } from './futures/civil-date.ts';
import type { IsoDate } from './futures/civil-date.ts';
import { isBusinessDay, isFullClosure, isStockEarlyClose, onOrAfter } from './futures/holidays.ts';

/** `cme`, `nyse`: the exchange's week and holidays; `always`: a market that never closes. */
export type { SessionCalendar } from '#shared/domain/instrument.ts';

const HOUR_MS = 3_600_000;

/** A session runs from 17:00 to 16:00 of the next day in Chicago; the hour between is maintenance. */
const OPEN_HOUR = 17;
const CLOSE_HOUR = 16;
/** The stock exchanges trade from 9:30 to 16:00 in New York, to 13:00 on half days: an hour less in Chicago. */
const STOCKS = { open: 8.5, close: 15, earlyClose: 12 } as const;

/** The wall clock of Chicago: its day, and the milliseconds since its midnight. */
function chicagoTime(at: EpochMs): { date: IsoDate; sinceMidnightMs: number } {
  const { day, sinceMidnightMs } = wallClock(at);
  return { date: isoDate(1970, 1, 1 + day), sinceMidnightMs };
}

/** Returns the calendar day it is in Chicago: the day that last-trade and first-notice dates are counted from. */
export const chicagoDate = (at: EpochMs): IsoDate => chicagoTime(at).date;

/**
 * Returns the session day that a time belongs to: from 17:00 in Chicago on it is the next day's. On `cme` the days are
 * business days: Friday evening, the weekend and Sunday evening are Monday's, and what trades on a holiday until its
 * halt counts for the next business day, as the exchange's own trade date does; so it is on `nyse`. On `always` every day is a session.
 */
export function sessionDay(at: EpochMs, calendar: SessionCalendar): IsoDate {
  const end = rollingDay(at);
  return calendar === 'always' ? end : onOrAfter(end);
}

/**
 * Whether the market trades at a time. `always` does. `cme` is closed daily from 16:00 to 17:00 in Chicago, from Friday
 * 16:00 to Sunday 17:00, and for the whole session of New Year's Day, Good Friday and Christmas. Early halts on other
 * holidays and eves differ by product and year and are not known here: the venue's refusal rules. `nyse` trades on
 * business days from 9:30 to 16:00 in New York, to 13:00 on its half days.
 */
export function isSessionOpen(at: EpochMs, calendar: SessionCalendar): boolean {
  if (calendar === 'always') return true;
  const { day: today, sinceMidnightMs } = wallClock(at);
  if (calendar === 'nyse') {
    const date = isoDate(1970, 1, 1 + today);
    const close = isStockEarlyClose(date) ? STOCKS.earlyClose : STOCKS.close;
    const hour = sinceMidnightMs / HOUR_MS;
    return isBusinessDay(date) && hour >= STOCKS.open && hour < close;
  }
  if (sinceMidnightMs >= CLOSE_HOUR * HOUR_MS && sinceMidnightMs < OPEN_HOUR * HOUR_MS) return false;
  const end = sessionDayNumber(at);
  const day = weekdayOf(end);
  return day !== SATURDAY && day !== SUNDAY && !isFullClosure(end);
}

/**
 * Returns the first time after `at` at which `sessionDay` changes, always a 17:00 in Chicago: for daily resets. On `cme`
 * the day changes to Monday's on Friday at 17:00, although the market opens on Sunday.
 */
export function nextSessionStart(at: EpochMs, calendar: SessionCalendar): EpochMs {
  const current = sessionDay(at, calendar);
  let start = at;
  do {
    const { date } = chicagoTime(start);
    const isEvening = rollingDay(start) !== date;
    start = chicagoOpening(isEvening ? addDays(date, 1) : date);
  } while (sessionDay(start, calendar) === current);
  return start;
}

/** 17:00 in Chicago on a day. The clock changes at 2:00, so noon UTC of the day has the offset of its evening. */
function chicagoOpening(date: IsoDate): EpochMs {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return epochMs(midnight + OPEN_HOUR * HOUR_MS - chicagoOffset(epochMs(midnight + 12 * HOUR_MS)));
}
