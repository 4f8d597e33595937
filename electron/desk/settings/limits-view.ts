import type { LimitField, LimitsView, SettingValue } from '#shared/contract/settings-operations.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { statusText } from '#shared/wording/index.ts';
import { money, type Money } from '#shared/units.ts';
import { boundOf, isBoundedField, PRESET_RAISES, PRESETS } from '#desk/engine/config.ts';
import { decide } from '#desk/engine/decide.ts';
import { RISK_BOUNDS } from '#desk/engine/risk-limits.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { Settings } from '#desk/profiles/settings.ts';
import { objectOf, type Json } from './draft.ts';
import { LIMIT_FIELDS, multiplierWord, type FieldSpec } from './limit-fields.ts';

/** Equity as it stands: what is sized from, what the day opened with, and the peak a drawdown is measured from. */
export type Equity = { readonly sizing: Money; readonly day: Money; readonly peak: Money };

export type ViewParts = {
  readonly path: string;
  readonly revision: string;
  readonly problem: string | null;
  readonly file: Json;
  readonly settings: Settings;
  readonly standard: Settings;
  readonly equity: Equity;
  readonly signals: readonly SizingSnapshot[];
};

/** What a limit is set to; the multiplier as one word. */
export function valueOf({ sizing, risk }: Settings, field: string): SettingValue {
  if (field === 'multiplier') return multiplierWord(sizing.multiplier);
  const path = field.startsWith('risk.') ? field.slice(5) : field;
  const found = path.split('.').reduce<unknown>((at, key) => objectOf(at)[key], path === field ? sizing : risk);
  if (typeof found === 'number' || typeof found === 'boolean' || typeof found === 'string') return found;
  throw new Error(`${field} is not a limit`);
}

function riskBound(field: string): LimitField['bound'] {
  const found = Object.entries(RISK_BOUNDS).find(([name]) => `risk.${name}` === field);
  return found === undefined ? null : { ...found[1], canRaise: false };
}

function boundFor(field: string): LimitField['bound'] {
  if (!isBoundedField(field)) return riskBound(field);
  const { kind, limit } = boundOf(field);
  return { min: kind === 'min' ? limit : null, max: kind === 'max' ? limit : null, canRaise: !isCapped(field) };
}

/** Limits whose ceiling is that of the schema: no name raises them. */
const isCapped = (field: string): boolean => field === 'fractionCap' || field === 'maxRiskPerTrade';

/** A share of equity in money, rounded towards the limit: down. */
function moneyOf({ of }: FieldSpec, value: SettingValue, equity: Equity): Money | null {
  if (of === null || typeof value !== 'number') return null;
  return money(Math.floor(Math.max(0, equity[of]) * value + 1e-6));
}

function fieldOf(spec: FieldSpec, { settings, standard, equity }: ViewParts, raises: readonly string[]): LimitField {
  const { field, group, label, unit, choices, isNextStart } = spec;
  const value = valueOf(settings, spec.field);
  const usual = valueOf(standard, spec.field);
  const base = spec.field.startsWith('risk.') ? 'default' : 'preset';
  return {
    ...{ field, group, label, unit, choices, isNextStart },
    value,
    standard: usual,
    source: value === usual ? base : 'file',
    bound: boundFor(spec.field),
    isRaised: raises.includes(spec.field),
    money: moneyOf(spec, value, equity),
  };
}

/** How far back the newest signal of an instrument is looked for. */
const RECENT_DECISIONS = 120;

/** Returns what the newest decision on each instrument was made from, in the order of the instruments. */
export function newestSignals(
  journal: Pick<Journal, 'decisions'>,
  instruments: ReadonlyMap<string, Instrument>,
): readonly SizingSnapshot[] {
  const recent = journal
    .decisions({ limit: RECENT_DECISIONS, offset: 0 })
    .map(({ decision }) => decision.event.snapshot);
  return [...instruments.keys()].flatMap((symbol) => recent.find((one) => one.instrument.symbol === symbol) ?? []);
}

/** What a signal would be under the settings: the same inputs, sized again. */
function sizeOf(snapshot: SizingSnapshot, { sizing }: Settings): LimitsView['sizes'][number] {
  const decision = decide({ ...snapshot, config: sizing });
  const { direction, contracts, risk } = decision;
  return { symbol: snapshot.instrument.symbol, direction, contracts, risk, text: statusText(decision) };
}

/** Returns the limits as the screen shows them. */
export function limitsView(parts: ViewParts): LimitsView {
  const { file, settings, equity } = parts;
  const { preset } = settings.sizing;
  const own = Array.isArray(file['raises']) ? file['raises'].map(String) : [];
  const built: readonly string[] = Object.entries(PRESET_RAISES).find(([name]) => name === preset)?.[1] ?? [];
  const raises = [...new Set([...built, ...own])];
  return {
    path: parts.path,
    revision: parts.revision,
    problem: parts.problem,
    preset,
    presets: [
      ...Object.keys(PRESETS).map((name) => ({ name, isOwn: false })),
      ...Object.keys(objectOf(file['presets'])).map((name) => ({ name, isOwn: true })),
    ],
    raises: own,
    equity: equity.sizing,
    sizes: parts.signals.map((snapshot) => sizeOf(snapshot, settings)),
    fields: LIMIT_FIELDS.map((spec) => fieldOf(spec, parts, raises)),
  };
}
