import { describe, expect, test } from 'vitest';

import { chicagoDate, isSessionOpen, nextSessionStart, sessionDay } from '#desk/engine/session.ts';
import { epochMs } from '#shared/units.ts';

const at = (iso: string) => epochMs(Date.parse(iso));

describe('session day', () => {
  test.each([
    ['an ordinary morning', '2025-09-17T10:00-05:00', '2025-09-17', '2025-09-17'],
    ['the last millisecond before 17:00', '2025-09-17T16:59:59.999-05:00', '2025-09-17', '2025-09-17'],
    ['17:00 sharp', '2025-09-17T17:00-05:00', '2025-09-18', '2025-09-18'],
    ['Friday evening', '2025-09-19T18:00-05:00', '2025-09-22', '2025-09-20'],
    ['Saturday', '2025-09-20T12:00-05:00', '2025-09-22', '2025-09-20'],
    ['Sunday evening', '2025-09-21T17:00-05:00', '2025-09-22', '2025-09-22'],
    ['a winter evening', '2026-01-14T17:00-06:00', '2026-01-15', '2026-01-15'],
    ['a holiday morning before its halt', '2026-01-19T09:00-06:00', '2026-01-20', '2026-01-19'],
    ['the eve of Good Friday', '2026-04-02T17:30-05:00', '2026-04-06', '2026-04-03'],
    ['the eve of the spring change', '2026-03-07T17:00-06:00', '2026-03-09', '2026-03-08'],
    ['the evening of the spring change', '2026-03-08T17:00-05:00', '2026-03-09', '2026-03-09'],
    ['the evening of the autumn change', '2026-11-01T16:59-06:00', '2026-11-02', '2026-11-01'],
    ['the turn of the year', '2025-12-31T17:00-06:00', '2026-01-02', '2026-01-01'],
    ['before 1970', '1969-12-31T12:00-06:00', '1969-12-31', '1969-12-31'],
  ])('%s', (_, iso, cme, always) => {
    expect(sessionDay(at(iso), 'cme')).toBe(cme);
    expect(sessionDay(at(iso), 'always')).toBe(always);
  });

  test('the calendar day is Chicago’s', () => {
    expect(chicagoDate(at('2025-09-18T04:59:59Z'))).toBe('2025-09-17');
    expect(chicagoDate(at('2025-09-18T05:00:00Z'))).toBe('2025-09-18');
  });

  test('answers do not depend on what was asked before', () => {
    const times = ['2026-07-01T16:59:59Z', '2026-01-01T05:59:59Z', '2026-07-01T22:00:00Z'].map(at);
    const forward = times.map((t) => sessionDay(t, 'always'));
    const backward = [...times].reverse().map((t) => sessionDay(t, 'always'));
    expect(backward.reverse()).toEqual(forward);
  });
});

describe('session hours', () => {
  test.each([
    ['2025-09-17T15:59:59.999-05:00', true],
    ['2025-09-17T16:00-05:00', false],
    ['2025-09-17T16:59:59.999-05:00', false],
    ['2025-09-17T17:00-05:00', true],
    ['2025-09-19T15:59-05:00', true],
    ['2025-09-19T17:30-05:00', false],
    ['2025-09-20T12:00-05:00', false],
    ['2025-09-21T16:59-05:00', false],
    ['2025-09-21T17:00-05:00', true],
    ['2026-04-02T15:00-05:00', true],
    ['2026-04-02T17:00-05:00', false],
    ['2026-04-03T10:00-05:00', false],
    ['2026-04-05T17:00-05:00', true],
    ['2025-12-24T17:00-06:00', false],
    ['2025-12-25T12:00-06:00', false],
    ['2025-12-25T17:00-06:00', true],
    ['2026-01-19T09:00-06:00', true],
  ])('at %s open is %s', (iso, isOpen) => {
    expect(isSessionOpen(at(iso), 'cme')).toBe(isOpen);
    expect(isSessionOpen(at(iso), 'always')).toBe(true);
  });
});

describe('next session', () => {
  test.each([
    ['2025-09-17T10:00-05:00', '2025-09-17T17:00-05:00', '2025-09-17T17:00-05:00'],
    ['2025-09-17T17:00-05:00', '2025-09-18T17:00-05:00', '2025-09-18T17:00-05:00'],
    ['2025-09-19T18:00-05:00', '2025-09-22T17:00-05:00', '2025-09-20T17:00-05:00'],
    ['2026-03-07T20:00-06:00', '2026-03-09T17:00-05:00', '2026-03-08T17:00-05:00'],
    ['2026-10-31T20:00-05:00', '2026-11-02T17:00-06:00', '2026-11-01T17:00-06:00'],
  ])('after %s', (iso, cme, always) => {
    expect(nextSessionStart(at(iso), 'cme')).toBe(at(cme));
    expect(nextSessionStart(at(iso), 'always')).toBe(at(always));
  });

  test('the millisecond before it still belongs to the old day, for a year of hours', () => {
    for (let hour = 0; hour < 24 * 366; hour += 7) {
      const now = epochMs(Date.parse('2026-01-01T00:00Z') + hour * 3_600_000);
      for (const calendar of ['cme', 'always'] as const) {
        const next = nextSessionStart(now, calendar);
        expect(next).toBeGreaterThan(now);
        expect(sessionDay(epochMs(next - 1), calendar)).toBe(sessionDay(now, calendar));
        expect(sessionDay(next, calendar)).not.toBe(sessionDay(now, calendar));
      }
    }
  });
});

describe('the US stock exchanges', () => {
  test.each([
    ['before the opening', '2026-01-15T09:29:59-05:00', false],
    ['the opening', '2026-01-15T09:30-05:00', true],
    ['the last second', '2026-01-15T15:59:59-05:00', true],
    ['the close', '2026-01-15T16:00-05:00', false],
    ['a summer morning', '2026-07-15T09:30-04:00', true],
    ['a Saturday', '2026-01-17T12:00-05:00', false],
    ['Martin Luther King Day', '2026-01-19T12:00-05:00', false],
    ['Good Friday', '2026-04-03T12:00-04:00', false],
    ['Independence Day kept on a Friday', '2026-07-03T12:00-04:00', false],
    ['the day after Thanksgiving at noon', '2026-11-27T12:59-05:00', true],
    ['the day after Thanksgiving at one', '2026-11-27T13:00-05:00', false],
    ['Christmas Eve at one', '2026-12-24T13:00-05:00', false],
    ['the third of July before a holiday', '2025-07-03T13:00-04:00', false],
    ['the third of July before it, at noon', '2025-07-03T12:00-04:00', true],
  ])('%s', (_, iso, isOpen) => {
    expect(isSessionOpen(at(iso), 'nyse')).toBe(isOpen);
  });

  test('what trades on a day is of that day, and the evening is of the next business day', () => {
    expect(sessionDay(at('2026-01-16T15:00-05:00'), 'nyse')).toBe('2026-01-16');
    expect(sessionDay(at('2026-01-16T19:00-05:00'), 'nyse')).toBe('2026-01-20');
  });
});
