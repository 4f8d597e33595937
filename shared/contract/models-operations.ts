import { z } from 'zod';
import { modelsReportSchema } from '#shared/domain/models.ts';
import { epochMsSchema } from '#shared/units.ts';
import { query, topic, type Entry } from './define.ts';

/** What the Models screen reads and decides. */
export const modelsOperations = {
  'models.report': query({ input: z.strictObject({}), output: modelsReportSchema }),
  /** Something the report is made of is new: an outcome, a version, a calibrator. */
  'models.changed': topic(z.strictObject({ at: epochMsSchema })),
} as const satisfies Readonly<Record<string, Entry>>;
