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

const directionSchema = z.union([z.literal(-1), z.literal(0), z.literal(1)]);

/** What one member of an ensemble said; null with the reason where it could not be read. */
export const predictionMemberSchema = z.strictObject({
  name: z.string(),
  weight: z.number().min(0),
  direction: directionSchema.nullable(),
  confidence: z.number().min(0).max(1).nullable(),
  detail: z.string().nullable(),
});
export type PredictionMember = z.output<typeof predictionMemberSchema>;

/** What an answer said beyond its direction and confidence. */
export const predictionReadingSchema = z.strictObject({
  /** Probability of being right by guessing: 1/2 or 1/3. Confidences of models with different chances differ in kind. */
  chance: z.number().positive().max(1),
  /** What the model said before its thresholds made it flat. */
  rawDirection: directionSchema,
  rawConfidence: z.number().min(0).max(1),
  /** p(long) − p(short); null where the model gives no probabilities. */
  edge: z.number().min(-1).max(1).nullable(),
  /** Members of an ensemble, those that failed too, and the share of the heard weight that votes for the winner. */
  members: z.array(predictionMemberSchema).max(32).optional(),
  agreement: z.number().min(0).max(1).nullable().optional(),
});
export type PredictionReading = z.output<typeof predictionReadingSchema>;

/** One model's answer for one symbol. Direction and confidence are null unless the answer could be read. */
export const predictionSchema = z.strictObject({
  model: modelIdSchema,
  symbol: z.string(),
  state: predictionStateSchema,
  /** −1 short, 0 flat, +1 long. */
  direction: directionSchema.nullable(),
  /** Probability, in [0, 1], that the stated direction is right. */
  confidence: z.number().min(0).max(1).nullable(),
  /** Close time of the last bar the model used. */
  asOf: epochMsSchema.nullable(),
  receivedAt: epochMsSchema,
  latencyMs: z.number().min(0).nullable(),
  modelVersion: modelVersionSchema.nullable(),
  detail: z.string().nullable(),
  /** Only of answers that could be read; absent in those journaled before it was kept. */
  reading: predictionReadingSchema.optional(),
});
export type Prediction = z.output<typeof predictionSchema>;
