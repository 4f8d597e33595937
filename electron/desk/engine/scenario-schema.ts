import { z } from 'zod';

import { sizingConfigSchema, tradingStateSchema, watchSchema } from '#shared/domain/sizing.ts';

/** `long`, `short`, `flat`, or the numbers they stand for. */
const anyDirection = z.union([z.enum(['long', 'short', 'flat']), z.literal([-1, 0, 1])]);
const openDirection = z.union([z.enum(['long', 'short']), z.literal([-1, 1])]);

const usd = z.number().min(-1e11).max(1e11);
const positiveUsd = z.number().min(0).max(1e11);
const count = z.number().int().min(0).max(1_000_000);

const opinionSchema = z.strictObject({
  direction: anyDirection,
  /** Probability, in [0, 1], that the direction is right. */
  confidence: z.number().min(0).max(1),
});

const tradesSchema = z.strictObject({
  wins: count,
  losses: count,
  scratches: count.default(0),
  /** Mean of the winning trades in R, and size of the mean losing trade in R. */
  averageWinR: z.number().min(0).max(1000),
  averageLossR: z.number().min(0).max(1000),
  /** USD per contract; absent means unknown. */
  averageLossPerContract: positiveUsd.optional(),
});

const positionSchema = z.strictObject({
  symbol: z.string().min(1).max(32),
  direction: openDirection,
  contracts: count,
  /** USD that the whole position loses at its stop. */
  risk: positiveUsd,
  /** USD of margin that the whole position holds; absent means unknown. */
  margin: positiveUsd.optional(),
});

const rivalSchema = z.strictObject({
  symbol: z.string().min(1).max(32),
  direction: openDirection,
  contracts: count,
  /** USD that one contract loses at its stop. */
  riskPerContract: positiveUsd,
  /** Initial margin per contract in USD; null or absent when unknown. */
  margin: positiveUsd.nullable().default(null),
});

/** A sizing scenario as a person writes it. Amounts in USD, distances in ticks, shares as fractions. */
export const scenarioSchema = z.strictObject({
  /** A contract (`NQU25-CME`) or a root for a continuous series (`NQ`). */
  symbol: z.string().min(1).max(32),
  equity: usd,
  /** Absent or null: the model did not answer. */
  lstm: opinionSchema.nullable().default(null),
  ensemble: opinionSchema.nullable().default(null),
  stopTicks: z.number().int().min(1).max(1_000_000),
  /** As far as the stop when absent: the size does not depend on it. */
  targetTicks: z.number().int().min(1).max(1_000_000).optional(),
  /** Own closed trades of this market in the look-back; absent means none. */
  trades: tradesSchema.optional(),
  /** Predictions with a known outcome; as many as trades when absent. */
  resolvedPredictions: count.optional(),
  /** Initial margin per contract, USD; absent means the broker does not say. */
  margin: z.number().positive().max(1e9).optional(),
  /** Entry price in the quoted unit; needed by the basis `notional` only. */
  price: z.number().optional(),
  /** Ticks allowed for slippage at the stop, 2 when absent; USD of fees per contract, in and out. */
  slippageTicks: z.number().int().min(0).max(10_000).default(2),
  fees: z.number().min(0).max(1e6).optional(),
  preset: z.enum(['conservative', 'specification']).default('conservative'),
  /** Fields of the preset to replace; nested ones (weights, sample, evaluation, breakers) field by field. */
  overrides: z.record(z.string(), z.unknown()).default({}),
  /** Limits that the overrides may loosen beyond their ceiling, by name. */
  raise: z.array(z.string()).default([]),
  positions: z.array(positionSchema).max(1000).default([]),
  /** Other recommendations waiting at the same time. */
  rivals: z.array(rivalSchema).max(1000).default([]),
  /** Correlations of price changes by pair of roots: { "NQ/ES": 0.92 }. Others are taken from the prior. */
  correlations: z.record(z.string(), z.number().min(-1).max(1)).default({}),
  tradingState: tradingStateSchema.default('active'),
  /** What the breakers measure; nothing alarming where it is absent. */
  watch: watchSchema.partial().default({}),
  /** When (ISO 8601, UTC): 30 days before the contract ends when absent. */
  at: z.iso.datetime({ offset: true }).optional(),
});

export type Scenario = z.output<typeof scenarioSchema>;

/** Names of the fields that overrides may replace. */
export const OVERRIDABLE: readonly string[] = Object.keys(sizingConfigSchema.omit({ preset: true }).shape);
