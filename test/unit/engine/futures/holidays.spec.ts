import { describe, expect, test } from 'vitest';

import { toNumber } from '#desk/engine/futures/civil-date.ts';
import {
  addBusinessDays,
  businessDaysBetween,
  easterSunday,
  exchangeHolidays,
  isBusinessDay,
  isFullClosure,
  lastBusinessDay,
  nthBusinessDay,
} from '#desk/engine/futures/holidays.ts';
import fixture from '#test/fixtures/quant-vectors.json' with { type: 'json' };

const listed = fixture.datasets.CME_HOLIDAYS_USED;

describe('exchange holidays by rule', () => {
  test.each(listed)('%s is one', (date) => {
    expect(exchangeHolidays(Number(date.slice(0, 4))).map((h) => h.date)).toContain(date);
  });

  test.each([2025, 2026])('%d has exactly the listed ones', (year) => {
    const wanted = listed.filter((date) => date.startsWith(String(year)));
    expect(exchangeHolidays(year).map((h) => h.date)).toEqual(wanted);
  });

  // Dates of Easter as published by the churches.
  test.each([
    [1961, '1961-04-02'],
    [2000, '2000-04-23'],
    [2008, '2008-03-23'],
    [2019, '2019-04-21'],
    [2024, '2024-03-31'],
    [2038, '2038-04-25'],
    [2100, '2100-03-28'],
  ])('Easter of %d is %s', (year, date) => {
    expect(easterSunday(year)).toBe(date);
  });

  test('a Saturday holiday is kept on Friday, a Sunday holiday on Monday, New Year on a Saturday not at all', () => {
    expect(isBusinessDay('2020-07-03')).toBe(false);
    expect(isBusinessDay('2021-07-05')).toBe(false);
    expect(isBusinessDay('2021-12-24')).toBe(false);
    expect(isBusinessDay('2022-12-26')).toBe(false);
    expect(isBusinessDay('2023-01-02')).toBe(false);
    expect(isBusinessDay('2021-12-31')).toBe(true);
    expect(isBusinessDay('2027-12-31')).toBe(true);
  });

  test('Juneteenth is kept from 2022 on', () => {
    expect(isBusinessDay('2020-06-19')).toBe(true);
    expect(isBusinessDay('2022-06-20')).toBe(false);
    expect(isBusinessDay('2023-06-19')).toBe(false);
  });

  test('Columbus Day, Veterans Day and the eves are business days', () => {
    for (const date of ['2025-10-13', '2025-11-11', '2025-12-24', '2025-11-28', '2025-12-31']) {
      expect(isBusinessDay(date)).toBe(true);
    }
  });

  test('only New Year, Good Friday and Christmas shut the electronic market all day', () => {
    const closed = exchangeHolidays(2026).filter(({ isClosed }) => isClosed);
    expect(closed.map(({ date }) => date)).toEqual(['2026-01-01', '2026-04-03', '2026-12-25']);
    expect(isFullClosure(toNumber('2026-11-26'))).toBe(false);
  });
});

describe('business days', () => {
  test('moves over weekends, holidays and the turn of a year', () => {
    expect(addBusinessDays('2025-12-24', 1)).toBe('2025-12-26');
    expect(addBusinessDays('2026-01-02', -2)).toBe('2025-12-30');
    expect(addBusinessDays('2025-11-30', 0)).toBe('2025-11-30');
  });

  test('finds the last and the n-th of a month', () => {
    expect(lastBusinessDay(2024, 3)).toBe('2024-03-28');
    expect(lastBusinessDay(2026, 0)).toBe('2025-12-31');
    expect(nthBusinessDay(2024, 2, 10)).toBe('2024-02-14');
  });

  test('counts between two days, the first excluded and the last included', () => {
    expect(businessDaysBetween('2025-09-15', '2025-09-19')).toBe(4);
    expect(businessDaysBetween('2025-09-19', '2025-09-19')).toBe(0);
    expect(businessDaysBetween('2025-11-26', '2025-11-28')).toBe(1);
    expect(businessDaysBetween('2025-09-22', '2025-09-19')).toBe(-1);
    expect(businessDaysBetween('2025-09-19', '2025-09-21')).toBe(0);
  });
});
