import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  ageText,
  comparedPercents,
  countText,
  durationText,
  factorText,
  limitText,
  moneyText,
  numberText,
  percentText,
  priceDecimals,
  priceText,
  quantityText,
  ratioText,
  rText,
  shareOfLimitText,
  signedMoneyText,
  signedPercentText,
  signedText,
  usdText,
} from '#shared/format/numbers.ts';
import { money, moneyFromUsd } from '#shared/units.ts';

const NARROW = '\u202f';

describe('money', () => {
  test('groups thousands, rounds to cents and puts the sign before the dollar', () => {
    expect(moneyText(moneyFromUsd(100_732.5))).toBe('$100,732.50');
    expect(moneyText(moneyFromUsd(-5))).toBe('−$5.00');
    expect(moneyText(moneyFromUsd(15.625), 3)).toBe('$15.625');
    expect(usdText(402.2405851)).toBe('$402.24');
    expect(usdText(1_234_567.891)).toBe('$1,234,567.89');
  });

  test('shows the sign of profit and loss always, and none on zero', () => {
    expect(signedMoneyText(moneyFromUsd(1173.3))).toBe('+$1,173.30');
    expect(signedMoneyText(moneyFromUsd(-2860.6))).toBe('−$2,860.60');
    expect(signedMoneyText(money(0))).toBe('$0.00');
    expect(signedMoneyText(money(-49))).toBe('$0.00');
    expect(signedMoneyText(money(-50))).toBe('−$0.01');
  });
});

describe('rounding', () => {
  test('rounds the shortest decimal half up, away from zero', () => {
    expect(numberText(1.005, 2)).toBe('1.01');
    expect(numberText(-1.005, 2)).toBe('−1.01');
    expect(numberText(0.1531034482758621, 6)).toBe('0.153103');
    expect(numberText(2.5, 0)).toBe('3');
    expect(numberText(999_999_999_999_999, 0)).toBe('999,999,999,999,999');
  });

  test('writes vast figures by their power of ten, and no hundredfold that is no number', () => {
    expect(numberText(1e21, 0)).toBe('1.0×10²¹');
    expect(numberText(-Number.MAX_VALUE, 2)).toBe('−1.8×10³⁰⁸');
    expect(percentText(Number.MAX_VALUE)).toBe('—');
    expect(limitText(-Number.MAX_VALUE)).toBe('—');
  });

  test('prints no minus on what rounds to zero', () => {
    expect(numberText(-4e-7, 6)).toBe('0.000000');
    expect(numberText(-0, 2)).toBe('0.00');
    expect(signedText(-0.001, 2)).toBe('0.00');
    expect(percentText(-0.00001)).toBe(`0.00${NARROW}%`);
  });
});

