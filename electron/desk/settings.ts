import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { sizingConfigSchema, type SizingConfig } from '#shared/domain/sizing.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { isPresetName, PRESET_RAISES, PRESETS, validateConfig, type ConfigError } from './engine/config.ts';

/** Where stops and targets go, in multiples of ATR(14) of the signal bars. */
export const planningSchema = z.strictObject({
  stopAtr: z.number().positive().max(20),
  targetAtr: z.number().positive().max(60),
  minStopTicks: z.number().int().positive(),
});
export type Planning = z.output<typeof planningSchema>;

/** `settings.json` of a profile. Every key is optional; an unknown one is an error, not a silence. */
const settingsFileSchema = z.strictObject({
  preset: z.string().optional(),
  sizing: sizingConfigSchema.omit({ preset: true }).partial().optional(),
  planning: planningSchema.partial().optional(),
});

export type Settings = { readonly sizing: SizingConfig; readonly planning: Planning };
export type SettingsError = {
  readonly code: 'invalid-settings';
  readonly path: string;
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
};

export const DEFAULT_PLANNING: Planning = { stopAtr: 2, targetAtr: 3, minStopTicks: 4 };

const show = (value: unknown): string =>
  value === undefined ? 'absent' : JSON.stringify(value).slice(0, 80);

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    json,
  );
}

function settingsError(path: string, json: unknown, issue: z.core.$ZodIssue): SettingsError {
  const isUnknown = issue.code === 'unrecognized_keys';
  const key = isUnknown ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  return {
    code: 'invalid-settings',
    path,
    field: key.map(String).join('.') || '(file)',
    value: show(valueAt(json, key)),
    remedy: isUnknown ? 'remove the key or correct its name' : issue.message,
  };
}

function configRemedy(error: ConfigError): string {
  switch (error.code) {
    case 'invalid-config':
      return error.problem;
    case 'contradiction':
      return `it contradicts ${error.other} (${error.otherValue}); change one of them`;
    case 'above-ceiling':
      return `set ${error.ceiling} or less`;
    case 'below-floor':
      return `set ${error.ceiling} or more`;
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
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return err(
      issue === undefined
        ? { code: 'invalid-settings', path, field: '(file)', value: '', remedy: 'correct the file' }
        : settingsError(path, json, issue),
    );
  }
  const name = parsed.data.preset ?? 'conservative';
  if (!isPresetName(name)) {
    const remedy = `choose one of ${Object.keys(PRESETS).join(', ')}`;
    return err({ code: 'invalid-settings', path, field: 'preset', value: show(parsed.data.preset), remedy });
  }
  const given = Object.fromEntries(Object.entries(parsed.data.sizing ?? {}).filter(([, v]) => v !== undefined));
  const sizing = validateConfig({ ...PRESETS[name], ...given }, PRESET_RAISES[name]);
  if (!sizing.ok) {
    const { field, value } = sizing.error;
    return err({
      code: 'invalid-settings',
      path,
      field: `sizing.${field}`,
      value: show(value),
      remedy: configRemedy(sizing.error),
    });
  }
  const plan = Object.fromEntries(Object.entries(parsed.data.planning ?? {}).filter(([, v]) => v !== undefined));
  return ok({ sizing: sizing.value, planning: { ...planning, ...plan } });
}

/** Reads a profile's settings file; a missing file is the defaults. */
export function readSettings(path: string, planning: Planning = DEFAULT_PLANNING): Result<Settings, SettingsError> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return parseSettings(path, '{}', planning);
    const remedy = cause instanceof Error ? cause.message : 'make the file readable';
    return err({ code: 'invalid-settings', path, field: '(file)', value: 'unreadable', remedy });
  }
  return parseSettings(path, text, planning);
}
