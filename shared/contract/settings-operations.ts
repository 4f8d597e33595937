import { z } from 'zod';
import { sizingConfigSchema } from '#shared/domain/sizing.ts';
import { moneySchema } from '#shared/units.ts';
import { command, query, topic, type Entry } from './define.ts';

const nothing = z.strictObject({});
/** What a limit can be set to. */
export const settingValueSchema = z.union([z.number(), z.boolean(), z.string().max(40)]);
export type SettingValue = z.output<typeof settingValueSchema>;

export const settingUnitSchema = z.enum([
  'share-of-equity',
  'share',
  'contracts',
  'count',
  'days',
  'ms',
  'ticks',
  'score',
  'choice',
  'switch',
]);
export type SettingUnit = z.output<typeof settingUnitSchema>;

/** One limit: what it is, where that comes from, how far it can go, and what it means in money. */
export const limitFieldSchema = z.strictObject({
  /** Name in the settings file, e.g. `maxContracts`, `breakers.dayLossHalt`, `risk.maxOrdersPerMinute`. */
  field: z.string(),
  group: z.enum(['size', 'portfolio', 'breakers', 'evidence', 'sending']),
  label: z.string(),
  unit: settingUnitSchema,
  value: settingValueSchema,
  /** What it is without the file's own change: the preset's value, or the default of a guard on sending. */
  standard: settingValueSchema,
  source: z.enum(['preset', 'default', 'file']),
  choices: z.array(z.strictObject({ value: z.string(), label: z.string() })),
  /** Beyond this it is refused; where `canRaise`, unless it is named among the raises. */
  bound: z.strictObject({ min: z.number().nullable(), max: z.number().nullable(), canRaise: z.boolean() }).nullable(),
  isRaised: z.boolean(),
  /** What the share comes to at the present equity; null for what is not a share of equity. */
  money: moneySchema.nullable(),
  /** True where a change reaches connections and instruments only at the next start. */
  isNextStart: z.boolean(),
});
export type LimitField = z.output<typeof limitFieldSchema>;

export const limitsViewSchema = z.strictObject({
  /** Where the settings are written. */
  path: z.string(),
  /** Changes whenever the file does: a save names the one it was made on. */
  revision: z.string(),
  /** Why the file cannot be read; null while it can. The values are then the defaults. */
  problem: z.string().nullable(),
  preset: z.string(),
  presets: z.array(z.strictObject({ name: z.string(), isOwn: z.boolean() })),
  raises: z.array(z.string()),
  /** The equity all consequences are told at. */
  equity: moneySchema,
  /** The newest signal of each instrument, sized again under these limits; nothing of it is sent or journaled. */
  sizes: z.array(
    z.strictObject({
      symbol: z.string(),
      direction: z.union([z.literal(-1), z.literal(0), z.literal(1)]),
      contracts: z.number().int().min(0),
      /** What these contracts lose at the stop. */
      risk: moneySchema,
      /** What binds the size, or why there is none. */
      text: z.string(),
    }),
  ),
  fields: z.array(limitFieldSchema),
});
export type LimitsView = z.output<typeof limitsViewSchema>;

/** A change of the settings. Another preset drops the file's own changes first; null puts a limit back to standard. */
export const settingsChangeSchema = z.strictObject({
  preset: z.string().min(1).max(40).optional(),
  set: z.record(z.string().max(60), settingValueSchema.nullable()).optional(),
  /** All limits that may stand beyond their ceiling, by name; absent: as they are. */
  raises: z.array(z.string().max(60)).max(60).optional(),
});
export type SettingsChange = z.output<typeof settingsChangeSchema>;

export const settingsProblemSchema = z.strictObject({ field: z.string(), value: z.string(), remedy: z.string() });
export type SettingsProblem = z.output<typeof settingsProblemSchema>;

/** The limits and presets of a profile. */
export const settingsOperations = {
  'settings.read': query({ input: nothing, output: limitsViewSchema }),
  /** The limits as they would be. Nothing is written. */
  'settings.preview': query({
    input: settingsChangeSchema,
    output: z.strictObject({ problem: settingsProblemSchema.nullable(), limits: limitsViewSchema.nullable() }),
  }),
  /** Checks a change, keeps a copy of the file, writes it and journals it. In force for the next decision. */
  'settings.save': command({
    input: settingsChangeSchema.extend({ revision: z.string().max(80) }),
    output: limitsViewSchema,
  }),
  'settings.changed': topic(z.strictObject({ config: sizingConfigSchema })),
} as const satisfies Readonly<Record<string, Entry>>;
