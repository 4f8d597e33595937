import type { LimitField, SettingUnit, SettingValue } from '#shared/contract/settings-operations.ts';
import { DASH, numberText } from '#shared/format/numbers.ts';

/** How a unit is typed: the factor from what is typed to what is stored, and the word behind it. */
const TYPED: Readonly<Partial<Record<SettingUnit, { readonly factor: number; readonly word: string }>>> = {
  'share-of-equity': { factor: 0.01, word: '%' },
  share: { factor: 0.01, word: '%' },
  ms: { factor: 1_000, word: 's' },
  days: { factor: 1, word: 'days' },
  ticks: { factor: 1, word: 'ticks' },
};

export const unitWord = (unit: SettingUnit): string => TYPED[unit]?.word ?? '';

/** Takes the last bits of binary fractions away, as a person would write the number. */
const clean = (x: number): number => Number(x.toPrecision(12));

/** A stored value as it is typed. */
export function typedText(unit: SettingUnit, value: SettingValue): string {
  return typeof value === 'number' ? String(clean(value / (TYPED[unit]?.factor ?? 1))) : String(value);
}

/** What was typed as a stored value; null while it is no number. A comma is a decimal point. */
export function storedValue(unit: SettingUnit, text: string): number | null {
  const trimmed = text.trim().replace(',', '.').replace('−', '-');
  if (!/^-?\d+(\.\d*)?$|^-?\.\d+$/.test(trimmed)) return null;
  return clean(Number(trimmed) * (TYPED[unit]?.factor ?? 1));
}

/** A value in words, e.g. `5 %`, `60 s`, `drawdown dial`. */
export function valueText({ unit, choices }: Pick<LimitField, 'unit' | 'choices'>, value: SettingValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return choices.find((choice) => choice.value === value)?.label ?? value;
  const typed = clean(value / (TYPED[unit]?.factor ?? 1));
  const digits = Math.min(4, (String(typed).split('.')[1] ?? '').length);
  const word = unitWord(unit);
  return `${numberText(typed, digits)}${word === '' ? '' : `\u202F${word}`}`;
}

/** How far a limit can go, e.g. `≤ 5`, `≥ 60 %`, `1 to 60`. */
export function boundText(field: LimitField): string {
  const { bound } = field;
  if (bound === null) return DASH;
  const { min, max } = bound;
  // The ceiling of the multiplier is a number, where its value is a word.
  const shown = (value: number): string =>
    field.unit === 'choice' ? `× ${numberText(value, 2)}` : valueText(field, value);
  const bare = (text: string): string => text.replace(/\u202F\p{L}+$/u, '');
  if (min !== null && max !== null) return `${bare(shown(min))} to ${shown(max)}`;
  if (max !== null) return `≤ ${shown(max)}`;
  return min === null ? DASH : `≥ ${shown(min)}`;
}

export const sourceText = ({ source }: LimitField): string =>
  ({ preset: 'preset', default: 'default', file: 'yours' })[source];

const GROUPS: Readonly<Record<LimitField['group'], string>> = {
  size: 'Size of a trade',
  portfolio: 'All positions together',
  breakers: 'Breakers',
  evidence: 'Evidence',
  sending: 'Guards on sending',
};
export const groupName = (group: LimitField['group']): string => GROUPS[group];

const PRESET_WORDS: Readonly<Record<string, string>> = {
  conservative: 'Conservative',
  specification: 'Specification',
};
export const presetName = (name: string): string => PRESET_WORDS[name] ?? name;
