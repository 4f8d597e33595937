import { z } from 'zod';
import { epochMsSchema } from '#shared/units.ts';

export const modelIdSchema = z.enum(['lstm', 'ensemble']);
export type ModelId = z.output<typeof modelIdSchema>;

/** Only `ok` sizes anything; every other state says in `detail` what is wrong and is shown as itself. */
export const predictionStateSchema = z.enum(['ok', 'stale', 'invalid', 'unavailable', 'mismatch']);
export type PredictionState = z.output<typeof predictionStateSchema>;

export const modelVersionSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  featureSchema: z.string().nullable(),
  sha256: z.string().nullable(),
});
export type ModelVersion = z.output<typeof modelVersionSchema>;

/** One model's answer for one symbol. Direction and confidence are null unless the answer could be read. */
export const predictionSchema = z.strictObject({
  model: modelIdSchema,
  symbol: z.string(),
  state: predictionStateSchema,
  /** −1 short, 0 flat, +1 long. */
  direction: z.union([z.literal(-1), z.literal(0), z.literal(1)]).nullable(),
  /** Probability, in [0, 1], that the stated direction is right. */
  confidence: z.number().min(0).max(1).nullable(),
  /** Close time of the last bar the model used. */
  asOf: epochMsSchema.nullable(),
  receivedAt: epochMsSchema,
  latencyMs: z.number().min(0).nullable(),
  modelVersion: modelVersionSchema.nullable(),
  detail: z.string().nullable(),
});
export type Prediction = z.output<typeof predictionSchema>;
