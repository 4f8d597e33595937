import { freezeWhole } from '#shared/frozen.ts';
import { describe, expect, test } from 'vitest';

import { configVersion, isPresetName, PRESET_RAISES, PRESETS, validateConfig } from '#desk/engine/config.ts';
import type { BoundedField } from '#desk/engine/config.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';

const base = PRESETS.conservative;

/** One step beyond each ceiling or floor. */
const LOOSER: Readonly<Record<BoundedField, Partial<SizingConfig> | null>> = {
  multiplier: { multiplier: { mode: 'fixed', value: 0.51 } },
  fractionCap: null,
  minFraction: { minFraction: 0.009 },
  confidenceThreshold: { confidenceThreshold: 0.59 },
  maxContracts: { maxContracts: 6 },
  maxRiskPerTrade: null,
  maxHeat: { maxHeat: 0.21 },
  maxCluster: { maxCluster: 0.16 },
  rhoMin: { rhoMin: 0.6 },
  maxMarginShare: { maxMarginShare: 0.6 },
  'evaluation.contracts': { evaluation: { contracts: 2, maxRisk: 0.01 } },
  'evaluation.maxRisk': { evaluation: { contracts: 1, maxRisk: 0.02 } },
  'sample.minTrades': { sample: { ...base.sample, minTrades: 19 } },
  'sample.minWins': { sample: { ...base.sample, minWins: 4 } },
  'sample.minLosses': { sample: { ...base.sample, minLosses: 4 } },
  'breakers.dayLossHalt': { breakers: { ...base.breakers, dayLossHalt: 0.04 } },
  'breakers.drawdownWarn': { breakers: { ...base.breakers, drawdownWarn: 0.11 } },
  'breakers.drawdownHalt': { breakers: { ...base.breakers, drawdownHalt: 0.21 } },
  'breakers.cusumWarn': { breakers: { ...base.breakers, cusumWarn: 2.1 } },
  'breakers.cusumHalt': { breakers: { ...base.breakers, cusumHalt: 3.1 } },
  'breakers.brierWarn': { breakers: { ...base.breakers, brierWarn: 0.28 } },
  'breakers.calibrationErrorWarn': { breakers: { ...base.breakers, calibrationErrorWarn: 0.14 } },
};

const bounded = Object.entries(LOOSER).flatMap(([field, looser]) =>
  looser === null ? [] : [{ field: field as BoundedField, looser }],
);

describe('presets', () => {
  test.each(['conservative', 'specification'] as const)('%s is valid with the limits it names', (name) => {
    expect(validateConfig(PRESETS[name], PRESET_RAISES[name])).toEqual({ ok: true, value: PRESETS[name] });
    expect(PRESETS[name].preset).toBe(name);
  });

  test('the specification raises λ, and says so', () => {
    expect(validateConfig(PRESETS.specification)).toEqual({
      ok: false,
      error: { code: 'above-ceiling', field: 'multiplier', value: 1, ceiling: 0.5 },
    });
    expect(PRESETS.specification).toMatchObject({
      basis: 'margin',
      evidenceTrades: 0,
      payoffTrades: 0,
      calibrate: false,
    });
  });

  test('names are told from other words', () => {
    expect(isPresetName('conservative')).toBe(true);
    expect(isPresetName('toString')).toBe(false);
  });
});

describe('ceilings', () => {
  test.each(bounded)('$field is not loosened unless it is named', ({ field, looser }) => {
    const config = { ...base, ...looser };
    const refused = validateConfig(config);
    expect(refused.ok ? null : refused.error).toMatchObject({ field });
    expect(validateConfig(config, [field]).ok).toBe(true);
  });

  test('the schema bounds cap and risk ceiling whatever is named', () => {
    expect(validateConfig({ ...base, fractionCap: 0.3 }, ['fractionCap']).ok).toBe(false);
    expect(validateConfig({ ...base, maxRiskPerTrade: 0.3 }, ['maxRiskPerTrade']).ok).toBe(false);
  });

  test('a stricter configuration passes', () => {
    const strict = { ...base, maxContracts: 1, maxHeat: 0.05, confidenceThreshold: 0.7, minFraction: 0.02 };
    expect(validateConfig(strict).ok).toBe(true);
  });
});

describe('shape', () => {
  test('an unknown or missing field, or a wrong value, is refused by its path', () => {
    const error = (raw: unknown) => {
      const result = validateConfig(raw);
      return result.ok ? null : result.error;
    };
    expect(error({ ...base, maxHeat: 'high' })).toMatchObject({
      code: 'invalid-config',
      field: 'maxHeat',
      value: '"high"',
    });
    expect(error({ ...base, sample: { ...base.sample, minTrades: -1 } })).toMatchObject({
      field: 'sample.minTrades',
      value: '-1',
    });
    expect(error({ ...base, maxHeat: NaN })).toMatchObject({ field: 'maxHeat', value: 'NaN' });
    expect(error({ ...base, extra: 1 })).toMatchObject({ code: 'invalid-config', field: 'config' });
    expect(error(null)).toMatchObject({ code: 'invalid-config', field: 'config', value: 'null' });
  });

  test('fields that contradict each other are refused', () => {
    const contradictions: Partial<SizingConfig>[] = [
      { weights: { lstm: 0, ensemble: 0 } },
      { minFraction: 0.2, fractionCap: 0.1 },
      { breakers: { ...base.breakers, drawdownWarn: 0.1, drawdownHalt: 0.05 } },
      { breakers: { ...base.breakers, cusumWarn: 2, cusumHalt: 1 } },
    ];
    for (const config of contradictions) {
      const result = validateConfig({ ...base, ...config });
      expect(result.ok ? null : result.error.code).toBe('contradiction');
    }
  });
});

describe('version', () => {
  test('is the same for equal configurations, in whatever order their fields stand', () => {
    const reordered = Object.fromEntries(Object.entries(base).reverse()) as SizingConfig;
    expect(configVersion(reordered)).toBe(configVersion(base));
    expect(configVersion(freezeWhole(structuredClone(base)))).toBe(configVersion(base));
    expect(configVersion(base)).toMatch(/^conservative-[0-9a-f]{16}$/);
  });

  test('changes with any field', () => {
    const versions = bounded.map(({ looser }) => configVersion({ ...base, ...looser }));
    expect(new Set([configVersion(base), ...versions]).size).toBe(bounded.length + 1);
  });
});
