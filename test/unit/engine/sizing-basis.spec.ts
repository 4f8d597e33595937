import { describe, expect, test } from 'vitest';

import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import { buyingPowerContracts, contractsFor, suggestMicro } from '#desk/engine/sizing-basis.ts';
import type { SizingInput } from '#desk/engine/sizing-basis.ts';
import { moneyFromUsd } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

const spec = (root: string) => contractSpec(root)!;

const base: SizingInput = {
  spec: spec('NQ'),
  equity: moneyFromUsd(100_000),
  fraction: 0.04,
  basis: 'stop',
  stopTicks: 80,
  slippageTicks: 2,
  roundTurnCost: moneyFromUsd(4.6),
};

const size = (change: Partial<SizingInput>) => contractsFor({ ...base, ...change });

describe('capital per contract', () => {
  test.each([
    ['stop', {}, 4_146_000],
    ['avgLoss', { averageLoss: 3_000_000.5 }, 3_000_000.5],
    ['stopOrAvgLoss', { averageLoss: 3_000_000 }, 4_146_000],
    ['stopOrAvgLoss', { averageLoss: 5_000_000 }, 5_000_000],
    ['stopOrAvgLoss', {}, 4_146_000],
    ['margin', { margin: moneyFromUsd(16_500) }, 165_000_000],
    ['notional', { price: 21_000 }, 4_200_000_000],
  ] as const)('on %s with %o', (basis, change, capitalPerContract) => {
    expect(size({ basis, ...change })).toMatchObject({ ok: true, value: { capitalPerContract } });
  });

  test.each([
    ['avgLoss', 'averageLoss'],
    ['margin', 'margin'],
    ['notional', 'price'],
  ] as const)('on %s without its figure is an error, not 0', (basis, field) => {
    expect(size({ basis })).toEqual({ ok: false, error: { code: 'missing-input', field } });
  });

  test('of 0 is refused', () => {
    expect(size({ basis: 'avgLoss', averageLoss: 0 })).toMatchObject({ error: { code: 'invalid-input' } });
  });
});

describe('contracts', () => {
  test('floor toward less risk, except for what only float64 rounding takes away', () => {
    const crude = { spec: spec('CL'), stopTicks: 100, slippageTicks: 0, roundTurnCost: moneyFromUsd(0) };
    expect(size({ ...crude, fraction: 0.29 })).toMatchObject({ value: { contracts: 29, limitedBy: 'KELLY' } });
    expect(size({ ...crude, fraction: 0.2899999 })).toMatchObject({ value: { contracts: 28 } });
  });

  test('a limit is named only when it allows strictly less', () => {
    expect(size({ maxContracts: 9 })).toMatchObject({ value: { contracts: 9, limitedBy: 'KELLY' } });
    expect(size({ maxContracts: 8 })).toMatchObject({ value: { contracts: 8, limitedBy: 'MAX_CONTRACTS' } });
    expect(size({ riskCap: 0.04, maxContracts: 9 })).toMatchObject({ value: { limitedBy: 'KELLY' } });
    expect(size({ riskCap: 0.03, maxContracts: 7 })).toMatchObject({ value: { contracts: 7, limitedBy: 'RISK_CAP' } });
    expect(size({ riskCap: 0.03, maxContracts: 5 })).toMatchObject({
      value: { contracts: 5, limitedBy: 'MAX_CONTRACTS' },
    });
  });

  test('none is TOO_SMALL, whichever limit made it so, and every limit stays readable', () => {
    expect(size({ fraction: 0 })).toMatchObject({ value: { contracts: 0, limitedBy: 'TOO_SMALL', riskFraction: 0 } });
    expect(size({ maxContracts: 0 })).toMatchObject({ value: { contracts: 0, limitedBy: 'TOO_SMALL' } });
    expect(size({ riskCap: 0.001, maxContracts: 5 })).toMatchObject({
      value: { contracts: 0, limitedBy: 'TOO_SMALL', allowed: { kelly: 9, riskCap: 0, maxContracts: 5 } },
    });
  });

  test.each([0, -1, -50_000])('with equity %d is NO_EQUITY, never negative', (usd) => {
    expect(size({ equity: moneyFromUsd(usd) })).toMatchObject({
      value: { contracts: 0, raw: 0, limitedBy: 'NO_EQUITY', risk: 0, riskFraction: 0 },
    });
  });

  test('risk is that of the stop, whatever the basis', () => {
    const sizing = size({ basis: 'margin', margin: moneyFromUsd(2_000) });
    expect(sizing).toMatchObject({ value: { contracts: 2, risk: 8_292_000, riskFraction: 0.008292 } });
  });

  test.each([
    ['equity', NaN],
    ['equity', Infinity],
    ['fraction', NaN],
    ['fraction', -0.01],
    ['fraction', 1.01],
    ['stopTicks', 0],
    ['stopTicks', -80],
    ['stopTicks', NaN],
    ['slippageTicks', -1],
    ['roundTurnCost', -1],
    ['averageLoss', -310],
    ['margin', 0],
    ['price', NaN],
    ['riskCap', -0.01],
    ['riskCap', NaN],
    ['maxContracts', 2.5],
    ['maxContracts', -1],
  ] as const)('%s = %d is refused', (field, value) => {
    expect(size({ [field]: value })).toEqual({ ok: false, error: { code: 'invalid-input', field, value } });
  });

  test('NaN is refused even where there is no equity to size', () => {
    expect(size({ equity: moneyFromUsd(-1), fraction: NaN })).toMatchObject({ error: { field: 'fraction' } });
  });
});

