import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agrees, pairExecutions, pairGross, splitFee } from '#desk/imports/formats/closed-pair.ts';
import type { ClosedPair } from '#desk/imports/formats/closed-pair.ts';
import { MONEY_PER_USD, moneyFromUsd } from '#shared/units.ts';

const at = (text: string) => ({ text, offsetMinutes: null, zone: null });

const pair = (changes: Partial<ClosedPair>): ClosedPair => ({
  line: 2,
  id: '77',
  account: 'S1',
  symbol: 'MNQZ5',
  direction: 1,
  quantity: 2,
  entry: { price: '24610.25', time: at('2025-11-18 09:45:25') },
  exit: { price: '24620.25', time: at('2025-11-18 09:46:25') },
  feeUsd: 1.2345,
  ...changes,
});

describe('the fee of a closed pair', () => {
  it('is shared so that the odd 1e-4 USD is the entry’s', () => {
    expect(splitFee(1.2345)).toEqual([0.6173, 0.6172]);
    expect(splitFee(2.96)).toEqual([1.48, 1.48]);
    expect(splitFee(0)).toEqual([0, 0]);
    expect(splitFee(-0.0003)).toEqual([-0.0002, -0.0001]);
  });

  it('never loses or makes 1e-4 USD', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (units) => {
        const [entry, exit] = splitFee(units / MONEY_PER_USD);
        expect(moneyFromUsd(entry) + moneyFromUsd(exit)).toBe(units);
        expect(Math.abs(moneyFromUsd(entry) - moneyFromUsd(exit))).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the executions of a closed pair', () => {
  it('go in and out the other way, with keys of their own', () => {
    const [entry, exit] = pairExecutions(pair({ direction: -1 }));
    expect([entry.id, entry.direction, entry.price, entry.feeUsd]).toEqual(['77:entry', -1, '24610.25', 0.6173]);
    expect([exit.id, exit.direction, exit.price, exit.feeUsd]).toEqual(['77:exit', 1, '24620.25', 0.6172]);
    expect([entry.quantity, exit.quantity, entry.line, exit.account]).toEqual([2, 2, 2, 'S1']);
  });

  it('carry no fee when the file has none', () => {
    expect(pairExecutions(pair({ feeUsd: null })).map((e) => e.feeUsd)).toEqual([null, null]);
  });
});

describe('the result of a closed pair', () => {
  it('is points × point value × contracts, by the contract table', () => {
    // MNQ is 2 USD a point: 10 points × 2 contracts × 2.
    expect(pairGross(pair({}), {})).toEqual({ usd: 40, toleranceUsd: 0.01 });
    expect(pairGross(pair({ direction: -1 }), {})?.usd).toBe(-40);
  });

  it('reads 32nds and allows an average its rounding', () => {
    const bond = { entry: { price: "110'165", time: at('') }, exit: { price: "110'16", time: at('') } };
    expect(pairGross(pair({ ...bond, symbol: 'ZNU5', direction: -1, quantity: 3 }), {})?.usd).toBe(46.875);
    const average = pair({ entry: { price: '24610.1875', time: at('') } });
    const gross = pairGross(average, {});
    expect(gross?.usd).toBeCloseTo(40.25, 9);
    // Half of 0.0001 points × 2 USD × 2 contracts, beside the cent.
    expect(gross?.toleranceUsd).toBeCloseTo(0.0102, 9);
  });

  it('needs the root only, so that a symbol that hides its month is checked too', () => {
    expect(pairGross(pair({ symbol: 'CME_MINI:MNQ1!' }), {})?.usd).toBe(40);
  });

  it('is unknown for a contract the table has not, and for a price that is none', () => {
    expect(pairGross(pair({ symbol: 'XXXZ5' }), {})).toBeNull();
    expect(pairGross(pair({ entry: { price: '', time: at('') } }), {})).toBeNull();
  });

  it('agrees with the file to a cent, and not to one tick', () => {
    const gross = { usd: 40, toleranceUsd: 0.01 };
    expect(agrees(gross, 40.01)).toBe(true);
    expect(agrees(gross, 40.5)).toBe(false);
    expect(agrees(gross, -40)).toBe(false);
  });
});

describe('the result of a pair outside the contract table', () => {
  it('follows what the trader stated of the contract', () => {
    const instruments = { 'XYZ:FOO': { tickSize: 0.5, tickValueUsd: 10 } };
    const foo = pair({
      symbol: 'XYZ:FOO',
      entry: { price: '100', time: at('') },
      exit: { price: '103', time: at('') },
    });
    // 3 points are 6 ticks of 10 USD, of 2 contracts.
    expect(pairGross(foo, { instruments })).toEqual({ usd: 120, toleranceUsd: 0.01 });
  });
});
