import { describe, expect, it } from 'vitest';
import {
  calendarMonth,
  calendarYear,
  lastMonth,
  monthsAfter,
  stepDay,
  tintShare,
  totalOf,
  yearsOf,
} from '#renderer/src/features/journal/calendar.ts';
import { rowWindow, scrollTopFor, TALLEST_PX } from '#renderer/src/features/journal/use-row-window.ts';
import { barsAround } from '#renderer/src/store/trade-bars.ts';
import type { CalendarDay } from '#shared/contract/journal-views.ts';
import { daysAfter, sessionDay, sessionStart } from '#shared/session-day.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { barsUntil } from '#test/support/desk-fixtures/market.ts';

const day = (at: string, net: number, trades = 1): CalendarDay => ({
  day: at,
  net: money(net * 10_000),
  trades,
  wins: net > 0 ? trades : 0,
  sumR: net / 100,
});

describe('the calendar of a month', () => {
  const days = [day('2026-07-31', 50), day('2026-08-03', 100, 2), day('2026-08-07', -40), day('2026-08-31', 10)];

  it('begins each week on Monday and has no weekend where nothing closed on one', () => {
    const grid = calendarMonth(days, '2026-08');
    expect(grid.columns).toBe(5);
    expect(grid.weeks.map(({ monday }) => monday)).toEqual([
      '2026-08-03',
      '2026-08-10',
      '2026-08-17',
      '2026-08-24',
      '2026-08-31',
    ]);
    expect(calendarMonth([...days, day('2026-08-08', 5)], '2026-08')).toMatchObject({ columns: 7 });
    expect(calendarMonth([...days, day('2026-08-08', 5)], '2026-08').weeks).toHaveLength(6);
  });

  it('adds weeks and the month up from the days of the month alone', () => {
    const grid = calendarMonth([...days, day('2026-09-01', 999)], '2026-08');
    expect(grid.weeks[0]?.total).toMatchObject({ net: 600_000, trades: 3, days: 2, green: 1 });
    expect(grid.weeks.at(-1)?.total).toMatchObject({ net: 100_000 });
    expect(grid.total).toMatchObject({ net: 700_000, trades: 4, days: 3, green: 2 });
    expect(totalOf([])).toMatchObject({ net: 0, days: 0 });
  });

  it('knows its years and months', () => {
    expect(lastMonth(days)).toBe('2026-08');
    expect(lastMonth([])).toBeNull();
    expect(yearsOf([day('2025-12-31', 1), ...days])).toEqual(['2025', '2026']);
    expect(monthsAfter('2026-01', -1)).toBe('2025-12');
    const { months, total } = calendarYear(days, '2026');
    expect(months).toHaveLength(12);
    expect(months[6]?.total.net).toBe(500_000);
    expect(total).toMatchObject({ net: 1_200_000, days: 4 });
  });

  it('tints by how large a result is, never beyond a third', () => {
    expect(tintShare(0, 100)).toBe(0);
    expect(tintShare(-100, 100)).toBeCloseTo(0.34);
    expect(tintShare(1, 100)).toBeGreaterThan(0.08);
  });

  it('moves by keys, over weekends that have no column', () => {
    expect(stepDay('2026-08-07', 'ArrowRight', 5)).toBe('2026-08-10');
    expect(stepDay('2026-08-10', 'ArrowLeft', 5)).toBe('2026-08-07');
    expect(stepDay('2026-08-07', 'ArrowRight', 7)).toBe('2026-08-08');
    expect(stepDay('2026-08-07', 'ArrowDown', 5)).toBe('2026-08-14');
    expect(stepDay('2026-08-07', 'PageDown', 5)).toBe('2026-09-01');
    expect(stepDay('2026-08-07', 'x', 5)).toBeNull();
  });
});

describe('session days', () => {
  it.each(['2026-01-05', '2026-03-08', '2026-03-09', '2026-11-01', '2026-11-02'])('begin where %s does', (name) => {
    const start = sessionStart(name);
    expect(sessionDay(start)).toBe(name);
    expect(sessionDay(epochMs(start - 1))).toBe(daysAfter(name, -1));
  });
});

describe('the window of rows', () => {
  const measures = { count: 1_000, rowHeight: 26, viewHeight: 260 };

  it('shows the rows that stand in it, a pixel for a pixel', () => {
    expect(rowWindow({ ...measures, scrollTop: 0 })).toEqual({ scrollHeight: 26_000, first: 0, last: 9, shift: 0 });
    expect(rowWindow({ ...measures, scrollTop: 30 })).toMatchObject({ first: 1, last: 11, shift: 4 });
    expect(rowWindow({ ...measures, scrollTop: 99_999 })).toMatchObject({ last: 999 });
    expect(rowWindow({ count: 0, rowHeight: 26, viewHeight: 260, scrollTop: 0 })).toMatchObject({ first: 0, last: -1 });
  });

  it('reaches the first and the last of a million rows, and any row by its index', () => {
    const million = { count: 1_000_000, rowHeight: 26, viewHeight: 700 };
    expect(rowWindow({ ...million, scrollTop: 0 }).first).toBe(0);
    const end = rowWindow({ ...million, scrollTop: TALLEST_PX - 700 });
    expect(end).toMatchObject({ scrollHeight: TALLEST_PX, last: 999_999 });
    for (const index of [0, 26, 500_000, 999_998, 999_999]) {
      const scrollTop = scrollTopFor(index, { ...million, scrollTop: 1_234_567 }) ?? 1_234_567;
      const { first, last } = rowWindow({ ...million, scrollTop });
      expect(first).toBeLessThanOrEqual(index);
      expect(last).toBeGreaterThanOrEqual(index);
    }
  });

  it('does not scroll for a row that is wholly there', () => {
    expect(scrollTopFor(5, { ...measures, scrollTop: 0 })).toBeNull();
    expect(scrollTopFor(10, { ...measures, scrollTop: 0 })).toBe(26);
  });
});

describe('the bars around a trade', () => {
  const end = epochMs(Date.UTC(2026, 7, 3, 15));
  const bars = barsUntil('NQ', ticks(90_000), end, 200);
  it('reach a little before the entry and a little after the exit', () => {
    const around = barsAround(bars, { entryAt: epochMs(end - 60 * 60_000), exitAt: epochMs(end - 50 * 60_000) });
    expect(around[0]?.openAt).toBe(end - 90 * 60_000);
    expect(around.at(-1)?.openAt).toBe(end - 35 * 60_000);
  });

  it('are none where the bars begin after the trade or end before it', () => {
    expect(barsAround(bars, { entryAt: epochMs(end - 600 * 60_000), exitAt: epochMs(end - 500 * 60_000) })).toEqual([]);
    expect(barsAround(bars, { entryAt: epochMs(end + 1), exitAt: epochMs(end + 2) })).toEqual([]);
    expect(barsAround([], { entryAt: end, exitAt: end })).toEqual([]);
  });
});
