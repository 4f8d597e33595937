import type { SizingConfig } from '#shared/domain/sizing.ts';
import { err } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { isBoundedField, PRESET_RAISES, PRESETS, validateConfig } from './config.ts';
import type { ConfigError } from './config.ts';
import { OVERRIDABLE } from './scenario-schema.ts';
import type { Scenario } from './scenario-schema.ts';

/** What is wrong with a scenario: the field, what stands there, and what to write instead. */
export type ScenarioError = {
  readonly code: 'invalid-scenario' | 'unknown-symbol' | 'invalid-price' | 'invalid-config' | 'invalid-correlation';
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
};

/** A value as the scenario has it. */
export const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces fields of a preset; nested objects field by field, except the multiplier, which is one thing. */
function merged(preset: SizingConfig, overrides: Scenario['overrides']): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = { ...preset };
  for (const [key, value] of Object.entries(overrides)) {
    const before = fields[key];
    const isNested = key !== 'multiplier' && isFields(before) && isFields(value);
    fields[key] = isNested ? { ...before, ...value } : value;
  }
  return fields;
}

function configRemedy(error: ConfigError): string {
  switch (error.code) {
    case 'invalid-config':
      return error.problem;
    case 'contradiction':
      return `it contradicts ${error.other} (${error.otherValue}); change one of them`;
    case 'above-ceiling':
      return `at most ${error.ceiling}, unless "raise" names ${error.field}`;
    case 'below-floor':
      return `at least ${error.ceiling}, unless "raise" names ${error.field}`;
  }
}

/**
 * Reads the configuration a scenario sizes under: its preset, its overrides, held against the ceilings.
 * @errors 'invalid-config' with the field below `overrides`
 */
export function configOf({ preset, overrides, raise }: Scenario): Result<SizingConfig, ScenarioError> {
  const stray = Object.keys(overrides).find((key) => !OVERRIDABLE.includes(key));
  const code = 'invalid-config';
  if (stray !== undefined) {
    const remedy = `use one of: ${OVERRIDABLE.join(', ')}`;
    return err({ code, field: `overrides.${stray}`, value: show(overrides[stray]), remedy });
  }
  const unknownRaise = raise.find((name) => !isBoundedField(name));
  if (unknownRaise !== undefined) {
    return err({ code, field: 'raise', value: show(unknownRaise), remedy: 'name a limit that has a ceiling' });
  }
  const config = validateConfig(merged(PRESETS[preset], overrides), [
    ...PRESET_RAISES[preset],
    ...raise.filter((name) => isBoundedField(name)),
  ]);
  if (config.ok) return config;
  const { error } = config;
  return err({ code, field: `overrides.${error.field}`, value: String(error.value), remedy: configRemedy(error) });
}
