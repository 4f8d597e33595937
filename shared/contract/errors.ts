import { z } from 'zod';

/** What can go wrong at the door, as data that crosses every wire unchanged. */
export const deskErrorSchema = z.strictObject({
  code: z.enum([
    /** No such operation. */
    'unknown-operation',
    /** The input does not fit the schema: `field`, `value` and `remedy` say where and how. */
    'invalid-input',
    /** The thing named does not exist. */
    'not-found',
    /** It exists and may not be done now: expired, already decided, halted, a limit would break. */
    'refused',
    /** The desk is starting or stopping. */
    'not-ready',
    /** The journal is damaged and must be restored from a backup: `recovery.state` says from which. */
    'needs-recovery',
    /** Another desk has this journal open. */
    'journal-in-use',
    /** The connection to the desk is down. */
    'disconnected',
    /** A bug; `incident` finds it in the log. */
    'internal',
  ]),
  message: z.string(),
  field: z.string().nullable(),
  value: z.string().nullable(),
  remedy: z.string().nullable(),
  incident: z.string().nullable(),
});
export type DeskErrorData = z.output<typeof deskErrorSchema>;
export type DeskErrorCode = DeskErrorData['code'];

/** The typed error that every transport rejects with. */
export class DeskError extends Error {
  readonly data: DeskErrorData;

  constructor(data: Partial<DeskErrorData> & Pick<DeskErrorData, 'code' | 'message'>) {
    super(data.message);
    this.name = 'DeskError';
    this.data = { field: null, value: null, remedy: null, incident: null, ...data };
  }
}
