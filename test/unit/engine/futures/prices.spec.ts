import { describe, expect, test } from 'vitest';

import { CONTRACTS, contractSpec } from '#desk/engine/futures/contract-table.ts';
import { format32nds, formatPrice, parse32nds, parsePrice, priceOf, tradePnl } from '#desk/engine/futures/prices.ts';
import { toTicks } from '#desk/engine/numerics.ts';
import { moneyFromUsd, ticks, usdOf } from '#shared/units.ts';

const spec = (root: string) => contractSpec(root)!;

describe('Treasury quotes', () => {
  test.each([
    ["110'195", 110 + 19.5 / 32],
    ["110'19", 110 + 19 / 32],
    ["110'190", 110 + 19 / 32],
    ["110'19+", 110 + 19.5 / 32],
    ["119'162", 119 + 16.25 / 32],
    ["119'167", 119 + 16.75 / 32],
    ['126-165', 126 + 16.5 / 32],
    ["99'00", 99],
    ["0'017", 1.75 / 32],
    ["110'317", 110 + 31.75 / 32],
  ])('%s is %d', (text, price) => {
    expect(parse32nds(text)).toEqual({ ok: true, value: price });
  });

  test.each([
    '',
    "110'32",
    "110'1",
    "110'193",
    "110'194",
    "110'199",
    "110'1955",
    '110.5',
    "-110'16",
    "110'",
    "'16",
    "110'16 ",
  ])('refuses "%s"', (text) => {
    expect(parse32nds(text)).toEqual({ ok: false, error: { code: 'unparseable', text } });
  });

  test('eighths of a 32nd are for those who trade them', () => {
    expect(parse32nds("103'181", 'eighth')).toEqual({ ok: true, value: 103 + 18.125 / 32 });
    expect(parse32nds("103'188", 'eighth')).toEqual({ ok: true, value: 103 + 18.875 / 32 });
    expect(parse32nds("103'185", 'none').ok).toBe(false);
    expect(parse32nds("103'182", 'half').ok).toBe(false);
  });

  test('writes only what a quote can say', () => {
    expect(format32nds(110.609375, 'half')).toEqual({ ok: true, value: "110'195" });
    expect(format32nds(119.5078125, 'quarter')).toEqual({ ok: true, value: "119'162" });
    expect(format32nds(120.03125, 'none')).toEqual({ ok: true, value: "120'01" });
    for (const price of [110.6, -1, NaN, Infinity]) {
      expect(format32nds(price, 'eighth')).toMatchObject({ error: { code: 'invalid-input' } });
    }
    expect(format32nds(110.609375, 'none').ok).toBe(false);
  });
});

describe('price text', () => {
  test.each([
    ['NQ', 21000.25, '21000.25'],
    ['6E', 1.08455, '1.08455'],
    ['6J', 0.0067235, '0.0067235'],
    ['GC', 2345.7, '2345.7'],
    ['LE', 184.975, '184.975'],
    ['BTC', 65005, '65005'],
    ['CL', -37.63, '-37.63'],
    ['ZN', 110.609375, "110'195"],
    ['ZB', 120.03125, "120'01"],
    ['ZT', 103.56640625, "103'181"],
    ['ZC', 451.25, "451'2"],
    ['ZW', 600.75, "600'6"],
  ])('of %s at %d is %s', (root, price, text) => {
    const at = toTicks(price, spec(root).tickSize);
    expect(at.ok && formatPrice(spec(root), at.value)).toBe(text);
    expect(parsePrice(spec(root), text)).toEqual(at);
    expect(parsePrice(spec(root), String(price))).toEqual(at);
  });

  test('prices of ticks equal their literals, and reading undoes writing, for every contract', () => {
    for (const contract of CONTRACTS) {
      for (const count of [0, 1, 2, 3, 7, 13, 99, 1001, 21691, 84001]) {
        expect(priceOf(contract, ticks(count))).toBe(Number((count * contract.tickSize).toPrecision(12)));
        expect(parsePrice(contract, formatPrice(contract, ticks(count)))).toEqual({ ok: true, value: count });
      }
    }
  });

  test('refuses an off-tick price and a text that is none', () => {
    expect(parsePrice(spec('NQ'), '21000.3')).toMatchObject({ error: { code: 'off-tick' } });
    expect(parsePrice(spec('ZC'), "451'1")).toMatchObject({ error: { code: 'off-tick' } });
    for (const text of ['', '-', '1e5', '1,000', 'NaN', "451'9", '0x10']) {
      expect(parsePrice(spec('ZC'), text)).toMatchObject({ error: { code: 'unparseable' } });
    }
  });

  test('a negative Treasury price is written as a decimal', () => {
    expect(formatPrice(spec('ZN'), ticks(-1))).toBe('-0.015625');
  });
});

describe('tradePnl', () => {
  const trade = { entry: ticks(100), exit: ticks(110), contracts: 2, roundTurnCost: moneyFromUsd(4.6) };

  test('counts ticks in the direction of the trade and takes costs off', () => {
    const long = tradePnl(spec('NQ'), { ...trade, direction: 1 });
    const short = tradePnl(spec('NQ'), { ...trade, direction: -1 });
    expect(long).toEqual({ ok: true, value: { ticks: 10, gross: moneyFromUsd(100), net: moneyFromUsd(90.8) } });
    expect(short).toEqual({ ok: true, value: { ticks: -10, gross: moneyFromUsd(-100), net: moneyFromUsd(-109.2) } });
  });

  test('is exact where float prices are not', () => {
    const pnl = tradePnl(spec('MET'), {
      direction: 1,
      entry: ticks(0),
      exit: ticks(3),
      contracts: 1,
      roundTurnCost: moneyFromUsd(0),
    });
    expect(pnl.ok && usdOf(pnl.value.net)).toBe(0.15);
  });

  test('refuses half and negative contracts', () => {
    for (const contracts of [-1, 0.5, NaN, Infinity]) {
      expect(tradePnl(spec('NQ'), { ...trade, direction: 1, contracts })).toMatchObject({
        error: { code: 'invalid-input' },
      });
    }
  });
});
