import { describe, expect, it } from 'vitest';
import { sessionDay } from '#shared/session-day.ts';
import { epochMs } from '#shared/units.ts';

const day = (iso: string): string => sessionDay(epochMs(Date.parse(iso)));

describe('sessionDay', () => {
  it('rolls at 17:00 in Chicago, in summer time', () => {
    expect(day('2026-06-03T21:59:59.999Z')).toBe('2026-06-03');
    expect(day('2026-06-03T22:00:00.000Z')).toBe('2026-06-04');
  });

  it('rolls at 17:00 in Chicago, in winter time', () => {
    expect(day('2026-01-14T22:59:59.999Z')).toBe('2026-01-14');
    expect(day('2026-01-14T23:00:00.000Z')).toBe('2026-01-15');
  });

  it('counts Sunday evening as Monday', () => {
    expect(day('2026-06-07T22:30:00Z')).toBe('2026-06-08');
  });

  it('follows the wall clock on the days it changes', () => {
    // 2026-03-08 the clock springs forward, 2026-11-01 it falls back: the roll stays at 17:00 local time.
    expect(day('2026-03-07T22:59:00Z')).toBe('2026-03-07');
    expect(day('2026-03-07T23:00:00Z')).toBe('2026-03-08');
    expect(day('2026-03-08T21:59:00Z')).toBe('2026-03-08');
    expect(day('2026-03-08T22:00:00Z')).toBe('2026-03-09');
    expect(day('2026-11-01T22:59:00Z')).toBe('2026-11-01');
    expect(day('2026-11-01T23:00:00Z')).toBe('2026-11-02');
  });

  it('crosses months and years', () => {
    expect(day('2026-12-31T23:00:00Z')).toBe('2027-01-01');
    expect(day('2028-02-28T23:30:00Z')).toBe('2028-02-29');
  });

  it('puts local midnight on its own day', () => {
    expect(day('2026-06-03T05:00:00Z')).toBe('2026-06-03');
    expect(day('2026-06-03T04:59:00Z')).toBe('2026-06-03');
  });
});
