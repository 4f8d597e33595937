import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { sizingConfigSchema, type SizingConfig } from '#shared/domain/sizing.ts';
import { riskLimitsSchema, type RiskLimits } from '#shared/domain/risk.ts';
import { err, ok, type Result } from '#shared/result.ts';
import {
  isBoundedField,
  isPresetName,
  PRESET_RAISES,
  PRESETS,
  validateConfig,
  type ConfigError,
} from '#desk/engine/config.ts';
import { riskLimitsOf, type RiskLimitsError } from '#desk/engine/risk-limits.ts';
import { issueOf, shown, valueAt } from './config-file.ts';

/** Where stops and targets go, in multiples of ATR(14) of the signal bars. */
export const planningSchema = z.strictObject({
  stopAtr: z.number().positive().max(20),
  targetAtr: z.number().positive().max(60),
  minStopTicks: z.number().int().positive(),
});
export type Planning = z.output<typeof planningSchema>;

/** `settings.json` of a profile. Every key is optional; an unknown one is an error, not a silence. */
const sizingChangesSchema = sizingConfigSchema.omit({ preset: true }).partial();
/** A trader's own preset: another one with changes. What it makes less careful than its ceiling it must name. */
const userPresetSchema = z.strictObject({
  base: z.string().optional(),
  sizing: sizingChangesSchema,
  raises: z.array(z.string()).optional(),
});
/**
 * `risk`: the guards on sending orders, each optional. They are held against bounds that nothing raises, so that none
 * can be switched off; what each means and its default stand in engine/risk-limits.ts.
 */
const riskChangesSchema = riskLimitsSchema.partial().extend({
  breakerEffects: riskLimitsSchema.shape.breakerEffects.partial().optional(),
});
/** How the paper broker of the simulation behaves, so that practice is not easier than the real thing. */
export const paperSettingsSchema = z.strictObject({
  /** Time an order takes to the exchange, and its answer back, each. */
  latencyMs: z.number().int().min(0).max(2_000),
  /** Contracts a quote has to offer: more than that fill in parts. Null: every quote fills the whole order. */
  offeredPerQuote: z.number().int().min(1).max(10_000).nullable(),
});
export type PaperSettings = z.output<typeof paperSettingsSchema>;

/** What trades in a root cost, where the usual figures are not the trader's own. */
const costsSchema = z.record(
  z.string().min(1).max(8),
  z.strictObject({
    /** Commission and fees per contract, entry and exit together. */
    roundTurnFeeUsd: z.number().min(0).max(1_000).optional(),
    /** Slippage allowed for when a stop is hit. */
    slippageTicks: z.number().int().min(0).max(100).optional(),
  }),
);
export type Costs = z.output<typeof costsSchema>;

const settingsFileSchema = z.strictObject({
  preset: z.string().optional(),
  presets: z.record(z.string().min(1).max(40), userPresetSchema).optional(),
  sizing: sizingChangesSchema.optional(),
  /** Limits that `sizing` loosens beyond their ceilings, by name. */
  raises: z.array(z.string()).optional(),
  planning: planningSchema.partial().optional(),
  risk: riskChangesSchema.optional(),
  paper: paperSettingsSchema.partial().optional(),
  costs: costsSchema.optional(),
});

export type Settings = {
  readonly sizing: SizingConfig;
  readonly planning: Planning;
  readonly risk: RiskLimits;
  readonly paper: PaperSettings;
  readonly costs: Costs;
};
export type SettingsError = {
  readonly code: 'invalid-settings';
  readonly path: string;
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
};

export const DEFAULT_PLANNING: Planning = { stopAtr: 2, targetAtr: 3, minStopTicks: 4 };
export const DEFAULT_PAPER: PaperSettings = { latencyMs: 0, offeredPerQuote: null };

function configRemedy(error: ConfigError): string {
  switch (error.code) {
    case 'invalid-config':
      return error.problem;
    case 'contradiction':
      return `it contradicts ${error.other} (${error.otherValue}); change one of them`;
    case 'above-ceiling':
      return `set ${error.ceiling} or less, or name it under raises`;
    case 'below-floor':
      return `set ${error.ceiling} or more, or name it under raises`;
  }
}

/**
 * Parses the text of a settings file over the defaults.
 * @errors 'invalid-settings' with the field, its value and what to do; nothing is taken from a file with an error.
 */
