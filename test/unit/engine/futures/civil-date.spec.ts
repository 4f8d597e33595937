import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  addDays,
  civilDate,
  isIsoDate,
  isoDate,
  toNumber,
  weekday,
  weekdayOf,
} from '#desk/engine/futures/civil-date.ts';

const FORM = /^\d{4}-\d{2}-\d{2}$/;

/** Spells a day with Date and looks whether it comes out as it was written. */
const existsByDate = (text: string): boolean => {
  if (!FORM.test(text)) return false;
  const [year = NaN, month = NaN, day = NaN] = text.split('-').map(Number);
  return isoDate(year, month, day) === text;
};

const two = fc.integer({ min: 0, max: 40 }).map((n) => String(n).padStart(2, '0'));
const year = fc.integer({ min: 0, max: 9999 }).map((n) => String(n).padStart(4, '0'));

describe('a day as a text', () => {
  test('is one when Date spells the same: any digits, and anything else', () => {
    const texts = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(year, two, two).map((parts) => parts.join('-')) },
      { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('2026-2-03', '2026-02-30', '2024-02-29', '1900-02-29', '20a6-01-01', ''),
      },
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(isIsoDate(text)).toBe(existsByDate(text));
        if (FORM.test(text)) return;
        expect(() => civilDate(text)).toThrow(RangeError);
      }),
      { numRuns: 2000 },
    );
  });

  test('comes back from its number, and the days of the week follow each other', () => {
    for (let day = '1969-12-01'; day < '1973-01-01'; day = addDays(day, 1)) {
      expect(isoDate(1970, 1, 1 + toNumber(day))).toBe(day);
      expect(isIsoDate(day)).toBe(true);
      expect(weekday(addDays(day, 1))).toBe((weekdayOf(toNumber(day)) + 1) % 7);
    }
  });
});
