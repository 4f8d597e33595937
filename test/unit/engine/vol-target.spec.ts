import { expect, test } from 'vitest';

import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import { volTarget } from '#desk/engine/vol-target.ts';
import { moneyFromUsd } from '#shared/units.ts';

const input = {
  spec: contractSpec('MES')!,
  equity: moneyFromUsd(100_000),
  targetAnnualVolatility: Math.sqrt(252) * 0.01,
  price: 5_000,
  dailyVolatility: 0.01,
};

test('contracts swing as much per day as the target', () => {
  const target = volTarget(input);
  expect(target.ok && target.value.raw).toBeCloseTo(4, 12);
  expect(target).toMatchObject({ value: { contracts: 4 } });
});

test('no equity is no contracts; figures that are none are refused', () => {
  expect(volTarget({ ...input, equity: moneyFromUsd(-5) })).toEqual({ ok: true, value: { raw: 0, contracts: 0 } });
  for (const change of [
    { price: 0 },
    { dailyVolatility: 0 },
    { dailyVolatility: NaN },
    { targetAnnualVolatility: -0.1 },
  ]) {
    expect(volTarget({ ...input, ...change })).toMatchObject({ error: { code: 'invalid-input' } });
  }
});