describe('percent', () => {
  test('has a narrow no-break space before the sign', () => {
    expect(percentText(0.68, 1)).toBe('68.0\u202f%');
    expect(percentText(0.0402240585)).toBe(`4.02${NARROW}%`);
    expect(signedPercentText(0.0118)).toBe(`+1.18${NARROW}%`);
    expect(signedPercentText(-0.2, 0)).toBe(`−20${NARROW}%`);
    expect(percentText(0.00285)).toBe(`0.29${NARROW}%`);
    expect(percentText(5e-7, 4)).toBe(`0.0001${NARROW}%`);
  });

  test('limits carry only the decimals they need', () => {
    expect([0.2, 0.15, 0.025, 0.0402240585, 1, 0].map((x) => limitText(x))).toEqual(
      ['20', '15', '2.5', '4.02', '100', '0'].map((text) => `${text}${NARROW}%`),
    );
  });

  test('a share never reads as its limit when it is not, on either side', () => {
    expect(shareOfLimitText(0.028606, 0.2)).toBe(`2.86${NARROW}% of 20${NARROW}%`);
    expect(shareOfLimitText(0.2, 0.2)).toBe(`20.00${NARROW}% of 20${NARROW}%`);
    expect(shareOfLimitText(0.199996, 0.2)).toBe(`19.9996${NARROW}% of 20${NARROW}%`);
    expect(shareOfLimitText(0.200004, 0.2)).toBe(`20.0004${NARROW}% of 20${NARROW}%`);
    expect(comparedPercents(0.5996, 0.6, 1)).toEqual({ value: `59.96${NARROW}%`, limit: `60${NARROW}%` });
    expect(comparedPercents(0.596, 0.6, 1)).toEqual({ value: `59.6${NARROW}%`, limit: `60${NARROW}%` });
  });

  test('the texts of a share and its limit compare like the numbers do', () => {
    const read = (text: string) => Number(text.replace(/[^\d.−]/g, '').replace('−', '-'));
    const share = fc.double({ min: 0, max: 2, noNaN: true });
    fc.assert(
      fc.property(share, share, (value, limit) => {
        fc.pre(Math.abs(value - limit) > 2e-8);
        const texts = comparedPercents(value, limit);
        expect(Math.sign(read(texts.value) - read(texts.limit))).toBe(Math.sign(value - limit));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('other figures', () => {
  test('R, ratio, factor, count and quantity', () => {
    expect([rText(0.71), rText(-0.41), rText(0)]).toEqual(['+0.71 R', '−0.41 R', '0.00 R']);
    expect(ratioText(1.30707)).toBe('1.31');
    expect(factorText(0.138646)).toBe('0.139');
    expect(countText(12_345)).toBe('12,345');
    expect([quantityText(2), quantityText(-2), quantityText(0)]).toEqual(['▲ +2', '▼ −2', '0']);
  });

  test('ages rise in unit and are rounded down', () => {
    const ages = [
      0,
      849,
      9_999,
      10_000,
      74_900,
      119_999,
      120_000,
      18 * 60_000,
      72 * 60_000,
      26 * 3_600_000,
      76 * 3_600_000,
    ];
    expect(ages.map(durationText)).toEqual([
      '0.0 s',
      '0.8 s',
      '9.9 s',
      '10 s',
      '74 s',
      '119 s',
      '2 m',
      '18 m',
      '1 h 12',
      '26 h 00',
      '3 d 4',
    ]);
    expect(durationText(-5)).toBe('0.0 s');
    expect(ageText(1_000, 2_200)).toBe('1.2 s');
    expect(ageText(null, 2_200)).toBe('—');
  });

  test('what is absent or no number is an em dash', () => {
    const absent = [null, undefined, NaN, Infinity, -Infinity];
    const formats = [
      usdText,
      percentText,
      signedPercentText,
      limitText,
      rText,
      ratioText,
      factorText,
      quantityText,
      countText,
      durationText,
    ];
    for (const format of formats) for (const value of absent) expect(format(value)).toBe('—');
    expect(moneyText(null)).toBe('—');
    expect(signedMoneyText(undefined)).toBe('—');
  });
});

describe('prices', () => {
  const style = (tickSize: number, priceFormat: Parameters<typeof priceText>[0]['priceFormat'] = 'decimal') => ({
    tickSize,
    priceFormat,
  });

  test('have the decimals of their tick', () => {
    expect(priceText(style(0.25), 93_945)).toBe('23,486.25');
    expect(priceText(style(0.1), 33_744)).toBe('3,374.4');
    expect(priceText(style(0.00005), 23_479)).toBe('1.17395');
    expect(priceText(style(5), 13_000)).toBe('65,000');
    expect(priceText(style(0.01), -3_763)).toBe('−37.63');
    expect([0.25, 0.1, 0.00005, 0.0000005, 5, 1 / 64].map(priceDecimals)).toEqual([2, 1, 5, 7, 0, 6]);
  });

  test('are quoted in 32nds or eighths on request', () => {
    expect(priceText(style(1 / 64, '32nds+half'), 110 * 64 + 39, true)).toBe("110'195");
    expect(priceText(style(1 / 64, '32nds+half'), 110 * 64 + 39)).toBe('110.609375');
    expect(priceText(style(1 / 32, '32nds'), 118 * 32 + 5, true)).toBe("118'05");
    expect(priceText(style(1 / 128, '32nds+quarter'), 106 * 128 + 67, true)).toBe("106'167");
    expect(priceText(style(0.25, 'cents+eighths'), 1805, true)).toBe("451'2");
  });

  test('of an average fill need not lie on a tick', () => {
    expect(priceText(style(0.25), 93_945.5)).toBe('23,486.38');
    expect(priceText(style(1 / 64, '32nds+half'), 7079.5, true)).toBe('110.617188');
    expect(priceText(style(0.25), null)).toBe('—');
  });
});
