import { describe, expect, test } from 'vitest';

import { CONTRACTS } from '#desk/engine/futures/contract-table.ts';
import { contractDates, frontContract, lastTradeDate, rollGuard } from '#desk/engine/futures/expiry.ts';
import { isBusinessDay } from '#desk/engine/futures/holidays.ts';

describe('last trade date', () => {
  // Termination dates as the exchange published them for these contracts.
  test.each([
    ['ES', 2024, 3, '2024-03-15'],
    ['NQ', 2021, 9, '2021-09-17'],
    ['ES', 2020, 6, '2020-06-19'],
    ['MES', 2026, 6, '2026-06-18'],
    ['CL', 2020, 5, '2020-04-21'],
    ['CL', 2026, 1, '2025-12-19'],
    ['MCL', 2020, 5, '2020-04-20'],
    ['NG', 2024, 1, '2023-12-27'],
    ['RB', 2024, 1, '2023-12-29'],
    ['GC', 2023, 12, '2023-12-27'],
    ['SI', 2024, 3, '2024-03-26'],
    ['ZN', 2024, 6, '2024-06-18'],
    ['ZB', 2024, 3, '2024-03-19'],
    ['ZT', 2024, 3, '2024-03-28'],
    ['ZF', 2024, 6, '2024-06-28'],
    ['6E', 2024, 6, '2024-06-17'],
    ['6J', 2023, 12, '2023-12-18'],
    ['6C', 2023, 12, '2023-12-19'],
    ['ZC', 2023, 12, '2023-12-14'],
    ['ZS', 2025, 11, '2025-11-14'],
    ['LE', 2025, 8, '2025-08-29'],
    ['HE', 2024, 2, '2024-02-14'],
    ['BTC', 2024, 3, '2024-03-28'],
    ['MBT', 2026, 12, '2026-12-24'],
    ['ETH', 2025, 8, '2025-08-29'],
  ])('%s %d-%d ends on %s', (root, year, month, date) => {
    expect(lastTradeDate({ root, year, month })).toEqual({ ok: true, value: date });
  });

  test('every contract ends on a business day of its month or before it, for every month of twenty years', () => {
    for (const { root } of CONTRACTS) {
      for (let index = 0; index < 240; index++) {
        const [year, month] = [2015 + Math.floor(index / 12), (index % 12) + 1];
        const dates = contractDates({ root, year, month });
        if (!dates.ok) throw new Error(root);
        const { lastTrade, firstNotice } = dates.value;
        expect(isBusinessDay(lastTrade)).toBe(true);
        expect(lastTrade <= `${year}-${String(month).padStart(2, '0')}-31`).toBe(true);
        if (firstNotice !== null) expect(firstNotice < lastTrade).toBe(true);
      }
    }
  });

  test('refuses an unknown root and a month that is none', () => {
    expect(lastTradeDate({ root: 'XX', year: 2025, month: 9 })).toEqual({
      ok: false,
      error: { code: 'unknown-root', root: 'XX' },
    });
    for (const [year, month] of [
      [2025, 0],
      [2025, 13],
      [2025, 1.5],
      [NaN, 3],
      [2025.5, 3],
      [12, 3],
    ] as const) {
      expect(lastTradeDate({ root: 'ES', year, month })).toMatchObject({ error: { code: 'invalid-input' } });
    }
  });
});

describe('first notice and customary roll', () => {
  test('metals, Treasuries and grains have a first notice, cash, energy and currency contracts have none', () => {
    const notice = (root: string, month: number): string | null => {
      const dates = contractDates({ root, year: 2025, month });
      return dates.ok ? dates.value.firstNotice : 'error';
    };
    expect(notice('GC', 12)).toBe('2025-11-28');
    expect(notice('ZN', 12)).toBe('2025-11-28');
    expect(notice('ZT', 9)).toBe('2025-08-29');
    expect(notice('ZC', 3)).toBe('2025-02-28');
    for (const root of ['NQ', 'CL', 'MCL', 'NG', '6E', 'HE', 'BTC']) expect(notice(root, 12)).toBeNull();
  });

  test('equity indices roll on the Monday of expiry week, Juneteenth or not', () => {
    expect(contractDates({ root: 'ES', year: 2027, month: 6 })).toMatchObject({
      value: { lastTrade: '2027-06-17', rollMonday: '2027-06-14', rollThursdayLegacy: '2027-06-10' },
    });
    expect(contractDates({ root: 'GC', year: 2025, month: 12 })).toMatchObject({ value: { rollMonday: null } });
  });
});

