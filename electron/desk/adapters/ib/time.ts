import { epochMs, type EpochMs } from '#shared/units.ts';

/** Zones TWS writes by abbreviations that mean one place there. */
const ZONES: Readonly<Record<string, string>> = {
  EST: 'America/New_York',
  EDT: 'America/New_York',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  GMT: 'UTC',
  BST: 'Europe/London',
  CET: 'Europe/Berlin',
  CEST: 'Europe/Berlin',
  MET: 'Europe/Berlin',
};

/** The same in words, as machines set to them write it. */
const ZONES_IN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Eastern (Standard|Daylight) Time$/, 'America/New_York'],
  [/^Central (Standard|Daylight) Time$/, 'America/Chicago'],
  [/^Mountain (Standard|Daylight) Time$/, 'America/Denver'],
  [/^Pacific (Standard|Daylight) Time$/, 'America/Los_Angeles'],
  [/^(Greenwich Mean|British Summer) Time$/, 'Europe/London'],
  [/^Central European (Standard |Summer )?Time$/, 'Europe/Berlin'],
  [/^Coordinated Universal Time$/, 'UTC'],
  [/^Japan Standard Time$/, 'Asia/Tokyo'],
  [/^Hong Kong (Standard )?Time$/, 'Asia/Hong_Kong'],
  [/^Singapore (Standard )?Time$/, 'Asia/Singapore'],
];

/** `20261129 15:30:12 US/Central`, with one or two blanks, without a zone, or `20261129-15:30:12` in UTC. */
const TIME = /^(\d{4})(\d{2})(\d{2})(-|\s+)(\d{2}):(\d{2}):(\d{2})(?:\s+(.+))?$/;

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const zoneOf = (name: string): string | null => {
  const zone = ZONES[name] ?? ZONES_IN_WORDS.find(([words]) => words.test(name))?.[1] ?? name;
  return isZone(zone) ? zone : null;
};

/** What a zone is ahead of UTC at a moment, in milliseconds. */
function offsetAt(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - at;
}

/** The zone of TWS in what it says at the connection (`20261129 11:21:14 CET`); null when it cannot be told. */
export const zoneOfServerTime = (serverTime: string): string | null => {
  const [, , , , , , , , zone] = TIME.exec(serverTime.trim()) ?? [];
  return zone === undefined ? null : zoneOf(zone);
};

/**
 * Reads a time of TWS. Without a zone it is in TWS's own.
 * @param ownZone zone of TWS; null: the machine's, since TWS usually runs beside the desk
 * @returns null when it is no time
 */
export function timeOf(text: string, ownZone: string | null): EpochMs | null {
  const match = TIME.exec(text.trim());
  if (match === null) return null;
  const [, year, month, day, separator, hour, minute, second, named] = match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (!Number.isFinite(local)) return null;
  if (separator === '-') return epochMs(local);
  const zone = (named === undefined ? ownZone : zoneOf(named)) ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Twice, since the first guess may lie on the other side of a change of the clocks.
  const first = local - offsetAt(zone, local);
  return epochMs(local - offsetAt(zone, first));
}

/** `yyyymmdd-hh:mm:ss` in UTC. */
export const utcTime = (at: EpochMs): string => {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19)}`;
};