describe('micro suggestion', () => {
  const small = { ...base, equity: moneyFromUsd(10_000), fraction: 0.03, maxContracts: 5 };

  test('sizes the same trade in the micro', () => {
    expect(suggestMicro(small, { roundTurnCost: moneyFromUsd(1.24) })).toMatchObject({
      root: 'MNQ',
      sizing: { contracts: 5, capitalPerContract: 422_400, limitedBy: 'MAX_CONTRACTS' },
    });
  });

  test('keeps the distance in price where the tick differs, and scales the average loss', () => {
    const euro = { ...small, spec: spec('6E'), basis: 'stopOrAvgLoss', averageLoss: 10_000_000 } as const;
    const micro = suggestMicro(euro, { roundTurnCost: moneyFromUsd(0) });
    expect(micro).toMatchObject({ root: 'M6E', sizing: { capitalPerContract: 1_000_000, riskPerContract: 512_500 } });
  });

  test('scales the margin, up, when the micro has none of its own', () => {
    const margin = { ...small, basis: 'margin', margin: 15_001 as Money } as const;
    expect(suggestMicro(margin, { roundTurnCost: moneyFromUsd(1) })?.sizing.capitalPerContract).toBe(1_501);
    const own = suggestMicro(margin, { roundTurnCost: moneyFromUsd(1), margin: 2_000 as Money });
    expect(own?.sizing.capitalPerContract).toBe(2_000);
  });

  test('is null without a micro or when the micro is too large as well', () => {
    expect(suggestMicro({ ...small, spec: spec('ZN') }, { roundTurnCost: moneyFromUsd(1) })).toBeNull();
    expect(suggestMicro({ ...small, spec: spec('MNQ') }, { roundTurnCost: moneyFromUsd(1) })).toBeNull();
    expect(suggestMicro({ ...small, fraction: 0.001 }, { roundTurnCost: moneyFromUsd(1) })).toBeNull();
  });
});

describe('buying power', () => {
  const margin = {
    equity: moneyFromUsd(100_000),
    marginPerContract: moneyFromUsd(16_500),
    marginInUse: moneyFromUsd(0),
  };

  test('binds at most half of equity as margin', () => {
    expect(buyingPowerContracts(margin)).toEqual({ ok: true, value: 3 });
    expect(buyingPowerContracts({ ...margin, marginInUse: moneyFromUsd(33_500) })).toEqual({ ok: true, value: 1 });
    expect(buyingPowerContracts({ ...margin, marginInUse: moneyFromUsd(33_501) })).toEqual({ ok: true, value: 0 });
    expect(buyingPowerContracts({ ...margin, maxMarginShare: 1 })).toEqual({ ok: true, value: 6 });
  });

  test('is 0 without equity and when more is in use than allowed', () => {
    expect(buyingPowerContracts({ ...margin, equity: moneyFromUsd(-1) })).toEqual({ ok: true, value: 0 });
    expect(buyingPowerContracts({ ...margin, marginInUse: moneyFromUsd(90_000) })).toEqual({ ok: true, value: 0 });
  });

  test('refuses a margin that is none', () => {
    expect(buyingPowerContracts({ ...margin, marginPerContract: moneyFromUsd(0) })).toMatchObject({
      error: { code: 'invalid-input' },
    });
    expect(buyingPowerContracts({ ...margin, maxMarginShare: 1.1 })).toMatchObject({
      error: { code: 'invalid-input' },
    });
  });
});