describe('roll guard', () => {
  const september = { root: 'NQ', year: 2025, month: 9 };

  test.each([
    ['2025-09-15', false, 4],
    ['2025-09-16', true, 3],
    ['2025-09-19', true, 0],
    ['2025-09-20', true, 0],
    ['2025-09-22', true, -1],
  ])('NQ September on %s: blocked %s', (date, isBlocked, businessDaysLeft) => {
    const guard = { isBlocked, businessDaysLeft, deadline: '2025-09-19', deadlineKind: 'last-trade' };
    expect(rollGuard({ contract: september, date })).toEqual({ ok: true, value: guard });
  });

  test('a delivered contract is guarded from its first notice, weeks before last trade', () => {
    const contract = { root: 'GC', year: 2025, month: 12 };
    expect(rollGuard({ contract, date: '2025-11-24' })).toMatchObject({
      value: { isBlocked: true, deadline: '2025-11-28', deadlineKind: 'first-notice' },
    });
    expect(rollGuard({ contract, date: '2025-11-21' })).toMatchObject({ value: { isBlocked: false } });
  });

  test('a guard of 0 blocks on the deadline only', () => {
    expect(rollGuard({ contract: september, date: '2025-09-18', rollGuardDays: 0 })).toMatchObject({
      value: { isBlocked: false },
    });
    expect(rollGuard({ contract: september, date: '2025-09-19', rollGuardDays: 0 })).toMatchObject({
      value: { isBlocked: true },
    });
  });

  test('refuses a date or a guard that is none', () => {
    expect(rollGuard({ contract: september, date: '2025-02-30' })).toMatchObject({ error: { code: 'invalid-date' } });
    expect(rollGuard({ contract: september, date: 'today' })).toMatchObject({ error: { code: 'invalid-date' } });
    for (const rollGuardDays of [-1, 1.5, NaN, 1e9]) {
      expect(rollGuard({ contract: september, date: '2025-09-01', rollGuardDays })).toMatchObject({
        error: { code: 'invalid-input' },
      });
    }
  });
});

describe('front contract', () => {
  test.each([
    ['NQ', '2025-09-12', 2025, 9],
    ['NQ', '2025-09-15', 2025, 12],
    ['NQ', '2025-12-31', 2026, 3],
    ['GC', '2025-11-21', 2025, 12],
    ['GC', '2025-11-24', 2026, 2],
    ['CL', '2025-12-15', 2026, 1],
    ['CL', '2025-12-16', 2026, 2],
    ['ZN', '2025-08-25', 2025, 9],
    ['ZN', '2025-08-26', 2025, 12],
    ['6E', '2025-09-09', 2025, 9],
    ['6E', '2025-09-10', 2025, 12],
  ])('of %s on %s is %d-%d', (root, date, year, month) => {
    expect(frontContract(root, date)).toEqual({ ok: true, value: { root, year, month } });
  });

  test('is never blocked, for any root on any day of three years', () => {
    for (const { root } of CONTRACTS) {
      for (let day = 0; day < 1096; day += 5) {
        const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
        const front = frontContract(root, date);
        if (!front.ok) throw new Error(root);
        expect(rollGuard({ contract: front.value, date })).toMatchObject({ value: { isBlocked: false } });
      }
    }
  });

  test('refuses what it cannot know', () => {
    expect(frontContract('XX', '2025-09-12')).toMatchObject({ error: { code: 'unknown-root' } });
    expect(frontContract('NQ', '12.9.2025')).toMatchObject({ error: { code: 'invalid-date' } });
  });
});
