import type { SettingsChange, SettingValue } from '#shared/contract/settings-operations.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { parseSettings, type Settings, type SettingsError } from '#desk/profiles/settings.ts';
import { LIMIT_FIELDS, multiplierOf } from './limit-fields.ts';

export type Json = Readonly<Record<string, unknown>>;
type Draft = { readonly file: Json; readonly settings: Settings; readonly standard: Settings };

export const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** An object without one of its keys. */
export const without = (object: Json, key: string): Json =>
  Object.fromEntries(Object.entries(object).filter(([other]) => other !== key));

/** A key set to a value, or taken out where it only says what holds anyway. */
const put = (object: Json, key: string, value: unknown, standard: unknown): Json =>
  value === null || same(value, standard) ? without(object, key) : { ...object, [key]: value };

function setSizing(sizing: Json, standard: Json, field: string, value: SettingValue | null): Json {
  const [key = '', part] = field.split('.');
  if (part === undefined) {
    const next = key === 'multiplier' && value !== null ? multiplierOf(value, PRESETS.conservative.multiplier) : value;
    return put(sizing, key, next, standard[key]);
  }
  const usual = objectOf(standard[key]);
  return put(sizing, key, { ...usual, ...objectOf(sizing[key]), [part]: value ?? usual[part] }, usual);
}

function setRisk(risk: Json, standard: Json, field: string, value: SettingValue | null): Json {
  const [, key = '', part] = field.split('.');
  if (part === undefined) return put(risk, key, value, standard[key]);
  const inner = put(objectOf(risk[key]), part, value, objectOf(standard[key])[part]);
  return Object.keys(inner).length === 0 ? without(risk, key) : { ...risk, [key]: inner };
}

/** A file with a key set, or without it where there is nothing to say. */
export const orAbsent = (file: Json, key: string, value: Json | readonly string[]): Json =>
  Object.keys(value).length === 0 ? without(file, key) : { ...file, [key]: value };

/** The preset of a file without the file's own changes. */
function standardOf(path: string, file: Json): Result<Settings, SettingsError> {
  const { preset, presets } = file;
  return parseSettings(path, JSON.stringify({ preset, presets }));
}

/**
 * Lays a change over a settings file and holds the result against the one parser of settings. What is not a limit of
 * the screen (planning, paper, own presets) stays as the file has it.
 * @errors 'invalid-settings' with the field, its value and the remedy; also for a limit that is none
 */
export function draftOf(path: string, current: Json, change: SettingsChange): Result<Draft, SettingsError> {
  const unknown = Object.keys(change.set ?? {}).find((name) => !LIMIT_FIELDS.some(({ field }) => field === name));
  if (unknown !== undefined) {
    const remedy = 'choose one of the limits of the settings';
    return err({ code: 'invalid-settings', path, field: unknown, value: 'unknown', remedy });
  }
  const before = current['preset'] ?? 'conservative';
  const preset = change.preset ?? before;
  const isNewPreset = preset !== before;
  const standard = standardOf(path, { ...current, preset });
  if (!standard.ok) return standard;
  let sizing = isNewPreset ? {} : objectOf(current['sizing']);
  let risk = objectOf(current['risk']);
  for (const [field, value] of Object.entries(change.set ?? {})) {
    if (field.startsWith('risk.')) risk = setRisk(risk, standard.value.risk, field, value);
    else sizing = setSizing(sizing, standard.value.sizing, field, value);
  }
  const kept = isNewPreset || !Array.isArray(current['raises']) ? [] : current['raises'].map(String);
  const raises = [...new Set(change.raises ?? kept)].sort();
  let file: Json = { ...current, preset };
  file = orAbsent(file, 'sizing', sizing);
  file = orAbsent(file, 'risk', risk);
  file = orAbsent(file, 'raises', raises);
  const settings = parseSettings(path, JSON.stringify(file));
  return settings.ok ? ok({ file, settings: settings.value, standard: standard.value }) : settings;
}
