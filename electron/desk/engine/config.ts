import type { z } from 'zod';

import { sizingConfigSchema } from '#shared/domain/sizing.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import { oncePerFrozen } from '#shared/frozen.ts';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

const MINUTE_MS = 60_000;

const BREAKERS: SizingConfig['breakers'] = {
  dayLossHalt: 0.03,
  drawdownWarn: 0.1,
  drawdownHalt: 0.2,
  cusumWarn: 2,
  cusumHalt: 3,
  brierWarn: 0.27,
  calibrationErrorWarn: 0.13,
};

/** The default: a drawdown dial on Kelly shrunk by the evidence, capital at the stop (quant.md 0.2). */
const conservative: SizingConfig = {
  preset: 'conservative',
  weights: { lstm: 0.4, ensemble: 0.6 },
  confidenceThreshold: 0.6,
  maxPredictionAgeMs: MINUTE_MS,
  maxQuoteAgeMs: 10_000,
  multiplier: { mode: 'dial', alpha: 0.8, beta: 0.05, max: 1 / 3 },
  fractionCap: 0.25,
  minFraction: 0.01,
  evidenceTrades: 30,
  payoffTrades: 10,
  calibrate: true,
  sample: { lookBackDays: 30, minTrades: 20, minWins: 5, minLosses: 5, scratchR: 0.05 },
  basis: 'stopOrAvgLoss',
  maxContracts: 5,
  maxRiskPerTrade: 0.05,
  maxHeat: 0.2,
  maxCluster: 0.15,
  rhoMin: 0.5,
  maxMarginShare: 0.5,
  evaluation: { contracts: 1, maxRisk: 0.01 },
  breakers: BREAKERS,
  rollGuardDays: 3,
  expiryMs: MINUTE_MS,
};

/** The specification's numbers literally: λ = 1, no shrink, no calibration, contracts by margin, ceiling at the cap. */
const specification: SizingConfig = {
  ...conservative,
  preset: 'specification',
  multiplier: { mode: 'fixed', value: 1 },
  evidenceTrades: 0,
  payoffTrades: 0,
  calibrate: false,
  basis: 'margin',
  maxRiskPerTrade: 0.25,
};

/** Fields of the sizing configuration that have a ceiling (for the threshold and the minimum: a floor). */
export type BoundedField = keyof typeof BOUNDS;

type Bound = { readonly read: (config: SizingConfig) => number; readonly limit: number; readonly kind: 'max' | 'min' };

const max = (limit: number, read: Bound['read']): Bound => ({ read, limit, kind: 'max' });
const min = (limit: number, read: Bound['read']): Bound => ({ read, limit, kind: 'min' });

/** λ at most: a dial can reach its own maximum. */
const largestMultiplier = ({ multiplier }: SizingConfig): number =>
  multiplier.mode === 'fixed' ? multiplier.value : multiplier.max;

/** The least careful value each field may have without being named. */
const BOUNDS = {
  multiplier: max(0.5, largestMultiplier),
  fractionCap: max(0.25, (c) => c.fractionCap),
  minFraction: min(0.01, (c) => c.minFraction),
  confidenceThreshold: min(0.6, (c) => c.confidenceThreshold),
  maxContracts: max(5, (c) => c.maxContracts),
  maxRiskPerTrade: max(0.25, (c) => c.maxRiskPerTrade),
  maxHeat: max(0.2, (c) => c.maxHeat),
  maxCluster: max(0.15, (c) => c.maxCluster),
  rhoMin: max(0.5, (c) => c.rhoMin),
  maxMarginShare: max(0.5, (c) => c.maxMarginShare),
  'evaluation.contracts': max(1, (c) => c.evaluation.contracts),
  'evaluation.maxRisk': max(0.01, (c) => c.evaluation.maxRisk),
  'sample.minTrades': min(20, (c) => c.sample.minTrades),
  'sample.minWins': min(5, (c) => c.sample.minWins),
  'sample.minLosses': min(5, (c) => c.sample.minLosses),
  'breakers.dayLossHalt': max(0.03, (c) => c.breakers.dayLossHalt),
  'breakers.drawdownWarn': max(0.1, (c) => c.breakers.drawdownWarn),
  'breakers.drawdownHalt': max(0.2, (c) => c.breakers.drawdownHalt),
  'breakers.cusumWarn': max(2, (c) => c.breakers.cusumWarn),
  'breakers.cusumHalt': max(3, (c) => c.breakers.cusumHalt),
  'breakers.brierWarn': max(0.27, (c) => c.breakers.brierWarn),
  'breakers.calibrationErrorWarn': max(0.13, (c) => c.breakers.calibrationErrorWarn),
} as const satisfies Readonly<Record<string, Bound>>;

/** Says whether a text names a bounded field. */
export const isBoundedField = (name: string): name is BoundedField => Object.hasOwn(BOUNDS, name);

