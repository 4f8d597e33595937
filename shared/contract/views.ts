import { z } from 'zod';
import { decisionSchema } from '#shared/domain/decision.ts';
import { instrumentSchema } from '#shared/domain/instrument.ts';
import { barSchema, quoteSchema } from '#shared/domain/market.ts';
import { orderSchema, positionSchema } from '#shared/domain/order.ts';
import { equityPointSchema } from '#shared/domain/performance.ts';
import { recommendationSchema } from '#shared/domain/recommendation.ts';
import { executionViewSchema } from '#shared/domain/risk.ts';
import { sizingConfigSchema } from '#shared/domain/sizing.ts';
import {
  activitySchema,
  connectionSchema,
  noticeSchema,
  profileModeSchema,
  riskMetricsSchema,
  startupSchema,
} from '#shared/domain/status.ts';
import { epochMsSchema, moneySchema } from '#shared/units.ts';

/** Who this desk is: shown on every screen, fixed for the life of the process. */
export const deskIdentitySchema = z.strictObject({
  profile: z.string(),
  mode: profileModeSchema,
  account: z.string(),
  version: z.string(),
  startedAt: epochMsSchema,
  seed: z.number().int().nullable(),
  journalPath: z.string(),
  /** True where decisions are approved without a trader (replay, warm-up): never in paper or live. */
  isAutoApproved: z.boolean(),
  /** Live needs the account id typed once per start. */
  isArmed: z.boolean(),
});

export const journalStatusSchema = z.strictObject({
  events: z.number().int().min(0),
  trades: z.number().int().min(0),
  headHash: z.string().nullable(),
});

/** All the Desk screen shows, true at event number `seq`. */
export const deskSnapshotSchema = z.strictObject({
  seq: z.number().int().min(0),
  now: epochMsSchema,
  identity: deskIdentitySchema,
  startup: startupSchema,
  instruments: z.array(instrumentSchema),
  config: sizingConfigSchema,
  /** The newest per symbol, and all that are still proposed. */
  recommendations: z.array(recommendationSchema),
  positions: z.array(positionSchema),
  /** Orders not yet at the end of their life, and the last few that are. */
  orders: z.array(orderSchema),
  quotes: z.array(quoteSchema),
  risk: riskMetricsSchema,
  connections: z.array(connectionSchema),
  activity: z.array(activitySchema),
  notices: z.array(noticeSchema),
  execution: executionViewSchema,
  journal: journalStatusSchema,
});
export type DeskSnapshot = z.output<typeof deskSnapshotSchema>;

/**
 * One row of `GET /api/kelly/current-positions`: the specification's fields by its names, ours beside them.
 * A row is an open position or, where there is none, the standing recommendation of a symbol.
 */
export const kellyPositionSchema = z.strictObject({
  symbol: z.string(),
  /** Fraction of equity after evidence, λ and cap. */
  kelly_fraction: z.number().nullable(),
  /** Whole contracts, signed: > 0 long. */
  position_size: z.number().int(),
  /** The larger of the two models' confidences. */
  confidence: z.number().nullable(),
  win_probability: z.number().nullable(),
  win_loss_ratio: z.number().nullable(),
  /** True when a limit below Kelly set the size. */
  risk_adjusted: z.boolean(),
  /** Share of equity at risk after contracts and all limits. */
  max_capital_risk: z.number(),
  reasoning: z.string(),
  status: z.enum(['open', 'working', 'proposed', 'blocked']),
  full_kelly: z.number().nullable(),
  recommendation_id: z.string().nullable(),
  decision: decisionSchema.nullable(),
  position: positionSchema.nullable(),
});
export type KellyPosition = z.output<typeof kellyPositionSchema>;

export const chartSchema = z.strictObject({
  symbol: z.string(),
  bars: z.array(barSchema),
});

/** What a what-if takes for granted instead of what the desk knows; what is absent stays as it is. */
export const assumptionsSchema = z.strictObject({
  winProbability: z.number().gt(0).lt(1).optional(),
  /** Net payoff per unit lost. */
  payoffRatio: z.number().positive().max(100).optional(),
  /** λ, fixed. */
  multiplier: z.number().positive().max(1).optional(),
  equity: moneySchema.refine((value) => value > 0, 'must be above 0').optional(),
});
export type Assumptions = z.output<typeof assumptionsSchema>;

/** The sizing of a recommendation with other inputs: nothing is sent or journaled. */
export const previewSchema = z.strictObject({
  decision: decisionSchema,
  entry: z.number().int().nullable(),
  stop: z.number().int().nullable(),
  target: z.number().int().nullable(),
});

export const approvalSchema = z.strictObject({
  recommendation: recommendationSchema,
  /** The entry order sent; null when the approval was answered by a repeat of an earlier one. */
  clientOrderId: z.string().nullable(),
});

/** The account's figures when they change. */
export const pulseSchema = z.strictObject({ now: epochMsSchema, risk: riskMetricsSchema });
export const equityAddedSchema = z.strictObject({ point: equityPointSchema, openPnl: moneySchema });
