import { describe, expect, test } from 'vitest';

import { formatSymbol, parseSymbol } from '#desk/engine/futures/symbol.ts';

const september = { root: 'NQ', year: 2025, month: 9 };

describe('parseSymbol', () => {
  test.each([
    ['NQU25', null],
    ['NQU25-CME', 'CME'],
    ['NQU25_FUT_CME', 'CME'],
    ['nqu25.cme', 'CME'],
    ['NQU5', null],
    ['NQ 09-25', null],
    ['NQ SEP25', null],
    ['CME_MINI:NQU2025', 'CME_MINI'],
  ])('reads %s as NQ September 2025', (symbol, venue) => {
    const parsed = parseSymbol(symbol, 2025);
    expect(parsed).toEqual({ ok: true, value: { ...september, monthCode: 'U', venue, known: true } });
  });

  test.each([
    ['6EZ5', '6E', 12],
    ['M2KM26', 'M2K', 6],
    ['MNQH26', 'MNQ', 3],
    ['ZNH6', 'ZN', 3],
    ['6JM6', '6J', 6],
    ['MBTF26', 'MBT', 1],
    ['MCLX5', 'MCL', 11],
    ['HGZ25-COMEX', 'HG', 12],
  ])('splits %s into root and month', (symbol, root, month) => {
    expect(parseSymbol(symbol, 2025)).toMatchObject({ ok: true, value: { root, month, known: true } });
  });

  test.each([
    ['ESZ9', 2030, 2029],
    ['ESZ8', 2030, 2038],
    ['ESH0', 2029, 2030],
    ['ESM4', 2025, 2024],
    ['ESM3', 2025, 2033],
    ['ESZ9', 2020, 2019],
    ['ESZ05', 2025, 2005],
  ])('%s seen in %d is of %d', (symbol, reference, year) => {
    expect(parseSymbol(symbol, reference)).toMatchObject({ ok: true, value: { year } });
  });

  test('an unknown root is read and marked', () => {
    expect(parseSymbol('XXXZ25', 2025)).toMatchObject({ ok: true, value: { root: 'XXX', known: false } });
  });

  test.each([
    '',
    'NQ',
    'NQI25',
    'NQU',
    'NQU255',
    'ABCDEU25',
    'NQU25-',
    'NQU25-CM3',
    ' NQU25',
    'NQ 13-25',
    'NQ ABC25',
    'NQ1!',
    'U25',
  ])('refuses "%s"', (symbol) => {
    expect(parseSymbol(symbol, 2025)).toEqual({ ok: false, error: { code: 'unparseable', symbol } });
  });

  test('refuses a reference year that is none', () => {
    expect(parseSymbol('NQU5', NaN).ok).toBe(false);
  });
});

describe('formatSymbol', () => {
  test.each([
    [{ form: 'sierra-base' }, 'NQU25'],
    [{ form: 'sierra-dtc', venue: 'CME' }, 'NQU25-CME'],
    [{ form: 'sierra-chart', venue: 'CME' }, 'NQU25_FUT_CME'],
    [{ form: 'one-digit-year' }, 'NQU5'],
    [{ form: 'ninjatrader' }, 'NQ 09-25'],
    [{ form: 'tradingview', venue: 'CME_MINI' }, 'CME_MINI:NQU2025'],
  ] as const)('%o reads back as the same contract', (form, text) => {
    expect(formatSymbol(september, form)).toBe(text);
    expect(parseSymbol(text, 2025)).toMatchObject({ ok: true, value: september });
  });

  test('writes the month IB wants', () => {
    expect(formatSymbol(september, { form: 'ib-month' })).toBe('202509');
  });

  test('a month that is none is a bug', () => {
    expect(() => formatSymbol({ ...september, month: 13 }, { form: 'sierra-base' })).toThrow(RangeError);
  });
});
