import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { EpochMs } from '#shared/units.ts';
import { sessionDay } from '#desk/engine/session.ts';

const MINUTE_MS = 60_000;

/**
 * Returns the session day of a time, for who asks with every quote. Sessions begin on whole minutes: the last answer
 * holds for the same one.
 */
export function createDayOf(calendar: SessionCalendar): (at: EpochMs) => string {
  let asked = { minute: Number.NaN, day: '' };
  return (at) => {
    const minute = Math.floor(at / MINUTE_MS);
    if (asked.minute !== minute) asked = { minute, day: sessionDay(at, calendar) };
    return asked.day;
  };
}