export function parseSettings(
  path: string,
  text: string,
  planning: Planning = DEFAULT_PLANNING,
): Result<Settings, SettingsError> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const remedy = cause instanceof Error ? cause.message : 'not JSON';
    return err({ code: 'invalid-settings', path, field: '(file)', value: text.slice(0, 40), remedy });
  }
  const parsed = settingsFileSchema.safeParse(json);
  if (!parsed.success) return err({ code: 'invalid-settings', path, ...issueOf(json, parsed.error.issues[0]) });
  const sizing = sizingOf(path, parsed.data);
  if (!sizing.ok) return sizing;
  const risk = riskLimitsOf(parsed.data.risk);
  if (!risk.ok) return err(riskError(path, json, risk.error));
  return ok({
    sizing: sizing.value,
    planning: { ...planning, ...given(parsed.data.planning) },
    risk: risk.value,
    paper: { ...DEFAULT_PAPER, ...given(parsed.data.paper) },
    costs: parsed.data.costs ?? {},
  });
}

function riskError(path: string, json: unknown, error: RiskLimitsError): SettingsError {
  const value = shown(valueAt(json, ['risk', ...error.field.split('.')]));
  const remedy =
    error.code === 'out-of-bounds'
      ? `set ${error.min} to ${error.max}; this guard cannot be switched off`
      : error.problem;
  return { code: 'invalid-settings', path, field: `risk.${error.field}`, value, remedy };
}

type SettingsFile = z.output<typeof settingsFileSchema>;
type Changes = {
  readonly base: SizingConfig;
  readonly sizing: object | undefined;
  readonly raises: readonly string[];
  readonly at: string;
};

/** The keys that were really given: an absent one must not overwrite a preset's. */
const given = (changes: object | undefined): object =>
  Object.fromEntries(Object.entries(changes ?? {}).filter(([, value]) => value !== undefined));

function applyChanges(path: string, { base, sizing, raises, at }: Changes): Result<SizingConfig, SettingsError> {
  const unknown = raises.find((name) => !isBoundedField(name));
  if (unknown !== undefined) {
    return err({
      code: 'invalid-settings',
      path,
      field: `${at}raises`,
      value: shown(unknown),
      remedy: 'name a limit that has a ceiling',
    });
  }
  const result = validateConfig({ ...base, ...given(sizing) }, raises.filter(isBoundedField));
  if (result.ok) return result;
  const { field, value } = result.error;
  return err({
    code: 'invalid-settings',
    path,
    field: `${at}sizing.${field}`,
    value: shown(value),
    remedy: configRemedy(result.error),
  });
}

/** The preset chosen (built in, or one of the file's own) with the file's changes over it. */
function sizingOf(path: string, file: SettingsFile): Result<SizingConfig, SettingsError> {
  const name = file.preset ?? 'conservative';
  const own = file.presets?.[name];
  const baseName = own === undefined ? name : (own.base ?? 'conservative');
  if (!isPresetName(baseName)) {
    const choices =
      own === undefined ? [...Object.keys(PRESETS), ...Object.keys(file.presets ?? {})] : Object.keys(PRESETS);
    const field = own === undefined ? 'preset' : `presets.${name}.base`;
    return err({
      code: 'invalid-settings',
      path,
      field,
      value: shown(baseName),
      remedy: `choose one of ${choices.join(', ')}`,
    });
  }
  const built = { ...PRESETS[baseName], preset: name };
  const builtRaises = PRESET_RAISES[baseName];
  const ownRaises = [...builtRaises, ...(own?.raises ?? [])];
  const preset =
    own === undefined
      ? ok(built)
      : applyChanges(path, { base: built, sizing: own.sizing, raises: ownRaises, at: `presets.${name}.` });
  if (!preset.ok) return preset;
  return applyChanges(path, {
    base: preset.value,
    sizing: file.sizing,
    raises: [...ownRaises, ...(file.raises ?? [])],
    at: '',
  });
}

/** Reads a profile's settings file; a missing file is the defaults. */
export function readSettings(path: string, planning: Planning = DEFAULT_PLANNING): Result<Settings, SettingsError> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return parseSettings(path, '{}', planning);
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    const remedy = 'make the file yours to read, or run the desk as its owner';
    return err({ code: 'invalid-settings', path, field: '(file)', value: `unreadable${why}`, remedy });
  }
  return parseSettings(path, text, planning);
}

/** The settings of a profile that has no file. */
export function defaultSettings(): Settings {
  const parsed = parseSettings('(defaults)', '{}');
  if (!parsed.ok) throw new Error('the default settings do not pass their own check');
  return parsed.value;
}

/** Says a settings error in one sentence. */
export const settingsSentence = (error: SettingsError): string =>
  `${error.field} is ${error.value}: ${error.remedy} (${error.path})`;
