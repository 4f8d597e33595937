import { z } from 'zod';

/** GET /v1/models/M. Some versions send the word instead of the value. */
export const statusSchema = z.looseObject({ ready: z.unknown().optional() });

/** POST /v1/models/M:predict */
export const predictSchema = z.looseObject({
  predictions: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]),
});
