import { z } from 'zod';
import { epochMsSchema } from '#shared/units.ts';
import { command, query, type Entry } from './define.ts';

const fileName = z.string().min(1).max(120);

/** A copy a journal can be restored from, after every page, hash and link of it was checked. */
export const recoveryCopySchema = z.strictObject({
  /** Name of the file; what a restore is asked for by. */
  name: z.string(),
  /** A daily backup, or a standby the desk wrote after its disk had failed. */
  kind: z.enum(['backup', 'standby']),
  /** Time of its last event; null in an empty one, or where it does not verify. */
  lastAt: epochMsSchema.nullable(),
  events: z.number().int().min(0),
  decisions: z.number().int().min(0),
  trades: z.number().int().min(0),
  /** What is wrong with it; null when it verifies. */
  fault: z.string().nullable(),
  /**
   * Events known to have been journaled after its last one, which a restore would leave in the file that is kept aside.
   * Null when that is not known.
   */
  lostEvents: z.number().int().min(0).nullable(),
});
export type RecoveryCopy = z.output<typeof recoveryCopySchema>;

/** A settings file as it was when a desk last started with it. */
export const settingsCopySchema = z.strictObject({ name: z.string(), at: epochMsSchema });
export type SettingsCopy = z.output<typeof settingsCopySchema>;

export const recoveryStateSchema = z.strictObject({
  folder: z.string(),
  /** Null while the journal is open and in use. */
  journal: z
    .strictObject({ path: z.string(), problem: z.string(), remedy: z.string(), copies: z.array(recoveryCopySchema) })
    .nullable(),
  /** Null while the settings file can be read. */
  settings: z.strictObject({ path: z.string(), problem: z.string(), copies: z.array(settingsCopySchema) }).nullable(),
});
export type RecoveryState = z.output<typeof recoveryStateSchema>;

const recoveredSchema = z.strictObject({
  /** What was there, under the name it is kept by; null when nothing was. */
  kept: z.string().nullable(),
});

/** What a start under a damaged journal or settings file offers. Nothing is overwritten: what was there is kept. */
export const recoveryOperations = {
  'recovery.state': query({ input: z.strictObject({}), output: recoveryStateSchema }),
  'recovery.restoreJournal': command({ input: z.strictObject({ name: fileName }), output: recoveredSchema }),
  'recovery.restoreSettings': command({ input: z.strictObject({ name: fileName }), output: recoveredSchema }),
} as const satisfies Readonly<Record<string, Entry>>;
