import { z } from 'zod';
import { epochMs } from '#shared/units.ts';
import type { RecoveryCopy } from '#shared/contract/recovery-operations.ts';
import type { JournalBackupError } from '#desk/journal/backup.ts';
import type { Rotation } from '#desk/journal/backup-rotation.ts';
import type { FullCheck } from '#desk/journal/full-check.ts';

/** What goes through all of a journal file: seconds for a large one, so it is done in a thread of its own. */
export const journalJobSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('check-pages'), path: z.string() }),
  z.strictObject({ kind: z.literal('check'), path: z.string() }),
  z.strictObject({
    kind: z.literal('look'),
    copy: z.strictObject({ path: z.string(), kind: z.enum(['standby', 'backup']) }),
    journalPath: z.string(),
  }),
  z.strictObject({
    kind: z.literal('back-up'),
    path: z.string(),
    folder: z.string(),
    now: z.number().transform(epochMs),
  }),
]);
export type JournalJob = z.output<typeof journalJobSchema>;

export type JournalAnswer =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'checked'; readonly found: FullCheck }
  | { readonly kind: 'looked'; readonly copy: RecoveryCopy }
  | { readonly kind: 'backed-up'; readonly rotation: Rotation }
  | {
      readonly kind: 'backup-failed';
      readonly code: JournalBackupError['code'];
      readonly target: string;
      readonly detail: string | null;
    };
