import { z } from 'zod';
import { epochMsSchema, ticksSchema } from '#shared/units.ts';
import { decisionSchema } from './decision.ts';
import { predictionSchema } from './prediction.ts';

/** `blocked` is the end of a signal that was vetoed or sized to zero: it was never up for approval. */
export const recommendationStateSchema = z.enum([
  'proposed',
  'approved',
  'overridden',
  'rejected',
  'expired',
  'superseded',
  'blocked',
]);
export type RecommendationState = z.output<typeof recommendationStateSchema>;

/** Who acted. `auto` exists in simulation and replay only. */
export const actorSchema = z.enum(['trader', 'desk', 'warm-up', 'auto']);
export type Actor = z.output<typeof actorSchema>;

/** Why the trader changed or rejected: one of the picker's reasons, and words where they choose to. */
export const REASON_CODES = ['news', 'range', 'size', 'timing', 'correlation', 'other'] as const;
export const reasonCodeSchema = z.enum(REASON_CODES);
export type ReasonCode = z.output<typeof reasonCodeSchema>;
export const traderReasonSchema = z.strictObject({
  code: reasonCodeSchema,
  text: z.string().max(500),
});
export type TraderReason = z.output<typeof traderReasonSchema>;

/**
 * Prices the trader moved before approving, in ticks. Stop and target stay where they are put; an entry that is put
 * somewhere is a limit there, else the entry follows the market to the click.
 */
export const planChangeSchema = z.strictObject({
  entry: ticksSchema.optional(),
  stop: ticksSchema.optional(),
  target: ticksSchema.optional(),
});
export type PlanChange = z.output<typeof planChangeSchema>;

/** One sized proposal with its ladder, its plan and how it ended. */
export const recommendationSchema = z.strictObject({
  id: z.string(),
  symbol: z.string(),
  root: z.string(),
  state: recommendationStateSchema,
  createdAt: epochMsSchema,
  expiresAt: epochMsSchema,
  decision: decisionSchema,
  opinions: z.strictObject({ lstm: predictionSchema.nullable(), ensemble: predictionSchema.nullable() }),
  /** Prices of the plan in ticks; null without a plan or a direction. */
  entry: ticksSchema.nullable(),
  stop: ticksSchema.nullable(),
  target: ticksSchema.nullable(),
  /** What the trader let through; null while undecided or when nothing was sent. */
  approvedContracts: z.number().int().min(0).nullable(),
  reason: traderReasonSchema.nullable(),
  actor: actorSchema.nullable(),
  closedAt: epochMsSchema.nullable(),
});
export type Recommendation = z.output<typeof recommendationSchema>;

/** True while the trader may still approve it. */
export const isWaiting = ({ state, decision }: Pick<Recommendation, 'state' | 'decision'>): boolean =>
  state === 'proposed' && decision.contracts > 0;
