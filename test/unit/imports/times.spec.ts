import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { detectDateOrder, readTime, resolveTime, writtenTime, yearFirst } from '#desk/imports/times.ts';
import type { DateOrder } from '#desk/imports/times.ts';

const CHICAGO = 'America/Chicago';
const read = (text: string, timeZone: string | null = 'UTC', dateOrder: DateOrder | null = 'MDY') => {
  const time = resolveTime(writtenTime(text), { timeZone, dateOrder });
  return time.ok ? new Date(time.value).toISOString() : time.error.code;
};

describe('a written time', () => {
  it.each([
    ['2025-12-18  09:05:51.123', '2025-12-18T09:05:51.123Z'],
    ['2025-12-18T09:05:51.123456Z', '2025-12-18T09:05:51.123Z'],
    ['2025-12-18T09:05:51+02:00', '2025-12-18T07:05:51.000Z'],
    ['11/18/2025 09:45:25 -05:00', '2025-11-18T14:45:25.000Z'],
    ['11/18/2025 09:45:25 -0500', '2025-11-18T14:45:25.000Z'],
    ['12/5/2024 9:30:01 AM', '2024-12-05T09:30:01.000Z'],
    ['12/5/2024 12:00:00 AM', '2024-12-05T00:00:00.000Z'],
    ['12/5/2024 12:30 p.m.', '2024-12-05T12:30:00.000Z'],
    ['12/5/2024 1:05:09\u202FPM', '2024-12-05T13:05:09.000Z'],
    ['20260501;101500', '2026-05-01T10:15:00.000Z'],
    ['20260501 10:15:00', '2026-05-01T10:15:00.000Z'],
    ['2021-11-23, 12:46:38', '2021-11-23T12:46:38.000Z'],
    ['01.04.2026 00:27', '2026-01-04T00:27:00.000Z'],
    ['2024/02/29 00:00:00', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(read(text)).toBe(iso);
  });

  it.each([
    ['', 'no-time'],
    ['now', 'no-time'],
    ['=NOW()', 'no-time'],
    ['2025-12-18', 'no-time-of-day'],
    ['2025-02-29 10:00:00', 'no-such-date'],
    ['13/13/2025 10:00:00', 'no-such-date'],
    ['31/12/2025 10:00:00', 'no-such-date'],
    ['2025-12-18 24:00:00', 'no-time'],
    ['2025-12-18 13:00 PM', 'no-time'],
    ['2025-12-18 10:60:00', 'no-time'],
    ['12/5/24 10:00:00', 'no-time'],
    ['1989-12-31 23:59:59', 'year-out-of-range'],
    ['2101-01-01 00:00:00', 'year-out-of-range'],
    ['2025-12-18 10:00:00 junk', 'no-time'],
    ['46012.5', 'no-time'],
  ])('%j is the error %s', (text, code) => {
    expect(read(text)).toBe(code);
  });

  it('is read in the zone named, with its summer time', () => {
    expect(read('2026-01-15 08:30:00', CHICAGO)).toBe('2026-01-15T14:30:00.000Z');
    expect(read('2026-07-15 08:30:00', CHICAGO)).toBe('2026-07-15T13:30:00.000Z');
    expect(read('2026-07-15 08:30:00', null)).toBe('zone-unknown');
    expect(read('2026-07-15 08:30:00', 'America/Chicag')).toBe('zone-unknown');
  });

  it('is an error in the hour the clocks skip, and the earlier one in the hour they show twice', () => {
    expect(read('2026-03-08 02:30:00', CHICAGO)).toBe('in-gap');
    expect(read('2026-03-08 03:00:00', CHICAGO)).toBe('2026-03-08T08:00:00.000Z');
    expect(read('2026-11-01 01:30:00', CHICAGO)).toBe('2026-11-01T06:30:00.000Z');
    const twice = readTime(writtenTime('2026-11-01 01:30:00'), { timeZone: CHICAGO, dateOrder: null });
    expect(twice).toMatchObject({ value: { isRepeatedHour: true } });
    expect(read('2026-11-01 02:00:00', CHICAGO)).toBe('2026-11-01T08:00:00.000Z');
  });

  it('takes an explicit offset before the zone of the format, and that before the one named', () => {
    const options = { timeZone: CHICAGO, dateOrder: null };
    expect(resolveTime(writtenTime('2026-07-15 08:30:00 +00:00', 'America/New_York'), options)).toEqual({
      ok: true,
      value: Date.UTC(2026, 6, 15, 8, 30),
    });
    expect(resolveTime(writtenTime('2026-07-15 08:30:00', 'America/New_York'), options)).toEqual({
      ok: true,
      value: Date.UTC(2026, 6, 15, 12, 30),
    });
  });

  it('needs an order only where day and month could change places', () => {
    expect(read('05/06/2026 10:00:00', 'UTC', null)).toBe('order-unknown');
    expect(read('05/06/2026 10:00:00', 'UTC', 'DMY')).toBe('2026-06-05T10:00:00.000Z');
    expect(read('16/06/2026 10:00:00', 'UTC', null)).toBe('2026-06-16T10:00:00.000Z');
  });

  it('decides the order of a whole file', () => {
    expect(detectDateOrder(['05/06/2026', '06/13/2026'])).toBe('MDY');
    expect(detectDateOrder(['05/06/2026', '13-06-2026 10:00'])).toBe('DMY');
    expect(detectDateOrder(['05/06/2026', ''])).toBe('ambiguous');
    expect(detectDateOrder(['13/06/2026', '06/13/2026'])).toBe('contradictory');
    expect(detectDateOrder(['2026-06-13', '20260613', 'x'])).toBe('fixed');
  });

  it('rewrites a date of a program that always has the same order', () => {
    expect(yearFirst('9/2/2026 09:35:12', 'MDY')).toBe('2026-09-02 09:35:12');
    expect(yearFirst('2026-09-02 09:35:12', 'MDY')).toBe('2026-09-02 09:35:12');
    expect(yearFirst('soon', 'MDY')).toBe('soon');
  });

  it('comes back from every instant that is written in a zone', () => {
    const zones = fc.constantFrom(CHICAGO, 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC');
    const instant = fc.integer({ min: Date.UTC(1991, 0, 1), max: Date.UTC(2099, 0, 1) });
    fc.assert(
      fc.property(instant, zones, (at, timeZone) => {
        const parts = new Intl.DateTimeFormat('sv-SE', {
          timeZone,
          dateStyle: 'short',
          timeStyle: 'medium',
        }).format(at);
        const time = readTime(writtenTime(`${parts}.${String(at % 1000).padStart(3, '0')}`), {
          timeZone,
          dateOrder: null,
        });
        expect(time.ok && (time.value.at === at || (time.value.isRepeatedHour && time.value.at < at))).toBe(true);
      }),
    );
  });

  it('is total', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof read(text, CHICAGO, null) === 'string'));
  });
});
