import { z } from 'zod';
import { versionText } from '#desk/adapters/models/wire-read.ts';

/** GET /ping */
export const pingSchema = z.looseObject({ status: z.string().optional() });

/** GET :8081/models/M, the management interface: one entry a version. */
export const modelSchema = z.array(
  z.looseObject({
    modelVersion: versionText.optional(),
    workers: z.array(z.looseObject({ status: z.string().optional() })).optional(),
  }),
);
