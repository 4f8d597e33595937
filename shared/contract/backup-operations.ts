import { z } from 'zod';
import { epochMsSchema } from '#shared/units.ts';
import { command, query, topic, type Entry } from './define.ts';
import { recoveryCopySchema, settingsCopySchema } from './recovery-operations.ts';

const nothing = z.strictObject({});
const fileName = z.string().min(1).max(120);

/** A file a journal can be restored from. Each was put through a restore drill before it got its name. */
export const backupFileSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['backup', 'standby']),
  /** When it was written. */
  at: epochMsSchema,
  bytes: z.number().int().min(0),
});
export type BackupFile = z.output<typeof backupFileSchema>;

export const backupsViewSchema = z.strictObject({
  folder: z.string(),
  /** Newest first. */
  backups: z.array(backupFileSchema),
  /** Versions of the settings file, newest first. */
  settings: z.array(settingsCopySchema),
  /** Why none can be made now; null when one can. */
  problem: z.string().nullable(),
});
export type BackupsView = z.output<typeof backupsViewSchema>;

/** The backups of the journal that is open. */
export const backupOperations = {
  'backups.list': query({ input: nothing, output: backupsViewSchema }),
  /** A restore drill: every page, hash, link and count of one file. Changes nothing. */
  'backups.check': query({ input: z.strictObject({ name: fileName }), output: recoveryCopySchema }),
  /** Makes today's backup now, checked like any other; it takes the place of an earlier one of the day. */
  'backups.create': command({ input: nothing, output: z.strictObject({ name: z.string() }) }),
  /**
   * Closes the desk, puts a checked copy in the place of the journal and opens the desk again. What was there is kept
   * under the name returned. Refused while a position is open or an order works.
   */
  'backups.restore': command({
    input: z.strictObject({ name: fileName }),
    output: z.strictObject({ kept: z.string().nullable() }),
  }),
  /** Pages copied so far, of all. */
  'backups.progress': topic(z.strictObject({ done: z.number().int().min(0), total: z.number().int().min(0) })),
} as const satisfies Readonly<Record<string, Entry>>;
