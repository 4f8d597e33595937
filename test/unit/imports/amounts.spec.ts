import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  detectDecimalMark,
  parseMoney,
  parseQuantity,
  parseSide,
  parseUsd,
  plainDecimal,
} from '#desk/imports/amounts.ts';
import type { DecimalMark } from '#desk/imports/amounts.ts';

const valueOf = (text: string, mark?: DecimalMark) => {
  const amount = parseMoney(text, mark);
  return amount.ok ? amount.value : amount.error.code;
};

describe('an amount of money', () => {
  it.each([
    ['$1,234.50', 1234.5],
    ['($20.00)', -20],
    ['$(20.00)', -20],
    ['-$18.98', -18.98],
    ['$-18.98', -18.98],
    ['\u221218.98', -18.98],
    ['18.98-', -18.98],
    ['20,00 €', 20],
    ['1.234,56', 1234.56],
    ['1\u202F234,56 €', 1234.56],
    ["1'234.50", 1234.5],
    ['2,908.00 USD', 2908],
    ['+.5', 0.5],
    ['', null],
    ['  ', null],
    ['-0', 0],
    ['1,234,567', 1234567],
    ['1.234.567', 1234567],
  ])('%s is %s', (text, value) => {
    expect(valueOf(text)).toBe(value);
  });

  it.each(['abc', '-', '$', '1,23,4', '1.2.3', '--1', '(1', '1e5', '1,234,5', '=1+1', 'NaN', '1 2', '12,34.56.7'])(
    '%s is none',
    (text) => {
      expect(valueOf(text)).toBe('no-number');
    },
  );

  it('reads a figure that fits both locales by the mark of the file, and not at all without one', () => {
    expect([valueOf('1,234', 'point'), valueOf('1,234', 'comma'), valueOf('1,234', 'unknown')]).toEqual([
      1234,
      1.234,
      'ambiguous',
    ]);
    expect([valueOf('1.234', 'point'), valueOf('1.234', 'comma'), valueOf('1.234', 'unknown')]).toEqual([
      1.234,
      1234,
      'ambiguous',
    ]);
    expect([valueOf('21000.25', 'unknown'), valueOf('0.125', 'unknown')]).toEqual([21000.25, 0.125]);
  });

  it('finds the mark of a file', () => {
    expect(detectDecimalMark(['1,234', '20,50 €'], ';')).toBe('comma');
    expect(detectDecimalMark(['1,234', '20.50'], ';')).toBe('point');
    expect(detectDecimalMark(['1,234', '-', ''], ',')).toBe('point');
    expect(detectDecimalMark(['1,234'], ';')).toBe('unknown');
    expect(detectDecimalMark(['20,50', '20.50'], ',')).toBe('unknown');
  });

  it('refuses another currency than USD', () => {
    expect(parseUsd('€20.00')).toMatchObject({ ok: false, error: { code: 'not-usd', currency: 'EUR' } });
    expect(parseUsd('$20.00')).toEqual({ ok: true, value: 20 });
    expect(parseUsd('$20.00 EUR').ok).toBe(false);
  });

  it('counts whole contracts only', () => {
    expect(parseQuantity('-2')).toEqual({ ok: true, value: -2 });
    expect(parseQuantity('2.00')).toEqual({ ok: true, value: 2 });
    expect(parseQuantity('2.5')).toMatchObject({ error: { code: 'not-whole' } });
    expect(parseQuantity('')).toEqual({ ok: true, value: null });
  });

  it('writes plain decimals, digit for digit', () => {
    expect(plainDecimal('-$1,234.5600')).toEqual({ ok: true, value: '-1234.5600' });
    expect(plainDecimal('46356.000000000')).toEqual({ ok: true, value: '46356.000000000' });
  });

  it('reads every amount as it was written, in both locales', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (cents) => {
        const usd = cents / 100;
        const english = usd.toLocaleString('en-US', { minimumFractionDigits: 2 });
        const german = usd.toLocaleString('de-DE', { minimumFractionDigits: 2 });
        const value = usd === 0 ? 0 : usd;
        expect([valueOf(english), valueOf(german, 'comma')]).toEqual([value, value]);
      }),
    );
  });

  it('is total', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom<DecimalMark>('point', 'comma', 'unknown'), (text, mark) => {
        const amount = parseMoney(text, mark);
        expect(amount.ok ? amount.value === null || Number.isFinite(amount.value) : true).toBe(true);
      }),
    );
  });
});

describe('a side', () => {
  it.each([
    [' Buy', 1],
    ['B', 1],
    ['BOT', 1],
    ['Bid', 1],
    ['Buy to cover', 1],
    ['long', 1],
    ['SS', -1],
    ['Sell short', -1],
    ['SELL_SHORT', -1],
    ['Ask', -1],
    ['', null],
    ['=Buy', null],
    ['Buyy', null],
  ])('%j is %s', (text, side) => {
    expect(parseSide(text)).toBe(side);
  });
});