/** How far a bounded field can go without being named. */
export const boundOf = (field: BoundedField): { readonly kind: 'max' | 'min'; readonly limit: number } => BOUNDS[field];

export type PresetName = 'conservative' | 'specification';

/** The configurations a profile can start from. */
export const PRESETS: Readonly<Record<PresetName, SizingConfig>> = { conservative, specification };

/** The limits each preset raises above their ceiling, by name: without this list it would be refused. */
export const PRESET_RAISES: Readonly<Record<PresetName, readonly BoundedField[]>> = {
  conservative: [],
  specification: ['multiplier'],
};

/** Says whether a text names a preset. */
export const isPresetName = (name: string): name is PresetName => Object.hasOwn(PRESETS, name);

export type ConfigError =
  /** Not a configuration: `field` is the path, `problem` what the schema says about it. */
  | {
      readonly code: 'invalid-config';
      readonly field: string;
      readonly value: string;
      readonly problem: string;
    }
  /** Two fields that contradict each other. */
  | {
      readonly code: 'contradiction';
      readonly field: string;
      readonly value: number;
      readonly other: string;
      readonly otherValue: number;
    }
  /** Less careful than its ceiling (or floor) and not named among the raised limits. */
  | {
      readonly code: 'above-ceiling' | 'below-floor';
      readonly field: BoundedField;
      readonly value: number;
      readonly ceiling: number;
    };

const COMPARISON_TOLERANCE = 1e-9;

function textAt(raw: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    raw,
  );
  if (value === undefined) return 'nothing';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function schemaError(raw: unknown, error: z.ZodError): ConfigError {
  const issue = error.issues[0];
  const path = issue?.path ?? [];
  return {
    code: 'invalid-config',
    field: path.length === 0 ? 'config' : path.map(String).join('.'),
    value: textAt(raw, path),
    problem: issue?.message ?? 'not a sizing configuration',
  };
}

function contradictionOf(config: SizingConfig): ConfigError | null {
  const { weights, breakers, minFraction, fractionCap } = config;
  const code = 'contradiction';
  if (weights.lstm + weights.ensemble <= 0) {
    return {
      code,
      field: 'weights.lstm',
      value: weights.lstm,
      other: 'weights.ensemble',
      otherValue: weights.ensemble,
    };
  }
  if (minFraction > fractionCap) {
    return { code, field: 'minFraction', value: minFraction, other: 'fractionCap', otherValue: fractionCap };
  }
  const pairs = [
    ['breakers.drawdownWarn', breakers.drawdownWarn, 'breakers.drawdownHalt', breakers.drawdownHalt],
    ['breakers.cusumWarn', breakers.cusumWarn, 'breakers.cusumHalt', breakers.cusumHalt],
  ] as const;
  const crossed = pairs.find(([, warn, , halt]) => warn > halt);
  if (crossed === undefined) return null;
  return { code, field: crossed[0], value: crossed[1], other: crossed[2], otherValue: crossed[3] };
}

function boundError(config: SizingConfig, raised: readonly string[]): ConfigError | null {
  for (const [field, bound] of Object.entries<Bound>(BOUNDS)) {
    if (!isBoundedField(field) || raised.includes(field)) continue;
    const value = bound.read(config);
    const excess = bound.kind === 'max' ? value - bound.limit : bound.limit - value;
    if (excess > COMPARISON_TOLERANCE) {
      return { code: bound.kind === 'max' ? 'above-ceiling' : 'below-floor', field, value, ceiling: bound.limit };
    }
  }
  return null;
}

/**
 * Reads a sizing configuration and holds it against the ceilings: a limit may be looser than its ceiling only when
 * `raised` names it, so that no preset loosens one in passing. Limits the schema bounds stay bounded whatever is named.
 * @errors 'invalid-config' for a shape or range the schema refuses, 'contradiction' for fields that exclude each other
 *   (a warn level above its halt level, minimum above cap, weights of 0), 'above-ceiling' and 'below-floor'
 */
export function validateConfig(raw: unknown, raised: readonly BoundedField[] = []): Result<SizingConfig, ConfigError> {
  const parsed = sizingConfigSchema.safeParse(raw);
  if (!parsed.success) return err(schemaError(raw, parsed.error));
  const error = contradictionOf(parsed.data) ?? boundError(parsed.data, raised);
  return error === null ? ok(parsed.data) : err(error);
}

/** JSON with sorted keys: equal configurations have equal texts, whatever order they were written in. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`);
  return `{${fields.join(',')}}`;
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/**
 * Returns a short fingerprint of a configuration: `preset-` and 16 hex digits, equal for equal configurations. It
 * tells versions apart in a journal; it is no protection against forgery.
 * @source FNV-1a, 64 bits, over the UTF-16 code units of the canonical JSON
 */
export const configVersion = oncePerFrozen((config: SizingConfig): string => {
  const text = canonical(config);
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * FNV_PRIME);
  }
  return `${config.preset}-${hash.toString(16).padStart(16, '0')}`;
});
